"""A file beyond 300 lines or a function beyond 50 is asking to be two."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = sorted(path for path in (ROOT / "nbpipe").rglob("*.py") if "node_modules" not in path.parts)


def test_files_are_short() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}

    generated = "nbpipe/lint/rules/index.py"
    assert {path: length for path, length in lengths.items() if length > 300 and path != generated} == {}


def length_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Give how many lines a function has without its docstring, which says what it must."""
    first = node.body[0]
    said = ast.get_docstring(node) is not None and first.end_lineno is not None
    spoken = (first.end_lineno or 0) - first.lineno + 1 if said else 0
    return (node.end_lineno or node.lineno) - node.lineno + 1 - spoken


def test_functions_are_short() -> None:
    lengths = {
        f"{path.relative_to(ROOT)}:{node.name}": length_of(node)
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: length for name, length in lengths.items() if length > 50} == {}
