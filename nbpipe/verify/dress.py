r"""The normalisers that take something away from both texts before they are compared part by part.

What dresses a text and says nothing: colours, style sheets, what a progress bar wrote over, how lines were wrapped.
Each is tried only while the texts differ, and counts as needed only where it changed one of them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_STYLE_SHEET = re.compile(r"<style scoped>.*?</style>\s*", re.DOTALL)
_SCALAR = re.compile(r"\bnp\.(?:(?:float|u?int|complex)\d+|str_|bytes_|longlong|ulonglong|longdouble)\(([^()]*)\)")
_SHAPE = re.compile(r"(?<=\]), shape=\([\d, ]*\)(?=\)|, dtype)")
_INDEX = re.compile(r"\b(?:U?Int|Float)64Index\(")
_TRUTH = re.compile(r"\bnp\.(True|False)_")
_OPEN, _CLOSE = "[({", "])}"


def without_colours(text: str) -> str:
    """Take away colours and other terminal control sequences (ECMA-48)."""
    return _ANSI.sub("", text)


def _without_style_sheets(text: str) -> str:
    # Newer versions of pandas put one before a table.
    return _STYLE_SHEET.sub("", text)


def _overwritten(text: str) -> str:
    """Give what a terminal shows in the end: carriage returns and backspaces go back over what is there."""
    if "\b" in text:
        before = None
        while before != text:
            before, text = text, re.sub(r"[^\b\n]\x08", "", text)
        text = text.replace("\b", "")
    if "\r" not in text:
        return text
    lines = []
    for line in text.replace("\r\n", "\n").split("\n"):
        shown = ""
        for piece in line.split("\r"):
            shown = piece + shown[len(piece) :]
        lines.append(shown)
    return "\n".join(lines)


def _plain_numpy(text: str) -> str:
    # NumPy 2 writes np.float64(0.5) where NumPy 1 wrote 0.5 (NEP 51), and the shape of an array that it shortens.
    if "np." in text:
        text = _TRUTH.sub(r"\1", _SCALAR.sub(r"\1", text))
    return _SHAPE.sub("", text).replace("...,", "...")


def _plain_pandas(text: str) -> str:
    # pandas 2 has one kind of index for all numbers.
    return _INDEX.sub("Index(", text)


def _unwrapped(text: str) -> str:
    """Join the lines within brackets: how an array or a dictionary is wrapped depends on the width of its numbers.

    Which row a number is in is told by the brackets, which stay.
    """
    if "\n" not in text:
        return text
    depth = 0
    pieces: list[str] = []
    for line in text.split("\n"):
        stripped = line.strip() if depth > 0 else line.rstrip()
        pieces.append(stripped if depth <= 0 or not pieces else f" {stripped}")
        depth = max(0, depth + sum(line.count(mark) for mark in _OPEN) - sum(line.count(mark) for mark in _CLOSE))
        if depth <= 0:
            pieces.append("\n")
    return "".join(pieces).rstrip("\n")


DRESS: Final[tuple[tuple[str, Callable[[str], str]], ...]] = (
    ("terminal colours", without_colours),
    ("overwritten text", _overwritten),
    ("style sheets", _without_style_sheets),
    ("NumPy notation", _plain_numpy),
    ("pandas notation", _plain_pandas),
    ("line wrapping", _unwrapped),
)
