"""What a run that looks for a cause holds still."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from typing import Final

SEED: Final = 0

# Each is read by one library of linear algebra or one kind of pool when it starts.
_THREADS: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
    "RAYON_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


@dataclass(frozen=True, slots=True)
class Controls:
    """What is held still in a run; by default nothing is, as when a person runs the notebook.

    Attributes:
        hashes: Python hashes texts the same way in each run: sets of them come in one order.
        seeds: the generators are seeded, also those that would seed themselves.
        threads: linear algebra uses one thread, and threads of the notebook run one after the other.
        clock: UTC, C.UTF-8, a clock that goes on by ticks, and a fixed process id.
        addresses: the system puts memory where it put it last time, if it can (Linux, with ``setarch``).
    """

    hashes: bool = False
    seeds: bool = False
    threads: bool = False
    clock: bool = False
    addresses: bool = False

    def environ(self) -> dict[str, str]:
        """Give the environment of the kernel."""
        environ = dict(os.environ)
        if self.hashes:
            environ["PYTHONHASHSEED"] = str(SEED)
        if self.threads:
            environ.update(dict.fromkeys(_THREADS, "1"))
        if self.clock:
            environ.update(TZ="UTC", LC_ALL="C.UTF-8", LANG="C.UTF-8")
        return environ

    def prefix(self) -> tuple[str, ...]:
        """Give the program, with its arguments, that starts the kernel's command; nothing where it starts itself."""
        return _fixed_addresses() if self.addresses else ()

    def request(self) -> dict[str, object]:
        """Give what the kernel is asked for (see `nbpipe.runtime.controls.begin`)."""
        return {"seed": SEED if self.seeds else None, "threads": self.threads, "clock": self.clock}


@cache
def _fixed_addresses() -> tuple[str, ...]:
    """Give what runs a command without address space randomisation; nothing where that is not there or not allowed."""
    program = shutil.which("setarch")
    if program is None:
        return ()
    prefix = (program, "-R")
    try:
        done = subprocess.run([*prefix, "true"], check=False, capture_output=True, timeout=10)  # noqa: S603 - no shell
    except (OSError, subprocess.SubprocessError):
        return ()
    return prefix if done.returncode == 0 else ()
