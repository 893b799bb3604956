"""Fixes notebooks: what `nbpipe check --fix` and `--diff` call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.api.check import settings_for
from nbpipe.errors import NotebookError
from nbpipe.lint.engine import Linter
from nbpipe.lint.files import notebooks_of
from nbpipe.lint.fixing import fix_notebook
from nbpipe.lint.reporting import Summary
from nbpipe.lint.selection import Selection
from nbpipe.notebook.formats import parse_any, read_any
from nbpipe.notebook.read import read_bytes
from nbpipe.notebook.save import save

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nbpipe.config import Settings
    from nbpipe.lint.diagnostic import Diagnostic, FileResult
    from nbpipe.lint.fixing import Fixed


class FixedFile:
    """What fixing one file gave.

    Attributes:
        path: as shown, with forward slashes.
        result: what checking the file gives as it is now.
        fixed: the notebook before and after; None where it could not be read or nothing could be fixed.
        problem: why the fixed notebook was not written; "" where it was, or nothing had to be.
    """

    __slots__ = ("fixed", "path", "problem", "result")

    def __init__(self, path: str, result: FileResult, fixed: Fixed | None = None, problem: str = "") -> None:
        self.path = path
        self.result = result
        self.fixed = fixed
        self.problem = problem

    @property
    def applied(self) -> tuple[Diagnostic, ...]:
        """The diagnostics whose fixes were made (or, where nothing is written, would be)."""
        return self.fixed.applied if self.fixed is not None else ()

    @property
    def text(self) -> str | None:
        """The file's text with the fixes made; None where it could not be read."""
        return self.fixed.after.text if self.fixed is not None else None


class FixResult:
    """What fixing some notebooks gave.

    Attributes:
        files: one result a notebook.
        summary: counts of what is left.
        settings: those that were in force.
    """

    __slots__ = ("files", "settings", "summary")

    def __init__(self, files: Iterable[FixedFile], settings: Settings) -> None:
        self.files = tuple(files)
        self.settings = settings
        self.summary = Summary()
        for file in self.files:
            self.summary.add(file.result)

    @property
    def applied(self) -> tuple[Diagnostic, ...]:
        """The diagnostics whose fixes were made, file by file."""
        return tuple(item for file in self.files for item in file.applied)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All findings that are left."""
        return tuple(item for file in self.files for item in file.result.diagnostics)


def fix(
    paths: str | Sequence[str] = ".",
    *,
    unsafe: bool = False,
    write: bool = True,
    settings: Settings | None = None,
    **overrides: object,
) -> FixResult:
    """Fix notebooks, in folders or by patterns, in place.

    Args:
        paths: one or several; folders are searched.
        unsafe: whether to make fixes, too, that may change what the notebook does.
        write: whether to write the fixed notebooks into their files; what they would be is in the result either way.
        settings: those to use; by default the ones that `nbpipe.api.check.settings_for` finds.
        overrides: configuration keys with underscores, such as ``select=["NB8"]``.

    Raises:
        ConfigError: a path does not exist, or the configuration is wrong.
    """
    names = [paths] if isinstance(paths, str) else list(paths)
    if settings is None:
        settings = settings_for(names, overrides=overrides)
    return FixResult(fix_each(names, settings, unsafe=unsafe, write=write, locate=True), settings)


def fix_each(
    paths: Sequence[str], settings: Settings, *, unsafe: bool, write: bool, locate: bool = False
) -> Iterator[FixedFile]:
    """Fix notebooks and yield the result of each as soon as it is known; the arguments are those of `fix`.

    Raises:
        ConfigError: a path does not exist, or the settings name an unknown rule.
    """
    linter = Linter(settings, Selection(settings), locate=locate)
    for found in notebooks_of(paths, settings):
        if found.problem:
            yield FixedFile(
                found.path, linter.unreadable(found.path, f"the folder cannot be searched: {found.problem}")
            )
            continue
        try:
            notebook = read_any(found.path)
        except NotebookError as error:
            yield FixedFile(found.path, linter.refused(found.path, error))
            continue
        done = fix_notebook(linter, notebook, found.path, unsafe=unsafe)
        problem = _save(done) if write and done.after is not done.before else ""
        left = done.first.with_failures(done.result.failures) if problem or not write else done.result
        yield FixedFile(found.path, left, None if problem else done, problem)


def fix_source(data: bytes, path: str, settings: Settings, *, unsafe: bool, locate: bool = False) -> FixedFile:
    """Fix a notebook that is not in its file: an editor's buffer, or standard input; nothing is written.

    Args:
        data: the bytes that the file would have.
        path: what the file is called.
        settings: those to use.
        unsafe: whether to make unsafe fixes, too.
        locate: whether the diagnostics shall carry their line in the (fixed) file.
    """
    linter = Linter(settings, Selection(settings), locate=locate)
    try:
        notebook = parse_any(data, path)
    except NotebookError as error:
        return FixedFile(path, linter.refused(path, error))
    done = fix_notebook(linter, notebook, path, unsafe=unsafe)
    return FixedFile(path, done.result, done)


def _save(done: Fixed) -> str:
    """Write a fixed notebook; give why it could not be, else nothing."""
    try:
        if read_bytes(done.path) != done.before.text.encode():
            return "was changed while it was being fixed: run the command again"
        save(done.path, done.after.text)
    except NotebookError as error:
        return str(error)
    return ""
