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


def notebook(text: str, path: Path | None = None) -> Notebook:
    """Read cells, and write the files that follow them: each begins with a line ``# file helpers.py``.

    Args:
        text: the cells, and the files.
        path: of the notebook, beside which files lie.
    """
    text, *files = re.split(r"^# file (\S+)\n", text, flags=re.MULTILINE)
    for name, content in zip(files[::2], files[1::2], strict=True):
        assert path is not None
        file = path.parent / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
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
        path=str(path or ""),
    )


def snippets(path: Path) -> Iterator[tuple[str, str, str]]:
    """Give the title, the cells and the expectation of each snippet of a file; all of it must be of that form."""
    text = path.read_text(encoding="utf-8")
    parts = re.findall(r"^## ([^\n]+)\n\n```python\n(.*?)\n```\n\n`([^\n]+)`$", text, re.MULTILINE | re.DOTALL)
    assert len(parts) == text.count("\n## "), path
    yield from parts
