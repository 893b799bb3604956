"""The process of one job: ``python -m nbpipe.lab.worker``.

Takes one line of JSON from standard input and writes one a line to standard output: events, and last how it ended.
When standard input ends, so does the server that asked, and the job is stopped.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
from typing import TYPE_CHECKING, Any

from nbpipe.errors import ConfigError, NbpipeError
from nbpipe.execute.listener import CellStart, Listener, RunPlan
from nbpipe.pipeline.listener import PipelineListener, PipelinePlan, StepStart
from nbpipe.process import spare_imports

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]

_TRACKED = re.compile(r"MLflow run (\w+); see it with: (.+)")


class Telling(Listener):
    """Tells how the run of a notebook goes."""

    def __init__(self, send: Callable[[Json], None]) -> None:
        self._send = send
        self._done = 0

    def run_started(self, plan: RunPlan) -> None:
        """Tell that the kernel is started."""
        self._done = 0
        self._send({"event": "progress", "done": 0, "total": plan.count, "text": "starting the kernel"})

    def cell_started(self, cell: CellStart) -> None:
        """Tell which cell begins."""
        self._done = self._done if cell.index is None else cell.index
        text = "parameters" if cell.index is None else f"cell {cell.index + 1}: {cell.title}"
        self._send({"event": "progress", "done": self._done, "total": cell.count, "text": text})

    def noted(self, message: str) -> None:
        """Pass it on."""
        self._send({"event": "note", "message": message})

    def warned(self, message: str) -> None:
        """Pass it on."""
        self._send({"event": "note", "message": message})


class PipelineTelling(PipelineListener):
    """Tells how the run of a pipeline goes."""

    def __init__(self, send: Callable[[Json], None]) -> None:
        self._send = send
        self.tracked: Json | None = None

    def run_started(self, plan: PipelinePlan) -> None:
        """Tell that the pipeline begins."""
        self._send({"event": "progress", "done": 0, "total": len(plan.steps), "text": "starting the pipeline"})

    def step_started(self, step: StepStart) -> None:
        """Tell which step begins."""
        text = f"step {step.name}"
        self._send({"event": "progress", "done": step.number - 1, "total": step.count, "text": text})

    def noted(self, message: str) -> None:
        """Pass it on, and keep where the run is in MLflow."""
        found = _TRACKED.fullmatch(message)
        if found:
            self.tracked = {"run": found[1], "see": found[2]}
        self._send({"event": "note", "message": message})

    def warned(self, message: str) -> None:
        """Pass it on."""
        self._send({"event": "note", "message": message})


def verify(request: Json, send: Callable[[Json], None]) -> Json:
    """Run a notebook fresh and compare."""
    from nbpipe.api.verify import verify as verify_notebooks

    result = verify_notebooks(request["path"], kernel=request.get("kernel"), listeners=(Telling(send),))
    (verdict,) = result.notebooks
    return {"kind": "verify", "good": verdict.is_good, **verdict.as_json()}


def convert(request: Json, send: Callable[[Json], None]) -> Json:
    """Make a pipeline of a notebook."""
    from nbpipe.api.convert import convert as convert_notebook

    result = convert_notebook(
        request["path"],
        kernel=request.get("kernel"),
        listener=Telling(send),
        pipeline_listener=PipelineTelling(send),
    )
    return {
        "kind": "convert",
        "folder": result.folder.as_posix(),
        "files": sorted(result.files),
        "steps": [
            {"name": step.name, "inputs": list(step.inputs), "outputs": list(step.returns)} for step in result.steps
        ],
        "notes": list(result.notes),
        "proof": "" if result.proof is None else result.proof.headline,
    }


def run(request: Json, send: Callable[[Json], None]) -> Json:
    """Run a pipeline, recorded in MLflow where that is installed."""
    from importlib.util import find_spec

    from nbpipe.api.pipeline_options import PipelineOptions
    from nbpipe.api.run_pipeline import run_pipeline
    from nbpipe.execute.outcome import explain

    telling = PipelineTelling(send)
    record = run_pipeline(
        request["path"],
        parameters=request.get("parameters"),
        options=PipelineOptions(cache=not request.get("afresh")).run_options(request["path"]),
        tracking=find_spec("mlflow") is not None,
        listeners=(telling,),
    )
    return {
        "kind": "run",
        "run": record.id,
        "mlflow": telling.tracked,
        "status": record.status.value,
        "seconds": record.seconds,
        "problem": "" if record.error is None else explain(record.status, record.error),
        "steps": [
            {"name": step.name, "status": step.status.value, "seconds": step.seconds, "metrics": step.metrics}
            for step in record.steps
        ],
    }


def parameters(request: Json, send: Callable[[Json], None]) -> Json:  # noqa: ARG001 - it is done at once
    """Say what a pipeline's run may be given; reading that imports its pipeline.py, which the server must not."""
    from nbpipe.api.run_pipeline import pipeline_parameters, pipeline_values

    values = pipeline_values(request["path"])
    return {
        "kind": "parameters",
        "parameters": [
            {
                "name": each.name,
                "type": each.type,
                "help": each.help,
                "value": str(values[each.name]) if each.name in values else None,
            }
            for each in pipeline_parameters(request["path"])
        ],
    }


def view(request: Json, send: Callable[[Json], None]) -> Json:
    """Serve MLflow's pages of a pipeline's runs until the Jupyter server ends, or somebody stops them."""
    from nbpipe.api.runs import list_runs
    from nbpipe.lab.viewer import mlflow_server

    sent = next((run.mlflow for run in list_runs(request["path"]) if run.mlflow is not None), None)
    if sent is None:
        raise ConfigError(f"{request['path']}: no run of it was recorded in MLflow yet")
    send({"event": "progress", "done": 0, "total": 0, "text": "starting MLflow"})
    with mlflow_server(sent["uri"]) as address:
        send({"event": "done", "result": {"kind": "view", "address": address}})
        threading.Event().wait()
    raise AssertionError("nothing sets it")


WORK: dict[str, Callable[[Json, Callable[[Json], None]], Json]] = {
    "verify": verify,
    "convert": convert,
    "run": run,
    "parameters": parameters,
    "view": view,
}


def main() -> int:
    """Do what standard input asks for."""
    spare_imports()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever the user's code writes must not be taken for an event
    lock = threading.Lock()

    def send(event: Json) -> None:
        with lock:
            out.write(json.dumps(event) + "\n")
            out.flush()

    request: Json = json.loads(sys.stdin.readline())
    # So that what was begun is ended; runs have handlers of their own.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    threading.Thread(target=_stop_with_server, daemon=True).start()
    try:
        result = WORK[request["kind"]](request, send)
    except KeyboardInterrupt:
        send({"event": "cancelled", "message": "cancelled; what was there before is as it was"})
    except NbpipeError as error:
        send({"event": "failed", "message": str(error)})
    else:
        send({"event": "done", "result": result})
    return 0


def _stop_with_server() -> None:
    while os.read(0, 1):  # not sys.stdin, whose lock a waiting thread would hold when Python ends
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
