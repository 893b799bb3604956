"""Checks notebooks: what `nbpipe check` and every other face of the linter call."""
# pathlib costs four tenths of a bare Python start, and `nbpipe check` counts those:
# ruff: noqa: PTH100, PTH109, PTH112, PTH118, PTH120

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nbpipe.config import Settings, load_settings
from nbpipe.lint.batch import check_files
from nbpipe.lint.comparison import compared
from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.engine import Linter
from nbpipe.lint.files import notebooks_of
from nbpipe.lint.reporting import Summary
from nbpipe.lint.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from nbpipe.lint.baseline import Baseline
    from nbpipe.lint.diagnostic import Diagnostic, FileResult
    from nbpipe.lint.failure import RuleFailure
    from nbpipe.lint.since import Since


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


def check(
    paths: str | Sequence[str] = ".", *, settings: Settings | None = None, since: str = "", **overrides: object
) -> CheckResult:
    """Check notebooks, folders of notebooks, or patterns.

    Args:
        paths: one or several; folders are searched.
        settings: those to use; by default the ones that `settings_for` finds.
        since: a git revision, where only what came with changes since shall count.
        overrides: configuration keys with underscores, such as ``select=["NB1"]`` or ``fail_on="error"``.

    Raises:
        ConfigError: a path does not exist, or the configuration is wrong.
    """
    names = [paths] if isinstance(paths, str) else list(paths)
    if settings is None:
        settings = settings_for(names, overrides=overrides)
    changed = since_revision(since, names, settings) if since else None
    results: Iterable[FileResult] = check_each(names, settings, locate=True, since=changed)
    results = known_left_out(results, baseline_of(settings))
    return CheckResult(results if changed is None else map(changed.filtered, results), settings)


def baseline_of(settings: Settings) -> Baseline | None:
    """Give the baseline that the settings name; raises ConfigError where it cannot be read."""
    if not settings.baseline:
        return None
    from nbpipe.lint.baseline import read_baseline

    return read_baseline(baseline_file(settings), settings.origin("baseline"))


def baseline_file(settings: Settings) -> str:
    """Give the path of the baseline that the settings name, "" where they name none."""
    if not settings.baseline:
        return ""
    # What the configuration file names is beside it.
    beside = settings.origin("baseline") == settings.file
    return os.path.join(settings.root, settings.baseline) if beside else settings.baseline


def since_revision(ref: str, paths: Sequence[str], settings: Settings) -> Since:
    """Give what tells which findings came since a git revision; raises ConfigError where git cannot tell."""
    from nbpipe.lint.since import Since

    first = paths[0] if paths else "."
    folder = first if os.path.isdir(first) else os.path.dirname(first)
    linter = Linter(settings, Selection(settings))
    return Since(ref, folder if os.path.isdir(folder) else ".", linter.check_source)


def known_left_out(results: Iterable[FileResult], baseline: Baseline | None) -> Iterable[FileResult]:
    """Give results without the findings that a baseline knows."""
    return results if baseline is None else map(baseline.filtered, results)


def check_each(  # noqa: PLR0913 - what a report may ask for
    paths: Sequence[str],
    settings: Settings,
    *,
    locate: bool = False,
    file_edits: bool = False,
    flows: bool = False,
    cached: bool = False,
    since: Since | None = None,
) -> Iterator[FileResult]:
    """Yield the result of each notebook as soon as it is known, and at the end what comparing them gave.

    What a baseline knows is among it.

    Args:
        paths: files, folders or patterns.
        settings: those to use.
        locate: whether the diagnostics shall carry their line in the file.
        file_edits: whether the fixes shall also be given as lines of the file.
        flows: whether the results shall carry the names that flow between cells.
        cached: whether results of earlier runs may be used, and these be kept; never those of a few notebooks, nor
            where more is asked for than lines.
        since: what leaves out the notebooks that are as they were.

    Raises:
        ConfigError: a path does not exist, or the settings name an unknown rule.
    """
    selection = Selection(settings)
    found = list(notebooks_of(paths, settings))
    if since is not None:
        found = [each for each in found if each.problem or since.may_differ(each.path)]
    cache = None
    if cached and len(found) >= CACHED_FROM and not (file_edits or flows):
        from nbpipe.lint.cache import open_cache  # hashing costs start-up time

        cache = open_cache(settings, selection, locate=locate)
    linter = Linter(settings, selection, locate=locate, file_edits=file_edits, flows=flows, across=len(found) > 1)
    results = check_files(found, linter, jobs=settings.jobs, cache=cache)
    yield from compared(results, selection, locate=locate)


def check_source(  # noqa: PLR0913 - what a report may ask for
    data: bytes,
    path: str,
    settings: Settings,
    *,
    locate: bool = False,
    file_edits: bool = False,
    flows: bool = False,
) -> FileResult:
    """Check a notebook that is not (yet) in its file: an editor's buffer, or standard input.

    Args:
        data: the bytes that the file would have.
        path: what the file is called, for reports and for what is ignored by file.
        settings: those to use.
        locate: whether the diagnostics shall carry their line in the file.
        file_edits: whether the fixes shall also be given as lines of the file.
        flows: whether the result shall carry the names that flow between cells.
    """
    linter = Linter(settings, Selection(settings), locate=locate, file_edits=file_edits, flows=flows)
    return linter.check_source(data, path)


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
