"""Text as XML."""

from __future__ import annotations

from html import escape


def escaped(text: str, *, lines: bool = False) -> str:
    """Write a text so that XML takes it as it is; what XML lacks is left out, and line ends unless asked for."""
    kept = "\n\t" if lines else ""
    shown = (
        character
        for character in text
        if character in kept
        or (character >= " " and not "\ud800" <= character <= "\udfff" and character < "\ufffe")
        or character > "\uffff"
    )
    return escape("".join(shown))
