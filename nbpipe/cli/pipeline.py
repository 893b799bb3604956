"""What ``nbpipe run`` does with a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from nbpipe.api.pipeline_options import PipelineOptions
from nbpipe.api.run import read_parameters
from nbpipe.api.run_pipeline import plan_pipeline, run_pipeline
from nbpipe.cli import console
from nbpipe.cli.pipeline_progress import StepLines, SweepLines, seconds
from nbpipe.cli.run_options import parse_parameters, parse_tags
from nbpipe.errors import ConfigError, Interrupted
from nbpipe.pipeline.runs import log_of
from nbpipe.records import RunRecord, RunStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbpipe.api.run_sweep import SweepRow
    from nbpipe.pipeline.runner import RunOptions

_GOOD = (RunStatus.OK, RunStatus.SKIPPED, RunStatus.CACHED)
_BY_DEFAULT = click.core.ParameterSource.DEFAULT
_SHOWN_LINES = 20
# Options of `run` that pipelines share with notebooks.
_SHARED = {
    "path",
    "paths",
    "given",
    "jobs",
    "python",
    "timeout",
    "no_tracking",
    "show_parameters",
    "files",
    "texts",
    "tags",
    "note",
}


def run_folder(folder: str, own: Mapping[str, Any], shared: Mapping[str, Any]) -> int:
    """Run the pipeline in a folder; give the exit code.

    Args:
        folder: as it was given.
        own: the options of pipelines by name.
        shared: the other options of `run`.
    """
    _refuse_others(folder, shared)
    parameters = {**read_parameters(shared["files"], shared["texts"]), **parse_parameters(shared["given"])}
    options = PipelineOptions(
        timeout=shared.get("timeout"),
        cache=not own["no_cache"],
        resume=own["resume"],
        first=own["first"],
        last=own["last"],
        only=own["only"],
        retries=own["retries"],
        retry_delay=own["retry_delay"],
        step_timeout=own["step_timeout"],
        step_memory=own["step_memory"],
        tags=parse_tags(shared.get("tags") or ()),
        note=shared.get("note") or "",
    ).run_options(folder, shared.get("jobs") or 1, shared.get("python"))
    place = {"environment": own["environment"], "store": own["store"]}
    if own["dry_run"]:
        return _plan(folder, parameters, options, place)
    tracking = not shared["no_tracking"]
    try:
        if own["sweep"]:
            return _sweep(folder, own, parameters, options, place, tracking=tracking)
        lines = StepLines(explain=own["explain"])
        record = run_pipeline(
            folder, parameters=parameters, options=options, tracking=tracking, listeners=(lines,), **place
        )
    except Interrupted as stop:
        console.error("interrupted; what ran is recorded, and nbpipe run --resume goes on from there")
        return stop.exit_code
    return report(record, folder)


def _refuse_others(folder: str, shared: Mapping[str, Any]) -> None:
    context = click.get_current_context()
    if len(shared.get("paths") or ()) > 1 or shared.get("output") is not None:
        raise ConfigError(f"{folder}: is a pipeline; an output file is for notebooks")
    for name, value in shared.items():
        if name not in _SHARED and value is not None and context.get_parameter_source(name) is not _BY_DEFAULT:
            raise ConfigError(f"{folder}: is a pipeline; --{name.replace('_', '-')} is for notebooks")


def _plan(folder: str, parameters: Mapping[str, Any], options: RunOptions, place: Mapping[str, Any]) -> int:
    steps = plan_pipeline(folder, parameters=parameters, options=options, **place)
    width = max(len(step.name) for step in steps)
    for step in steps:
        console.echo(f"{step.name:{width}}  {step.verdict:6}  {step.why}")
    runs = sum(step.verdict == "run" for step in steps)
    console.note(f"{runs} of {len(steps)} steps would run")
    return 0


def _sweep(  # noqa: PLR0913 - what a sweep needs
    folder: str,
    own: Mapping[str, Any],
    parameters: Mapping[str, Any],
    options: RunOptions,
    place: Mapping[str, Any],
    *,
    tracking: bool,
) -> int:
    from nbpipe.api.run_sweep import run_sweep, sweep_points

    points = sweep_points(own["sweep"], in_step=own["sweep_list"])
    lines = SweepLines(len(points))
    rows = run_sweep(folder, points, parameters=parameters, options=options, tracking=tracking, told=lines, **place)
    for line in table(rows):
        console.echo(line)
    failed = [row for row in rows if row.record.status not in _GOOD]
    for row in failed:
        console.error(f"{row.shown}: {_failure(row.record)}")
    return 1 if failed else 0


def table(rows: Sequence[SweepRow]) -> list[str]:
    """Give the runs of a sweep side by side: what was set, each metric, how long it took."""
    names = list(dict.fromkeys(name for row in rows for name in row.point))
    metrics = list(dict.fromkeys(name for row in rows for name in row.metrics))
    lines = [[*names, *metrics, "time", "status", "run"]]
    for row in rows:
        values = [str(row.point[name]) for name in names]
        found = [f"{row.metrics[name]:.6g}" if name in row.metrics else "-" for name in metrics]
        lines.append([*values, *found, seconds(row.record.seconds), row.record.status.value, row.record.id])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return ["  ".join(f"{cell:{width}}" for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]


def report(record: RunRecord, folder: str) -> int:
    """Tell how a run ended, with what a failed step printed last; give the exit code."""
    ran = [step for step in record.steps if step.status is not RunStatus.SKIPPED]
    cached = sum(step.status is RunStatus.CACHED for step in ran)
    if record.status in _GOOD:
        reused = f", {cached} of them from the cache" if cached else ""
        console.echo(f"{folder}: ok, {len(ran)} steps in {record.seconds:.1f} s{reused}")
        return 0
    for step in ran:
        if step.error is not None:
            log = log_of(record, step.name)
            printed = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
            if printed:
                console.note(f"step '{step.name}' printed last ({log}):")
                console.note("\n".join(f"  {line}" for line in printed[-_SHOWN_LINES:]))
            if step.error.traceback:
                console.note(step.error.traceback)
    console.error(f"{folder}: {_failure(record)}")
    left = sum(step.status is RunStatus.NOT_RUN for step in ran)
    console.note(f"{len(ran) - left} steps ran, {left} did not; after mending: nbpipe run {folder} --resume")
    return 1


def _failure(record: RunRecord) -> str:
    from nbpipe.execute.outcome import explain

    at = next((f"step {step.name} " for step in record.steps if step.status not in _GOOD), "")
    return f"{at}{explain(record.status, record.error)}"
