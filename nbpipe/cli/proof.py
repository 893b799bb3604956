"""``nbpipe verify NOTEBOOK PIPELINE``: the report of a proof."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.cli import console
from nbpipe.cli.progress import NotebookProgress, PipelineProgress
from nbpipe.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.verify.proof import Proof


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
    json_path: str | None,
) -> int:
    """Prove that a pipeline computes what its notebook does, report, and give the exit code.

    Raises:
        Interrupted: somebody asked to stop.
    """
    from nbpipe.api.prove import prove

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
    text = json.dumps(proof.as_json(), indent=2, ensure_ascii=False)
    if output_format == "json":
        console.echo(text)
    else:
        _report(pipeline, proof)
    if json_path is not None:
        try:
            Path(json_path).write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"--json {json_path}: cannot be written: {error.strerror or error}") from error
    return 0 if proof.is_good else 1


def _report(pipeline: str, proof: Proof) -> None:
    style = "bold green" if proof.is_good else "bold red"
    console.echo(f"{pipeline}: {console.style(proof.headline, style)}")
    for output in proof.outputs:
        if output.verdict.value != "equal":
            console.echo(f"  {output}{' (allowed)' if output.allowed else ''}")
    first = proof.first_divergence
    if first is not None:
        console.echo(f"first divergence: {first.step}.{first.name}")
