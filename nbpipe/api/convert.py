"""Converts a notebook into a pipeline: what `nbpipe convert` and `nbpipe.convert` call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.convert.conversion import Conversion, convert_notebook
from nbpipe.convert.generation import note_files, write_project
from nbpipe.convert.placing import beside, check_target, clear_traces, generated_files, place
from nbpipe.convert.reading import package_name
from nbpipe.errors import ConfigError, ConversionError
from nbpipe.execute.stop import Stop
from nbpipe.pipeline.project import load_project
from nbpipe.steps.suggestion import TAGS
from nbpipe.verify.golden import keep_golden_inputs
from nbpipe.verify.proof import prove
from nbpipe.verify.proof_verdict import Proof, ProofFailedError

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from nbpipe.execute.listener import Listener
    from nbpipe.pipeline.listener import PipelineListener
    from nbpipe.pipeline.model import Step


@dataclass(frozen=True, slots=True)
class ConversionResult:
    """A notebook that was converted.

    Attributes:
        folder: the project.
        package: name of its package.
        steps: of the pipeline, in order.
        notes: what the author should know, one line each.
        why: for each step, by name, why it is an input, output or parameter.
        files: path to text of what was written, or would be.
        proof: None where it was not asked for.
        is_written: whether the project is in its folder.
    """

    folder: Path
    package: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...]
    why: dict[str, dict[str, str]]
    files: dict[str, str]
    proof: Proof | None
    is_written: bool


def convert(  # noqa: PLR0913 - the options of a conversion
    notebook: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    *,
    split: str = TAGS,
    extract_settings: bool = False,
    verify: bool = True,
    dry_run: bool = False,
    any_order: bool = False,
    allow: Sequence[str] = (),
    kernel: str | None = None,
    golden_data: int | None = None,
    listener: Listener | None = None,
    pipeline_listener: PipelineListener | None = None,
) -> ConversionResult:
    """Make a pipeline project of a notebook's tagged cells, and prove that it computes what the notebook computes.

    The notebook is run (once to record it, once more for the proof) and never changed. Nothing is written unless
    everything succeeds.

    Args:
        notebook: the notebook.
        output: the project's folder; by default ``<slug>_pipeline`` beside the notebook.
        split: where the steps come from: ``tags``; ``stages`` or ``headings`` where no cell is tagged.
        extract_settings: whether settings that stand in the code, as the linter finds them, become parameters.
        verify: whether to run the proof first.
        dry_run: write nothing.
        any_order: convert although the stored results surely came from another order.
        allow: outputs (``name`` or ``step.name``) that the proof may find to be not equal.
        kernel: kernelspec to use instead of the one that the notebook names.
        golden_data: bytes a step of inputs to keep with the tests, so that each step is tested alone; they hold rows of
            the data. None: only fingerprints are kept.
        listener: hears how the notebook's runs go.
        pipeline_listener: hears how the pipeline's run goes.

    Raises:
        NotebookError: the file is not a notebook.
        ConversionError: the meaning cannot be kept, or the folder is taken.
        ProofFailedError: the pipeline does not compute what the notebook computes; the error has the proof.
        ConfigError: an output to allow is none of the pipeline's; inputs are to be kept, but nothing is proved.
        MissingExtraError: a part of nbpipe that converting needs is not installed.
        Interrupted: somebody asked to stop (INT, TERM); nothing is written.
    """
    if golden_data is not None and not verify:
        raise ConfigError("--golden-data keeps what the proof's run passes between steps, which --no-verify skips")
    path = Path(notebook)
    target = Path(output) if output is not None else path.parent / package_name(path)
    check_target(target, path)
    stop = Stop()
    with stop.listening():
        try:
            conversion = convert_notebook(
                path,
                split=split,
                extract_settings=extract_settings,
                any_order=any_order,
                kernel=kernel,
                listener=listener,
                stop=stop,
            )
            with beside(target) as folder:
                write_project(conversion, folder, target)
                proof = None
                if verify:
                    proof = _prove(conversion, folder, target, allow, kernel, listener, pipeline_listener, stop)
                    if golden_data is not None:
                        keep_golden_inputs(folder, proof.run, golden_data)
                        note_files(folder, golden_data=golden_data)
                clear_traces(folder)
                files = {name: _text(folder / name) for name in generated_files(folder)}
                if not dry_run:
                    place(folder, target)
        except ProofFailedError as error:
            raise ProofFailedError(f"{path}: {error}", error.proof) from None
        except ConversionError as error:
            raise ConversionError(f"{path}: {error}") from None
    return _result(conversion, target, files, proof, is_written=not dry_run)


def _text(path: Path) -> str:
    """Give the text of a file of the project; a module that was taken along may be in another encoding."""
    if path.parents[3].name == "golden" and path.parents[1].name == "objects":
        return f"({path.stat().st_size} bytes)\n"
    return path.read_text(encoding="utf-8", errors="replace")


def _prove(  # noqa: PLR0913 - what a proof takes
    conversion: Conversion,
    folder: Path,
    target: Path,
    allow: Sequence[str],
    kernel: str | None,
    listener: Listener | None,
    pipeline_listener: PipelineListener | None,
    stop: Stop,
) -> Proof:
    """Give the proof of a project that is not in its place yet.

    Raises:
        ProofFailedError: it fails.
    """
    proof = prove(
        conversion.path,
        load_project(folder),
        first=conversion.recording,
        wanted=conversion.wanted,
        allow=allow,
        kernel=kernel,
        listener=listener,
        pipeline_listener=pipeline_listener,
        stop=stop,
    )
    proof = replace(proof, pipeline=str(target))
    if not proof.is_good:
        first = f"; the first: {proof.first_divergence}" if proof.first_divergence is not None else ""
        message = f"nothing was written, since the proof fails: {proof.headline}{first}"
        raise ProofFailedError(message, proof)
    return proof


def _result(
    conversion: Conversion, target: Path, files: dict[str, str], proof: Proof | None, *, is_written: bool
) -> ConversionResult:
    return ConversionResult(
        folder=target,
        package=conversion.package,
        steps=conversion.pipeline.steps,
        notes=tuple(f"cell {note.cell + 1}: {note.message}" for note in conversion.notes),
        why={name: dict(flow.why) for name, flow in conversion.flows.items()},
        files=files,
        proof=proof,
        is_written=is_written,
    )
