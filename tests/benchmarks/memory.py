"""The most memory that `nbpipe check` takes on many notebooks, in one process; files above 5 MB are left out.

python -m tests.benchmarks.memory FOLDER [NOTEBOOKS]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.timing import environment

LARGEST = 5_000_000
PEAK = (
    "import resource, sys; from nbpipe.cli import main; main(sys.argv[1:]);"
    "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, file=sys.stderr)"
)


def main(folder: str, most: int) -> None:
    """Measure, and print MiB: of the check, and of a bare Python that imports the command line."""
    found = [path for path in sorted(Path(folder).rglob("*.ipynb")) if ".ipynb_checkpoints" not in path.parts]
    files = [str(path) for path in found if path.stat().st_size <= LARGEST][:most]
    check = ["check", "--no-cache", "-j1", "--output-format", "concise", *files]
    megabytes = sum(Path(file).stat().st_size for file in files) / 1e6
    print(f"{len(files)} notebooks, {megabytes:.0f} MB: {peak(check):.0f} MiB")  # noqa: T201
    print(f"nbpipe --version: {peak(['--version']):.0f} MiB")  # noqa: T201


def peak(arguments: list[str]) -> float:
    """Give the peak memory of a command, in MiB."""
    with tempfile.TemporaryDirectory() as bytecode:
        command = [sys.executable, "-c", PEAK, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment(bytecode))
    return float(done.stderr.split()[-1])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3000)
