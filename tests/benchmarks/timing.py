"""CPU time of other processes: what benchmarks compare, for wall time says more about the machine's other work."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parents[2]


def environment(bytecode: str) -> dict[str, str]:
    """Give the environment of a user: this source tree, compiled, and no settings of ours."""
    dropped = ("NBPIPE_", "PYTHONDONTWRITEBYTECODE", "COVERAGE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": bytecode}


def cpu_seconds(command: Sequence[str], environ: Mapping[str, str]) -> float:
    """Give user and system time of one run of a command, which may find something but not fail otherwise."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if done.returncode not in {0, 1}:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def medians(commands: Mapping[str, Sequence[str]], runs: int) -> dict[str, float]:
    """Give each command's median CPU seconds; the commands take turns, so that a slow minute hits all of them."""
    with tempfile.TemporaryDirectory() as bytecode:
        environ = environment(bytecode)
        for command in commands.values():  # compiles what it imports
            cpu_seconds(command, environ)
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                times[name].append(cpu_seconds(command, environ))
    return {name: statistics.median(each) for name, each in times.items()}
