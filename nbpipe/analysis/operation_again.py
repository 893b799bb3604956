"""Operators, indexes and mappings that are applied once more to what they gave: what Python itself defines."""

from __future__ import annotations

import ast

from nbpipe.analysis.repetition_table import ABSORBING, CHANGES, NO_CHANGE, NOT_KNOWN, TOGGLES, UNKNOWN, Again
from nbpipe.analysis.values import Const, Container

_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "something is added each time",
    ast.Sub: "something is subtracted each time",
    ast.Mult: "it is multiplied each time",
    ast.MatMult: "it is multiplied each time",
    ast.Div: "it is divided each time",
    ast.FloorDiv: "it is divided each time",
    ast.Pow: "it is raised to a power each time",
    ast.LShift: "it is shifted each time",
    ast.RShift: "it is shifted each time",
    ast.BitXor: "it is turned each time",
}
# Operators that change nothing with this number on their right.
_NEUTRAL: dict[type[ast.operator], float] = {
    ast.Add: 0,
    ast.Sub: 0,
    ast.Mult: 1,
    ast.Div: 1,
    ast.FloorDiv: 1,
    ast.Pow: 1,
}
_ASKING = frozenset(
    ["between", "contains", "duplicated", "endswith", "eq", "ge", "gt", "isin", "isna", "isnull", "le", "lt", "ne"]
) | {"notna", "notnull", "startswith"}
GROWS = Again(CHANGES, "it grows each time")
_PART = Again(CHANGES, "a part of the part is taken each time")
_CUT = Again(CHANGES, "more is cut off each time")
FLIPPED = Again(TOGGLES, "it is turned into its opposite each time")
_AXIS = Again(CHANGES, "an axis is added each time")


def operator_again(operator: ast.operator, operand: ast.expr) -> Again:
    """Give what ``x operator= operand`` does the second time."""
    text = _OPERATORS.get(type(operator))
    if text is None:
        return NO_CHANGE if isinstance(operator, ast.BitAnd | ast.BitOr) else NOT_KNOWN
    if isinstance(operand, ast.Constant) and operand.value in (_NEUTRAL.get(type(operator)), "", b""):
        return NO_CHANGE
    if isinstance(operator, ast.Sub | ast.BitXor) and is_set(operand):
        return NO_CHANGE if isinstance(operator, ast.Sub) else Again(CHANGES, text)
    if isinstance(operator, ast.Add) and isinstance(operand, ast.List | ast.Tuple | ast.ListComp | ast.JoinedStr):
        return GROWS
    if isinstance(operator, ast.Add) and isinstance(operand, ast.Constant) and isinstance(operand.value, str | bytes):
        return GROWS
    return Again(CHANGES, text)


def is_set(node: ast.expr) -> bool:
    """Tell whether an expression surely gives a set."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in ("set", "frozenset")
    return isinstance(node, ast.Set | ast.SetComp)


def is_mask(index: ast.expr) -> bool:
    """Tell whether an index is a condition: what meets it is kept, and meets it again."""
    if isinstance(index, ast.UnaryOp):
        return isinstance(index.op, ast.Not | ast.Invert)
    if isinstance(index, ast.BinOp):
        return isinstance(index.op, ast.BitAnd | ast.BitOr) and is_mask(index.left)
    if isinstance(index, ast.Call):
        return isinstance(index.func, ast.Attribute) and index.func.attr in _ASKING
    return isinstance(index, ast.Compare)


def index_again(index: ast.expr) -> Again:
    """Judge taking the items at an index, by position, once more."""
    if isinstance(index, ast.Tuple):
        parts = [index_again(part) if not _is_number(part) else _PART for part in index.elts]
        told = [part for part in parts if part.told]
        return told[0] if told else (ABSORBING if not any(part.outcome == UNKNOWN for part in parts) else NOT_KNOWN)
    if isinstance(index, ast.Slice):
        return _sliced(index)
    if isinstance(index, ast.Constant) and index.value is None:
        return _AXIS
    if isinstance(index, ast.Attribute) and index.attr == "newaxis":
        return _AXIS
    if isinstance(index, ast.Constant) or _is_number(index):
        return _PART
    if (
        isinstance(index, ast.List)
        and index.elts
        and all(isinstance(item, ast.Constant) and isinstance(item.value, str) for item in index.elts)
    ):
        return NO_CHANGE
    return NOT_KNOWN


def _sliced(index: ast.Slice) -> Again:
    lower, upper, step = _number(index.lower), _number(index.upper), _number(index.step)
    if index.step is not None and step != 1:
        return Again(TOGGLES, "the order is turned round each time") if step == -1 else _CUT
    if upper is not None and upper < 0:
        return _CUT
    if lower is not None and lower > 0:
        return _CUT
    if index.lower is None or lower is not None:
        return ABSORBING if index.upper is None or upper is not None else NOT_KNOWN
    return NOT_KNOWN


def _is_number(node: ast.expr) -> bool:
    return _number(node) is not None


def _number(node: ast.expr | None) -> int | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        found = _number(node.operand)
        return None if found is None else -found
    known = isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool)
    return node.value if known and isinstance(node, ast.Constant) and isinstance(node.value, int) else None


def mapping_again(held: Container) -> Again:
    """Judge mapping by a dict once more: nothing that it gave is among its keys, or all of it stays as it is."""
    values = {
        key: value[0].value for key, value in held.items.items() if len(value) == 1 and isinstance(value[0], Const)
    }
    if held.rest or not held.items or len(values) < len(held.items):
        return NOT_KNOWN
    if not set(values) & set(values.values()):
        return Again(CHANGES, "what it maps to is not among its keys, so that nothing but missing values is left")
    if all(values.get(value) == value for value in values.values()):
        return NO_CHANGE
    return Again(CHANGES, "what it maps to is mapped each time")
