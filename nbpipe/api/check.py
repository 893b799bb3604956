"""Checks notebooks: what `nbpipe check` and every other face of the linter call."""
# pathlib costs four tenths of a bare Python start, and `nbpipe check` counts those:
# ruff: noqa: PTH100, PTH109, PTH112, PTH120

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nbpipe.config import Settings, load_settings
from nbpipe.lint.batch import check_files
from nbpipe.lint.comparison import compared
from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.engine import Linter
from nbpipe.lint.files import find_notebooks
from nbpipe.lint.reporting import Summary
from nbpipe.lint.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nbpipe.lint.diagnostic import Diagnostic, FileResult, RuleFailure


# Fewer notebooks are checked in the time that it takes to look their results up.
CACHED_FROM = 8


class CheckResult:
    """What checking some notebooks gave.

    Attributes:
        files: one result a notebook, those without findings too, and then what comparing them gave.
        summary: the counts.
        settings: those that were in force.
    """

    __slots__ = ("files", "settings", "summary")

    def __init__(self, files: Iterable[FileResult], settings: Settings) -> None:
        self.files = tuple(files)
        self.settings = settings
        self.summary = Summary()
        for result in self.files:
            self.summary.add(result)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All findings, file by file, in the order of reading."""
        return tuple(item for result in self.files for item in result.diagnostics)

    @property
    def failures(self) -> tuple[RuleFailure, ...]:
        """Rules that raised: errors of nbpipe."""
        return tuple(failure for result in self.files for failure in result.failures)

    @property
    def exit_code(self) -> int:
        """What `nbpipe check` exits with."""
        return exit_code(self.summary, self.settings, failed=bool(self.failures))


def check(paths: str | Sequence[str] = ".", *, settings: Settings | None = None, **overrides: object) -> CheckResult:
    """Check notebooks, folders of notebooks, or patterns.

    Args:
        paths: one or several; folders are searched.
        settings: those to use; by default the ones that `settings_for` finds.
        overrides: configuration keys with underscores, such as ``select=["NB1"]`` or ``fail_on="error"``.

    Raises:
        ConfigError: a path does not exist, or the configuration is wrong.
    """
    names = [paths] if isinstance(paths, str) else list(paths)
    if settings is None:
        settings = settings_for(names, overrides=overrides)
    return CheckResult(check_each(names, settings, locate=True), settings)


def check_each(
    paths: Sequence[str], settings: Settings, *, locate: bool = False, cached: bool = False
) -> Iterator[FileResult]:
    """Yield the result of each notebook as soon as it is known, and at the end what comparing them gave.

    Args:
        paths: files, folders or patterns.
        settings: those to use.
        locate: whether the diagnostics shall carry their line in the file.
        cached: whether results of earlier runs may be used, and these be kept; of a few notebooks they never are.

    Raises:
        ConfigError: a path does not exist, or the settings name an unknown rule.
    """
    selection = Selection(settings)
    found = list(find_notebooks(paths, settings.exclude, settings.root))
    cache = None
    if cached and len(found) >= CACHED_FROM:
        from nbpipe.lint.cache import open_cache  # hashing costs start-up time

        cache = open_cache(settings, selection, locate=locate)
    results = check_files(found, settings, selection, locate=locate, cache=cache)
    yield from compared(results, selection, locate=locate)


def check_source(data: bytes, path: str, settings: Settings, *, locate: bool = False) -> FileResult:
    """Check a notebook that is not (yet) in its file: an editor's buffer, or standard input.

    Args:
        data: the bytes that the file would have.
        path: what the file is called, for reports and for what is ignored by file.
        settings: those to use.
        locate: whether the diagnostics shall carry their line in the file.
    """
    return Linter(settings, Selection(settings), locate=locate).check_source(data, path)


def settings_for(
    paths: Sequence[str],
    *,
    arguments: Mapping[str, Sequence[str]] | None = None,
    overrides: Mapping[str, object] | None = None,
) -> Settings:
    """Give the settings in force for some paths: those of the project that the folder common to all belongs to."""
    folders = [path if os.path.isdir(path) else os.path.dirname(path) for path in paths if os.path.lexists(path)]
    try:
        start = os.path.commonpath([os.path.abspath(folder) for folder in folders])
    except ValueError:  # no path exists, or they are on several drives
        start = os.getcwd()
    return load_settings(start, arguments=arguments, overrides=overrides)


def exit_code(summary: Summary, settings: Settings, *, failed: bool) -> int:
    """Give 2 where a rule failed, 1 for findings at or above ``fail-on``, else 0."""
    if failed:
        return 2
    return int(summary.at_least(Severity[settings.fail_on.upper()]) > 0)
