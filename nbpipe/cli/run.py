"""``nbpipe run``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nbpipe.api.run import parameters_of, read_parameters, run
from nbpipe.cli import console
from nbpipe.cli.pipeline_options import pipeline_options
from nbpipe.cli.progress import ManyProgress, NotebookProgress, PipelineProgress
from nbpipe.cli.run_options import options, parse_parameters, parse_tags
from nbpipe.errors import ConfigError, Interrupted, NbpipeError
from nbpipe.execute.outcome import explain
from nbpipe.records import CellResult, RunRecord, RunStatus, StepResult

if TYPE_CHECKING:
    from collections.abc import Sequence

_GOOD = (RunStatus.OK, RunStatus.SKIPPED, RunStatus.CACHED)
_PAIR = 2  # NOTEBOOK OUT


@click.command(
    "run",
    epilog="Several notebooks are run side by side with -j, --output-dir, or when there are more than two. "
    "Exits with 1 when a cell or step fails, with 2 when the call is wrong, with 130 or 143 when stopped; "
    "what ran until then is saved.",
)
@click.argument("paths", nargs=-1, metavar="NOTEBOOK|PIPELINE [OUT]")
@options
@pipeline_options
def command(  # noqa: PLR0913 - one argument an option
    paths: tuple[str, ...],
    *,
    given: tuple[str, ...],
    files: tuple[str, ...],
    texts: tuple[str, ...],
    show_parameters: bool,
    output_folder: str | None,
    jobs: int | None,
    python: str | None,
    log_output: bool,
    tags: tuple[str, ...],
    no_observe: bool,
    no_tracking: bool,
    no_network: bool,
    pass_env: tuple[str, ...],
    **rest: Any,
) -> int:
    """Run a notebook from top to bottom in a fresh kernel, or a pipeline."""
    if show_parameters:
        return _show_parameters(paths[0])
    settings = {**rest, "tags": parse_tags(tags), "observe": not no_observe, "tracking": not no_tracking}
    settings |= {"network": not no_network, "pass_env": pass_env or None}
    parameters = {**read_parameters(files, texts), **parse_parameters(given)}
    if len(paths) > _PAIR or output_folder is not None or (jobs is not None and not Path(paths[0]).is_dir()):
        if python is not None:
            raise ConfigError("--python is for the steps of a pipeline; choose a notebook's kernel with --kernel")
        return _run_each(paths, jobs or 1, output_folder, parameters, settings, log_output=log_output)
    progress = NotebookProgress(log_output=log_output)
    try:
        record = run(
            paths[0],
            paths[1] if len(paths) == _PAIR else None,
            parameters=parameters,
            jobs=jobs or 1,
            python=python,
            listeners=(progress, PipelineProgress()),
            **settings,
        )
    except Interrupted as stop:
        console.error(f"interrupted{f'; what ran is in {progress.output}' if progress.output else ''}")
        return stop.exit_code
    return report(record, paths[0], progress.output)


def _run_each(  # noqa: PLR0913 - the options of a run
    paths: Sequence[str],
    jobs: int,
    output_folder: str | None,
    parameters: dict[str, Any],
    settings: dict[str, Any],
    *,
    log_output: bool,
) -> int:
    """Run several notebooks; the exit code is the worst of theirs."""
    from nbpipe.api.run_each import run_each

    progress = ManyProgress(len(paths), log_output=log_output)
    worst = 0
    for path, ended in run_each(
        paths,
        jobs=jobs,
        output_folder=output_folder,
        parameters=parameters,
        listeners=progress.listeners,
        **settings,
    ):
        if isinstance(ended, NbpipeError):
            console.error(str(ended))
            worst = max(worst, ended.exit_code)
        elif ended.status is RunStatus.INTERRUPTED:
            console.note(f"{path}: interrupted; {_shown(ended.output)}")
        else:
            worst = max(worst, report(ended, str(path), Path(ended.output)))
    return worst


def report(record: RunRecord, path: str, output: Path | None) -> int:
    """Tell how the run of `path` ended and give the exit code."""
    parts = [(f"step {step.name} ", step) for step in record.steps] if record.kind == "pipeline" else _cells(record)
    noun = "steps" if record.kind == "pipeline" else "cells"
    left = sum(part.status is RunStatus.NOT_RUN for _, part in parts)
    where = "" if output is None else f"; {_shown(output)}"
    if record.status in _GOOD:
        cached = sum(part.status is RunStatus.CACHED for _, part in parts)
        failed = sum(part.status is RunStatus.FAILED for _, part in parts)
        reused = f", {cached} of them from the cache" if cached else ""
        allowed = f", {failed} of them failed (--allow-errors)" if failed else ""
        console.echo(f"{path}: ok, {len(parts)} {noun} in {record.seconds:.1f} s{reused}{allowed}{where}")
        return 0
    at = next((name for name, part in parts if part.status not in _GOOD), "")
    if record.error is not None and record.error.traceback:
        console.note(record.error.traceback)
    console.error(f"{path}: {at}{explain(record.status, record.error)}")
    console.note(f"{len(parts) - left} {noun} ran, {left} did not{where}")
    return 1


def _shown(path: str | Path) -> str:
    """Give a path as short as it can be read from here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") or not Path(path).is_absolute() else relative


def _cells(record: RunRecord) -> list[tuple[str, CellResult | StepResult]]:
    return [(f"cell {cell.index + 1} ", cell) for cell in record.cells if cell.status is not RunStatus.SKIPPED]


def _show_parameters(path: str) -> int:
    parameters = parameters_of(path)
    if not parameters:
        console.note(f"{path}: takes no parameters (a notebook's are those of a cell tagged 'parameters')")
    for parameter in parameters:
        console.echo(f"{parameter}{f'  # {parameter.help}' if parameter.help else ''}")
    return 0
