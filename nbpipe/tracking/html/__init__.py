"""The report of a pipeline's run: one HTML page that needs nothing else.

What stands in it comes from the run's record and its figures, and is hostile: everything is escaped, pictures are shown
as pictures only, no script runs and nothing is loaded from anywhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.execute.html.page import framed
from nbpipe.graphs import Edge, Graph, Node
from nbpipe.graphs.svg import STYLE, as_svg
from nbpipe.tracking.html.pieces import chip, seconds, text
from nbpipe.tracking.html.sections import data, environment, figures, lineage, measured, steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbpipe.records import RunRecord, StepResult

_STYLE = Path(__file__).with_name("report.css")
_COLOURS = {"ok": "--good", "cached": "--taken", "skipped": "--line", "not run": "--line"}


def report(record: RunRecord, picture: Callable[[str], bytes | None]) -> str:
    """Give the page.

    Args:
        record: of the run.
        picture: gives the bytes of a figure by its key in the store, None where it is gone.
    """
    name = text(Path(record.source).name)
    body = "\n".join((_header(record), "<main>", *_sections(record, picture), "</main>"))
    return framed(f"{name} {text(record.id)}", body, STYLE + _STYLE.read_text(encoding="utf-8") + _colours(record))


def _header(record: RunRecord) -> str:
    origin = record.provenance
    git = origin.get("git") or {}
    commit = f" · commit {git['commit'][:12]}{' with changes' if git.get('dirty') else ''}" if git.get("commit") else ""
    tags = "".join(f" {chip(f'{key}={value}' if value else key)}" for key, value in record.tags.items())
    facts = f"{record.id} · {record.started[:19].replace('T', ' ')} UTC · {origin.get('user')} on {origin.get('host')}"
    note = f'<p class="note">{text(record.note)}</p>' if record.note else ""
    cached = sum(step.status.value == "cached" for step in record.steps)
    tiles = [
        (seconds(record.seconds), "in all"),
        (str(len(record.steps)), "steps"),
        (str(cached), "from earlier runs"),
    ]
    listed = "".join(f"<li><b>{text(value)}</b>{text(label)}</li>" for value, label in tiles)
    error = ""
    if record.error is not None:
        error = f'<p class="error">{text(record.error.name)}: {text(record.error.message)}</p>'
    return (
        f"<header><h1>{text(Path(record.source).name)} {chip(record.status.value)}{tags}</h1>"
        f'<p class="hint">{text(facts + commit)}</p>{note}{error}<ul class="tiles">{listed}</ul></header>'
    )


def _sections(record: RunRecord, picture: Callable[[str], bytes | None]) -> Iterator[str]:
    yield f'<section><h2>Steps</h2><div class="drawing">{as_svg(graph_of(record), alone=False)}</div></section>'
    for title, content in (
        ("", steps(record)),
        ("Parameters and metrics", measured(record)),
        ("Figures", figures(record, picture)),
        ("Data", data(record)),
        ("Where things come from", lineage(record)),
        ("Environment", environment(record)),
    ):
        if content:
            yield f"<section>{f'<h2>{title}</h2>' if title else ''}{content}</section>"


def graph_of(record: RunRecord) -> Graph:
    """Give the graph of a run's steps, with how each ended."""
    keys = _keys(record)
    nodes = tuple(Node(keys[step.name], step.name, _below(step)) for step in record.steps)
    flowing: dict[tuple[str, str], list[str]] = {}
    for step in record.steps:
        for name, source in step.inputs.items():
            if source["step"] in keys:
                flowing.setdefault((keys[source["step"]], keys[step.name]), []).append(name)
    edges = tuple(Edge(first, second, tuple(names)) for (first, second), names in flowing.items())
    return Graph(Path(record.source).name, "steps", nodes, edges)


def _keys(record: RunRecord) -> dict[str, str]:
    """Give each step a name that may stand anywhere in a page."""
    return {step.name: f"s{place}" for place, step in enumerate(record.steps)}


def _below(step: StepResult) -> str:
    return " · ".join(filter(None, (step.status.value, seconds(step.seconds))))


def _colours(record: RunRecord) -> str:
    """Give the boxes of steps the colours of how they ended."""
    keys = _keys(record)
    colours = {keys[step.name]: _COLOURS.get(step.status.value, "--bad") for step in record.steps}
    return "".join(
        f'.box[data-key="{key}"] rect{{stroke:var({colour});stroke-width:2}}\n' for key, colour in colours.items()
    )
