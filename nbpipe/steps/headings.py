"""The headings of a notebook: where its author begins something new, and what it is called."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from nbpipe.notebook import Notebook

_HEADING = re.compile(r"^ {0,3}(?P<level>#{1,6})[ \t]+(?P<text>.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
_HTML = re.compile(r"<h(?P<level>[1-6])\b[^>]*>(?P<text>.*?)</h[1-6]\s*>", re.IGNORECASE | re.DOTALL)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_MARKUP = re.compile(r"<[^>]*>|[*_`~$]|!?\[|\]\([^)]*\)|\\")
_NUMBER = re.compile(r"^(?:(?:step|part|chapter|section)\s*)?[\dIVX]+(?:[.)]\d*)*[.):\s-]+(?=\S)", re.IGNORECASE)
_END = re.compile(r"[:?!(\[.,;]|\s[-\u2013\u2014]\s")
# Letters that are none with an accent.
_LETTERS = str.maketrans({
    "\u0131": "i", "\u00f8": "o", "\u00d8": "O", "\u0142": "l", "\u0141": "L", "\u0111": "d", "\u0110": "D",
    "\u00e6": "ae", "\u00c6": "AE", "\u0153": "oe", "\u0152": "OE", "\u00df": "ss",
})  # fmt: skip
MOST_WORDS = 4  # of a step's name
LONGEST = 32  # its characters
_SMALL = frozenset(["a", "an", "and", "at", "for", "in", "into", "of", "on", "our", "the", "to", "with", "using"])


class Heading:
    """A heading: its level from 1, and its text without markup and number."""

    __slots__ = ("level", "text")

    def __init__(self, level: int, text: str) -> None:
        self.level = level
        self.text = text


def headings(notebook: Notebook, cells: Collection[int]) -> dict[int, list[Heading]]:
    """Give the headings that stand between a code cell and the one before it, by the cell.

    Args:
        notebook: the notebook.
        cells: the code cells that count.
    """
    found: dict[int, list[Heading]] = {}
    waiting: list[Heading] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            waiting += _in(cell.source)
        elif cell.index in cells and waiting:
            found[cell.index] = waiting
            waiting = []
    return found


def _in(source: str) -> list[Heading]:
    source = _FENCE.sub("", source)
    matches = sorted((*_HEADING.finditer(source), *_HTML.finditer(source)), key=lambda match: match.start())
    found = []
    for match in matches:
        text = " ".join(_NUMBER.sub("", _MARKUP.sub("", match["text"]).strip()).split())
        if text:
            found.append(
                Heading(len(match["level"].strip()) if match["level"].startswith("#") else int(match["level"]), text)
            )
    return found


def step_name(text: str) -> str:
    """Give a step's name of a heading: its words up to a colon or the like; "" where they are too many for a name."""
    words = _words(text)
    name = "_".join(words)
    return name if len(words) <= MOST_WORDS and len(name) <= LONGEST and name[:1].isalpha() else ""


def beginning(text: str) -> str:
    """Give a step's name of the first words of a heading; "" where it has none in Latin letters."""
    words = [word for word in _words(text) if len(word) <= LONGEST][:MOST_WORDS]
    while len("_".join(words)) > LONGEST:
        words.pop()
    return "_".join(words) if words and words[0][:1].isalpha() else ""


def _words(text: str) -> list[str]:
    begin = _END.split(without_accents(text).lower(), maxsplit=1)[0]
    return [word for word in re.findall(r"[a-z0-9]+", begin) if word not in _SMALL]


def without_accents(text: str) -> str:
    """Give a text with the plain letter for each accented one: ``données`` is ``donnees``."""
    plain = text.translate(_LETTERS)
    return "".join(letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter))


def best_level(found: Mapping[int, Sequence[Heading]]) -> int:
    """Give the level that divides a notebook: the topmost that begins several parts; 0 where there is none."""
    for level in range(1, 7):
        if sum(any(heading.level <= level for heading in each) for each in found.values()) > 1:
            return level
    return 0
