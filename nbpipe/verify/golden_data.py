"""Inputs of steps, kept with the tests of a pipeline: a step is then tested alone, whatever the others do.

They lie in ``tests/golden``, a store as that of runs. They hold rows of the data, so they are kept only when asked for.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nbpipe.pipeline.decision import encoded
from nbpipe.pipeline.process import RuntimeProcess, interpreter, read_answer
from nbpipe.pipeline.runs import read_record
from nbpipe.runtime.store import CorruptedArtifact, Store, content_key
from nbpipe.verify.same_start import hash_seed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.pipeline.model import Step
    from nbpipe.pipeline.project import Project
    from nbpipe.records import RunRecord

FOLDER: Final = Path("tests", "golden")
Entry = dict[str, Any]


def keep_inputs(project: Project, run: str, largest: int) -> dict[str, Entry]:
    """Keep what the steps of a run took, as far as that is no more than so many bytes a step.

    A step that comes after another one for a file's sake is left out: alone, it might find another file.

    Args:
        project: the pipeline.
        run: id of the run.
        largest: bytes.

    Returns:
        By step, what `answer_alone` needs.
    """
    record = read_record(project.runs, run)
    shutil.rmtree(project.folder / FOLDER, ignore_errors=True)
    found = {}
    for step in project.pipeline.steps:
        inputs = _inputs(project, record, step)
        states = json.dumps(_states(project, record, step)).encode()
        store = Store(project.store)
        size = len(states) + sum(store.size(key) or 0 for key in {content_key(key) for key in inputs.values()})
        if size <= largest and not step.after:
            kept = Store(project.folder / FOLDER)
            for key in inputs.values():
                _copy(key, store, kept)
            found[step.name] = {"inputs": inputs, "generators": kept.put_bytes(states, "json")}
    return found


def _inputs(project: Project, record: RunRecord, step: Step) -> dict[str, str]:
    results = {result.name: result for result in record.steps}
    return {name: results[source].outputs[name] for name, source in project.pipeline.sources(step).items()}


def _states(project: Project, record: RunRecord, step: Step) -> dict[str, Any]:
    """Give the states of the generators that a step used, as they were before it."""
    answer = read_answer(project.runs / record.id / f"{step.name}.json") or {}
    return {kind: state for kind, state in answer.get("before", {}).items() if kind in answer.get("touched", ())}


def _copy(key: str, source: Store, target: Store) -> None:
    with source.open(key) as file:
        target.put_bytes(file.read(), content_key(key).partition(".")[2])
    target.describe(source.artifact(key))


def answer_alone(project: Project, step: Step, entry: Mapping[str, Any], parameters: Mapping[str, Any]) -> Entry:
    """Run one step on the inputs that were kept; give its answer (see `nbpipe.runtime.worker.run_step`).

    Args:
        project: the pipeline.
        step: of it.
        entry: what `keep_inputs` gave for it.
        parameters: values of all parameters.
    """
    kept = Store(project.folder / FOLDER)
    with tempfile.TemporaryDirectory(prefix="nbpipe-golden-") as folder:
        place = Path(folder)
        store = Store(place / "store")
        try:
            with kept.open(entry["generators"]) as file:
                states = json.loads(file.read())
            for name in step.inputs:
                _copy(entry["inputs"][name], kept, store)
        except KeyError as missing:
            return _failed("PipelineError", f"takes {missing}, which it did not when its inputs were kept")
        except CorruptedArtifact as error:
            return _failed("CorruptedArtifact", str(error))
        request = {
            "project": str(project.folder),
            "folder": str(project.base),
            "store": str(place / "store"),
            "function": step.function,
            "inputs": {name: entry["inputs"][name] for name in step.inputs},
            "parameters": encoded({name: parameters[name] for name in step.parameters}),
            "outputs": step.outputs,
            "metrics": step.metrics,
            "generators": states,
            "watched": [],
            "local": [project.package],
        }
        with hash_seed():
            process = RuntimeProcess("step", request, place / "answer.json", place / "log", interpreter(None))
            answer = process.wait()
        return answer if answer is not None else _failed("PipelineError", process.ending())


def _failed(name: str, message: str) -> Entry:
    return {"status": "failed", "error": {"name": name, "message": message}, "outputs": {}, "metrics": {}}


def digests(answer: Mapping[str, Any]) -> dict[str, str]:
    """Give the fingerprints of what a step gave."""
    return {name: item["fingerprint"]["digest"] for name, item in answer["outputs"].items()}
