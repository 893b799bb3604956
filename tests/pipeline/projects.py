"""Small projects for tests: copies of those in fixtures/pipelines, and new ones from source text."""

from __future__ import annotations

import json
import shutil
import textwrap
from pathlib import Path
from typing import Any

from nbpipe.pipeline.listener import PipelineListener
from nbpipe.pipeline.project import Project, load_project
from nbpipe.pipeline.runner import RunOptions, run

FIXTURES = Path(__file__).parents[2] / "fixtures" / "pipelines"


def copied(case: str, folder: Path) -> Path:
    """Copy a fixture's project, so that runs leave nothing in the fixtures."""
    target = folder / case
    shutil.copytree(FIXTURES / case, target, ignore=shutil.ignore_patterns("__pycache__", "store", "runs"))
    return target


def written(folder: Path, steps: str, code: str, params: str = "", **description: Any) -> Path:
    """Write a project of one module of steps, ``shop.steps``; `steps` is the inside of the tuple of steps."""
    root = folder / "shop"
    package = root / "shop"
    package.mkdir(parents=True)
    (root / ".nbpipe").mkdir()
    (root / ".nbpipe" / "project.json").write_text(json.dumps({"version": 1, "package": "shop", **description}))
    (package / "__init__.py").write_text('"""A shop."""\n')
    (package / "steps.py").write_text(textwrap.dedent(code))
    (package / "pipeline.py").write_text(
        "from nbpipe.pipeline import Pipeline, Step\n"
        f"PIPELINE = Pipeline(name='shop', steps=({textwrap.dedent(steps)}))\n"
    )
    if params:
        (root / "params.yaml").write_text(textwrap.dedent(params))
    return root


def ran(folder: Path, listener: PipelineListener | None = None, **options: Any) -> Any:
    """Run a project without tracking; give its record."""
    parameters = options.pop("parameters", {})
    return run(load_project(folder), parameters, RunOptions(**options), listener=listener)


class Told(PipelineListener):
    """Keeps what it hears."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.warnings: list[str] = []

    def run_started(self, plan: Any) -> None:
        self.events.append(f"run {', '.join(plan.steps)}")

    def step_started(self, step: Any) -> None:
        self.events.append(f"start {step.name} {step.number}/{step.count}")

    def step_finished(self, result: Any) -> None:
        self.events.append(f"{result.status.value} {result.name}")

    def run_finished(self, record: Any, record_path: Path) -> None:
        self.events.append(f"run {record.status.value} {record_path.is_file()}")

    def run_aborted(self, reason: str) -> None:
        self.events.append(f"aborted {reason}")

    def warned(self, message: str) -> None:
        self.warnings.append(message)


__all__ = ["FIXTURES", "Project", "Told", "copied", "ran", "written"]
