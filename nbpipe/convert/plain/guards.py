"""``__name__`` in cells and scripts: it is ``"__main__"`` there, and something else in a module."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from nbpipe.convert.plain.lines import PlainText, inside_literals
from nbpipe.notebook.ipython import to_python
from nbpipe.notebook.parsing import parsed

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME: Final = "__name__"
MAIN: Final = "__main__"


def without_guards(plain: PlainText, value: str = MAIN) -> PlainText:
    """Give code whose main guards (``if __name__ == "__main__":``) are resolved, and in which the name is its value.

    The block of a guard at the top level that runs stands there by itself; where none does, nothing is left of it.

    Args:
        plain: a cell, or the lines of a script.
        value: of ``__name__``.
    """
    tree = parsed(to_python(plain.text).text)
    if tree is None:
        return plain
    lines, places = list(plain.lines), list(plain.places)
    blocks = [(node, _block(node, value, lines)) for node in tree.body if isinstance(node, ast.If)]
    guards = [(node, block) for node, block in blocks if block is not None]
    tests = {id(name) for guard, _ in guards for name in ast.walk(guard.test)}
    names = [
        node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == NAME and id(node) not in tests
    ]
    for name in sorted(names, key=lambda name: (name.lineno, name.col_offset), reverse=True):
        line = lines[name.lineno - 1].encode()
        if line[name.col_offset : name.end_col_offset] == NAME.encode():
            new = line[: name.col_offset] + f'"{value}"'.encode() + line[name.end_col_offset :]
            lines[name.lineno - 1] = new.decode()
    for guard, block in reversed(guards):
        first, end = guard.lineno - 1, guard.end_lineno or guard.lineno
        taken = _dedented(guard, block, lines) if block else []
        lines[first:end] = [text for text, _ in taken]
        places[first:end] = [places[at] for _, at in taken]
    return PlainText(tuple(lines), tuple(places), plain.imports)


def _block(node: ast.If, value: str, lines: list[str]) -> list[ast.stmt] | None:
    """Give the statements that run of a main guard; None for what is none, or is not written plainly."""
    if not isinstance(node.test, ast.Compare) or len(node.test.ops) != 1 or not isinstance(node.test.ops[0], ast.Eq):
        return None
    sides = [node.test.left, *node.test.comparators]
    named = [side for side in sides if isinstance(side, ast.Name) and side.id == NAME]
    told = [side.value for side in sides if isinstance(side, ast.Constant) and isinstance(side.value, str)]
    behind = lines[(node.test.end_lineno or node.lineno) - 1].encode()[node.test.end_col_offset :]
    if len(named) != 1 or len(told) != 1 or not behind.strip().startswith(b":"):
        return None
    if told[0] == value:
        return node.body
    is_elif = bool(node.orelse) and lines[node.orelse[0].lineno - 1].lstrip().startswith("elif")
    return None if is_elif else node.orelse


def _dedented(guard: ast.If, block: Sequence[ast.stmt], lines: list[str]) -> list[tuple[str, int]]:
    """Give the lines of a guard's block, each with its place among all lines, from 0."""
    first, end = block[0], block[-1].end_lineno or block[-1].lineno
    head = (guard.test.end_lineno or guard.lineno) - 1
    if block is guard.orelse:
        head = guard.body[-1].end_lineno or head
        while not lines[head].lstrip().startswith("else"):
            head += 1
    if first.lineno - 1 == head:
        text = lines[head].encode()[first.col_offset :].decode()
        return [(text, head), *((lines[at], at) for at in range(head + 1, end))]
    indent = lines[first.lineno - 1][: first.col_offset]
    inside = inside_literals(guard)
    remark = lines[head].rpartition("#")[2].strip() if "#" in lines[head] else ""
    found = [(f"# {remark}", head)] if remark else []
    for at in range(head + 1, end):
        line = lines[at]
        found.append((line if at + 1 in inside else line.removeprefix(indent), at))
    return found
