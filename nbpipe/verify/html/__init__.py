"""One HTML page that needs nothing else: verdicts, the funnel, and outputs side by side.

Outputs are hostile: no script runs in the page at all (a Content-Security-Policy says so), nothing is loaded from
anywhere, text is escaped, pictures are shown as pictures only, and HTML stands in frames that may do nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.verify.funnel import Funnel
from nbpipe.verify.html.cells import Budget, cell_section
from nbpipe.verify.html.pieces import PAGE_END, page_head, text, tiles
from nbpipe.verify.verdict import GOOD, Outcome, Stage, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbpipe.verify.verdict import NotebookVerdict

_FEW = 5  # notebooks that are shown at once; of more, each opens when one goes there
_KINDS = {
    Verdict.REPRODUCIBLE: "good",
    Verdict.EQUIVALENT: "good",
    Verdict.NOTHING: "plain",
    Verdict.NOT_REPRODUCIBLE: "bad",
    Verdict.FAILED: "bad",
}


def page(notebooks: Sequence[NotebookVerdict]) -> str:
    """Give the page."""
    return "".join(_page(notebooks))


def _page(notebooks: Sequence[NotebookVerdict]) -> Iterator[str]:
    yield page_head(f"nbpipe verify: {_counted(len(notebooks))}", tiles(_counts(notebooks)))
    if len(notebooks) > 1:
        yield f'<div class="tables">{_funnel(notebooks)}{_table(notebooks)}</div>\n'
    budget = Budget()
    for number, item in enumerate(notebooks, 1):
        yield from _notebook(number, item, budget, opened=len(notebooks) <= _FEW)
    yield PAGE_END


def _counted(count: int) -> str:
    return f"{count} notebook" if count == 1 else f"{count} notebooks"


def _counts(notebooks: Sequence[NotebookVerdict]) -> Iterator[tuple[str, int, str]]:
    yield "", len(notebooks), "notebook" if len(notebooks) == 1 else "notebooks"
    for verdict, kind in _KINDS.items():
        count = sum(item.verdict is verdict for item in notebooks)
        if count:
            yield kind, count, verdict.alone


def _funnel(notebooks: Sequence[NotebookVerdict]) -> str:
    funnel = Funnel(notebooks)
    total = max(1, funnel.counts[Stage.FOUND])
    rows = "".join(
        f'<tr><th scope="row">{stage.value}</th><td class="number">{count}</td><td class="number">{count / total:.0%}'
        f'</td><td class="bar"><meter min="0" max="{total}" value="{count}"></meter></td></tr>'
        for stage, count in funnel.counts.items()
    )
    notes = [f"{funnel.nothing} run to the end and have no output to compare."] if funnel.nothing else []
    if funnel.executed is not None:
        notes.append(f"Where a cell failed, {funnel.executed:.0%} of the code cells had run, on average.")
    note = f'<p class="hint">{" ".join(notes)}</p>' if notes else ""
    return f'<div class="table"><table class="funnel"><caption>How far they come</caption>{rows}</table>{note}</div>'


def _table(notebooks: Sequence[NotebookVerdict]) -> str:
    rows = []
    for number, item in enumerate(notebooks, 1):
        first = item.first_divergence
        cell = "" if first is None else f'<a href="#n{number}c{first.index + 1}">cell {first.index + 1}</a>'
        cause = "" if first is None or first.cause is None else text(first.cause.kind.value)
        rows.append(
            f'<tr><td class="path"><a href="#n{number}">{text(item.path)}</a></td>'
            f'<td><span class="chip {_KINDS[item.verdict]}">{item.verdict.alone}</span></td>'
            f"<td>{cell}</td><td>{cause}</td></tr>"
        )
    return (
        '<div class="table"><table><caption>By notebook</caption><thead><tr><th scope="col">Notebook</th>'
        '<th scope="col">Verdict</th><th scope="col">First divergence</th><th scope="col">Cause</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _notebook(number: int, item: NotebookVerdict, budget: Budget, *, opened: bool) -> Iterator[str]:
    told = [cell for cell in item.cells if cell.outcome not in (*GOOD, Outcome.NOT_RUN)]
    same = [cell for cell in item.cells if cell.outcome is Outcome.EQUIVALENT]
    shown = " open" if opened and told else ""
    yield f'<details class="notebook" id="n{number}"{shown}><summary><h2>{text(item.path)}</h2> '
    yield f'<span class="chip {_KINDS[item.verdict]}">{item.verdict.value}</span> '
    yield f'<span class="reason">{text(item.reason)}</span></summary>\n'
    if item.note:
        yield f'<p class="hint">{text(item.note)}</p>'
    yield _strip(number, item)
    for cell in told:
        yield from cell_section(number, cell, budget)
    if same:
        cells = "1 cell is" if len(same) == 1 else f"{len(same)} cells are"
        yield f'<details class="same"><summary>{cells} equivalent: what was looked past</summary>'
        for cell in same:
            yield from cell_section(number, cell, budget)
        yield "</details>"
    yield "</details>\n"


def _strip(number: int, item: NotebookVerdict) -> str:
    """Draw each code cell as a small box, in the colour of its outcome."""
    boxes = "".join(
        f'<a class="box {cell.outcome.name.lower()}" href="#n{number}c{cell.index + 1}" '
        f'title="cell {cell.index + 1}: {cell.outcome.value}"></a>'
        for cell in item.cells
    )
    return f'<p class="strip" aria-hidden="true">{boxes}</p>' if boxes else ""
