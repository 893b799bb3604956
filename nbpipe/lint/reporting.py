"""What a reporter is, and the words that several share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Applicability, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbpipe.lint.diagnostic import FileResult

    Paint = Callable[[str, str], str]


class Summary:
    """Counts over all files checked."""

    __slots__ = ("counts", "fixable", "notebooks")

    def __init__(self) -> None:
        self.notebooks = 0
        self.counts = dict.fromkeys(Severity, 0)
        self.fixable = 0

    def add(self, result: FileResult) -> None:
        """Count one file."""
        self.notebooks += not result.compared
        for item in result.diagnostics:
            self.counts[item.severity] += 1
            self.fixable += item.fix is not None and item.fix.applicability is not Applicability.DISPLAY_ONLY

    def at_least(self, level: Severity) -> int:
        """Give the number of findings of that severity or worse."""
        return sum(count for severity, count in self.counts.items() if severity >= level)

    def sentence(self) -> str:
        """Give the counts in words."""
        checked = plural(self.notebooks, "notebook")
        if not self.at_least(Severity.INFO):
            return f"Checked {checked}: nothing found."
        counts = ", ".join(plural(count, severity.label) for severity, count in sorted(self.counts.items())[::-1])
        return f"Checked {checked}: {counts}."


class Reporter:
    """Turns results into text, file by file, so that nothing waits for the last one.

    Attributes:
        locates: whether it shows lines of the file.
        summarises: whether a sentence with the counts may follow.
    """

    locates = False
    summarises = True

    def __init__(self, paint: Paint) -> None:
        """Take `paint`, which gives a text in a style such as ``"bold red"``, or as it is without colours."""
        self.paint = paint

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield the lines for one file."""
        raise NotImplementedError

    def end(self, summary: Summary) -> Iterator[str]:  # noqa: ARG002 - for formats that have an end
        """Yield the lines after the last file."""
        yield from ()


def plural(count: int, noun: str) -> str:
    """Give "1 error", "2 errors"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def printable(text: str) -> str:
    """Give text that cannot move the cursor, change colours or begin a new line."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in text)
