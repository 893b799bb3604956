"""Silences what is found in notebooks, by comments and tags in them: ``nbpipe check --add-ignores``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis import analyze
from nbpipe.errors import NotebookError
from nbpipe.lint.engine import Linter
from nbpipe.lint.files import notebooks_of
from nbpipe.lint.ignoring import with_ignores
from nbpipe.lint.selection import Selection
from nbpipe.notebook.read import read_notebook
from nbpipe.notebook.save import save

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nbpipe.analysis import Analysis
    from nbpipe.config import Settings
    from nbpipe.lint.baseline import Baseline
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.lint.failure import RuleFailure
    from nbpipe.notebook.model import Notebook


class IgnoredFile:
    """What was silenced in one file.

    Attributes:
        path: as shown.
        silenced: the findings that the file silences now.
        left: those that it cannot silence.
        failures: rules that raised.
    """

    __slots__ = ("failures", "left", "path", "silenced")

    def __init__(
        self,
        path: str,
        silenced: Sequence[Diagnostic] = (),
        left: Sequence[Diagnostic] = (),
        failures: Sequence[RuleFailure] = (),
    ) -> None:
        self.path = path
        self.silenced = tuple(silenced)
        self.left = tuple(left)
        self.failures = tuple(failures)


def add_ignores(paths: Sequence[str], settings: Settings, baseline: Baseline | None = None) -> Iterator[IgnoredFile]:
    """Silence the present findings in each notebook, and yield what was done to it.

    Args:
        paths: files, folders or patterns.
        settings: those to check with.
        baseline: findings that need no silencing.

    Raises:
        ConfigError: a path does not exist, or the settings name an unknown rule.
        NotebookError: a file cannot be written.
    """
    linter = Linter(settings, Selection(settings))
    for found in notebooks_of(paths, settings):
        if found.problem:
            unread = linter.unreadable(found.path, f"the folder cannot be searched: {found.problem}")
            yield IgnoredFile(found.path, left=unread.diagnostics)
            continue
        try:
            notebook = read_notebook(found.path)
        except NotebookError:
            yield IgnoredFile(found.path, left=linter.check_file(found.path).diagnostics)
            continue
        yield _ignore(linter, notebook, found.path, settings, baseline)


def _ignore(
    linter: Linter, notebook: Notebook, path: str, settings: Settings, baseline: Baseline | None
) -> IgnoredFile:
    def facts(notebook: Notebook) -> Analysis:
        return analyze(notebook, python_magics=settings.python_magics, opaque_magics=settings.opaque_magics)

    result = linter.check_notebook(notebook, path)
    found = list(result.diagnostics)
    if baseline is not None:
        # A comment changes its cell, and the baseline would not know the cell's other findings again.
        new = set(baseline.filtered(result).diagnostics)
        cells = {item.range.cell for item in new if item.range is not None}
        found = [item for item in found if item in new or (item.range is not None and item.range.cell in cells)]
    done = with_ignores(notebook, found, lambda changed: linter.check_notebook(changed, path), facts)
    if done.text != notebook.text:
        save(path, done.text)
    return IgnoredFile(path, done.silenced, done.left, result.failures)
