"""``nbpipe runs``: what ran, with what, and what differs."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nbpipe.api.runs import as_json, diff_runs, find_run, list_runs, push_runs, report_run
from nbpipe.cli import console
from nbpipe.errors import NbpipeError
from nbpipe.execute.outcome import explain
from nbpipe.records import RunStatus
from nbpipe.sizes import shown_size
from nbpipe.tracking.data import described_columns, size_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nbpipe.api.runs import Difference, PastRun
    from nbpipe.records import RunRecord

_JSON = click.option("--json", "as_data", is_flag=True, help="Write JSON.")
_PROJECT = click.option("--project", default=".", metavar="PATH", help="A file or folder of the project.")
_LIMIT = click.option("-n", "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="List so many.")
_LONGEST = 60
_STYLES = {RunStatus.OK: "green", RunStatus.CACHED: "green"}


@click.group("runs", invoke_without_command=True, no_args_is_help=False)
@_LIMIT
@_JSON
@_PROJECT
@click.pass_context
def command(context: click.Context, *, limit: int, as_data: bool, project: str) -> int:
    """List, show and compare past runs, and send them to MLflow."""
    if context.invoked_subcommand is not None:
        return 0
    return _list(limit, project, as_data=as_data)


@command.command("list")
@_LIMIT
@_JSON
@_PROJECT
def listed(*, limit: int, as_data: bool, project: str) -> int:
    """List past runs, as without a command."""
    return _list(limit, project, as_data=as_data)


def _list(limit: int, project: str, *, as_data: bool) -> int:
    runs = list_runs(project, limit=limit)
    if as_data:
        console.echo(json.dumps({"version": 1, "runs": [as_json(run) for run in runs]}, indent=2))
    elif not runs:
        console.note("no runs yet: `nbpipe run NOTEBOOK` or `nbpipe run PIPELINE` keeps a record of each")
    else:
        _write_table([_row(run) for run in runs])
    return 0


@command.command("show")
@click.argument("run", default="latest")
@_JSON
@_PROJECT
def show(run: str, *, as_data: bool, project: str) -> int:
    """Show one run: its id, a unique part of it, or latest."""
    found = find_run(run, project)
    if as_data:
        console.echo(json.dumps(as_json(found), indent=2))
    else:
        for line in _lines(found):
            console.echo(line)
    return 0


@command.command("diff", epilog="Exits with 1 when the runs differ.")
@click.argument("first")
@click.argument("second", default="latest")
@_JSON
@_PROJECT
def diff(first: str, second: str, *, as_data: bool, project: str) -> int:
    """Tell what differs between two runs: code, parameters, data, environment, results."""
    differences = diff_runs(find_run(first, project).record, find_run(second, project).record)
    if as_data:
        content = [item._asdict() for item in differences]
        console.echo(json.dumps({"version": 1, "differences": content}, indent=2, default=repr))
    elif not differences:
        console.echo("nothing that is recorded differs")
    else:
        _write_differences(differences)
    return int(bool(differences))


@command.command("report")
@click.argument("run", default="latest")
@click.option("-o", "--output", metavar="FILE", help="Write it there, not beside the run's record.")
@_PROJECT
def report(run: str, *, output: str | None, project: str) -> int:
    """Write the report of a pipeline's run as one HTML page."""
    console.echo(str(report_run(run, project, output)))
    return 0


@command.command("push")
@click.argument("runs", nargs=-1)
@_PROJECT
def push(runs: tuple[str, ...], *, project: str) -> int:
    """Send runs to MLflow that it does not have: those named, or all."""
    failed = count = 0
    for run, ended in push_runs(list(runs), project):
        count += 1
        if isinstance(ended, NbpipeError):
            failed += 1
            console.error(str(ended))
        else:
            console.echo(f"{run.record.id}: MLflow run {ended}")
    if not count:
        console.note("nothing to send")
    return int(bool(failed))


def _row(run: PastRun) -> tuple[str, ...]:
    record = run.record
    when = datetime.fromisoformat(record.started).astimezone().strftime("%Y-%m-%d %H:%M")
    parameters = ", ".join(f"{name}={value!r}" for name, value in record.parameters.items())
    user = str(record.provenance.get("user") or "")
    name = Path(record.source).name
    return record.id, when, user, name, record.status.value, f"{record.seconds:.1f} s", _short(parameters)


def _write_table(rows: list[tuple[str, ...]]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        console.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _lines(run: PastRun) -> Iterator[str]:
    record = run.record
    origin = record.provenance
    git = origin.get("git") or {}
    style = _STYLES.get(record.status, "red")
    yield f"run {record.id}: {console.style(explain(record.status, record.error).splitlines()[0], style)}"
    yield from _section(
        "",
        {
            record.kind: record.source,
            "started": f"{record.started}, took {record.seconds:.1f} s",
            "by": f"{origin.get('user')} on {origin.get('host')}",
            "commit": git.get("commit") and f"{git['commit']}{' with changes' if git.get('dirty') else ''}",
            "python": (origin.get("python") or {}).get("version"),
            "output": record.output,
            "tags": ", ".join(f"{name}={value}" if value else name for name, value in record.tags.items()),
            "note": record.note,
            "MLflow": run.mlflow and f"{run.mlflow['run_id']} in {run.mlflow['uri']}",
            "record": run.path,
        },
    )
    yield from _section("parameters", {name: repr(value) for name, value in record.parameters.items()})
    seen = record.observed
    for title, key in (("files read", "read"), ("files written", "written"), ("own modules", "modules")):
        yield from _section(title, {item["path"]: (item["sha256"] or "not known")[:12] for item in seen.get(key) or ()})
    yield from _section("folders listed", {item["path"]: item["sha256"][:12] for item in seen.get("listed") or ()})
    yield from _section("looked for in vain", dict.fromkeys(seen.get("absent") or (), "absent"))
    yield from _section(
        "metrics", {name: f"{value:.6g}" for step in record.steps for name, value in step.metrics.items()}
    )
    yield from _section("data", dict(_data(record)))
    yield from _section("seeds", {item["generator"]: repr(item["seed"]) for item in seen.get("seeds") or ()})
    yield from _section(
        "not observed", {f"{item['kind']} {item['name']}": item["count"] for item in seen.get("effects") or ()}
    )
    if "missing" in seen:
        yield f"files and seeds are not known: {seen['missing']}"
    parts = [(f"cell {cell.index + 1}", cell) for cell in record.cells] + [(step.name, step) for step in record.steps]
    yield from _section("cells" if record.cells else "steps", {name: _took(part) for name, part in parts})


def _data(record: RunRecord) -> Iterator[tuple[str, str]]:
    """Give the tables and arrays of a pipeline's run, with their columns."""
    for step in record.steps:
        for kind, profiles in sorted(step.profiles.items()):
            for name, profile in profiles.items():
                title = Path(name).name if kind == "files" else f"{step.name}.{name}"
                yield title, size_of(profile)
                yield from ((f"{title}: {column}", text) for column, text in described_columns(profile).items())


def _took(part: Any) -> str:
    """Say how a cell or step ended and what it used."""
    facts = [part.status.value]
    facts += [f"{part.seconds:.2f} s"] if part.seconds is not None else []
    facts += [f"CPU {part.cpu_seconds:.2f} s"] if part.cpu_seconds is not None else []
    facts += [shown_size(part.peak_memory)] if part.peak_memory else []
    facts += [part.reason] if getattr(part, "reason", "") else []
    return ", ".join(facts)


def _section(title: str, facts: Mapping[str, Any]) -> Iterator[str]:
    shown = {name: value for name, value in facts.items() if value not in (None, "")}
    if shown and title:
        yield f"{title}:"
    width = max(map(len, shown), default=0)
    for name, value in shown.items():
        yield f"  {name.ljust(width)}  {value}"


def _write_differences(differences: Iterable[Difference]) -> None:
    what = ""
    for item in differences:
        if item.what != what:
            what = item.what
            console.echo(console.style(what, "bold"))
        console.echo(f"  {item.name}: {_value(item.first)} -> {_value(item.second)}{_moved(item)}")


def _moved(item: Difference) -> str:
    """Say by how much a metric moved."""
    first, second = item.first, item.second
    if item.what != "metrics" or first is None or second is None:
        return ""
    share = f", {(second - first) / abs(first):+.2%}" if first else ""
    return f" ({second - first:+.6g}{share})"


def _value(value: object) -> str:
    return "none" if value is None else _short(str(value))


def _short(text: str) -> str:
    first = text.split("\n", 1)[0]
    return f"{first[:_LONGEST]}..." if len(first) > _LONGEST or first != text else text
