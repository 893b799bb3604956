"""Text as HTML: nothing that comes from a notebook can be markup, move other text or be taken for something else."""

from __future__ import annotations

from html import escape

from nbpipe.lint.reporting import printable
from nbpipe.patterns import pattern

SPAN = pattern(r"`([^`]+)`")


def text(value: str) -> str:
    """Give one line of text."""
    return escape(printable(value))


def code_text(value: str) -> str:
    """Give a piece of one line of code: as many characters as it has, those that cannot be seen made visible."""
    if not value.isprintable():
        value = "".join(
            character if character.isprintable() or character == "\t" else "\N{REPLACEMENT CHARACTER}"
            for character in value
        )
    return escape(value)


def message_text(value: str) -> str:
    """Give a message, with what stands in backticks as code."""
    parts = SPAN.split(value)
    return "".join(f"<code>{text(part)}</code>" if at % 2 else text(part) for at, part in enumerate(parts))
