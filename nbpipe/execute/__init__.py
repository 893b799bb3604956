"""L3: running a notebook: papermill's engine, the kernel, limits, true statuses, the run record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.execute.limits import Limits
from nbpipe.execute.listener import CellStart, Listener, RunPlan

if TYPE_CHECKING:
    from nbpipe.execute.run import default_output, run_notebook

__all__ = ["CellStart", "Limits", "Listener", "RunPlan", "default_output", "run_notebook"]


def __getattr__(name: str) -> Any:
    # Kernels are heavy, and pipelines do not need them.
    if name in ("default_output", "run_notebook"):
        from nbpipe.execute import run

        return getattr(run, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
