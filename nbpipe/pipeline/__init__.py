"""L3: pipelines of plain functions: their model, their project on disk, and the local engine that runs them."""

from __future__ import annotations

from nbpipe.pipeline.model import Edge, Pipeline, Step
from nbpipe.pipeline.program import main

__all__ = ["Edge", "Pipeline", "Step", "main"]
