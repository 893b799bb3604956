"""``__name__`` in cells: it is ``"__main__"`` in a notebook, and something else in a module."""

from __future__ import annotations

import ast
from typing import Final

from nbpipe.convert.plain.layout import PlainText, inside_literals
from nbpipe.notebook.ipython import to_python
from nbpipe.notebook.parsing import parsed

NAME: Final = "__name__"
_VALUE: Final = "__main__"


def without_guards(plain: PlainText) -> PlainText:
    """Give a cell whose main guards (``if __name__ == "__main__":``) are resolved, and in which the name is its value.

    The block of a guard at the top level stands there by itself; a guard with an ``else`` stays one.
    """
    tree = parsed(to_python(plain.text).text)
    if tree is None:
        return plain
    lines = list(plain.lines)
    places = list(plain.places)
    guards = [node for node in tree.body if isinstance(node, ast.If) and _is_guard(node, lines)]
    tests = {id(name) for guard in guards for name in ast.walk(guard.test)}
    names = [
        node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == NAME and id(node) not in tests
    ]
    for name in sorted(names, key=lambda name: (name.lineno, name.col_offset), reverse=True):
        line = lines[name.lineno - 1].encode()
        if line[name.col_offset : name.end_col_offset] == NAME.encode():
            new = line[: name.col_offset] + f'"{_VALUE}"'.encode() + line[name.end_col_offset :]
            lines[name.lineno - 1] = new.decode()
    for guard in reversed(guards):
        first, end = guard.lineno - 1, guard.end_lineno or guard.lineno
        block = _dedented(guard, lines)
        lines[first:end] = [text for text, _ in block]
        places[first:end] = [places[first + at] for _, at in block]
    return PlainText(tuple(lines), tuple(places), plain.imports)


def _is_guard(node: ast.If, lines: list[str]) -> bool:
    """Tell whether an ``if`` is a main guard whose colon stands behind the condition."""
    if node.orelse or not isinstance(node.test, ast.Compare):
        return False
    behind = lines[(node.test.end_lineno or node.lineno) - 1].encode()[node.test.end_col_offset :]
    sides = [node.test.left, *node.test.comparators]
    named = [side for side in sides if isinstance(side, ast.Name) and side.id == NAME]
    told = [side for side in sides if isinstance(side, ast.Constant) and side.value == _VALUE]
    return (
        behind.strip().startswith(b":")
        and len(named) == len(told) == len(node.test.ops) == 1
        and isinstance(node.test.ops[0], ast.Eq)
    )


def _dedented(guard: ast.If, lines: list[str]) -> list[tuple[str, int]]:
    """Give the lines of a guard's block, each with the line of the guard that it comes from, from 0."""
    start, body = guard.lineno - 1, guard.body[0]
    head = (guard.test.end_lineno or guard.lineno) - 1
    if body.lineno - 1 == head:
        text = lines[head].encode()[body.col_offset :].decode()
        return [(text, head - start), *((lines[at], at - start) for at in range(head + 1, guard.end_lineno or 0))]
    indent = lines[body.lineno - 1][: body.col_offset]
    inside = inside_literals(guard)
    found = []
    remark = lines[head].rpartition("#")[2].strip() if "#" in lines[head] else ""
    if remark:
        found.append((f"# {remark}", head - start))
    for at in range(head + 1, guard.end_lineno or 0):
        line = lines[at]
        found.append((line if at + 1 in inside else line.removeprefix(indent) or line.lstrip(), at - start))
    return found
