"""``%%capture out``: what a cell prints, kept in a value."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from nbpipe.convert.plain.lines import PlainText, indented
from nbpipe.convert.refusal import refuse
from nbpipe.notebook.parsing import parsed

if TYPE_CHECKING:
    from nbpipe.convert.plain.replacement import Surroundings

_STREAMS: Final = ("stdout", "stderr")


def kept_name(argument: str, around: Surroundings) -> str:
    """Give the name that ``%%capture`` binds and other cells use; "" where there is none."""
    words = [word for word in argument.split() if not word.startswith("-")]
    return words[0] if words and any(node.id == words[0] for node in around.names(elsewhere=True)) else ""


def captured_cell(head: list[str], argument: str, body: PlainText, around: Surroundings) -> PlainText:
    """Give a captured cell: as it is where nobody uses what it printed, else with its streams redirected.

    Args:
        head: the lines up to the magic's.
        argument: of the magic.
        body: what stands below.
        around: what is known around it.

    Raises:
        ConversionError: what is used of the value is neither its ``stdout`` nor its ``stderr``, or the cell holds what
            is no Python.
    """
    name = kept_name(argument, around)
    if not name:
        lines = (*head[:-1], "%%capture", *body.lines)
        return PlainText(lines, (*range(len(head)), *body.places), body.imports)
    _check_use(name, around)
    streams = [stream for stream in _STREAMS if f"--no-{stream}" not in argument]
    if parsed(body.text) is None or not body.text.strip() or not streams:
        raise refuse(
            around.cell, f"'%%capture {name}' stands above what is no Python alone: capture in a cell of its own"
        )
    opened = ", ".join(f"contextlib.redirect_{stream}(io.StringIO()) as {name}_{stream}" for stream in streams)
    given = ", ".join(f"{s}={name}_{s}.getvalue()" if s in streams else f'{s}=""' for s in _STREAMS)
    lines = (
        *head[:-1],
        f"with {opened}:",
        *indented(body.text, "    ").split("\n"),
        f"{name} = types.SimpleNamespace({given})",
    )
    places = (*range(len(head)), *body.places, body.places[-1])
    return PlainText(lines, places, (*body.imports, "contextlib", "io", "types"))


def _check_use(name: str, around: Surroundings) -> None:
    """Raise where a captured value is used in another way than by its streams.

    Raises:
        ConversionError: it is.
    """
    trees = (tree for at, tree in around.trees.items() if at != around.cell)
    nodes = (node for tree in trees for node in ast.walk(tree))
    known = {id(node.value) for node in nodes if isinstance(node, ast.Attribute) and node.attr in _STREAMS}
    for node in around.names(elsewhere=True):
        if node.id == name and id(node) not in known:
            raise refuse(
                around.cell,
                f"'%%capture {name}' is used by more than {name}.stdout and {name}.stderr, which is all that can be "
                "kept: print these instead",
            )
