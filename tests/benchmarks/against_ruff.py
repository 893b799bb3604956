"""`nbpipe check` against ``ruff check``, both with their default rules and without a cache, on one core.

python -m tests.benchmarks.against_ruff FOLDER [RUNS]

The folder should hold notebooks that carry a language, or ruff does not check them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.timing import environment, medians

PEAK = (
    "import resource, sys; from nbpipe.cli import main; main(sys.argv[1:]);"
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, file=sys.stderr)"
)


def main(folder: str, runs: int) -> None:
    """Measure, and print CPU seconds and their ratios, peak memory, and what two cores and a warm cache gain."""
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if cores:
        os.sched_setaffinity(0, {cores[0]})  # one core: ruff would use all
    files = [path for path in Path(folder).rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts]
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    check = [sys.executable, "-m", "nbpipe", "check", "--output-format", "concise"]
    alone = [*check, "--no-cache", "-j1"]
    ruff = [str(Path(sys.executable).parent / "ruff"), "check", "--isolated", "--output-format", "concise"]
    ruff += ["--config", 'include = ["*.ipynb"]']
    with tempfile.TemporaryDirectory() as kept:
        times = medians(
            {
                "ruff check --no-cache": [*ruff, "--no-cache", folder],
                "nbpipe check --no-cache": [*alone, folder],
                "nbpipe check --select NB1": [*alone, "--select", "NB1", folder],
                "nbpipe check --select undefined-name": [*alone, "--select", "undefined-name", folder],
                "ruff check, warm cache": [*ruff, "--cache-dir", f"{kept}/ruff", folder],
                "nbpipe check, warm cache": [*check, "-j1", "--cache-dir", f"{kept}/nbpipe", folder],
            },
            runs,
        )
    base = times["ruff check --no-cache"]
    print(f"{len(files)} notebooks, {megabytes:.0f} MB")  # noqa: T201
    for name, seconds in times.items():
        print(f"{name:38} {seconds:7.2f} s  {seconds / base:6.2f}")  # noqa: T201
    done = subprocess.run([sys.executable, "-c", PEAK, *alone[3:], folder], capture_output=True, text=True, check=False)
    print(f"peak memory {float(done.stderr.split()[-1]):.0f} MiB")  # noqa: T201
    if len(cores) > 1:
        os.sched_setaffinity(0, cores)
        walls = [_wall([*check, "--no-cache", f"-j{jobs}", folder]) for jobs in (1, 2)]
        print(f"two cores against one, wall time: {walls[1] / walls[0]:.2f}")  # noqa: T201


def _wall(command: list[str]) -> float:
    with tempfile.TemporaryDirectory() as bytecode:
        environ = environment(bytecode)
        before = time.perf_counter()
        subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return time.perf_counter() - before


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3)
