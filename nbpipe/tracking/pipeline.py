"""MLflow runs for each run of a pipeline: one for the whole, one nested in it for each step."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from nbpipe.pipeline.listener import PipelineListener
from nbpipe.pipeline.origin import without_secrets
from nbpipe.pipeline.requests import run_file
from nbpipe.runtime.store import Store as Values
from nbpipe.secrets.redaction import Redactor
from nbpipe.tracking.abandoned import end_abandoned
from nbpipe.tracking.entities import LONGEST_TAG, log_facts
from nbpipe.tracking.history import mark_sent
from nbpipe.tracking.quiet import quiet_calls
from nbpipe.tracking.steps import PARENT, Ended, has_run, log_run, log_step, step_tags, write_run
from nbpipe.tracking.store import Store, check_alive, check_installed, first_line, open_store
from nbpipe.tracking.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from nbpipe.pipeline.listener import PipelinePlan, StepStart
    from nbpipe.records import RunRecord, StepResult

_END_SECONDS = 60.0
_LASTS_SECONDS = 0.25  # a step that takes longer is seen in MLflow while it runs


class PipelineTracking(PipelineListener):
    """Records a run and its steps in MLflow: parameters, metrics, times, memory, data, lineage, how each ended.

    Only this process writes its own records, in one batch a step, with explicit run ids, from a thread of its own:
    importing MLflow and opening its store go on while the first steps run. Whatever goes wrong there is told as a
    warning; a step that logs something itself learns from a file which run is its own, or that there is none.
    """

    def __init__(self, told: PipelineListener) -> None:
        """Tell `told` where the run is recorded, or why not.

        Raises:
            MissingExtraError: MLflow is not installed.
        """
        check_installed()
        self._told = told
        self._worker: Worker | None = None
        self._store: Store | None = None
        self._plan: PipelinePlan | None = None
        self._redactor = Redactor({})
        self._experiment = ""
        self._run_id = ""
        self._quiet = ExitStack()
        self._step_runs: dict[str, str] = {}
        self._open: dict[str, int] = {}
        self._results: dict[str, StepResult] = {}

    def run_started(self, plan: PipelinePlan) -> None:
        """Begin the pipeline's MLflow run."""
        self._plan, self._redactor = plan, Redactor(plan.parameters)
        self._worker = Worker("nbpipe-mlflow", failed=self._tell_steps)
        began = _now()
        self._worker.submit(lambda: self._begin(plan, began))

    def step_started(self, step: StepStart) -> None:
        """Begin the step's MLflow run, nested in the pipeline's: in a moment, as of short steps all is said at once."""
        self._open[step.name] = _now()
        timer = threading.Timer(_LASTS_SECONDS, lambda: self._submit(lambda: self._begin_step(step.name)))
        timer.daemon = True
        timer.start()
        if self._worker is not None and self._worker.error is not None:
            self._tell_steps()

    def step_finished(self, result: StepResult) -> None:
        """Record how a step ended; one that did not run has no MLflow run."""
        self._results[result.name] = result
        if has_run(result):
            ended = _now()
            self._submit(lambda: self._end_step(result, ended))

    def run_finished(self, record: RunRecord, record_path: Path) -> None:
        """Complete the MLflow run and wait for it, for a bounded time."""
        ended = _now()
        otherwise = f"the run is recorded in {record_path}; `nbpipe runs push` sends it"
        self._finish(lambda: self._end(record, record_path, ended), otherwise)

    def run_aborted(self, reason: str) -> None:
        """Mark what has begun as failed."""
        self._finish(lambda: self._abort(reason), "this run is not recorded")

    def _submit(self, call: Callable[[], None]) -> None:
        worker = self._worker
        if worker is not None:
            worker.submit(call)

    def _finish(self, call: Callable[[], None], otherwise: str) -> None:
        if self._worker is None:
            return
        worker, self._worker = self._worker, None
        worker.submit(call)
        ended = worker.finish(_END_SECONDS)
        self._quiet.close()
        if not ended:
            self._told.warned(f"MLflow did not answer in {_END_SECONDS:g} s; {otherwise}")
        elif worker.error is not None:
            self._told.warned(f"not tracked: {first_line(worker.error)}; {otherwise}")
        elif self._store is not None:
            self._told.noted(f"MLflow run {self._run_id}; see it with: {self._store.hint()}")

    def _tell_steps(self) -> None:
        """Tell the steps that have no MLflow run that they will get none."""
        for name in sorted(self._open - self._step_runs.keys()):
            write_run(run_file(self._work, name), None)

    @property
    def _work(self) -> Path:
        return self._known.project.runs / self._known.id

    @property
    def _known(self) -> PipelinePlan:
        if self._plan is None:
            raise RuntimeError("no run has begun")
        return self._plan

    def _begin(self, plan: PipelinePlan, began: int) -> None:
        folder, name = plan.project.place_of_runs, plan.project.pipeline.name
        store = open_store(folder)
        # Once for all calls until the end: going in and out costs as much as a call.
        self._quiet.enter_context(quiet_calls())
        self._experiment = store.experiment(name)
        tags = {"mlflow.source.name": str(folder), "mlflow.source.type": "PROJECT", "nbpipe.run": plan.id}
        run = store.client.create_run(self._experiment, start_time=began, run_name=f"{name} {plan.id}", tags=tags)
        self._store, self._run_id = store, run.info.run_id
        write_run(self._work / PARENT, store, self._experiment, self._run_id)
        log_facts(store, self._run_id, params=self._redactor.parameters(plan.parameters))
        end_abandoned(store, plan.project.runs)

    def _begin_step(self, name: str, tags: Mapping[str, str] | None = None) -> None:
        if name in self._step_runs:  # it runs again, as it was too early
            return
        store, began = self._opened(), self._open[name]
        known = {"mlflow.parentRunId": self._run_id, "nbpipe.step": name, "nbpipe.run": self._known.id, **(tags or {})}
        run = store.client.create_run(self._experiment, start_time=began, run_name=name, tags=known)
        self._step_runs[name] = run.info.run_id
        write_run(run_file(self._work, name), store, self._experiment, run.info.run_id)

    def _end_step(self, result: StepResult, ended: int) -> None:
        plan = self._known
        used = plan.project.pipeline.step(result.name).parameters
        parameters = self._redactor.parameters({name: plan.parameters[name] for name in used})
        result = without_secrets(self._redactor, result)
        begun = result.name in self._step_runs
        if not begun:
            self._begin_step(result.name, step_tags(result))
        step = Ended(result, parameters, self._results, ended)
        log_step(self._opened(), self._step_runs[result.name], step, Values(plan.project.store), tagged=not begun)

    def _end(self, record: RunRecord, record_path: Path, ended: int) -> None:
        store = self._opened()
        # A server that has died meanwhile is found out about quickly: each call would wait for its own time-out.
        check_alive(store.uri)
        log_run(store, self._run_id, record, record_path, ended)
        mark_sent(record_path, store.uri, self._run_id)

    def _abort(self, reason: str) -> None:
        if self._store is None:
            return
        check_alive(self._store.uri)
        self._store.client.set_tag(self._run_id, "mlflow.note.content", reason[:LONGEST_TAG])
        for run_id in (*self._step_runs.values(), self._run_id):
            self._store.client.set_terminated(run_id, "FAILED")

    def _opened(self) -> Store:
        # The worker makes no call after one that failed, so `_begin` has succeeded here.
        if self._store is None:
            raise RuntimeError("the run was not begun")
        return self._store


def _now() -> int:
    return int(time.time() * 1000)
