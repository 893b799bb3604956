"""One MLflow run for each run of a notebook."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from nbpipe.execute import Listener
from nbpipe.tracking.entities import LONGEST_TAG, log_facts
from nbpipe.tracking.history import mark_sent
from nbpipe.tracking.logged import MLFLOW_STATUS, log_notebook_run
from nbpipe.tracking.quiet import quiet_calls
from nbpipe.tracking.store import Store, check_alive, check_installed, first_line, open_store
from nbpipe.tracking.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.execute import RunPlan
    from nbpipe.records import RunRecord
    from nbpipe.tracking.history import Keeping

_END_SECONDS = 60.0


class NotebookTracking(Listener):
    """Records a run in MLflow: parameters, tags, data, times of the cells, the executed notebook and the record.

    MLflow is called from a thread of its own, so that importing it and making the database cost no time while
    cells run. Whatever goes wrong there is told as a warning.

    Attributes:
        failure: why the run is not recorded, "" where it is.
    """

    def __init__(self, told: Listener, keeping: Keeping | None = None) -> None:
        """Tell `told` where the run is recorded, or why not; note in the history that it is.

        Raises:
            MissingExtraError: MLflow is not installed.
        """
        check_installed()
        self.failure = ""
        self._told = told
        self._keeping = keeping
        self._worker: Worker | None = None
        self._store: Store | None = None
        self._run_id = ""

    def run_started(self, plan: RunPlan) -> None:
        """Begin the MLflow run."""
        self._worker = Worker("nbpipe-mlflow")
        self._worker.submit(lambda: self._begin(plan))

    def run_finished(self, record: RunRecord, output: Path, record_path: Path) -> None:
        """Complete the MLflow run and wait for it, for a bounded time."""
        self._finish(
            lambda: self._end(record, output, record_path),
            f"the run is recorded in {record_path}; `nbpipe runs push` sends it",
        )

    def run_aborted(self, reason: str) -> None:
        """Mark the MLflow run as failed."""
        self._finish(lambda: self._abort(reason), "this run is not recorded")

    def _finish(self, call: Any, otherwise: str) -> None:
        if self._worker is None:
            return
        self._worker.submit(call)
        if not self._worker.finish(_END_SECONDS):
            self.failure = f"MLflow did not answer in {_END_SECONDS:g} s"
        elif self._worker.error is not None:
            self.failure = f"not tracked: {first_line(self._worker.error)}"
        elif self._store is not None:
            self._told.noted(f"MLflow run {self._run_id}; see it with: {self._store.hint()}")
        if self.failure:
            self._told.warned(f"{self.failure}; {otherwise}")

    def _begin(self, plan: RunPlan) -> None:
        store = open_store(plan.source.parent)
        with quiet_calls():
            experiment = store.experiment(plan.source.stem)
            tags = {"mlflow.source.name": str(plan.source), "mlflow.source.type": "NOTEBOOK", "nbpipe.run": plan.id}
            run = store.client.create_run(
                experiment, start_time=int(time.time() * 1000), run_name=f"{plan.source.stem} {plan.id}", tags=tags
            )
            self._store, self._run_id = store, run.info.run_id
            log_facts(store, self._run_id, params=plan.parameters)

    def _end(self, record: RunRecord, output: Path, record_path: Path) -> None:
        store = self._store
        if store is None:
            return
        # A server that has died meanwhile is found out about quickly: each call would wait for its own time-out.
        check_alive(store.uri)
        with quiet_calls():
            log_notebook_run(store, self._run_id, record, output, record_path)
            store.client.set_terminated(self._run_id, MLFLOW_STATUS.get(record.status, "FAILED"))
        if self._keeping is not None and self._keeping.path is not None:
            mark_sent(self._keeping.path, store.uri, self._run_id)

    def _abort(self, reason: str) -> None:
        if self._store is not None:
            check_alive(self._store.uri)
            with quiet_calls():
                self._store.client.set_tag(self._run_id, "mlflow.note.content", reason[:LONGEST_TAG])
                self._store.client.set_terminated(self._run_id, "FAILED")
