"""``nbpipe run``."""

from __future__ import annotations

import click

from nbpipe.api.run import parameters_of, run
from nbpipe.cli import console
from nbpipe.cli.progress import Progress
from nbpipe.errors import ConfigError, Interrupted
from nbpipe.execute.outcome import explain
from nbpipe.records import RunRecord, RunStatus

_POSITIVE = click.FloatRange(min=0, min_open=True)


@click.command(
    "run",
    epilog="Exits with 1 when a cell or step fails, with 2 when the call is wrong, with 130 or 143 when stopped; "
    "what ran until then is saved.",
)
@click.argument("path", metavar="NOTEBOOK|PIPELINE")
@click.argument("output", required=False, metavar="[OUT]")
@click.option("-p", "--parameter", "given", multiple=True, metavar="NAME=VALUE", help="Set a parameter.")
@click.option("--show-parameters", is_flag=True, help="List the notebook's parameters and do not run it.")
@click.option("--no-tracking", is_flag=True, help="Do not record the run in MLflow.")
@click.option("--cell-timeout", type=_POSITIVE, metavar="SECONDS", help="Stop when one cell takes longer.")
@click.option("--timeout", type=_POSITIVE, metavar="SECONDS", help="Stop when all takes longer.")
@click.option("--kernel", metavar="NAME", help="Use this kernel, not the one that the notebook names.")
@click.option("--in-place", is_flag=True, help="Write the result into the notebook itself.")
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
) -> int:
    """Run a notebook from top to bottom in a fresh kernel, or a pipeline."""
    if show_parameters:
        return _show_parameters(path)
    progress = Progress()
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
            listeners=(progress,),
        )
    except Interrupted as stop:
        console.error(str(stop) if progress.output is None else f"interrupted; what ran is in {progress.output}")
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
    cells = [cell for cell in record.cells if cell.seconds is not None]
    where = "" if output is None else f"; {output}"
    if record.status is RunStatus.OK:
        console.echo(f"{path}: ok, {len(cells)} cells in {record.seconds:.1f} s{where}")
        return 0
    failed = next((cell for cell in cells if cell.status is not RunStatus.OK), None)
    at = "" if failed is None else f"cell {failed.index + 1} "
    if record.error is not None and record.error.traceback:
        console.note(record.error.traceback)
    console.error(f"{path}: {at}{explain(record.status, record.error)}")
    left = sum(cell.status is RunStatus.NOT_RUN for cell in record.cells)
    console.note(f"{len(cells)} cells ran, {left} did not{where}")
    return 1


def _show_parameters(path: str) -> int:
    parameters = parameters_of(path)
    if not parameters:
        console.note(f"{path}: no parameters (no cell is tagged 'parameters')")
    for parameter in parameters:
        console.echo(f"{parameter}{f'  # {parameter.help}' if parameter.help else ''}")
    return 0
