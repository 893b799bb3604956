"""`nbpipe check` against ``ruff check --select F821``, the one rule both have, over a folder, on one core.

python -m tests.benchmarks.against_ruff FOLDER [RUNS]
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.benchmarks.timing import medians


def main(folder: str, runs: int) -> None:
    """Measure, and print CPU seconds and their ratios."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core: ruff would use all
    files = [path for path in Path(folder).rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts]
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    nbpipe = [sys.executable, "-m", "nbpipe", "check", "--output-format", "concise"]
    ruff = str(Path(sys.executable).parent / "ruff")
    times = medians(
        {
            "nbpipe check": [*nbpipe, folder],
            "nbpipe check --select undefined-name": [*nbpipe, "--select", "undefined-name", folder],
            "ruff check --select F821": [
                *(ruff, "check", "--isolated", "--no-cache", "--output-format", "concise"),
                *("--select", "F821", "--config", 'include = ["*.ipynb"]', folder),
            ],
        },
        runs,
    )
    base = times["ruff check --select F821"]
    print(f"{len(files)} notebooks, {megabytes:.0f} MB")  # noqa: T201
    for name, seconds in times.items():
        print(f"{name:38} {seconds:7.2f} s  {seconds / base:6.2f}")  # noqa: T201


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3)
