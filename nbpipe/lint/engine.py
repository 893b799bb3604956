"""Runs the rules that are on over one notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.errors import NotebookError
from nbpipe.lint.context import Context, Facts
from nbpipe.lint.diagnostic import CellReference, Diagnostic, FileResult, RuleFailure
from nbpipe.lint.registry import BY_NAME, load
from nbpipe.lint.suppression import Suppressions
from nbpipe.notebook.read import parse_notebook, read_notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from nbpipe.config import Settings
    from nbpipe.lint.rule import Rule, RuleInfo
    from nbpipe.lint.selection import Selection
    from nbpipe.notebook.model import Cell, Notebook

INVALID = "invalid-notebook"


class Linter:
    """Checks notebooks with the rules that the settings turn on.

    Args:
        locate: whether to also find each diagnostic's line in the file, which costs a look through its text.
        across: whether several notebooks are checked together: results then hold what rules compare them by.
    """

    def __init__(self, settings: Settings, selection: Selection, *, locate: bool = False, across: bool = False) -> None:
        self._settings = settings
        self._selection = selection
        self._locate = locate
        self._across = across
        self._loaded: dict[str, Rule] = {}

    def check_file(self, path: str) -> FileResult:
        """Check the notebook in a file; one that cannot be read gives one `invalid-notebook`."""
        return self._check_read(path, lambda: read_notebook(path))

    def check_source(self, data: bytes, path: str) -> FileResult:
        """Check a notebook given as the bytes of its file, which is called `path`."""
        return self._check_read(path, lambda: parse_notebook(data, path))

    def check_notebook(self, notebook: Notebook, path: str) -> FileResult:
        """Check a notebook that has been read; a rule that raises is reported as a failure, the others go on."""
        facts = Facts(notebook, self._settings)
        suppressions = Suppressions(notebook, lambda cell: _python(facts, cell))
        found: list[Diagnostic] = []
        failures: list[RuleFailure] = []
        fragments: dict[str, list[Any]] = {}
        for info in self._selection.for_path(path):
            if not _concerns(info, facts):
                continue
            context = Context(facts, info, self._selection.level(info), path)
            try:
                if info.across and self._across:
                    fragments[info.code] = self._rule(info).fragments(context, suppressions)
                for item in self._rule(info).check(context):  # one by one: what came before an error counts
                    if not suppressions.hides(item, info):
                        found.append(item)  # noqa: PERF401
            except Exception as error:  # noqa: BLE001 - one rule's error must not cost the others' findings
                failures.append(RuleFailure(f"{info.code} ({info.name})", path, error))
        found.sort(key=Diagnostic.key)
        if self._locate:
            for item in found:
                if item.range is not None:
                    item.json_line = notebook.json_line(item.range.cell, item.range.start_line)
        cells = {cell.index: CellReference(cell) for cell in notebook.cells} if found else {}
        return FileResult(path, tuple(found), cells, tuple(failures), fragments=fragments)

    def unreadable(self, path: str, message: str, line: int | None = None) -> FileResult:
        """Give the one finding for a file or folder that cannot be read, unless `invalid-notebook` is off there."""
        info = BY_NAME[INVALID]
        if info not in self._selection.for_path(path):
            return FileResult(path)
        level = self._selection.level(info)
        found = Diagnostic(info.code, info.name, message, level, path=path, range=None, json_line=line)
        return FileResult(path, (found,))

    def _check_read(self, path: str, read: Callable[[], Notebook]) -> FileResult:
        try:
            notebook = read()
        except NotebookError as error:
            return self.unreadable(path, _sentence(str(error)), error.line)
        return self.check_notebook(notebook, path)

    def _rule(self, info: RuleInfo) -> Rule:
        if info.code not in self._loaded:
            self._loaded[info.code] = load(info)
        return self._loaded[info.code]


def _concerns(info: RuleInfo, facts: Facts) -> bool:
    """Tell, without importing the rule, whether it can find anything in a notebook that was read."""
    if info.name == INVALID or (info.python_only and not facts.notebook.is_python):
        return False
    if not info.triggers:
        return True
    text = facts.code if info.python_only else facts.notebook.text or facts.code
    return any(trigger in text for trigger in info.triggers)


def _python(facts: Facts, cell: Cell) -> str:
    known = facts.analysis.codes.get(cell.index) if facts.notebook.is_python else None
    return known.code.text if known is not None else cell.source


def _sentence(message: str) -> str:
    """Give the message of an error that speaks of a file, which it does not name, as a sentence."""
    return f"the file {message}" if message.startswith(("is ", "has ", "cannot ")) else message
