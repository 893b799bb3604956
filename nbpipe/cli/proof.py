"""``nbpipe verify NOTEBOOK PIPELINE``: the report of a proof, which ``nbpipe convert`` gives, too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.cli import console
from nbpipe.cli.progress import NotebookProgress, PipelineProgress
from nbpipe.errors import ConfigError, ExecutionError
from nbpipe.execute.saving import check_writable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbpipe.verify.proof_verdict import Proof


def is_proof(paths: Sequence[str]) -> bool:
    """Tell whether the arguments of ``verify`` are a notebook and a pipeline (a folder with ``.nbpipe/``)."""
    return len(paths) == 2 and Path(paths[0]).is_file() and (Path(paths[1]) / ".nbpipe").is_dir()  # noqa: PLR2004


def prove_and_report(  # noqa: PLR0913 - one argument an option
    notebook: str,
    pipeline: str,
    *,
    allow: Sequence[str],
    rtol: float,
    atol: float,
    kernel: str | None,
    output_format: str,
    reports: Mapping[str, str | None],
) -> int:
    """Prove that a pipeline computes what its notebook does, report, and give the exit code.

    Raises:
        Interrupted: somebody asked to stop.
    """
    from nbpipe.api.prove import proof_json, prove, write_proof

    if reports.get("junit") is not None:
        raise ConfigError("--junit: there is no such report of a notebook and its pipeline: use --json or --html")
    proof = prove(
        notebook,
        pipeline,
        allow=allow,
        rtol=rtol,
        atol=atol,
        kernel=kernel,
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
