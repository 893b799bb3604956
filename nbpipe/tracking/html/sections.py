"""Sections of the report, each from the record; "" where there is nothing to tell."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.sizes import shown_size
from nbpipe.tracking.data import shown, size_of
from nbpipe.tracking.html.pieces import bar, chip, facts, folded, histogram, plain, seconds, short, table, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nbpipe.records import RunRecord, StepResult

_LARGEST_PICTURE = 5_000_000  # bytes
_MOST_COLUMNS = 60


def steps(record: RunRecord) -> str:
    """Give how each step ended, what it took and why it ran."""
    longest = max((step.seconds or 0.0 for step in record.steps), default=0.0)
    rows = []
    for step in record.steps:
        tried = f", tried {step.attempts} times" if step.attempts > 1 else ""
        error = ""
        if step.error is not None:
            traceback = folded("traceback", plain(step.error.traceback)) if step.error.traceback else ""
            error = f'<div class="error">{text(step.error.name)}: {text(step.error.message)}</div>{traceback}'
        rows.append(
            (
                text(step.name),
                chip(step.status.value),
                seconds(step.seconds),
                bar((step.seconds or 0.0) / longest if longest else 0.0) if step.seconds else "",
                seconds(step.cpu_seconds),
                shown_size(step.peak_memory) if step.peak_memory else "",
                f"{text(step.reason + tried)}{error}",
            )
        )
    return table(("Step", "Ended", "Time", "", "CPU", "Memory", "Why"), rows, (2, 4, 5))


def measured(record: RunRecord) -> str:
    """Give parameters and metrics."""
    parameters = [(text(name), f"<code>{text(repr(value))}</code>") for name, value in record.parameters.items()]
    metrics = [
        (text(name), text(f"{value:.6g}"), text(step.name))
        for step in record.steps
        for name, value in step.metrics.items()
    ]
    found = table(("Parameter", "Value"), parameters) if parameters else ""
    return found + (table(("Metric", "Value", "Step"), metrics, (1,)) if metrics else "")


def figures(record: RunRecord, picture: Callable[[str], bytes | None]) -> str:
    """Give the figures that steps returned or left open."""
    found = []
    for step in record.steps:
        for name, key in step.figures.items():
            content = picture(key)
            if content is None or len(content) > _LARGEST_PICTURE:
                shown_as = "<p class=hint>no longer in the store, or too large to be shown</p>"
            else:
                data_url = "data:image/png;base64," + base64.b64encode(content).decode()
                shown_as = f'<img alt="{text(name)}" src="{data_url}">'
            found.append(f"<figure>{shown_as}<figcaption>{text(step.name)}.{text(name)}</figcaption></figure>")
    return f'<div class="figures">{"".join(found)}</div>' if found else ""


def data(record: RunRecord) -> str:
    """Give the tables and arrays: files that were read, and outputs of steps."""
    return "".join(_data(record))


def _data(record: RunRecord) -> Iterator[str]:
    for step in record.steps:
        for path, profile in step.profiles.get("files", {}).items():
            yield _profile(f"{Path(path).name}", f"read by {step.name}", profile)
        for name, profile in step.profiles.get("outputs", {}).items():
            takers = ", ".join(
                other.name for other in record.steps if other.inputs.get(name, {}).get("step") == step.name
            )
            yield _profile(f"{step.name}.{name}", f"taken by {takers}" if takers else "", profile)


def _profile(name: str, use: str, profile: Mapping[str, Any]) -> str:
    sampled = f"statistics of {profile['sampled']:,}" if "sampled" in profile else ""
    hint = " · ".join(filter(None, (size_of(profile), sampled, use)))
    heading = f"<h3>{text(name)} <small>{text(hint)}</small></h3>"
    columns = profile["columns"] if profile["kind"] == "table" else [{**profile, "name": "values"}]
    more = max(0, len(columns) - _MOST_COLUMNS) + profile.get("omitted", 0)
    rows = [_column(column) for column in columns[:_MOST_COLUMNS]]
    heads = ("Column", "Type", "Missing", "Distinct", "Smallest", "Mean", "Largest", "Std", "")
    note = f'<p class="hint">and {more:,} more columns</p>' if more > 0 else ""
    return heading + table(heads, rows, (2, 3, 4, 5, 6, 7)) + note


def _column(column: Mapping[str, Any]) -> tuple[str, ...]:
    def number(name: str) -> str:
        value = column.get(name)
        if value is None:
            return ""
        return text(f"{value:.6g}" if name == "std" else shown(value, column))

    missing = column.get("missing")
    distinct = f"{column['distinct']:,}" if "distinct" in column else ""
    return (
        text(column["name"]),
        text(column.get("type", "")),
        "" if missing is None else f"{missing:,}",
        distinct,
        number("min"),
        number("mean"),
        number("max"),
        number("std"),
        histogram(column),
    )


def lineage(record: RunRecord) -> str:
    """Give what each step took and gave, files and values, by their hashes."""
    rows = [
        (text(step.name), "<br>".join(_taken(step)) or "nothing", "<br>".join(_given(step)) or "nothing")
        for step in record.steps
        if step.inputs or step.outputs or step.read or step.written
    ]
    return table(("Step", "Took", "Gave"), rows) if rows else ""


def _taken(step: StepResult) -> Iterator[str]:
    yield from (f"file {text(path)} {short(digest)}" for path, digest in step.read.items())
    for name, source in step.inputs.items():
        yield f"{text(source['step'])}.{text(name)} {short(source['key'])}"


def _given(step: StepResult) -> Iterator[str]:
    yield from (f"{text(name)} {short(key)}" for name, key in step.outputs.items())
    yield from (f"file {text(path)} {short(digest)}" for path, digest in step.written.items())


def environment(record: RunRecord) -> str:
    """Give who ran it, where, with what."""
    origin = record.provenance
    git, python, code = origin.get("git") or {}, origin.get("python") or {}, origin.get("code") or {}
    packages = "".join(f"{name}=={version}\n" for name, version in (origin.get("packages") or {}).items())
    seeds = ", ".join(f"{seed['generator']}({seed['seed']})" for seed in record.observed.get("seeds") or ())
    drawn = [f"{step.name}: {name} ({how})" for step in record.steps for name, how in step.generators.items()]
    unseen = [f"{item['name']}" for item in record.observed.get("effects") or ()]
    known = {
        "Folder": record.source,
        "Python": f"{python.get('version')} ({python.get('executable')})",
        "Platform": origin.get("platform"),
        "Commit": git.get("commit"),
        "Branch": git.get("branch"),
        "Overlay": origin.get("environment"),
        "Code": code.get("sha256"),
        "Seeds": seeds,
        "Generators": "; ".join(drawn),
        "Not observed": "; ".join(unseen),
        **{f"${name}": value for name, value in (origin.get("variables") or {}).items()},
    }
    files = "".join(f"{digest[:12]}  {name}\n" for name, digest in (code.get("files") or {}).items())
    return (
        facts(known)
        + folded(f"{packages.count(chr(10))} packages", plain(packages) if packages else "")
        + folded("files of the code", plain(files) if files else "")
        + folded("changes since the commit", plain(git["diff"]) if git.get("diff") else "")
    )
