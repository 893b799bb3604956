"""The cell graph as a drawing: a row a cell, in the order of the notebook, and the names that flow between them.

Each cell that gives names has a line beside the rows, as branches have in the log of git: it leaves the cell and
enters those that use the names. Sixty cells read like six; only the number of lines beside each other grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint import reporting
from nbpipe.lint.reporters.html.texts import code_text, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbpipe.lint.diagnostic import CellReference, FileResult, Flows

ROW = 26
LANE = 13
NODE = 84
TURN = 7  # radius of a line's corners
OUT, IN = 4, -4  # a line leaves below the middle of a cell and enters above it
COLOURS = 6
FEWEST = 2
MOST_CODE = 120


class Lane:
    """The line of one cell's names: the rows it touches, and how far from the cells it runs."""

    __slots__ = ("column", "high", "low", "source", "targets")

    def __init__(self, source: int, targets: Mapping[int, tuple[str, ...]]) -> None:
        """Take rows and, by row, the names that flow there."""
        self.source = source
        self.targets = targets
        self.low = min(source, *targets)
        self.high = max(source, *targets)
        self.column = 0


def graph(number: int, result: FileResult, worst: Mapping[int, tuple[str, int]]) -> str:
    """Give the drawing; "" where it would show nothing.

    Args:
        number: of the notebook in the report, for links to its cells.
        result: what was found in it.
        worst: by index of the cell, its worst severity and its number of findings.
    """
    cells = [at for at, cell in result.cells.items() if cell.cell_type == "code" and cell.source.strip()]
    if len(cells) < FEWEST or not result.flows:
        return ""
    rows = {cell: row for row, cell in enumerate(cells)}
    lanes = _lanes(result.flows, rows)
    left = (max(lane.column for lane in lanes) + 1) * LANE + 10
    width, height = left + NODE + 22, len(cells) * ROW
    drawn = [_drawn(lane, left, [result.cells[cell].number for cell in cells]) for lane in lanes]
    nodes = [_node(number, result.cells[cell], row, left, worst.get(cell)) for cell, row in rows.items()]
    listed = "".join(_row(number, result, cell, rows[cell], worst.get(cell)) for cell in cells)
    return (
        f'<div class="graph"><svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" aria-hidden="true">'
        f"{''.join(drawn)}{''.join(nodes)}</svg><ol>{listed}</ol></div>"
    )


def _lanes(flows: Flows, rows: Mapping[int, int]) -> list[Lane]:
    """Give the lines, the short ones near the cells, none upon another."""
    sources: dict[int, dict[int, tuple[str, ...]]] = {}
    for (source, target), names in flows.items():
        sources.setdefault(rows[source], {})[rows[target]] = names
    lanes = sorted(
        (Lane(source, targets) for source, targets in sources.items()),
        key=lambda lane: (lane.high - lane.low, lane.low),
    )
    columns: list[list[Lane]] = []
    for lane in lanes:
        for column, others in enumerate(columns):
            if all(other.high < lane.low or lane.high < other.low for other in others):
                others.append(lane)
                lane.column = column
                break
        else:
            lane.column = len(columns)
            columns.append([lane])
    return sorted(lanes, key=lambda lane: lane.source)


def _drawn(lane: Lane, left: int, numbers: Sequence[int]) -> str:
    x = left - (lane.column + 1) * LANE
    start = lane.source * ROW + ROW // 2 + OUT
    parts = []
    names: dict[str, None] = {}
    for target, flowing in sorted(lane.targets.items()):
        names.update(dict.fromkeys(flowing))
        end = target * ROW + ROW // 2 + IN
        down = 1 if end > start else -1
        turn = min(TURN, abs(end - start) // 2)
        path = (
            f"M{left} {start}H{x + turn}Q{x} {start} {x} {start + down * turn}"
            f"V{end - down * turn}Q{x} {end} {x + turn} {end}H{left - 5}"
        )
        backward = "" if down > 0 else ' class="up"'
        parts.append(f'<path{backward} d="{path}"/><path class="tip" d="M{left - 6} {end - 3.5}l6 3.5l-6 3.5z"/>')
    given = ", ".join(names)
    users = ", ".join(str(numbers[target]) for target in sorted(lane.targets))
    title = text(f"{given}: from cell {numbers[lane.source]} to {users}")
    rows = " ".join(map(str, [lane.source, *sorted(lane.targets)]))
    return f'<g class="lane l{lane.source % COLOURS}" data-rows="{rows}"><title>{title}</title>{"".join(parts)}</g>'


def _node(number: int, cell: CellReference, row: int, left: int, worst: tuple[str, int] | None) -> str:
    y = row * ROW + 3
    count = "" if cell.execution_count is None else f"[{cell.execution_count}]"
    badge = ""
    if worst is not None:
        kind, found = worst
        said = reporting.plural(found, "finding")
        badge = (
            f'<g class="badge {kind}"><title>{said}</title><circle cx="{left + NODE + 11}" cy="{y + 10}" r="9"/>'
            f'<text x="{left + NODE + 11}" y="{y + 14}">{found}</text></g>'
        )
    return (
        f'<a href="#n{number}c{cell.number}" class="node" data-row="{row}" tabindex="-1">'
        f'<rect x="{left}" y="{y}" width="{NODE}" height="{ROW - 6}" rx="5"/>'
        f'<text x="{left + 8}" y="{y + 14}">{cell.number}</text>'
        f'<text class="count" x="{left + NODE - 8}" y="{y + 14}">{text(count)}</text></a>{badge}'
    )


def _row(number: int, result: FileResult, at: int, row: int, worst: tuple[str, int] | None) -> str:
    """Give a row of the list beside the drawing, which says all that the drawing shows."""
    cell = result.cells[at]
    found = "" if worst is None else f", {reporting.plural(worst[1], 'finding')}"
    said = f'<span class="said">{reporting.cell_name(cell)}{found}: </span>'
    shown = code_text(_telling_line(reporting.shown_source(result, at))[:MOST_CODE])
    taken = "".join(_taken(number, result, at))
    link = f'<a href="#n{number}c{cell.number}">{said}<code>{shown}</code></a>'
    return f'<li data-row="{row}">{link}{taken}</li>'


def _telling_line(source: str) -> str:
    """Give the first line that is neither comment nor import nor magic, else the first."""
    lines = [line.strip() for line in source.split("\n") if line.strip()]
    return next((line for line in lines if not line.startswith(("#", "%", "import ", "from "))), lines[0])


def _taken(number: int, result: FileResult, cell: int) -> Iterator[str]:
    """Yield the names that a cell uses, with links to the cells that they come from."""
    links, plain = [], []
    for (source, target), names in sorted(result.flows.items()):
        if target == cell:
            home = result.cells[source].number
            given = ", ".join(names)
            plain.append(f"{given} from cell {home}")
            links.append(f'<a href="#n{number}c{home}">{text(given)} <b>{home}</b></a>')
    if links:
        said = '<span class="said">, uses </span>'
        yield f'{said}<span class="takes" title="{text("; ".join(plain))}">← {" · ".join(links)}</span>'
