"""Proves that a pipeline computes what its notebook does: `nbpipe verify NOTEBOOK PIPELINE` and `nbpipe.prove`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nbpipe.errors import ConfigError, ConversionError
from nbpipe.execute.run import check_installed
from nbpipe.execute.stop import Stop
from nbpipe.pipeline.project import load_project
from nbpipe.verify import proof as proofs

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

    from nbpipe.execute.limits import Limits
    from nbpipe.execute.listener import Listener
    from nbpipe.pipeline.listener import PipelineListener
    from nbpipe.verify.proof_verdict import Proof


def prove(  # noqa: PLR0913 - the options of a proof
    notebook: str | os.PathLike[str],
    pipeline: str | os.PathLike[str],
    *,
    allow: Sequence[str] = (),
    rtol: float = 0.0,
    atol: float = 0.0,
    kernel: str | None = None,
    limits: Limits | None = None,
    listener: Listener | None = None,
    pipeline_listener: PipelineListener | None = None,
) -> Proof:
    """Run a notebook twice and its pipeline once, from the same start, and compare every output of every step.

    Args:
        notebook: the notebook, with its tags.
        pipeline: the project's folder.
        allow: outputs (``name`` or ``step.name``) that need not be equal.
        rtol: relative tolerance within which numbers count as close; by default only equal is good.
        atol: absolute tolerance.
        kernel: kernelspec to use instead of the one that the notebook names.
        limits: what each run of the notebook may take; the time for all of it and the memory hold for the pipeline's
            run and its steps, too.
        listener: hears how the notebook's runs go.
        pipeline_listener: hears how the pipeline's run goes.

    Raises:
        NotebookError: the file is not a notebook.
        ConfigError: the folder is no pipeline.
        ConversionError: the notebook does not run, or has no steps.
        PipelineError: the pipeline has a step that the notebook lacks.
        Interrupted: somebody asked to stop.
    """
    path = Path(notebook)
    check_installed()
    project = load_project(pipeline)
    stop = Stop()
    with stop.listening():
        try:
            proof = proofs.prove(
                path,
                project,
                allow=allow,
                rtol=rtol,
                atol=atol,
                kernel=kernel,
                limits=limits,
                listener=listener,
                pipeline_listener=pipeline_listener,
                stop=stop,
            )
        except ConversionError as error:
            raise ConversionError(f"{path}: {error}") from None
    return replace(proof, pipeline=str(pipeline))


def proof_json(proof: Proof) -> str:
    """Give a proof as JSON."""
    return json.dumps(proof.as_json(), indent=2, ensure_ascii=False)


def write_proof(proof: Proof | None, reports: Mapping[str, str | None]) -> None:
    """Write reports of a proof, a kind (``json`` or ``html``) to a file; None: not asked for.

    Without a proof there is nothing to write.

    Raises:
        ConfigError: one cannot be written, or there is no such report of a proof.
    """
    for kind, path in reports.items():
        if path is None or proof is None:
            continue
        if kind not in _WRITERS:
            raise ConfigError(f"--{kind} {path}: there is no such report of a notebook and its pipeline: use --html")
        try:
            Path(path).write_text(_WRITERS[kind](proof), encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise ConfigError(f"--{kind} {path}: cannot be written: {error.strerror or error}") from error


def _html(proof: Proof) -> str:
    from nbpipe.verify.html.proof import proof_page

    return proof_page(proof)


_WRITERS: Final[dict[str, Callable[[Proof], str]]] = {"json": lambda proof: f"{proof_json(proof)}\n", "html": _html}
