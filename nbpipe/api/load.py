"""Gives a value of a past run back: what `nbpipe.load` calls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.pipeline.project import load_project
from nbpipe.pipeline.runs import read_record
from nbpipe.pipeline.values import load_output
from nbpipe.records import RunRecord

if TYPE_CHECKING:
    import os


def load(run: str | RunRecord, step: str, output: str, *, folder: str | os.PathLike[str] | None = None) -> Any:
    """Give what a step of a past run gave, as a fresh copy.

    The value is read in this process: its libraries must be installed here.

    Args:
        run: a record, or the id of a run, a unique beginning of it, or ``latest``.
        step: name of the step.
        output: name of the output.
        folder: the pipeline's folder; by default that of the record, or the current folder.

    Raises:
        ConfigError: the folder is no pipeline.
        PipelineError: there is no such run, step or output, or its value is gone, damaged or not readable here.
    """
    place = folder or (run.source if isinstance(run, RunRecord) else Path.cwd())
    project = load_project(place)
    record = run if isinstance(run, RunRecord) else read_record(project.runs, run)
    project = replace(project, place=record.provenance.get("store") or project.place)
    return load_output(project, record, step, output)
