"""Where ``check`` writes its reports: standard output, and files."""
# pathlib costs four tenths of a bare Python start, and `nbpipe check` counts those:
# ruff: noqa: PTH110, PTH112, PTH113, PTH120, PTH123

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nbpipe.cli import console
from nbpipe.errors import ConfigError, NotebookError
from nbpipe.lint.reporters import formats, make_reporter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbpipe.config import Settings
    from nbpipe.lint.diagnostic import FileResult
    from nbpipe.lint.reporting import Paint, Reporter, Summary

ORIGIN = "--output-file"


class Report:
    """One reporter and where its lines go: standard output as they come, or a file when all are there."""

    def __init__(self, reporter: Reporter, path: str = "") -> None:
        self.reporter = reporter
        self.path = path
        self._lines: list[str] = []

    def file(self, result: FileResult) -> None:
        """Take the result of one file."""
        self._write(self.reporter.file(result))

    def end(self, summary: Summary) -> None:
        """Write what is left; raises ConfigError where the file cannot be written."""
        self._write(self.reporter.end(summary))
        if self.path:
            _save(self.path, "".join(line + "\n" for line in self._lines))

    def _write(self, lines: Iterable[str]) -> None:
        if self.path:
            self._lines += lines
        else:
            for line in lines:
                console.echo(line)


class Reports:
    """All that one check writes.

    Attributes:
        summarises: whether the sentence with the counts belongs on standard output.
    """

    def __init__(self, settings: Settings, given: Mapping[str, Sequence[str]]) -> None:
        """Read the options; raises ConfigError for an unknown format and a file that cannot be there."""
        name, origin = settings.output_format, settings.origin("output-format")
        statistics = "statistics" in given
        self._all: list[Report] = []
        own = True
        for text in given.get("output-file", ()):
            wanted, path = _split(text)
            own = own and bool(wanted)
            reporter = _reporter(wanted or name, ORIGIN if wanted else origin, _plain, statistics=statistics)
            self._all.append(Report(reporter, path))
        self.summarises = True
        if own:
            reporter = _reporter(name, origin, console.style, statistics=statistics)
            self.summarises = reporter.summarises
            self._all.insert(0, Report(reporter))

    def details(self) -> dict[str, bool]:
        """Give what the linter must find out for them."""
        reporters = [report.reporter for report in self._all]
        return {
            "locate": any(reporter.locates for reporter in reporters),
            "file_edits": any(reporter.edits_files for reporter in reporters),
            "flows": any(reporter.draws for reporter in reporters),
        }

    def file(self, result: FileResult) -> None:
        """Take the result of one file."""
        for report in self._all:
            report.file(result)

    def end(self, summary: Summary) -> None:
        """Write what is left; raises ConfigError where a file cannot be written."""
        for report in self._all:
            report.end(summary)


def _reporter(name: str, origin: str, paint: Paint, *, statistics: bool) -> Reporter:
    if not statistics:
        return make_reporter(name, origin, paint)
    from nbpipe.lint.statistics import Statistics

    return Statistics(name, origin, paint)


def _plain(text: str, _: str) -> str:
    return text


def _split(text: str) -> tuple[str, str]:
    """Give the format, "" where there is none, and the path; raises ConfigError where it can be no file's."""
    name, equals, path = text.partition("=")
    if not equals or "/" in name or os.sep in name:
        name, path = "", text
    elif name not in formats():
        make_reporter(name, ORIGIN, _plain)  # raises, and says what there is
    folder = os.path.dirname(path) or "."
    if not path or os.path.isdir(path):
        raise ConfigError(f"{ORIGIN}: '{path}' is not the name of a file")
    if not os.path.isdir(folder):
        raise ConfigError(f"{ORIGIN}: there is no folder '{folder}'")
    return name, path


def _save(path: str, text: str) -> None:
    """Write a file in one step; a device or a pipe is written to. Characters that UTF-8 lacks become escapes."""
    from nbpipe.notebook.save import save

    text = text.encode("utf-8", "backslashreplace").decode()
    try:
        if os.path.exists(path) and not os.path.isfile(path):
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(text)
        else:
            save(path, text)
    except (NotebookError, OSError) as error:
        raise ConfigError(f"{ORIGIN}: '{path}' {_reason(error)}") from None


def _reason(error: NotebookError | OSError) -> str:
    return str(error) if isinstance(error, NotebookError) else f"cannot be written: {error.strerror or error}"
