"""A step's answer as the facts of a run: its result, and what a person should know of it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

from nbpipe.records import RunError, RunStatus, StepResult

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbpipe.pipeline.model import Step
    from nbpipe.pipeline.source_map import SourceMap


GOOD = (RunStatus.OK, RunStatus.CACHED, RunStatus.SKIPPED)
# What no second try mends: the step itself does not keep to what the pipeline says of it.
_FINAL = ("StepFault", "CorruptedArtifact", "Unserializable", "StoreFault", "SyntaxError", "ImportError")


def step_result(step: Step, answer: dict[str, Any], seconds: float, source_map: SourceMap) -> StepResult:
    """Give the result of a step that ran."""
    error = _error(step, answer, source_map)
    return StepResult(
        name=step.name,
        status=RunStatus.OK if error is None else RunStatus.FAILED,
        seconds=seconds,
        cpu_seconds=answer["cpu_seconds"],
        peak_memory=answer["peak_memory"],
        outputs={} if error else _keys(answer),
        error=error,
        **_facts(answer),
    )


def reused_result(step: Step, answer: dict[str, Any], seconds: float, reason: str) -> StepResult:
    """Give the result of a step whose answer is that of an earlier run."""
    return StepResult(
        name=step.name,
        status=RunStatus.CACHED,
        seconds=seconds,
        outputs=_keys(answer),
        reason=reason,
        attempts=0,
        **_facts(answer),
    )


def missing_result(step: Step, why: str) -> StepResult:
    """Give the result of a step that must not run, but whose result does not hold."""
    message = f"step '{step.name}' is left out, but has no result that still holds ({why}): let it run"
    return StepResult(step.name, RunStatus.FAILED, error=RunError("PipelineError", message), reason=why, attempts=0)


def _keys(answer: dict[str, Any]) -> dict[str, str]:
    return {name: artifact["key"] for name, artifact in answer["outputs"].items()}


def _facts(answer: dict[str, Any]) -> dict[str, Any]:
    """Give what a step left and met beside its outputs, as fields of its result; a failed one may lack any."""
    met, logged = answer.get("met") or {}, answer.get("logged") or {}
    prints = {name: artifact["fingerprint"] for name, artifact in answer["outputs"].items()}
    seeded = answer.get("seeded", ())
    return {
        "metrics": {**logged.get("metrics", {}), **answer["metrics"]},
        "figures": {figure["name"]: figure["key"] for figure in answer.get("figures", ())},
        "read": dict(met.get("read") or {}),
        "written": {path: file["sha256"] for path, file in answer.get("kept", {}).items()},
        "profiles": answer.get("profiles") or {},
        "fingerprints": {
            name: {"digest": each["digest"], "proves": each["comparable"] and not each["sampled"]}
            for name, each in prints.items()
        },
        "generators": {name: "seeded" if name in seeded else "continued" for name in answer.get("touched", ())},
        "seeds": list(answer.get("seeds", ())),
        "hidden": list(met.get("hidden") or ()),
        "logged": logged,
    }


def is_worth_trying_again(result: StepResult) -> bool:
    """Tell whether a step that failed may do better the next time."""
    return result.error is None or result.error.name not in _FINAL


def _error(step: Step, answer: dict[str, Any], source_map: SourceMap) -> RunError | None:
    if answer["status"] == "ok":
        return None
    error = answer["error"]
    where = source_map.innermost(error["frames"])
    message = f"step '{step.name}': {error['message']}" + (f"; in {where}" if where else "")
    return RunError(error["name"], message, source_map.annotate(error["traceback"], error["frames"]))


def warnings_of(step: Step, answer: dict[str, Any]) -> Iterator[str]:
    """Say where a step does what shows only in a notebook, where values are not copied between cells."""
    for name in answer.get("changed_inputs", ()):
        if name not in step.outputs:
            yield (
                f"step '{step.name}' changes its input '{name}' in place; later steps get it unchanged: "
                f"make it an output if they should see the change"
            )
    for group in answer.get("aliases", ()):
        if len(group["names"]) > 1:
            names = "', '".join(group["names"])
            yield (
                f"step '{step.name}': its outputs '{names}' share an object ({group['reason']}); "
                f"later steps get separate copies"
            )


def status_of(results: Sequence[StepResult], halted: RunStatus | None) -> RunStatus:
    """Give the status of a run: why it was halted, else that of the first step that did not end well."""
    if halted is not None:
        return halted
    bad = [result.status for result in results if result.status not in GOOD]
    otherwise = RunStatus.FAILED if bad else RunStatus.OK
    return next((status for status in bad if status is not RunStatus.NOT_RUN), otherwise)


def error_of(
    results: Sequence[StepResult], halted: RunStatus | None, number: int | None, timeout: float | None
) -> RunError | None:
    """Say why a run did not end well.

    Args:
        results: of its steps.
        halted: why it was halted, or None.
        number: of the signal that asked it to stop.
        timeout: seconds that it might take.
    """
    if halted is RunStatus.INTERRUPTED:
        return RunError(signal.Signals(number or signal.SIGINT).name, "somebody asked to stop")
    if halted is RunStatus.TIMED_OUT:
        return RunError("TimeoutError", f"the run took longer than {timeout:g} s")
    failed = next((result for result in results if result.error is not None), None)
    return None if failed is None else failed.error
