"""L1: graphs of cells and steps as text, Mermaid, SVG, a page and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.graphs.model import Edge, Graph, Node

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FORMATS", "Edge", "Graph", "Node", "draw"]

# Format to the module and function that write it, imported when asked for.
FORMATS = {
    "text": ("listing", "as_text"),
    "mermaid": ("mermaid", "as_mermaid"),
    "svg": ("svg", "as_svg"),
    "html": ("page", "as_page"),
    "json": ("record", "as_json"),
}


def draw(graph: Graph, format_name: str) -> str:
    """Give a graph in one of the `FORMATS`.

    Raises:
        KeyError: there is no such format.
    """
    from importlib import import_module

    module, function = FORMATS[format_name]
    write: Callable[[Graph], str] = getattr(import_module(f"nbpipe.graphs.{module}"), function)
    return write(graph)
