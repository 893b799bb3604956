"""A graph as a drawing: SVG that needs nothing but itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.graphs.boxes import boxes
from nbpipe.graphs.rows import rows
from nbpipe.graphs.xml import escaped

if TYPE_CHECKING:
    from nbpipe.graphs.model import Graph

STYLE = """
text{font:13px system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;fill:#1c2430}
.box rect{fill:#fff;stroke:#8a97ab;stroke-width:1.2}
.box .sub,.edge text{font-size:11px;fill:#5b6779}
.edge path{fill:none;stroke:#8a97ab;stroke-width:1.4}
.edge path.tip{fill:#8a97ab;stroke:none}
.edge text{paint-order:stroke;stroke:#fff;stroke-width:4px;stroke-linejoin:round}
.box.row .code{font:12px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
.box.row .sub{font-size:12px}
.edge.order path:not(.tip){stroke-dasharray:5 4}
.edge.late path:not(.tip){stroke:#c02b2b;stroke-dasharray:5 4}
.edge.late path.tip{fill:#c02b2b}.edge.late text{fill:#c02b2b}
@media (prefers-color-scheme:dark){
text{fill:#e6ebf2}.box rect{fill:#1d2430;stroke:#66758c}.box .sub,.edge text{fill:#a3afc0}
.edge text{stroke:#12161d}.edge path{stroke:#66758c}.edge path.tip{fill:#66758c}}
"""


def as_svg(graph: Graph, *, alone: bool = True) -> str:
    """Give the drawing: steps as boxes in layers, cells as rows.

    Args:
        graph: what to draw.
        alone: the drawing is a file of its own; else it stands in a page that has the style.
    """
    width, height, elements = (boxes if graph.kind == "steps" else rows)(graph)
    style = f"<style>{STYLE}</style>" if alone else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img"><title>{escaped(graph.title)}</title>'
        f"{style}{elements}</svg>\n"
    )
