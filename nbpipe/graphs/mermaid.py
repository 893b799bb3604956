"""A graph in the language of Mermaid, which GitHub, GitLab and JupyterLab draw in Markdown.

The syntax: https://mermaid.js.org/syntax/flowchart.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.graphs.model import label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.graphs.model import Edge, Graph


def as_mermaid(graph: Graph) -> str:
    """Give the graph as a flowchart."""
    return "".join(f"{line}\n" for line in _lines(graph))


def _lines(graph: Graph) -> Iterator[str]:
    yield "flowchart TD"
    for node in graph.nodes:
        below = f"<br/><small>{_quoted(node.subtitle)}</small>" if node.subtitle else ""
        yield f'  n_{node.key}["{_quoted(node.title)}{below}"]'
    yield from (f"  {_arrow(edge)}" for edge in graph.edges)


def _arrow(edge: Edge) -> str:
    line = "-.->" if edge.late or not edge.names else "-->"
    names = f'|"{_quoted(label(edge))}"|' if edge.names else ""
    return f"n_{edge.source} {line}{names} n_{edge.target}"


def _quoted(text: str) -> str:
    """Write a text so that Mermaid shows it as it is."""
    special = {'"': "#quot;", "#": "#35;", "<": "#lt;", ">": "#gt;", "&": "#amp;", "`": "#96;"}
    return "".join(special.get(character, character) for character in " ".join(text.split()))
