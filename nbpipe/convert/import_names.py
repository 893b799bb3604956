"""Which modules code imports, anywhere in it: by statements, and by name (``importlib.import_module("a.b")``)."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BY_NAME: Final = frozenset(["import_module", "__import__"])


def imported_in(tree: ast.AST, absolute: Callable[[ast.ImportFrom], str] | None = None) -> Iterator[str]:
    """Give dotted names of what is imported; ``from a import b`` gives ``a`` and ``a.b``, whatever ``b`` is.

    Args:
        tree: the code.
        absolute: gives the module that a relative import means; without it such imports are left out.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (absolute is not None or not node.level):
            module = absolute(node) if absolute is not None else node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names if alias.name != "*")
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            name = node.args[0].value
            if called in _BY_NAME and isinstance(name, str) and not name.startswith("."):
                yield name
