"""What Python shows for an object, where versions of a library show the same object in other words."""

from __future__ import annotations

import ast
import re
from typing import Final

OBJECTS: Final = "names of objects"
ESTIMATORS: Final = "estimator notation"

_ADDRESSED = re.compile(r"<(?P<name>[\w.]+)(?: object)? at 0x[0-9a-fA-F]+>")
_UNREADABLE = re.compile(r"<(?:class|function|built-in|module|ufunc)\b[^<>]*>")
_LONGEST = 20_000


def same_object(stored: str, fresh: str) -> str:
    """Name what two reprs differ in where they stand for the same object; "" where they may not."""
    if max(len(stored), len(fresh)) > _LONGEST:
        return ""
    if _is_named(stored.strip(), fresh.strip()):
        return OBJECTS
    if _is_shortened(stored, fresh):
        return ESTIMATORS
    return ""


def _is_named(stored: str, fresh: str) -> bool:
    """Tell whether a stored address, which says no more than the class, became a repr that names this class.

    ``<matplotlib.text.Text at 0x7f3a>`` is ``Text(0, 0.5, 'Frequency')`` in newer versions.
    """
    found = _ADDRESSED.fullmatch(stored)
    if found is None or "\n" in fresh:
        return False
    name = found["name"].rpartition(".")[2].removesuffix("Subplot")
    return re.match(rf"<?(?:[\w.]+\.)?{re.escape(name)}\b", fresh) is not None


def _is_shortened(stored: str, fresh: str) -> bool:
    """Tell whether a call with all its arguments became the same call with those that are not the defaults.

    scikit-learn shows estimators so since 0.23.
    """
    trees = [_call(text) for text in (stored, fresh)]
    return trees[0] is not None and trees[1] is not None and _contains(trees[0], trees[1])


def _call(text: str) -> ast.expr | None:
    text = text.strip()
    if not re.match(r"[A-Z]\w+\(", text):
        return None
    try:
        tree = ast.parse(_UNREADABLE.sub("None", text), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return tree if isinstance(tree, ast.Call) else None


def _contains(stored: ast.AST, fresh: ast.AST) -> bool:
    """Tell whether all that the fresh expression says is said by the stored one, too."""
    if isinstance(stored, ast.Call) and isinstance(fresh, ast.Call):
        if ast.dump(stored.func) != ast.dump(fresh.func) or len(stored.args) != len(fresh.args):
            return False
        known = {keyword.arg: keyword.value for keyword in stored.keywords}
        pairs = [*zip(stored.args, fresh.args, strict=True)]
        for keyword in fresh.keywords:
            if keyword.arg not in known:
                return False
            pairs.append((known[keyword.arg], keyword.value))
        return bool(known or not stored.args) and all(_contains(a, b) for a, b in pairs)
    if isinstance(stored, (ast.List, ast.Tuple)) and type(stored) is type(fresh):
        other: list[ast.expr] = fresh.elts
        return len(stored.elts) == len(other) and all(_contains(a, b) for a, b in zip(stored.elts, other, strict=True))
    return ast.dump(stored) == ast.dump(fresh)
