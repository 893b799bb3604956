"""The names of notebook files, as the rules about them read them."""

from __future__ import annotations


def basename(path: str) -> str:
    """Give the last part of a path as reports show it; "" for standard input."""
    name = path.rpartition("/")[2]
    return "" if name == "-" else name


def stem(path: str) -> str:
    """Give the last part of a path without the ending that says what kind of file it is."""
    name = basename(path)
    head, dot, _ = name.rpartition(".")
    return head if dot else name
