"""``nbpipe verify``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from nbpipe.api.verify import Request, VerifyResult, verify_each
from nbpipe.cli import console
from nbpipe.cli.limit_options import limits
from nbpipe.cli.proof import check_given, check_reports, is_proof, prove_and_report
from nbpipe.cli.verify_output import NotebooksProgress, report, summarise
from nbpipe.errors import Interrupted

if TYPE_CHECKING:
    from nbpipe.verify.verdict import NotebookVerdict

_NOT_NEGATIVE = click.FloatRange(min=0)


@click.command(
    "verify",
    epilog="Exits with 0 when each notebook gives what is stored in it, else with 1. The notebooks are run with "
    "your rights, in their folders; their files are not changed unless --update is given. With a notebook and the "
    "pipeline that was made of it (verify NOTEBOOK PIPELINE), proves that both compute the same: there, numbers must "
    "be equal unless a tolerance is given; the limits hold for each run of the notebook, --timeout for the pipeline's "
    "run, too, and --max-memory for each of its steps.",
)
@click.argument("paths", nargs=-1, required=True, metavar="NOTEBOOK...")
@click.option("--rtol", type=_NOT_NEGATIVE, help="Relative tolerance of numbers.  [default: 1e-05]")
@click.option("--atol", type=_NOT_NEGATIVE, help="Absolute tolerance of numbers.  [default: 1e-12]")
@click.option(
    "--image-threshold",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="How much a picture may differ, smoothed: share of the range of a colour.  [default: 0.1]",
)
@click.option(
    "--no-normalize",
    multiple=True,
    metavar="NAME",
    help="Do not look past differences of this kind, such as timestamps; all: look past none. May be given several "
    "times.",
)
@click.option(
    "--runs",
    type=click.IntRange(min=1),
    default=1,
    metavar="N",
    help="Run each notebook so often; from 2 on, find why runs differ, by more runs that hold things still.",
)
@click.option("-j", "--jobs", type=click.IntRange(min=1), default=1, metavar="N", help="Notebooks to run at a time.")
@limits
@click.option("--kernel", metavar="NAME", help="Use this kernel, not the one that each notebook names.")
@click.option("--no-network", "network", flag_value=False, default=True, help="Give the kernels no network (Linux).")
@click.option("--update", is_flag=True, help="Write the fresh outputs of notebooks that run to the end into them.")
@click.option("--no-cache", is_flag=True, help="Run all notebooks, and keep no verdicts.")
@click.option("--output-format", type=click.Choice(["full", "json"]), default="full", help="How to report.")
@click.option("--json", "json_path", metavar="FILE", help="Also write the JSON report to a file.")
@click.option("--junit", "junit_path", metavar="FILE", help="Also write JUnit's XML to a file, for CI.")
@click.option("--html", "html_path", metavar="FILE", help="Also write a page that shows outputs side by side.")
@click.option("--allow", multiple=True, metavar="STEP.OUTPUT", help="An output that a proof may find unequal.")
@click.pass_context
def command(  # noqa: PLR0913 - one argument an option
    ctx: click.Context,
    /,
    paths: tuple[str, ...],
    *,
    output_format: str,
    allow: tuple[str, ...],
    json_path: str | None,
    junit_path: str | None,
    html_path: str | None,
    no_cache: bool,
    **options: Any,
) -> int:
    """Run notebooks fresh and compare with their stored outputs."""
    reports = {"json": json_path, "junit": junit_path, "html": html_path}
    verdicts: list[NotebookVerdict] = []
    check_reports(reports)
    try:
        proof = is_proof(paths)
        check_given(ctx, proof=proof)
        request = Request(**options, outputs=html_path is not None, cached=not no_cache and html_path is None)
        if proof:
            return prove_and_report(
                *paths,
                allow=allow,
                rtol=request.rtol or 0.0,
                atol=request.atol or 0.0,
                kernel=request.kernel,
                limits=request.limits(),
                output_format=output_format,
                reports=reports,
            )
        progress = NotebooksProgress()
        for verdict in verify_each(paths, request, listener_of=progress.listener):
            verdicts.append(verdict)
            if output_format == "full":
                report(verdict)
    except Interrupted as stop:
        console.error(str(stop) or "interrupted")
        return stop.exit_code
    result = VerifyResult(verdicts)
    if output_format == "json":
        console.echo(json.dumps(result.as_json(), indent=2, ensure_ascii=False))
    elif len(verdicts) > 1:
        summarise(result)
    result.write({kind: path for kind, path in reports.items() if path is not None})
    return result.exit_code
