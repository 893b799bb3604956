"""L2: which cells of a notebook form which step of a pipeline."""

from __future__ import annotations

from nbpipe.steps.plan import CellRole, Note, StepCells, StepPlan, plan_steps
from nbpipe.steps.tags import Role

__all__ = ["CellRole", "Note", "Role", "StepCells", "StepPlan", "plan_steps"]
