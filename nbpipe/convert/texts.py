"""Markdown of a notebook as docstrings and comments."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbpipe.convert.source import Source
    from nbpipe.notebook import Cell

WIDTH = 92
_LONGEST = 1000  # characters of a docstring
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)|<img[^>]*>", re.IGNORECASE)
_LINK = re.compile(r"\[([^\]]+)\]\((?:[^()]|\([^)]*\))*\)")
_TAG = re.compile(r"</?[A-Za-z][^>]*>|<!--.*?-->", re.DOTALL)
_HEADING = re.compile(r"^(?:#{1,6})[ \t]+(.*?)[ \t#]*$", re.MULTILINE)
_FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^\d+(?:\.\d+)*[.):]\s+(?=\S)")  # the number of a section
_RULE = re.compile(r"^\s*(?:-{3,}|\*{3,}|_{3,}|={3,})\s*$", re.MULTILINE)


def plain(markdown: str) -> str:
    """Give Markdown as plain text: no pictures, no HTML, links by their words; headings end like sentences."""
    text = _TAG.sub("", _LINK.sub(r"\1", _IMAGE.sub("", markdown)))
    text = _RULE.sub("", text).replace("**", "").replace("__", "")
    text = _HEADING.sub(lambda match: f"\n{_sentence(_SECTION.sub('', match[1]))}\n", text)
    paragraphs = re.split(r"\n\s*\n", text)
    return "\n\n".join(_wrapped(paragraph) for paragraph in paragraphs if paragraph.strip())


def _sentence(heading: str) -> str:
    heading = heading.strip().rstrip(":")
    return heading if not heading or heading[-1] in ".!?" else f"{heading}."


def _wrapped(paragraph: str) -> str:
    lines = [line.rstrip() for line in paragraph.strip("\n").split("\n")]
    if any(re.match(r"\s*(?:[-*+|>]|\d+\.|\s{4}|```|\$\$)", line) for line in lines):
        return "\n".join(piece for line in lines for piece in textwrap.wrap(line, WIDTH) or [""])
    return "\n".join(textwrap.wrap(" ".join(line.strip() for line in lines), WIDTH))


def docstring(source: Source, step: str, notebook: str) -> str:
    """Give the docstring's text of a step: the Markdown above its first cell, else where it comes from."""
    found = next(item for item in source.steps if item.name == step)
    above = _beginning(plain(_section(source, found.cells[0])[1]))
    if above:
        first, _, rest = above.partition("\n\n")
        joined = " ".join(first.split("\n"))
        if len(joined) <= WIDTH:
            return f"{_sentence(joined)}\n\n{rest}".strip()
        return f"{_title(found.title)}\n\n{above}"
    cells = ", ".join(str(cell + 1) for cell in found.cells)
    return f"{_title(found.title)}\n\nFrom {'cells' if len(found.cells) > 1 else 'cell'} {cells} of {notebook}."


def introduction(source: Source) -> str:
    """Give the beginning of the Markdown that the notebook starts with, unless it is that of the first step."""
    first = next(iter(source.plan.roles), 0)
    is_of_step = first == source.steps[0].cells[0]
    return _beginning(plain(_section(source, first)[0] if is_of_step else _raw_above(source, first)))


def _section(source: Source, cell: int) -> tuple[str, str]:
    """Split the Markdown above a cell: what belongs to the notebook, or ends the section before, and what begins here.

    Here begins the last section of the highest level, but for the notebook's title where it has sections of its own.
    """
    markdown = _raw_above(source, cell)
    fences = [match.span() for match in _FENCE.finditer(markdown)]
    headings = [
        (match.start(), len(match[0]) - len(match[0].lstrip("#")))
        for match in _HEADING.finditer(markdown)
        if not any(first <= match.start() < last for first, last in fences)
    ]
    is_first = cell == next(iter(source.plan.roles), cell)
    if is_first and len(headings) > 1 and headings[0][1] == 1:
        headings = headings[1:]
    if not headings:
        return "", markdown
    highest = min(level for _, level in headings)
    begin = [start for start, level in headings if level == highest][-1]
    return markdown[:begin], markdown[begin:]


def _beginning(text: str) -> str:
    """Give the first paragraphs of a text, as many as a docstring bears; whoever wants all of it reads the notebook."""
    kept: list[str] = []
    for paragraph in text.split("\n\n"):
        if kept and sum(map(len, kept)) + len(paragraph) > _LONGEST:
            break
        kept.append(paragraph)
    return "\n\n".join(kept)


def _title(title: str) -> str:
    words = title.replace("_", " ").replace("-", " ").strip()
    return f"{words[:1].upper()}{words[1:]}."


def markdown_above(source: Source, cell: int) -> str:
    """Give the Markdown between a code cell and the code cell before it, as plain text."""
    return plain(_raw_above(source, cell))


def _raw_above(source: Source, cell: int) -> str:
    found: list[Cell] = []
    for other in reversed(source.analysis.notebook.cells[:cell]):
        if other.cell_type == "code" and other.source.strip():
            break
        if other.cell_type == "markdown":
            found.insert(0, other)
    return "\n\n".join(other.source for other in found)


def comment(text: str) -> list[str]:
    """Give the first paragraph of a text as comment lines."""
    first = text.partition("\n\n")[0]
    return [f"# {line}".rstrip() for line in first.split("\n")] if first else []


def literal(text: str, indent: str = "") -> str:
    """Write a docstring, raw where it holds backslashes."""
    prefix = "r" if "\\" in text else ""
    text = text.replace('"""', "'''").rstrip()
    if text.endswith(('"', "\\")):
        text += "."
    body = text.replace("\n", f"\n{indent}").replace(f"\n{indent}\n", "\n\n")
    closing = f"\n{indent}" if "\n" in text else ""
    return f'{prefix}"""{body}{closing}"""'
