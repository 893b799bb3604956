"""L2: which cells of a notebook form which step of a pipeline."""

from __future__ import annotations

from nbpipe.steps.crossing import Crossing, StepGraph, crossings, late_crossings
from nbpipe.steps.plan import CellRole, Note, StepCells, StepPlan, has_steps, plan_steps, survey, understood
from nbpipe.steps.tags import Role, TagProblem

__all__ = [
    "CellRole",
    "Crossing",
    "Note",
    "Role",
    "StepCells",
    "StepGraph",
    "StepPlan",
    "TagProblem",
    "crossings",
    "has_steps",
    "late_crossings",
    "plan_steps",
    "survey",
    "understood",
]
