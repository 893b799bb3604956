"""How long converting takes: reading and writing without the recorded run, and what the recorder adds to a notebook.

``python -m tests.benchmarks.conversion_speed`` prints both as they stand in docs/benchmarks/conversion.md. The first is
CPU time of this process and its children. The second is the ratio of two runs of one notebook, one observed and one
not, taken in turns.
"""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.convert.conversion import Conversion, convert_divided
from nbpipe.convert.division import Division
from nbpipe.convert.generation import write_project
from nbpipe.convert.reading import read_analysis
from nbpipe.convert.recording import record
from nbpipe.steps.suggestion import split_plan

if TYPE_CHECKING:
    from nbpipe.convert.recorded import Recording, Wanted

CELLS = 100
REPEATS, PAIRS = 5, 3


def cpu() -> float:
    """Give the CPU seconds of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def cell(source: str, tag: str) -> dict[str, Any]:
    """Give a code cell."""
    return {
        "cell_type": "code",
        "id": f"c{abs(hash((source, tag)))}",
        "metadata": {"tags": [tag]},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def write_notebook(path: Path, cells: list[dict[str, Any]]) -> Path:
    """Write a notebook's file."""
    content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def hundred_cells(folder: Path) -> Path:
    """Write a notebook of a hundred cells in twenty steps, as people write them: frames, groups, models, functions."""
    cells = [
        cell("import numpy as np\nimport pandas as pd\nfrom sklearn.linear_model import Ridge", "imports"),
        cell("rows = 200\nalpha = 0.5\nseed = 3", "parameters"),
        cell("def scaled(values, factor=2.0):\n    return (values - values.mean()) / factor", "definitions"),
    ]
    for number in range((CELLS - 3) // 5 + 1):
        tag = f"step:part_{number}"
        source = "data" if not number else f"frame_{number - 1}"
        cells += [
            cell(
                "data = pd.DataFrame({'x': np.arange(rows) % 7, 'y': np.linspace(0.0, 1.0, rows)})"
                if not number
                else f"base_{number} = {source}.copy()\nbase_{number}['y'] = base_{number}['y'] + {number}",
                tag,
            ),
            cell(f"frame_{number} = {source}.assign(z_{number}=scaled({source}['y']))\nframe_{number}.head()", tag),
            cell(
                f"grouped_{number} = frame_{number}.groupby('x')['y'].mean()\n"
                f"for key, value in grouped_{number}.items():\n    if value > {number}:\n        print(key, value)",
                tag,
            ),
            cell(
                f"model_{number} = Ridge(alpha=alpha)\nmodel_{number}.fit(frame_{number}[['x']], frame_{number}['y'])",
                tag,
            ),
            cell(
                f"score_{number} = float(model_{number}.score(frame_{number}[['x']], frame_{number}['y']))\n"
                f"print(f'part {number}: {{score_{number}:.3f}}')",
                tag,
            ),
        ]
    return write_notebook(folder / "hundred.ipynb", cells[:CELLS])


def converted(path: Path, recording: Recording) -> Conversion:
    """Convert a notebook whose recorded run is known, and write the project."""
    analysis = read_analysis(path)
    conversion = convert_divided(path, analysis, Division(split_plan(analysis)), lambda _: recording)
    with tempfile.TemporaryDirectory() as folder:
        write_project(conversion, Path(folder), Path(folder))
    return conversion


def conversion_seconds(folder: Path) -> tuple[list[float], int]:
    """Give the CPU seconds of some conversions without the recorded run, and the number of steps."""
    path = hundred_cells(folder)
    wanted: list[Wanted] = []
    known: list[Recording] = []

    def run(asked: Wanted) -> Recording:
        wanted.append(asked)
        known.append(record(path, asked))
        return known[0]

    analysis = read_analysis(path)
    steps = len(convert_divided(path, analysis, Division(split_plan(analysis)), run).pipeline.steps)
    taken = []
    for _ in range(REPEATS):
        start = cpu()
        converted(path, known[0])
        taken.append(cpu() - start)
    return taken, steps


def heavy_notebook(folder: Path) -> Path:
    """Write a notebook in four steps whose live values come to some 90 MB, and that computes for some seconds."""
    cells = [
        cell(
            "import numpy as np\nimport pandas as pd\nfrom sklearn.ensemble import RandomForestRegressor",
            "imports",
        ),
        cell(
            "rng = np.random.default_rng(3)\nframe = pd.DataFrame(rng.normal(size=(400_000, 12)), "
            "columns=list('abcdefghijkl'))\nframe['y'] = frame['a'] * frame['b'] + rng.normal(size=len(frame))",
            "step:load",
        ),
        cell(
            "wide = frame.assign(**{f'{name}2': frame[name] ** 2 for name in 'abcdefghijkl'}).astype('float32')",
            "step:widen",
        ),
        cell("live = (frame.memory_usage().sum() + wide.memory_usage().sum()) / 1e6\nprint(live)", "step:widen"),
        cell(
            "model = RandomForestRegressor(n_estimators=10, max_depth=8, max_samples=0.1, random_state=0)\n"
            "model.fit(wide.drop(columns='y'), wide['y'])",
            "step:train",
        ),
        cell("score = float(model.score(wide.drop(columns='y'), wide['y']))\nprint(score)", "step:evaluate"),
    ]
    return write_notebook(folder / "heavy.ipynb", cells)


def plain_seconds(path: Path) -> float:
    """Give the CPU seconds of a notebook run by nbclient alone."""
    import nbformat
    from nbclient import NotebookClient

    start = cpu()
    node: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(node, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}).execute()
    return cpu() - start


def recorded_seconds(path: Path) -> float:
    """Give the CPU seconds of the same, observed as a conversion observes it."""
    analysis = read_analysis(path)
    asked: list[Wanted] = []

    def run(wanted: Wanted) -> Recording:
        asked.append(wanted)
        raise Planned

    with contextlib.suppress(Planned):
        convert_divided(path, analysis, Division(split_plan(analysis)), run)
    start = cpu()
    record(path, asked[0])
    return cpu() - start


class Planned(Exception):  # noqa: N818 - nothing went wrong
    """What is to be observed is known."""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as place:
        seconds, count = conversion_seconds(Path(place))
        listed = ", ".join(f"{each:.2f}" for each in seconds)
        print(f"{CELLS} cells, {count} steps: {statistics.median(seconds):.2f} s of CPU (median of {listed})")  # noqa: T201
        path = heavy_notebook(Path(place))
        ratios = []
        for _ in range(PAIRS):
            plain, recorded = plain_seconds(path), recorded_seconds(path)
            ratios.append(recorded / plain)
            print(f"plain {plain:.1f} s, recorded {recorded:.1f} s of CPU: {ratios[-1] - 1:+.0%}", flush=True)  # noqa: T201
        print(f"the recorder adds {statistics.median(ratios) - 1:+.0%}")  # noqa: T201
        print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}")  # noqa: T201


if __name__ == "__main__":
    main()
