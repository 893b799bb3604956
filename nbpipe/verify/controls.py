"""What a run that looks for a cause holds still."""

from __future__ import annotations

import os
from dataclasses import dataclass
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
        clock: UTC, C.UTF-8, and a clock that goes on by ticks.
    """

    hashes: bool = False
    seeds: bool = False
    threads: bool = False
    clock: bool = False

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

    def request(self) -> dict[str, object]:
        """Give what the kernel is asked for (see `nbpipe.runtime.controls.begin`)."""
        return {"seed": SEED if self.seeds else None, "threads": self.threads, "clock": self.clock}
