"""A graph as JSON, for other programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbpipe.graphs.model import Graph


def as_json(graph: Graph) -> str:
    """Give the graph as JSON: nodes in the order in which they run, and edges by the nodes' keys."""
    record = {
        "version": 1,
        "title": graph.title,
        "kind": graph.kind,
        "nodes": [
            {"key": node.key, "title": node.title, "subtitle": node.subtitle, "details": dict(node.details)}
            for node in graph.nodes
        ],
        "edges": [
            {"source": edge.source, "target": edge.target, "names": list(edge.names), "late": edge.late}
            for edge in graph.edges
        ],
        "notes": list(graph.notes),
    }
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"
