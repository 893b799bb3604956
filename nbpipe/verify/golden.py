"""What the golden tests of a generated project call: do its steps still give what they gave when it was made?"""

from __future__ import annotations

import importlib
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.convert.recording import SEED
from nbpipe.errors import PipelineError
from nbpipe.pipeline.project import load_project
from nbpipe.records import RunStatus
from nbpipe.runtime import generators
from nbpipe.runtime.store import Store
from nbpipe.verify.same_start import run_from

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    from nbpipe.pipeline.project import Project
    from nbpipe.records import RunRecord


def differences(folder: str | os.PathLike[str]) -> list[str]:
    """Run a pipeline and give one line for each output that is not what ``tests/golden.json`` says; [] when all are.

    Raises:
        PipelineError: golden.json cannot be read.
        ConfigError: the folder is no pipeline.
    """
    project = load_project(folder)
    golden = _read(Path(folder) / "tests" / "golden.json")
    record = run_from(project, _states(golden["generators"]))
    return list(_differences(project, golden["outputs"], record))


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise PipelineError(f"{path}: cannot be read: {error}; convert the notebook again") from None


def _states(kinds: Sequence[str]) -> generators.States:
    """Give the states that the recorded notebook started from; this process's own generators stay as they are."""
    for kind in kinds:
        with suppress(ImportError):
            importlib.import_module(kind)
    before = generators.get_states()
    try:
        generators.seed_all(SEED)
        states = generators.get_states()
    finally:
        generators.set_states(before)
    return {kind: states[kind] for kind in kinds if kind in states}


def _differences(project: Project, golden: dict[str, dict[str, str]], record: RunRecord) -> Iterator[str]:
    results = {result.name: result for result in record.steps}
    for step, outputs in golden.items():
        result = results.get(step)
        if result is None or result.status is not RunStatus.OK:
            why = "is no step of the pipeline" if result is None else f"{result.status.value}"
            error = f": {result.error.message}" if result is not None and result.error is not None else ""
            yield f"{step}: {why}{error}"
            continue
        for name, digest in outputs.items():
            key = result.outputs.get(name)
            if key is None:
                yield f"{step}: gives no '{name}' any more"
            elif Store(project.store).artifact(key).fingerprint.digest != digest:
                yield f"{step}: '{name}' is not what it was"
