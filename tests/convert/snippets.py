"""Notebooks written as text, in Markdown files: a title, the cells, what is expected."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbpipe.notebook import Cell, Notebook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A line that is only "# <tag>" begins a cell; "#" alone begins an untagged one.
TAG = re.compile(r"^#( (?:step:\w+|parameters|imports|definitions|metrics|skip))?$")


def notebook(text: str) -> Notebook:
    """Read cells."""
    cells: list[tuple[str, list[str]]] = []
    for line in text.rstrip("\n").split("\n"):
        match = TAG.match(line)
        if match:
            cells.append(((match[1] or "").strip(), []))
        else:
            cells[-1][1].append(line)
    return Notebook(
        tuple(
            Cell(index, "code", "\n".join(lines), metadata={"tags": [tag] if tag else []})
            for index, (tag, lines) in enumerate(cells)
        ),
        {},
    )


def snippets(path: Path) -> Iterator[tuple[str, str, str]]:
    """Give the title, the cells and the expectation of each snippet of a file; all of it must be of that form."""
    text = path.read_text(encoding="utf-8")
    parts = re.findall(r"^## ([^\n]+)\n\n```python\n(.*?)\n```\n\n`([^\n]+)`$", text, re.MULTILINE | re.DOTALL)
    assert len(parts) == text.count("\n## "), path
    yield from parts
