"""Values of past runs, and comparisons of stored values in the interpreter that can read them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from nbpipe.errors import PipelineError, did_you_mean
from nbpipe.pipeline.process import ask, interpreter
from nbpipe.runtime.comparing import Comparison
from nbpipe.runtime.serializers import load_value
from nbpipe.runtime.store import Artifact, CorruptedArtifact, Store

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from nbpipe.pipeline.project import Project
    from nbpipe.records import RunRecord


def artifact(project: Project, record: RunRecord, step: str, output: str) -> Artifact:
    """Give the reference to an output of a step of a past run.

    Raises:
        PipelineError: the run has no such step or output, or its value is no longer in the store.
    """
    results = {result.name: result for result in record.steps}
    if step not in results:
        raise PipelineError(f"run {record.id} has no step '{step}'{did_you_mean(step, results)}")
    outputs = results[step].outputs
    if output not in outputs:
        status = results[step].status.value
        raise PipelineError(f"step '{step}' ({status}) has no output '{output}'{did_you_mean(output, outputs)}")
    try:
        return Store(project.store).artifact(outputs[output])
    except CorruptedArtifact as error:
        raise PipelineError(f"output '{output}' of step '{step}': {error}; run the pipeline again") from None


def load_output(project: Project, record: RunRecord, step: str, output: str) -> Any:
    """Give the value of an output of a step of a past run, read in this process: a fresh copy.

    Raises:
        PipelineError: there is none, it is damaged, or a library that it needs is missing here.
    """
    key = artifact(project, record, step, output).key
    path = str(project.folder)
    sys.path.insert(0, path)
    try:
        return load_value(Store(project.store), key)
    except (CorruptedArtifact, ImportError) as error:
        raise PipelineError(f"output '{output}' of step '{step}': {error}") from None
    finally:
        sys.path.remove(path)


def compare_artifacts(
    pairs: Sequence[Mapping[str, Any]],
    *,
    path: Sequence[Path] = (),
    local: Sequence[str] = (),
    python: str | None = None,
) -> dict[str, Comparison]:
    """Compare stored values in full, in the interpreter that can read them.

    Args:
        pairs: ``name``, ``a`` and ``b`` (each ``store``, a folder, and ``key``), ``rtol`` and ``atol``.
        path: folders that the interpreter imports from, to read classes of the project.
        local: packages whose classes count by name, as those of the notebook do.
        python: the interpreter; None for this one.

    Raises:
        PipelineError: the interpreter ended without an answer.
    """
    request = {"path": [str(folder) for folder in path], "local": list(local), "pairs": [dict(pair) for pair in pairs]}
    content = _asked("compare", request, python)
    return {name: Comparison(**fields) for name, fields in content["comparisons"].items()}


def file_digests(files: Mapping[str, str], *, local: Sequence[str] = (), python: str | None = None) -> dict[str, str]:
    """Give digests of what files hold, as `nbpipe.runtime.written.value_digest` does, in the given interpreter.

    Args:
        files: where the content is kept, by the path that it was written to.
        local: see `compare_artifacts`.
        python: the interpreter; None for this one.

    Raises:
        PipelineError: the interpreter ended without an answer.
    """
    items = [{"name": name, "file": file} for name, file in files.items()]
    found: dict[str, str] = _asked("digest", {"local": list(local), "files": items}, python)["values"]
    return found


def _asked(command: str, request: Mapping[str, Any], python: str | None) -> dict[str, Any]:
    return ask(command, request, interpreter(python), "comparing values failed")
