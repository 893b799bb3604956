"""``nbpipe run``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nbpipe.api.run import parameters_of, run
from nbpipe.cli import console
from nbpipe.cli.pipeline_options import pipeline_options
from nbpipe.cli.progress import NotebookProgress, PipelineProgress
from nbpipe.errors import ConfigError, Interrupted
from nbpipe.execute.outcome import explain
from nbpipe.records import CellResult, RunRecord, RunStatus, StepResult

if TYPE_CHECKING:
    from pathlib import Path

_GOOD = (RunStatus.OK, RunStatus.SKIPPED, RunStatus.CACHED)
_POSITIVE = click.FloatRange(min=0, min_open=True)


@click.command(
    "run",
    epilog="Exits with 1 when a cell or step fails, with 2 when the call is wrong, with 130 or 143 when stopped; "
    "what ran until then is saved.",
)
@click.argument("path", metavar="NOTEBOOK|PIPELINE")
@click.argument("output", required=False, metavar="[OUT]")
@click.option("-p", "--parameter", "given", multiple=True, metavar="NAME=VALUE", help="Set a parameter.")
@click.option("--show-parameters", is_flag=True, help="List the parameters and do not run.")
@click.option("--no-tracking", is_flag=True, help="Do not record the run in MLflow.")
@click.option("--cell-timeout", type=_POSITIVE, metavar="SECONDS", help="Stop when one cell takes longer.")
@click.option("--timeout", type=_POSITIVE, metavar="SECONDS", help="Stop when all takes longer.")
@click.option("--kernel", metavar="NAME", help="Use this kernel, not the one that the notebook names.")
@click.option(
    "-j", "--jobs", type=click.IntRange(min=1), default=1, metavar="N", help="Run up to N steps side by side."
)
@click.option("--python", metavar="PATH", help="Run the steps in this interpreter.")
@click.option("--in-place", is_flag=True, help="Write the result into the notebook itself.")
@pipeline_options
def command(  # noqa: PLR0913 - one argument an option
    path: str,
    output: str | None,
    *,
    given: tuple[str, ...],
    show_parameters: bool,
    no_tracking: bool,
    cell_timeout: float | None,
    timeout: float | None,
    kernel: str | None,
    in_place: bool,
    jobs: int,
    python: str | None,
) -> int:
    """Run a notebook from top to bottom in a fresh kernel, or a pipeline."""
    if show_parameters:
        return _show_parameters(path)
    progress = NotebookProgress()
    try:
        record = run(
            path,
            output,
            parameters=parse_parameters(given),
            tracking=not no_tracking,
            cell_timeout=cell_timeout,
            timeout=timeout,
            kernel=kernel,
            in_place=in_place,
            jobs=jobs,
            python=python,
            listeners=(progress, PipelineProgress()),
        )
    except Interrupted as stop:
        console.error(f"interrupted{f'; what ran is in {progress.output}' if progress.output else ''}")
        return stop.exit_code
    return report(record, path, progress.output)


def parse_parameters(given: tuple[str, ...]) -> dict[str, str]:
    """Give the names and texts of ``NAME=VALUE`` arguments.

    Raises:
        ConfigError: one has no name or no ``=``, or a name comes twice.
    """
    values: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise ConfigError(f"-p {text}: write it as NAME=VALUE")
        if name.strip() in values:
            raise ConfigError(f"-p {text}: '{name.strip()}' is set twice")
        values[name.strip()] = value
    return values


def report(record: RunRecord, path: str, output: Path | None) -> int:
    """Tell how the run of `path` ended and give the exit code."""
    parts = [(f"step {step.name} ", step) for step in record.steps] if record.kind == "pipeline" else _cells(record)
    noun = "steps" if record.kind == "pipeline" else "cells"
    left = sum(part.status is RunStatus.NOT_RUN for _, part in parts)
    where = "" if output is None else f"; {output}"
    if record.status in _GOOD:
        cached = sum(part.status is RunStatus.CACHED for _, part in parts)
        reused = f", {cached} of them from the cache" if cached else ""
        console.echo(f"{path}: ok, {len(parts)} {noun} in {record.seconds:.1f} s{reused}{where}")
        return 0
    at = next((name for name, part in parts if part.status not in _GOOD), "")
    if record.error is not None and record.error.traceback:
        console.note(record.error.traceback)
    console.error(f"{path}: {at}{explain(record.status, record.error)}")
    console.note(f"{len(parts) - left} {noun} ran, {left} did not{where}")
    return 1


def _cells(record: RunRecord) -> list[tuple[str, CellResult | StepResult]]:
    return [(f"cell {cell.index + 1} ", cell) for cell in record.cells if cell.status is not RunStatus.SKIPPED]


def _show_parameters(path: str) -> int:
    parameters = parameters_of(path)
    if not parameters:
        console.note(f"{path}: takes no parameters (a notebook's are those of a cell tagged 'parameters')")
    for parameter in parameters:
        console.echo(f"{parameter}{f'  # {parameter.help}' if parameter.help else ''}")
    return 0
