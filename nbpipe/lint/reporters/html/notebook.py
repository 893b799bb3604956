"""One notebook: its findings as cards beside the code that they are about, and its cell graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint import reporting
from nbpipe.lint.registry import BY_CODE
from nbpipe.lint.reporters.html.code import Mark, code_lines, folded
from nbpipe.lint.reporters.html.graph import graph
from nbpipe.lint.reporters.html.texts import message_text, text
from nbpipe.lint.repository import repository_path
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbpipe.lint.diagnostic import CellReference, Diagnostic, FileResult

LINK = pattern(r"!?\[([^\]]*)\]\([^)]*\)")
MARKUP = pattern(r"[`*]|<[^>]*>")
CARD_LINES = 5  # as many lines of code are about as high as a card
FEWEST_LINES = 3
MOST_TITLES = 140
MOST_QUIET = 4_000_000  # characters of code without findings that a page holds


class Numbers:
    """Counts the cards of a page, and the characters of code without findings that it still holds."""

    def __init__(self) -> None:
        self._cards = 0
        self._room = MOST_QUIET

    def card(self) -> str:
        """Give the id of the next card."""
        self._cards += 1
        return f"f{self._cards}"

    def holds(self, characters: int) -> bool:
        """Tell whether there is room for so much more, and take it."""
        self._room -= characters
        return self._room >= 0


class Entries:
    """What stands beside one cell: by line, the cards, and the marks."""

    def __init__(self) -> None:
        self.cards: list[tuple[int, str]] = []
        self.marks: list[Mark] = []


def notebook_section(number: int, result: FileResult, numbers: Numbers, *, alone: bool) -> Iterator[str]:
    """Yield the parts of the section of one notebook.

    Args:
        number: of the notebook in the page.
        result: what was found in it.
        numbers: those of the page.
        alone: whether it is the only one.
    """
    path = text(repository_path(result.path))
    yield f'<section class="notebook" id="n{number}" aria-label="{path}"><h2><a href="#n{number}">{path}</a> '
    yield f'<span class="counts">{_counts(result)}</span></h2>'
    for failure in result.failures:
        yield f'<p class="failure">{text(str(failure))}</p>'
    entries: dict[int, Entries] = {}
    loose = []
    for item in result.diagnostics:
        card = numbers.card()
        shown = _card(number, result, item, card)
        if item.range is None:
            loose.append(shown)
        else:
            entry = entries.setdefault(item.range.cell, Entries())
            entry.cards.append((item.range.start_line, shown))
            entry.marks.append(Mark(item.range, item.severity.label, card))
        _enter_related(result, item, card, entries)
    if loose:
        yield f'<div class="cell loose">{"".join(loose)}</div>'
    if entries:
        yield from _drawing(number, result, alone=alone)
        yield from _cells(number, result, entries, numbers)
    yield "</section>"


def _counts(result: FileResult) -> str:
    summary = reporting.Summary()
    summary.add(result)
    found = [(severity, count) for severity, count in sorted(summary.counts.items(), reverse=True) if count]
    return " ".join(
        f'<span class="chip {severity.label}">{reporting.plural(count, severity.label)}</span>'
        for severity, count in found
    )


def _drawing(number: int, result: FileResult, *, alone: bool) -> Iterator[str]:
    worst: dict[int, tuple[str, int]] = {}
    for item in sorted(result.diagnostics, key=lambda item: item.severity):
        if item.range is not None:
            found = worst.get(item.range.cell, ("", 0))[1]
            worst[item.range.cell] = (item.severity.label, found + 1)
    drawn = graph(number, result, worst)
    if drawn:
        is_open = " open" if alone else ""
        yield f'<details class="flow"{is_open}><summary>Which cells use what other cells define</summary>'
        yield f'<p class="hint">Imports are left out. Numbers in brackets are execution counts.</p>{drawn}</details>'


def _enter_related(result: FileResult, item: Diagnostic, card: str, entries: dict[int, Entries]) -> None:
    """Enter a finding at the cells that are related to it."""
    home = None if item.range is None else item.range.cell
    name = item.code if home is None else f"{item.code} in cell {result.cells[home].number}"
    for other in item.related:
        entry = entries.setdefault(other.range.cell, Entries())
        entry.marks.append(Mark(other.range, "related", card))
        if other.range.cell != home:
            note = (
                f'<aside class="card note" data-of="{card}"><p><a href="#{card}">{name}</a>: '
                f"{message_text(other.message)}</p></aside>"
            )
            entry.cards.append((other.range.start_line, note))


def _card(number: int, result: FileResult, item: Diagnostic, card: str) -> str:
    level = item.severity.label
    info = BY_CODE[item.code]
    link = f'<a href="{text(info.url)}" rel="noreferrer" title="{text(info.summary)}">{item.code}</a>'
    parts = [
        f'<article class="card {level}" id="{card}" data-rule="{item.code}" data-severity="{level}">',
        f'<h4><span><span class="sev">{level}</span> {link} {text(item.rule)}</span> {_where(item)}</h4>',
        f"<p>{message_text(item.message)}</p>",
    ]
    if item.related:
        links = [_related(number, result.cells[other.range.cell], other.range.start_line) for other in item.related]
        rows = zip(links, item.related, strict=True)
        parts.append(
            "<ul>" + "".join(f"<li>{link}: {message_text(other.message)}</li>" for link, other in rows) + "</ul>"
        )
    if item.fix is not None:
        parts.append(f'<p class="fix">Fix ({item.fix.applicability.value}): {message_text(item.fix.title)}</p>')
    return "".join([*parts, "</article>"])


def _where(item: Diagnostic) -> str:
    line = f"line {item.range.start_line + 1}" if item.range is not None else ""
    in_file = f"file line {item.json_line}" if item.json_line is not None else ""
    return f'<span class="where">{" · ".join(filter(None, (line, in_file)))}</span>' if line or in_file else ""


def _related(number: int, cell: CellReference, line: int) -> str:
    place = f"{reporting.cell_name(cell)}, line {line + 1}"
    return f'<a href="#n{number}c{cell.number}">{text(place)}</a>'


def _cells(number: int, result: FileResult, entries: dict[int, Entries], numbers: Numbers) -> Iterator[str]:
    """Yield all cells; those without findings folded, as many as follow each other together."""
    quiet: list[int] = []
    for at in range(len(result.cells)):
        if at not in entries:
            quiet.append(at)
            continue
        yield from _quiet(number, result, quiet, numbers)
        quiet = []
        yield _cell(number, result, at, entries[at])
    yield from _quiet(number, result, quiet, numbers)


def _quiet(number: int, result: FileResult, cells: Sequence[int], numbers: Numbers) -> Iterator[str]:
    cells = [at for at in cells if result.cells[at].source.strip()]
    if not cells:
        return
    first, last = result.cells[cells[0]].number, result.cells[cells[-1]].number
    name = f"Cell {first}" if first == last else f"Cells {first} to {last}"
    titles = [title for at in cells if (title := _title(result, at))]
    listed = " · ".join(titles)
    shown = listed if len(listed) <= MOST_TITLES else listed[: MOST_TITLES - 1] + "…"
    said = f' <span class="titles">{text(shown)}</span>' if titles else ""
    yield f'<details class="quiet"><summary>{name}: nothing found{said}</summary>'
    if numbers.holds(sum(len(result.cells[at].source) for at in cells)):
        for at in cells:
            yield _cell(number, result, at, Entries())
    else:
        yield '<p class="hint">The code is left out: this report is long.</p>'
        for at in cells:
            yield f'<span id="n{number}c{result.cells[at].number}"></span>'
    yield "</details>"


def _title(result: FileResult, at: int) -> str:
    """Give the first heading of a text cell."""
    if result.cells[at].cell_type != "markdown":
        return ""
    lines = reporting.shown_source(result, at).split("\n")
    title = next((line.strip("# \t") for line in lines if line.startswith("#")), "")
    return MARKUP.sub("", LINK.sub(r"\1", title))


def _cell(number: int, result: FileResult, at: int, entry: Entries) -> str:
    cell = result.cells[at]
    is_code = cell.cell_type == "code"
    source = reporting.shown_source(result, at)
    lines = code_lines(source, entry.marks, coloured=is_code and not source.startswith("%%"))
    marked = sorted({line for mark in entry.marks for line in range(mark.range.start_line, mark.range.end_line + 1)})
    entry.cards.sort(key=lambda pair: pair[0])
    starts = _block_starts([line for line, _ in entry.cards])
    parts = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        code = _block(lines, start, min(end, len(lines)), marked)
        cards = "".join(card for line, card in entry.cards if start <= line < end or (end >= len(lines) <= line))
        beside = f'<div class="cards">{cards}</div>' if cards else ""
        parts.append(f'<div class="block"><div class="code">{code}</div>{beside}</div>')
    kind = "" if is_code else f" {'text' if cell.cell_type == 'markdown' else 'raw'}"
    prompt = (
        f"In [{' ' if cell.execution_count is None else cell.execution_count}]" if is_code else text(cell.cell_type)
    )
    name = f'<span class="id">{text(cell.id)}</span>' if cell.id is not None else ""
    anchor = f"n{number}c{cell.number}"
    head = f'<h3><a href="#{anchor}">Cell {cell.number}</a> <span class="prompt">{prompt}</span> {name}</h3>'
    return f'<div class="cell{kind}" id="{anchor}">{head}{"".join(parts)}</div>'


def _block_starts(lines: Sequence[int]) -> list[int]:
    """Give where blocks of code begin, such that each card stands beside its line and no card pushes code apart."""
    starts, cards = [0], 0
    for line in lines:
        begin = max(0, line - 1)
        if begin - starts[-1] >= max(FEWEST_LINES, CARD_LINES * cards):
            starts.append(begin)
            cards = 0
        cards += 1
    return starts


def _block(lines: Sequence[str], first: int, last: int, marked: Sequence[int]) -> str:
    parts = []
    for start, end, is_folded in folded(lines[first:last], first, marked):
        shown = "".join(
            f'<div class="l"><span class="ln">{at + 1}</span><code>{lines[at] or " "}</code></div>'
            for at in range(start, end)
        )
        if is_folded and marked:
            shown = f'<details class="fold"><summary>Lines {start + 1} to {end}</summary>{shown}</details>'
        parts.append(shown)
    return "".join(parts)
