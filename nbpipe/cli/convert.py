"""``nbpipe convert``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nbpipe.api.convert_check import convert_check
from nbpipe.cli import console
from nbpipe.cli.limit_options import Size
from nbpipe.errors import ConfigError, Interrupted
from nbpipe.lint.reporting import plural
from nbpipe.steps.suggestion import TAGS, WAYS
from nbpipe.verify.proof_verdict import ProofFailedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.api.convert import ConversionResult
    from nbpipe.pipeline.model import Step
    from nbpipe.verify.proof_verdict import Proof


@click.command(
    "convert",
    epilog="The notebook is run twice, with your rights, in its folder; it is never changed. Nothing is written when "
    "the conversion or its proof fails. Exits with 0 when the pipeline is written and proved, else with 1.",
)
@click.argument("notebooks", nargs=-1, required=True, metavar="NOTEBOOK")
@click.option("-o", "--output", metavar="DIR", help="The project's folder.  [default: <notebook>_pipeline]")
@click.option(
    "--split",
    type=click.Choice((TAGS, *WAYS)),
    default=TAGS,
    show_default=True,
    help="Where the steps come from: tags, or what `nbpipe tag` suggests.",
)
@click.option(
    "--extract-settings",
    is_flag=True,
    help="Make parameters of the settings that stand in the code, as `nbpipe check` finds them; the notebook stays.",
)
@click.option("--no-verify", is_flag=True, help="Skip the proof that the pipeline computes what the notebook computes.")
@click.option(
    "--allow", multiple=True, metavar="STEP.OUTPUT", help="An output that need not be equal; may be repeated."
)
@click.option("--html", "html_path", metavar="FILE", help="Also write the proof as a page, also where it fails.")
@click.option("--json", "json_path", metavar="FILE", help="Also write the proof as JSON, also where it fails.")
@click.option(
    "--golden-data",
    type=Size(),
    metavar="SIZE",
    help="Keep the recorded inputs of each step, up to this size, in tests/golden, so that it is tested alone; they "
    "hold rows of your data.",
)
@click.option("--any-order", is_flag=True, help="Convert although the stored results surely came from another order.")
@click.option("--kernel", metavar="NAME", help="Use this kernel, not the one that the notebook names.")
@click.option("--explain", is_flag=True, help="Say why each name is an input, output or parameter of its step.")
@click.option("--dry-run", is_flag=True, help="Print what would be written, and write nothing.")
@click.option(
    "--check",
    is_flag=True,
    help="Only tell whether the pipelines made from the notebooks (several may be given, and folders) are in step with "
    "them, by recorded hashes; nothing is run.",
)
def command(  # noqa: PLR0913 - one argument an option
    notebooks: tuple[str, ...],
    *,
    output: str | None,
    split: str,
    extract_settings: bool,
    no_verify: bool,
    allow: tuple[str, ...],
    html_path: str | None,
    json_path: str | None,
    golden_data: int | None,
    any_order: bool,
    kernel: str | None,
    explain: bool,
    dry_run: bool,
    check: bool,
) -> int:
    """Make a pipeline project of a notebook's tagged cells, and prove that it computes the same."""
    if check:
        return _check(notebooks)
    notebook = _one(notebooks)
    from nbpipe.api.convert import convert
    from nbpipe.api.prove import write_proof
    from nbpipe.cli.progress import NotebookProgress, PipelineProgress

    reports = _reports(html_path, json_path, is_proved=not no_verify)
    try:
        result = convert(
            notebook,
            output,
            split=split,
            extract_settings=extract_settings,
            verify=not no_verify,
            dry_run=dry_run,
            any_order=any_order,
            allow=allow,
            kernel=kernel,
            golden_data=golden_data,
            listener=NotebookProgress(),
            pipeline_listener=PipelineProgress(),
        )
    except ProofFailedError as error:
        _tell_difference(error.proof, reports)
        raise
    except Interrupted as stop:
        console.error(f"{notebook}: interrupted; nothing was written")
        return stop.exit_code
    _report(result, notebook, explain=explain)
    write_proof(result.proof, reports)
    return 0


def _one(notebooks: Sequence[str]) -> str:
    if len(notebooks) > 1:
        raise ConfigError(f"converts one notebook at a time: {notebooks[1]} is one too many")
    return notebooks[0]


def _reports(html: str | None, json: str | None, *, is_proved: bool) -> dict[str, str | None]:
    """Give the reports of the proof that are asked for.

    Raises:
        ConfigError: there is no proof, or one cannot be written.
    """
    from nbpipe.cli.proof import check_reports

    reports = {"html": html, "json": json}
    if not is_proved and any(reports.values()):
        raise ConfigError("--html and --json are reports of the proof, which --no-verify skips")
    check_reports(reports)
    return reports


def _tell_difference(proof: Proof, reports: dict[str, str | None]) -> None:
    from nbpipe.api.prove import write_proof
    from nbpipe.cli.proof import report_outputs

    report_outputs(proof)
    write_proof(proof, reports)


def _check(paths: Sequence[str]) -> int:
    """Report the pipelines that are not in step."""
    found = convert_check(paths)
    stale = [each for each in found if each.problem]
    for each in stale:
        console.echo(f"{each.folder.as_posix()}: {each.problem}")
    if not console.STATE.quiet:
        counts = f"{len(stale)} of {plural(len(found), 'pipeline')}" if stale else plural(len(found), "pipeline")
        console.note(f"{counts} {'not ' if stale else ''}in step with {'its' if len(found) == 1 else 'their'} notebook")
    return int(bool(stale))


def _report(result: ConversionResult, notebook: str, *, explain: bool) -> None:
    for note in result.notes:
        console.note(note)
    if not result.is_written:
        for name, text in result.files.items():
            console.echo(console.style(f"--- {result.folder / name}", "bold"))
            console.echo(text)
    for step in result.steps:
        console.echo(_line(step))
        for name, reason in result.why[step.name].items() if explain else ():
            console.echo(f"  {name}: {reason}")
    if result.proof is not None:
        console.echo(console.style(result.proof.headline, "bold green"))
    verb = "wrote" if result.is_written else "would write"
    console.echo(f"{verb} {result.folder} ({len(result.files)} files)")
    if result.is_written and result.proof is None:
        console.echo(f"not proved; to prove it: nbpipe verify {notebook} {result.folder}")


def _line(step: Step) -> str:
    arguments = ", ".join([*step.inputs, *(["*", *step.parameters] if step.parameters else [])])
    return f"{step.name}({arguments}) -> {', '.join(step.returns) or 'nothing'}"
