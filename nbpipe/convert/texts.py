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
    above = _beginning(markdown_above(source, found.cells[0]))
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
    return "" if first == source.steps[0].cells[0] else _beginning(markdown_above(source, first))


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
    found: list[Cell] = []
    for other in reversed(source.analysis.notebook.cells[:cell]):
        if other.cell_type == "code" and other.source.strip():
            break
        if other.cell_type == "markdown":
            found.insert(0, other)
    return "\n\n".join(text for text in (plain(other.source) for other in found) if text)


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
