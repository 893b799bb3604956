"""What `nbpipe run` costs against its peers, all in one process of this machine, taking turns.

python -m tests.benchmarks.running [cells|processes|memory|observing] [--runs N]

- ``cells``: 50 and 500 trivial cells, untracked, imports apart: nbpipe, bare nbclient, papermill with a file to write.
- ``processes``: eight short notebooks: `nbpipe run -j 2` against eight papermill processes, two at a time.
- ``memory``: the largest size of the process of `nbpipe run` under an endless print.
- ``observing``: work with pandas, and work that does nothing but open files, observed and not.

Wall time is what is promised; CPU time of the process and of its kernels is given as well, which says more on a machine
that has other work.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).parents[2]


def write(path: Path, sources: Sequence[str]) -> Path:
    """Write a notebook."""
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
        for n, source in enumerate(sources)
    ]
    spec = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": spec, "cells": cells}))
    return path


def cpu() -> float:
    """Give CPU seconds of this process and of those that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def in_turn(calls: dict[str, Callable[[], object]], runs: int) -> dict[str, tuple[float, float]]:
    """Give each call's median seconds of wall and of CPU time; the calls take turns."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for _ in range(runs):
        for name, call in calls.items():
            wall, used = time.perf_counter(), cpu()
            call()
            taken[name].append((time.perf_counter() - wall, cpu() - used))
    return {
        name: (statistics.median(wall for wall, _ in each), statistics.median(used for _, used in each))
        for name, each in taken.items()
    }


def report(title: str, taken: dict[str, tuple[float, float]], base: str) -> None:
    """Print seconds, and ratios to one of the calls."""
    print(title)  # noqa: T201
    for name, (wall, used) in taken.items():
        ratios = f"{wall / taken[base][0]:6.2f} {used / taken[base][1]:6.2f}"
        print(f"  {name:28} {wall:7.2f} s wall {used:7.2f} s CPU   {ratios} of {base}")  # noqa: T201
    sys.stdout.flush()


def cells(folder: Path, runs: int) -> None:
    """Compare runs of trivial cells."""
    import nbclient
    import nbformat
    import papermill

    import nbpipe.execute.client
    from nbpipe.execute import run_notebook

    def bare(path: Path) -> None:
        read: Any = nbformat.read
        node = read(path, 4)
        nbclient.NotebookClient(node, resources={"metadata": {"path": str(folder)}}).execute()
        save: Any = nbformat.write
        save(node, folder / "bare.ipynb")

    assert nbpipe.execute.client is not None
    for count in (50, 500):
        path = write(folder / f"{count}.ipynb", [f"x = {n}" for n in range(count)])
        calls: dict[str, Callable[[], object]] = {
            "nbclient": lambda path=path: bare(path),  # type: ignore[misc]
            "nbpipe": lambda path=path: run_notebook(path, folder / "nbpipe.ipynb"),  # type: ignore[misc]
            "nbpipe, unobserved": lambda path=path: run_notebook(path, folder / "n.ipynb", observe=False),  # type: ignore[misc]
        }
        report(f"{count} trivial cells", in_turn(calls, runs), "nbclient")
        calls = {
            "nbpipe": calls["nbpipe"],
            "papermill": lambda path=path: papermill.execute_notebook(  # type: ignore[misc]
                path, folder / "papermill.ipynb", progress_bar=False, cwd=folder
            ),
        }
        report(f"{count} trivial cells, against papermill", in_turn(calls, 1), "nbpipe")


def processes(folder: Path, runs: int) -> None:
    """Compare eight notebooks, two at a time."""
    sources = ["import json, math", "total = sum(math.sqrt(n) for n in range(100_000))", "print(round(total))"]
    paths = [write(folder / f"short-{number}.ipynb", sources) for number in range(8)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}

    def ours() -> None:
        command = [sys.executable, "-m", "nbpipe", "run", *map(str, paths), "-j", "2", "--no-tracking", "-q"]
        subprocess.run(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, check=True)

    def papermill(path: Path) -> None:
        command = [sys.executable, "-m", "papermill", str(path), str(path.with_suffix(".out.ipynb"))]
        subprocess.run([*command, "--no-progress-bar"], cwd=folder, env=env, capture_output=True, check=True)

    def theirs() -> None:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(papermill, paths))

    report(
        "eight short notebooks, two at a time", in_turn({"nbpipe -j 2": ours, "papermill": theirs}, runs), "nbpipe -j 2"
    )


def memory(folder: Path, _: int) -> None:
    """Measure the largest size of the process under an endless print."""
    write(folder / "endless.ipynb", ["while True: print('x' * 99)"])
    command = [sys.executable, "-m", "nbpipe", "run", "endless.ipynb", "--no-tracking", "-q", "--cell-timeout", "20"]
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE)
    largest = 0
    status = Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        found = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        largest = max(largest, *map(int, found or ["0"]))
        time.sleep(0.2)
    process.communicate()
    size = (folder / "endless.executed.ipynb").stat().st_size
    print(f"endless print for 20 s: process at most {largest / 1024:.0f} MiB, file {size / 1e6:.1f} MB")  # noqa: T201


SLICES = """
import json, statistics, sys, time
import numpy as np, pandas as pd
from nbpipe.runtime import observing, session
rng = np.random.default_rng(0)
def pandas_work():
    frame = pd.DataFrame({'a': rng.normal(size=20_000), 'b': rng.integers(9, size=20_000)})
    frame.to_csv('part.csv'); pd.read_csv('part.csv').groupby('b').a.mean()
def files_work():
    for number in range(300):
        with open(f'small-{number}.txt', 'w') as file:
            file.write('x')
        open(f'small-{number}.txt').close()
def seconds(work, count):
    began = time.process_time()
    for _ in range(count):
        work()
    return time.process_time() - began
began = time.process_time()
session.begin([])
starting = time.process_time() - began
observers = observing._observers[:]
found = {'begin': starting}
for work, count in ((pandas_work, 4), (files_work, 4)):
    work()
    taken = {'observed': [], 'not': []}
    for _ in range(int(sys.argv[1])):
        for name, active in (('not', []), ('observed', observers)):
            observing._observers[:] = active
            taken[name].append(seconds(work, count))
    found[work.__name__] = {name: statistics.median(each) for name, each in taken.items()}
began = time.process_time()
session.end()
found['end'] = time.process_time() - began
print(json.dumps(found))
"""


def observing(folder: Path, runs: int) -> None:
    """Compare slices of work, observed and not, in one process, by CPU time: wall time has too much noise."""
    command = [sys.executable, "-c", SLICES, str(runs * 8)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    print(f"observing: {found['begin'] * 1000:.0f} ms to begin, {found['end'] * 1000:.0f} ms to end")  # noqa: T201
    for name in ("pandas_work", "files_work"):
        observed, bare = found[name]["observed"], found[name]["not"]
        print(f"  {name:12} {observed * 1000:7.1f} ms observed, {bare * 1000:7.1f} ms not: {observed / bare:.3f}")  # noqa: T201


PARTS: dict[str, Callable[[Path, int], None]] = {
    "cells": cells,
    "processes": processes,
    "memory": memory,
    "observing": observing,
}


def main() -> None:
    """Measure what is asked for, or all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS])
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")  # noqa: T201
    for part in arguments.parts or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            PARTS[part](Path(folder), arguments.runs)


if __name__ == "__main__":
    main()
