"""``nbpipe verify``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from nbpipe.api.verify import VerifyResult, verify_each
from nbpipe.cli import console
from nbpipe.cli.progress import NotebookProgress
from nbpipe.cli.proof import is_proof, prove_and_report
from nbpipe.errors import ConfigError, Interrupted
from nbpipe.verify.context import ATOL, RTOL
from nbpipe.verify.verdict import CellVerdict, NotebookVerdict, Outcome, Verdict

_POSITIVE = click.FloatRange(min=0, min_open=True)
_NOT_NEGATIVE = click.FloatRange(min=0)
_CELLS = 5  # shown of one notebook
_STYLES = {Verdict.REPRODUCIBLE: "bold green", Verdict.EQUIVALENT: "bold green", Verdict.NOTHING: "bold yellow"}


@click.command(
    "verify",
    epilog="Exits with 0 when each notebook gives what is stored in it, else with 1. The notebooks are run with "
    "your rights, in their folders; their files are not changed. With a notebook and the pipeline that was made of it "
    "(verify NOTEBOOK PIPELINE), proves that both compute the same: there, numbers must be equal unless a tolerance is "
    "given.",
)
@click.argument("paths", nargs=-1, required=True, metavar="NOTEBOOK...")
@click.option("--rtol", type=_NOT_NEGATIVE, default=RTOL, show_default=True, help="Relative tolerance of numbers.")
@click.option("--atol", type=_NOT_NEGATIVE, default=ATOL, show_default=True, help="Absolute tolerance of numbers.")
@click.option("--cell-timeout", type=_POSITIVE, metavar="SECONDS", help="Give up when one cell takes longer.")
@click.option("--timeout", type=_POSITIVE, metavar="SECONDS", help="Give up when a notebook takes longer.")
@click.option("--kernel", metavar="NAME", help="Use this kernel, not the one that each notebook names.")
@click.option("--output-format", type=click.Choice(["full", "json"]), default="full", help="How to report.")
@click.option("--allow", multiple=True, metavar="STEP.OUTPUT", help="An output that a proof may find unequal.")
@click.option("--json", "json_path", metavar="FILE", help="Also write the JSON report to a file.")
def command(  # noqa: PLR0913 - one argument an option
    paths: tuple[str, ...],
    *,
    rtol: float,
    atol: float,
    cell_timeout: float | None,
    timeout: float | None,
    kernel: str | None,
    output_format: str,
    allow: tuple[str, ...],
    json_path: str | None,
) -> int:
    """Run notebooks fresh and compare with their stored outputs."""
    verdicts: list[NotebookVerdict] = []
    try:
        if is_proof(paths):
            return prove_and_report(
                *paths,
                allow=allow,
                rtol=_given("rtol", rtol),
                atol=_given("atol", atol),
                kernel=kernel,
                output_format=output_format,
                json_path=json_path,
            )
        for verdict in verify_each(
            paths,
            rtol=rtol,
            atol=atol,
            cell_timeout=cell_timeout,
            timeout=timeout,
            kernel=kernel,
            listeners=(NotebookProgress(),),
        ):
            verdicts.append(verdict)
            if output_format == "full":
                _report(verdict)
    except Interrupted as stop:
        console.error(str(stop))
        return stop.exit_code
    result = VerifyResult(verdicts)
    text = json.dumps(result.as_json(), indent=2, ensure_ascii=False)
    if output_format == "json":
        console.echo(text)
    elif len(verdicts) > 1:
        _summarise(result)
    if json_path is not None:
        _write(Path(json_path), text)
    return result.exit_code


def _given(name: str, value: float) -> float:
    """Give a tolerance that somebody asked for, else none: in a proof the default is to be equal."""
    source = click.get_current_context().get_parameter_source(name)
    return 0.0 if source is click.core.ParameterSource.DEFAULT else value


def _report(item: NotebookVerdict) -> None:
    verdict = console.style(item.verdict.value, _STYLES.get(item.verdict, "bold red"))
    if item.verdict is Verdict.EQUIVALENT:
        console.echo(f"{item.path}: {verdict} {item.reason}")
        return
    console.echo(f"{item.path}: {verdict}{f': {item.reason}' if item.reason else ''}")
    # Where nothing is stored, or the run broke off, new output says nothing.
    shown = {Outcome.DIFFERENT, Outcome.MISSING} | (
        {Outcome.NEW} if item.verdict is Verdict.NOT_REPRODUCIBLE else set()
    )
    differing = [cell for cell in item.cells if cell.outcome in shown]
    for cell in differing[:_CELLS]:
        _report_cell(cell)
    if len(differing) > _CELLS:
        console.echo(f"  ... and {len(differing) - _CELLS} more cells (--json FILE writes all)")
    if differing and item.note:
        console.echo(f"  note: {item.note}")


def _report_cell(cell: CellVerdict) -> None:
    console.echo(f"  cell {cell.index + 1} ({cell.title}): {cell.outcome.value}")
    for line in cell.difference.splitlines():
        colour = {"-": "red", "+": "green"}.get(line[:1])
        console.echo(f"    {console.style(line, colour) if colour else line}")


def _summarise(result: VerifyResult) -> None:
    summary = result.as_json()["summary"]
    parts = [f"{count} {name}" for name, count in summary.items() if name != "notebooks" and count]
    console.echo(f"{summary['notebooks']} notebooks: {', '.join(parts)}")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--json {path}: cannot be written: {error.strerror or error}") from error
