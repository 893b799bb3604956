"""What ``nbpipe run --reproduce`` does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from nbpipe.cli import console
from nbpipe.cli.pipeline_progress import StepLines
from nbpipe.errors import ConfigError, Interrupted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.api.reproduce import Reproduction

_BY_DEFAULT = click.core.ParameterSource.DEFAULT
_TAKEN = {"path", "paths", "jobs", "python", "timeout", "no_tracking", "tags", "note", "reproduce"}
_SHOWN = 20
_LONGEST = 60


def reproduce_run(folder: str | None, own: Mapping[str, Any], shared: Mapping[str, Any]) -> int:
    """Do a recorded run again and say whether it gave the same; give the exit code.

    Args:
        folder: the pipeline's, as it was given; None: any of the project here.
        own: the options of pipelines by name.
        shared: the other options of `run`.
    """
    from nbpipe.api.pipeline_options import PipelineOptions
    from nbpipe.api.reproduce import reproduce
    from nbpipe.cli.run_options import parse_tags

    _refuse_others({**own, **shared})
    options = PipelineOptions(
        timeout=shared.get("timeout"),
        tags=parse_tags(shared.get("tags") or ()),
        note=shared.get("note") or "",
    ).run_options(folder or ".", shared.get("jobs") or 1, shared.get("python"))
    try:
        done = reproduce(
            own["reproduce"],
            folder,
            tracking=not shared["no_tracking"],
            options=options,
            listeners=(StepLines(),),
        )
    except Interrupted as stop:
        console.error("interrupted; what ran is recorded")
        return stop.exit_code
    return _report(done)


def _refuse_others(options: Mapping[str, Any]) -> None:
    context = click.get_current_context()
    flags = {option.name: option.opts[-1] for option in context.command.params}
    for name, value in options.items():
        given = context.get_parameter_source(name) is not _BY_DEFAULT
        if name not in _TAKEN and given and value not in (None, (), False, ""):
            raise ConfigError(f"{flags[name]} does not go with --reproduce: the recorded run says it all")


def _report(done: Reproduction) -> int:
    if not done.is_as_it_was:
        console.note("the code of that run is not kept: it was run with the code of today")
    elif done.changed_code:
        changed = ", ".join(done.changed_code[:_SHOWN])
        console.note(f"run with the code as it was then; since then have changed: {changed}")
    different = [each for each in done.compared if not each.is_equal]
    kinds = {kind: sum(each.kind == kind for each in done.compared) for kind in ("output", "metric", "file")}
    counts = ", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in kinds.items() if count)
    if done.is_equal:
        console.echo(f"equal: {counts}, as in run {done.before.id} (this is run {done.after.id})")
        return 0
    for each in different[:_SHOWN]:
        reason = f": {each.reason}" if each.reason else ""
        console.echo(f"{each.step}: {each.kind} {each.name}: {console.style(each.verdict, 'red')}{reason}")
    if len(different) > _SHOWN:
        console.echo(f"and {len(different) - _SHOWN} more")
    if done.differences:
        console.echo("what differs from then:")
        for cause in done.differences[:_SHOWN]:
            console.echo(f"  {cause.what} {cause.name}: {_value(cause.first)} -> {_value(cause.second)}")
    elif different:
        console.echo("code, data, seeds and environment are those of then: the steps depend on something unseen")
    what = f"{len(different)} of {len(done.compared)} differ" if done.compared else "it gave nothing to compare"
    console.error(f"not reproduced: {what} from run {done.before.id} (this is run {done.after.id})")
    return 1


def _value(value: object) -> str:
    text = "none" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
