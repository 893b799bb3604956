"""The cell graph as a drawing: a row a cell, in the order of the notebook, and the names that flow between them.

Each cell that gives names has a line beside the rows, as branches have in the log of git: it leaves the cell and
enters those that use the names. Sixty cells read like six; only the number of lines beside each other grows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.graphs.lanes import ROW, Lane, lanes, room, way
from nbpipe.lint import reporting
from nbpipe.lint.reporters.html.texts import code_text, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbpipe.lint.diagnostic import CellReference, FileResult

NODE = 84
COLOURS = 6
FEWEST = 2
MOST_CODE = 120


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
    found = lanes({(rows[source], rows[target]): names for (source, target), names in result.flows.items()})
    left = room(found)
    width, height = left + NODE + 22, len(cells) * ROW
    drawn = [_drawn(lane, left, [result.cells[cell].number for cell in cells]) for lane in found]
    nodes = [_node(number, result.cells[cell], row, left, worst.get(cell)) for cell, row in rows.items()]
    listed = "".join(_row(number, result, cell, rows[cell], worst.get(cell)) for cell in cells)
    return (
        f'<div class="graph"><svg width="{width}" height="{height}" viewBox="0 0 {width} {height}" aria-hidden="true">'
        f"{''.join(drawn)}{''.join(nodes)}</svg><ol>{listed}</ol></div>"
    )


def _drawn(lane: Lane, left: int, numbers: Sequence[int]) -> str:
    parts = []
    names: dict[str, None] = {}
    for target, flowing in sorted(lane.targets.items()):
        names.update(dict.fromkeys(flowing))
        path, tip, up = way(lane, target, left)
        backward = ' class="up"' if up else ""
        parts.append(f'<path{backward} d="{path}"/><path class="tip" d="{tip}"/>')
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
