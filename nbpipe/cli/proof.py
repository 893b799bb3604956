"""``nbpipe verify NOTEBOOK PIPELINE``: the report of a proof, which ``nbpipe convert`` gives, too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from click.core import ParameterSource

from nbpipe.cli import console
from nbpipe.cli.progress import NotebookProgress, PipelineProgress
from nbpipe.errors import ConfigError, ExecutionError
from nbpipe.execute.saving import check_writable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import click

    from nbpipe.execute.limits import Limits
    from nbpipe.verify.proof_verdict import Proof


def is_proof(paths: Sequence[str]) -> bool:
    """Tell whether the arguments of ``verify`` are a notebook and a pipeline (a folder with ``.nbpipe/``)."""
    return len(paths) == 2 and Path(paths[0]).is_file() and (Path(paths[1]) / ".nbpipe").is_dir()  # noqa: PLR2004


NOT_OF_PROOFS: Final = {
    "image_threshold": "pictures are results of no step: the proof compares values and files",
    "no_normalize": "the proof looks past nothing; --allow names an output that need not be equal",
    "runs": "the proof runs the notebook twice and the pipeline once",
    "jobs": "the proof is of one notebook, and runs one step after another",
    "network": "the steps of a pipeline cannot be kept from the network",
    "update": "the proof looks at no stored outputs; run it with the notebook alone",
    "junit_path": "use --json or --html",
}
"""Options of ``verify`` that mean nothing with a notebook and its pipeline: why, and what to do."""


def check_given(ctx: click.Context, *, proof: bool) -> None:
    """Find out whether an option is given that would do nothing.

    Args:
        ctx: the command's.
        proof: whether a notebook is compared with its pipeline, and not with its outputs.

    Raises:
        ConfigError: there is one.
    """
    useless = NOT_OF_PROOFS if proof else {"allow": "it names an output of a pipeline: verify NOTEBOOK PIPELINE"}
    for parameter in ctx.command.params:
        name = parameter.name or ""
        if name in useless and ctx.get_parameter_source(name) is not ParameterSource.DEFAULT:
            with_what = "with a notebook and its pipeline" if proof else "without a pipeline"
            raise ConfigError(f"{parameter.opts[-1]} means nothing {with_what}: {useless[name]}")


def prove_and_report(  # noqa: PLR0913 - one argument an option
    notebook: str,
    pipeline: str,
    *,
    allow: Sequence[str],
    rtol: float,
    atol: float,
    kernel: str | None,
    limits: Limits,
    output_format: str,
    reports: Mapping[str, str | None],
) -> int:
    """Prove that a pipeline computes what its notebook does, report, and give the exit code.

    Raises:
        Interrupted: somebody asked to stop.
    """
    from nbpipe.api.prove import proof_json, prove, write_proof

    proof = prove(
        notebook,
        pipeline,
        allow=allow,
        rtol=rtol,
        atol=atol,
        kernel=kernel,
        limits=limits,
        listener=NotebookProgress(),
        pipeline_listener=PipelineProgress(),
    )
    if output_format == "json":
        console.echo(proof_json(proof))
    else:
        style = "bold green" if proof.is_good else "bold red"
        console.echo(f"{pipeline}: {console.style(proof.headline, style)}")
        report_outputs(proof)
    write_proof(proof, reports)
    return 0 if proof.is_good else 1


def report_outputs(proof: Proof) -> None:
    """Write the outputs that are not equal, each with its cause, and the first that stands against the proof."""
    for output in proof.outputs:
        if output.verdict.value != "equal":
            console.echo(f"  {output}{' (allowed)' if output.allowed else ''}")
            if output.cause is not None:
                console.echo(f"    {console.style('cause:', 'bold')} {output.cause}")
    for name, reason in proof.left_out.items():
        console.echo(f"  {name}: not compared ({reason})")
    first = proof.first_divergence
    if first is not None:
        console.echo(f"first divergence: {first.step}.{first.name}")


def check_reports(reports: Mapping[str, str | None]) -> None:
    """Find out before anything runs, which may take long, whether the reports can be written.

    Raises:
        ConfigError: one cannot.
    """
    for path in filter(None, reports.values()):
        try:
            check_writable(Path(path))
        except ExecutionError as error:
            raise ConfigError(str(error)) from error
