"""`nbpipe check` against ``nbqa flake8``, both with their default rules, on one core.

python -m tests.benchmarks.against_nbqa FOLDER [RUNS] [VENV]

The peer is installed from PyPI, with the versions below, into an environment of its own: VENV, made where it is not
there and kept, or a temporary one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tests.benchmarks.timing import medians

PEERS = ("nbqa==1.9.1", "flake8==7.5.0")


def main(folder: str, runs: int, place: str | None) -> None:
    """Measure, and print CPU seconds and their ratio."""
    if hasattr(os, "sched_getaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core: flake8 would use all
    with tempfile.TemporaryDirectory() as temporary:
        programs = _installed(Path(place or temporary))
        nbqa = [str(programs / "python"), "-m", "nbqa", "flake8", folder]
        nbpipe = [sys.executable, "-m", "nbpipe", "check", "--output-format", "concise", "--no-cache", "-j1", folder]
        times = medians({"nbpipe check --no-cache": nbpipe, "nbqa flake8": nbqa}, runs)
    base = times["nbpipe check --no-cache"]
    print(f"{', '.join(PEERS)}; {sum(1 for _ in Path(folder).rglob('*.ipynb'))} notebooks")  # noqa: T201
    for name, seconds in times.items():
        print(f"{name:24} {seconds:7.2f} s  {seconds / base:6.2f}")  # noqa: T201


def _installed(place: Path) -> Path:
    """Make the environment with the peer where it is not there; give the folder of its programs."""
    programs = place / ("Scripts" if os.name == "nt" else "bin")
    if not (programs / "nbqa").exists():
        venv.create(place, with_pip=True)
        subprocess.run([str(programs / "python"), "-m", "pip", "install", "-q", *PEERS], check=True)
    return programs


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1, sys.argv[3] if len(sys.argv) > 3 else None)
