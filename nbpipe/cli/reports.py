"""Where ``check`` writes its reports: standard output, and files."""
# pathlib costs four tenths of a bare Python start, and `nbpipe check` counts those:
# ruff: noqa: PTH110, PTH112, PTH113, PTH120, PTH123

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nbpipe.cli import console
from nbpipe.errors import ConfigError, NotebookError
from nbpipe.lint.reporters import formats, make_reporter
from nbpipe.lint.reporting import Reporter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbpipe.config import Settings
    from nbpipe.lint.diagnostic import FileResult
    from nbpipe.lint.reporting import Paint, Summary

ORIGIN = "--output-file"


class Reports(Reporter):
    """All that one check writes, as one reporter: what it yields is for standard output; files are written at the end.

    A file holds nothing or the whole report.
    """

    def __init__(self, settings: Settings, given: Mapping[str, Sequence[str]]) -> None:
        """Read the options; raises ConfigError for an unknown format and a file that cannot be there."""
        super().__init__(console.style)
        name, origin = settings.output_format, settings.origin("output-format")
        statistics = "statistics" in given
        self._files: list[tuple[str, Reporter, list[str]]] = []
        alone = False
        for text in given.get("output-file", ()):
            wanted, path = _split(text)
            alone |= not wanted
            reporter = _reporter(wanted or name, ORIGIN if wanted else origin, _plain, statistics=statistics)
            self._files.append((path, reporter, []))
        self._shown = None if alone else _reporter(name, origin, console.style, statistics=statistics)
        self.summarises = self._shown is None or self._shown.summarises
        reporters = [reporter for _, reporter, _ in self._files] + ([self._shown] if self._shown is not None else [])
        self.locates = any(reporter.locates for reporter in reporters)
        self.edits_files = any(reporter.edits_files for reporter in reporters)
        self.draws = any(reporter.draws for reporter in reporters)

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield the lines for one file."""
        for _, reporter, lines in self._files:
            lines.extend(reporter.file(result))
        if self._shown is not None:
            yield from self._shown.file(result)

    def end(self, summary: Summary) -> Iterator[str]:
        """Yield the lines after the last file, and write the files; raises ConfigError where one cannot be written."""
        if self._shown is not None:
            yield from self._shown.end(summary)
        for path, reporter, lines in self._files:
            lines.extend(reporter.end(summary))
            _save(path, "".join(line + "\n" for line in lines))


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
