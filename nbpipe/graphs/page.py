"""A graph as a page that needs nothing but itself: the drawing, and what is known about the node that one points at."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from nbpipe.graphs.svg import STYLE, as_svg
from nbpipe.graphs.xml import escaped

if TYPE_CHECKING:
    from nbpipe.graphs.model import Edge, Graph, Node


def as_page(graph: Graph) -> str:
    """Give the page. Its policy allows its own style and script, and nothing from elsewhere."""
    style = STYLE + _asset("graph.css")
    script = _asset("graph.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    title = escaped(graph.title)
    notes = "".join(f"<li>{escaped(note)}</li>" for note in graph.notes)
    count = f"{len(graph.nodes)} {graph.kind}"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{title}</title>\n<style>{style}</style>\n</head>\n'
        f'<body><header><h1>{title}</h1><p>{count}</p><label>Find a name <input type="search" id="find" '
        'placeholder="df" autocomplete="off" spellcheck="false"></label><output id="found"></output></header>\n'
        f"{f'<ul class=notes>{notes}</ul>' if notes else ''}"
        f'<main><div id="drawing">{as_svg(graph, alone=False)}</div>\n<aside aria-live="polite">'
        '<p class="hint">Click a box to see what it takes and gives, and what depends on it.</p>'
        f"{''.join(_section(graph, node) for node in graph.nodes)}</aside></main>\n"
        f"<script>{script}</script></body>\n</html>\n"
    )


def _section(graph: Graph, node: Node) -> str:
    titles = {each.key: each.title for each in graph.nodes}
    rows = [
        *(_row("takes", edge, edge.source, titles) for edge in graph.before(node.key)),
        *(_row("gives", edge, edge.target, titles) for edge in graph.after(node.key)),
        *(f"<tr><th>{escaped(name)}</th><td>{escaped(text)}</td></tr>" for name, text in node.details),
    ]
    code = f"<pre><code>{escaped(node.code, lines=True)}</code></pre>" if node.code else ""
    below = f" <small>{escaped(node.subtitle)}</small>" if node.subtitle else ""
    return (
        f'<section data-key="{node.key}" hidden><h2>{escaped(node.title)}{below}</h2>'
        f"<table>{''.join(rows)}</table>{code}</section>"
    )


def _row(verb: str, edge: Edge, other: str, titles: dict[str, str]) -> str:
    names = ", ".join(f"<code>{escaped(name)}</code>" for name in edge.names) or "nothing: only the order matters"
    late = " (made only later)" if edge.late else ""
    preposition = "from" if verb == "takes" else "to"
    link = f'<a href="#{other}" data-go="{other}">{escaped(titles[other])}</a>'
    return f"<tr><th>{verb}</th><td>{names} {preposition} {link}{late}</td></tr>"


def _asset(name: str) -> str:
    return files("nbpipe.graphs").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode()
