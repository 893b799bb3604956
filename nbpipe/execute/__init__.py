"""L3: running a notebook: papermill's engine, the kernel, limits, true statuses, the run record."""

from __future__ import annotations

from nbpipe.execute.limits import Limits
from nbpipe.execute.listener import CellStart, Listener, RunPlan
from nbpipe.execute.run import default_output, run_notebook

__all__ = ["CellStart", "Limits", "Listener", "RunPlan", "default_output", "run_notebook"]
