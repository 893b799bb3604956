"""What the process of a step is asked, and what a run says of itself beside its record."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbpipe.runtime.store import content_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from nbpipe.pipeline.decision import Decider, Decision
    from nbpipe.pipeline.flow import Flow
    from nbpipe.pipeline.model import Step
    from nbpipe.pipeline.runner import RunOptions
    from nbpipe.records import StepResult
    from nbpipe.runtime.store import Store


@dataclass(frozen=True, slots=True)
class Tracked:
    """Where runs are recorded, and where what steps log themselves goes.

    Attributes:
        uri: of MLflow's store.
        files: paths of the store's own files, or their beginnings.
    """

    uri: str
    files: tuple[str, ...] = ()


def request_of(step: Step, decision: Decision, decider: Decider, flow: Flow) -> dict[str, Any]:
    """Give what the process of a step is asked; see `nbpipe.runtime.worker.run_step`."""
    project = decider.project
    return {
        "project": str(project.folder),
        "folder": str(project.base),
        "store": str(project.store),
        "function": step.function,
        "inputs": {name: artifact.key for name, artifact in flow.inputs(step).items()},
        "parameters": {name: decider.parameters[name] for name in step.parameters},
        "outputs": step.outputs,
        "metrics": step.metrics,
        "generators": flow.schedule.states(step),
        "watched": [name for name in step.inputs if flow.is_read_later(step, name)],
        "local": [project.package],
        "libraries": sorted(decider.code(step).imports),
        "key": decision.key,
    }


def surroundings(options: RunOptions, work: Path, step: Step) -> dict[str, Any]:
    """Give the part of a request that says where what a step logs itself goes, and whether others may run beside it.

    Args:
        options: of the run.
        work: the folder of the run.
        step: the step.
    """
    alone = {"alone": options.jobs <= 1 and options.together is None}
    tracked = options.tracked
    if tracked is None:
        return alone
    otherwise = work / "mlflow"
    place = {"uri": tracked.uri, "answer": str(run_file(work, step.name)), "otherwise": str(otherwise)}
    return {**alone, "own_calls": place, "unheard": [*tracked.files, *place.values()]}


def run_file(work: Path, step: str) -> Path:
    """Give the file that says which MLflow run is a step's: ``run_id``, ``experiment_id``, ``uri``."""
    return work / f"{step}.mlflow.json"


def libraries_of(decider: Decider) -> list[str]:
    """Name what the steps of a pipeline import from elsewhere; see `nbpipe.pipeline.code.StepCode.loads`."""
    return sorted({name for step in decider.project.pipeline.steps for name in decider.code(step).loads})


def protect(store: Store, project: str, run: str, results: Iterable[StepResult], steps: Iterable[str]) -> None:
    """Tell whoever collects garbage in the store what a run uses.

    Args:
        store: the store.
        project: folder of the project.
        run: id of the run.
        results: how its steps have ended so far.
        steps: keys of its steps in the cache.

    Raises:
        StoreFault: the store cannot be written.
    """
    keys = {content_key(key) for result in results for key in (*result.outputs.values(), *result.figures.values())}
    content = {"project": project, "run": run, "when": time.time(), "keys": sorted(keys), "steps": sorted(steps)}
    store.write(f"roots/{run}.json", json.dumps(content).encode())


def write_answer(folder: Path, step: Step, answer: Mapping[str, Any]) -> None:
    """Leave the answer of an earlier run in a run's folder, as the step itself would have."""
    with suppress(OSError):
        (folder / f"{step.name}.json").write_text(json.dumps(answer), encoding="utf-8")


class Later:
    """A value that is worked out by a thread while other things go on."""

    def __init__(self, work: Callable[[], dict[str, Any]]) -> None:
        self._value: dict[str, Any] = {}
        self._thread = threading.Thread(target=lambda: self._value.update(work()), daemon=True)
        self._thread.start()

    def value(self) -> dict[str, Any]:
        """Wait for the value."""
        self._thread.join()
        return self._value
