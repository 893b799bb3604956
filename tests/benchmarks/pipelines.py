"""What running a pipeline costs over calling its functions.

python -m tests.benchmarks.pipelines [steps] [tracked] [profiles] [cached] [frame] [--gigabytes 1.0]

steps: milliseconds a step, in nbpipe and in warm workers of the standard library, in turns.
tracked: milliseconds of CPU a step, recorded in MLflow on SQLite and not, in turns.
profiles: milliseconds of CPU for the statistics of a table, beside writing it as Parquet.
cached: wall seconds of `nbpipe run --no-tracking` where nothing has changed, ten steps, against a bare Python start.
frame: a frame and an array that pass from one step to the next, against writing and reading them by hand.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.pipeline.project import load_project
from nbpipe.pipeline.runner import RunOptions, run
from tests.benchmarks.timing import environment

if TYPE_CHECKING:
    from collections.abc import Callable

FEW, MANY, ROUNDS = 5, 45, 5


def add(number: int) -> int:
    """Do what a step of the chain does."""
    return number + 1


def write_project(folder: Path, name: str, steps: str, code: str) -> Path:
    """Write a pipeline of one module of steps; give its folder."""
    package = folder / name / name
    package.mkdir(parents=True)
    (folder / name / ".nbpipe").mkdir()
    (folder / name / ".nbpipe" / "project.json").write_text(json.dumps({"version": 1, "package": name}))
    (package / "__init__.py").write_text("")
    (package / "steps.py").write_text(code)
    (package / "pipeline.py").write_text(
        f"from nbpipe.pipeline import Pipeline, Step\nPIPELINE = Pipeline(name={name!r}, steps=({steps}))\n"
    )
    return folder / name


def chain(folder: Path, length: int) -> Path:
    """Write a pipeline of steps that each add one."""
    name = f"chain{length}"
    steps = [f"Step('s0', '{name}.steps:first', outputs=('x0',), generators=())"]
    steps += [
        f"Step('s{place}', '{name}.steps:add{place}', inputs=('x{place - 1}',), outputs=('x{place}',), generators=())"
        for place in range(1, length)
    ]
    code = "def first():\n    return 0\n" + "".join(
        f"def add{place}(x{place - 1}):\n    return x{place - 1} + 1\n" for place in range(1, length)
    )
    return write_project(folder, name, ", ".join(steps) + ",", code)


def seconds_of(call: Callable[[], Any]) -> float:
    """Give the wall time of a call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def used_by(call: Callable[[], Any]) -> float:
    """Give the CPU seconds of a call, with those of processes that ended in it."""

    def used() -> float:
        both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(usage.ru_utime + usage.ru_stime for usage in both)

    before = used()
    call()
    return used() - before


def measure_steps(folder: Path) -> None:
    """Print what a step costs: the slope between a short and a long chain, so that starting counts for neither."""
    projects = {length: load_project(chain(folder, length)) for length in (FEW, MANY)}
    ours: list[float] = []
    theirs: list[float] = []
    with ProcessPoolExecutor(1) as pool:
        pool.submit(add, 0).result()

        def call(length: int) -> None:
            number = 0
            for _ in range(length):
                number = pool.submit(add, number).result()

        for _ in range(ROUNDS):
            times = {length: seconds_of(partial(run, p, {}, RunOptions(cache=False))) for length, p in projects.items()}
            ours.append((times[MANY] - times[FEW]) / (MANY - FEW) * 1000)
            calls = {length: seconds_of(partial(call, length)) for length in (FEW, MANY)}
            theirs.append((calls[MANY] - calls[FEW]) / (MANY - FEW) * 1000)
    mine, warm = statistics.median(ours), statistics.median(theirs)
    show(f"a step: nbpipe {mine:.1f} ms, a warm worker {warm:.1f} ms, overhead {mine - warm:.1f} ms (at most 15)")
    used = {n: used_by(partial(run, project, {}, RunOptions(cache=False))) for n, project in projects.items()}
    show(f"a step: {(used[MANY] - used[FEW]) / (MANY - FEW) * 1000:.1f} ms of CPU, the step's process counted")


def measure_tracked(folder: Path) -> None:
    """Print what recording a step costs, the slope between a short and a long chain: MLflow's import is none of it."""
    from nbpipe.api.run_pipeline import run_pipeline

    os.environ.pop("MLFLOW_TRACKING_URI", None)
    (folder / "pyproject.toml").touch()
    roots = {length: chain(folder / "tracked", length) for length in (FEW, MANY)}
    options = RunOptions(cache=False)
    run_pipeline(roots[FEW], options=options)  # imports MLflow and makes the tables
    slopes: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(ROUNDS):
        for tracking, found in slopes.items():
            used = {
                length: used_by(partial(run_pipeline, root, options=options, tracking=tracking))
                for length, root in roots.items()
            }
            found.append((used[MANY] - used[FEW]) / (MANY - FEW) * 1000)
    tracked, plain = statistics.median(slopes[True]), statistics.median(slopes[False])
    show(
        f"a step: {tracked:.1f} ms of CPU with MLflow on SQLite, {plain:.1f} ms without: "
        f"{tracked - plain:.1f} ms for recording it (at most 30)"
    )


def measure_profiles(folder: Path) -> None:
    """Print what the statistics of tables cost: they are sampled, so that they do not grow with the rows."""
    import numpy as np
    import pandas as pd

    from nbpipe.runtime.profiles import profile

    rng = np.random.default_rng(0)
    for rows, columns in ((1_000, 8), (100_000, 8), (2_000_000, 8), (100_000, 200)):
        frame = pd.DataFrame({f"c{place}": rng.random(rows) for place in range(columns)})
        ours = statistics.median(used_by(partial(profile, frame)) for _ in range(ROUNDS)) * 1000
        written = used_by(partial(frame.to_parquet, folder / "frame.parquet")) * 1000
        show(f"statistics of {rows:,} rows, {columns} columns: {ours:.1f} ms of CPU; writing it: {written:.0f} ms")


def measure_cached(folder: Path) -> None:
    """Print what a run costs where nothing has changed."""
    root = chain(folder, 10)
    command = [sys.executable, "-m", "nbpipe", "-q", "run", str(root), "--no-tracking"]
    environ = environment(str(folder / "bytecode"))

    def call(what: list[str]) -> None:
        subprocess.run(what, env=environ, check=True, stdout=subprocess.DEVNULL)

    for _ in range(2):
        call(command)
    bare = statistics.median(seconds_of(lambda: call([sys.executable, "-c", "pass"])) for _ in range(ROUNDS))
    ours = statistics.median(seconds_of(lambda: call(command)) for _ in range(ROUNDS))
    used = statistics.median(used_by(lambda: call(command)) for _ in range(ROUNDS))
    show(f"ten cached steps: {used:.2f} s of CPU")
    show(f"ten cached steps: {ours:.2f} s wall (at most 0.5), {ours / bare:.1f} bare Python starts of {bare:.3f} s")


FRAME = """
import numpy as np
import pandas as pd
def start():
    pass  # the libraries are loaded before it is: it is not counted
def make():
    rng = np.random.default_rng(0)
    return {make}
def use(value):
    return float({use})
"""
KINDS = {
    "frame": ("pd.DataFrame({{f'c{{i}}': rng.random({rows}) for i in range(8)}})", "value.iloc[0].sum()"),
    "array": ("rng.random(({rows}, 8))", "value[0].sum()"),
}
BY_HAND = """
import sys, time
import numpy as np, pandas as pd, pyarrow.parquet
path = sys.argv[1]
rng = np.random.default_rng(0)
value = {make}
start = time.perf_counter()
{write}
print(time.perf_counter() - start)
"""
BY_HAND_READ = """
import sys, time
import numpy as np, pandas as pd, pyarrow.parquet
path = sys.argv[1]
start = time.perf_counter()
value = {read}
print(time.perf_counter() - start)
"""
FILES = {
    "frame": ("value.to_parquet(path)", "pd.read_parquet(path)"),
    "array": ("np.save(path, value)", "np.load(path)"),
}


def measure_frame(folder: Path, gigabytes: float) -> None:
    """Print what passing a large value costs."""
    rows = int(gigabytes * 1e9 / 64)
    for kind, (make, use) in KINDS.items():
        code = FRAME.format(make=make.format(rows=rows), use=use)
        steps = f"Step('start', '{kind}_case.steps:start', generators=()), "
        steps += f"Step('make', '{kind}_case.steps:make', outputs=('value',), after=('start',), generators=()), "
        steps += f"Step('use', '{kind}_case.steps:use', inputs=('value',), outputs=('total',), generators=()),"
        project = load_project(write_project(folder, f"{kind}_case", steps, code))
        write, read = FILES[kind]
        place = str(folder / f"{kind}.npy")
        texts = [BY_HAND.format(make=make.format(rows=rows), write=write), BY_HAND_READ.format(read=read)]
        by_hand = sum(
            float(
                subprocess.run([sys.executable, "-c", text, place], check=True, capture_output=True, text=True).stdout
            )
            for text in texts
        )
        Path(place).unlink()
        record = run(project, {}, RunOptions(cache=False))
        if record.error is not None:
            sys.exit(record.error.message)
        passing = sum(
            (step.seconds or 0)
            - json.loads((project.runs / record.id / f"{step.name}.json").read_text())["call_seconds"]
            for step in record.steps[1:]
        )
        peak = max(step.peak_memory or 0 for step in record.steps) / (rows * 64)
        show(
            f"{kind} of {gigabytes:g} GB: {passing:.1f} s from step to step, {by_hand:.1f} s by hand: "
            f"{by_hand / passing:.2f} of its speed (at least 0.5); peak memory {peak:.2f} times its size (at most 2.5)"
        )
        shutil.rmtree(project.folder)


def show(line: str) -> None:
    """Print a result."""
    print(line, flush=True)  # noqa: T201


def main() -> None:
    """Measure what is asked for, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*")
    parser.add_argument("--gigabytes", type=float, default=1.0)
    arguments = parser.parse_args()
    what = arguments.what or ["steps", "tracked", "profiles", "cached", "frame"]
    with tempfile.TemporaryDirectory() as folder:
        if "steps" in what:
            measure_steps(Path(folder))
        if "tracked" in what:
            measure_tracked(Path(folder))
        if "profiles" in what:
            measure_profiles(Path(folder))
        if "cached" in what:
            measure_cached(Path(folder))
        if "frame" in what:
            measure_frame(Path(folder), arguments.gigabytes)


if __name__ == "__main__":
    main()
