"""Runs the rules that are on over one notebook."""
# pathlib costs four tenths of a bare Python start, and `nbpipe check` counts those:
# ruff: noqa: PTH120

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from nbpipe.errors import NotebookError
from nbpipe.lint.context import Context, Facts
from nbpipe.lint.diagnostic import CellReference, Diagnostic, FileResult
from nbpipe.lint.failure import RuleFailure
from nbpipe.lint.files import signature
from nbpipe.lint.registry import BY_CODE, BY_NAME, load
from nbpipe.lint.suppression import UNUSED
from nbpipe.notebook.formats import parse_any, read_any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from nbpipe.config import Settings
    from nbpipe.lint.rule import Rule, RuleInfo
    from nbpipe.lint.selection import Selection
    from nbpipe.notebook.model import Notebook, Range

INVALID = "invalid-notebook"
# Levels of syntax: code that people write has some twenty, and Python's stack holds what follows a hundred.
DEPTHS = (60, 30)
EXTENSION = "nbpipe.analysis.library_extension"


class Linter:
    """Checks notebooks with the rules that the settings turn on.

    Args:
        locate: whether to also find each diagnostic's line in the file, which costs a look through its text.
        file_edits: whether to also give each fix as lines of the file.
        flows: whether to also give the names that flow between the cells.
        across: whether several notebooks are checked together: results then hold what rules compare them by.
    """

    def __init__(  # noqa: PLR0913 - what a report may ask for
        self,
        settings: Settings,
        selection: Selection,
        *,
        locate: bool = False,
        file_edits: bool = False,
        flows: bool = False,
        across: bool = False,
    ) -> None:
        self._settings = settings
        self._selection = selection
        self._locate = locate
        self._file_edits = file_edits
        self._flows = flows
        self._across = across
        self._looks_outside = any(rule.outside for rule in selection.rules)
        self._outside: dict[str, Mapping[str, str]] = {}
        self._in_turn = sorted(selection.rules, key=_turn)
        self._loaded: dict[str, Rule] = {}
        if settings.library_knowledge or EXTENSION in sys.modules:
            from nbpipe.analysis import library_extension

            library_extension.use(settings.library_knowledge, settings.root)

    def check_file(self, path: str) -> FileResult:
        """Check the notebook in a file; one that cannot be read gives one `invalid-notebook`."""
        return self._check_read(path, lambda: read_any(path))

    def check_source(self, data: bytes, path: str) -> FileResult:
        """Check a notebook given as the bytes of its file, which is called `path`."""
        return self._check_read(path, lambda: parse_any(data, path))

    def check_notebook(self, notebook: Notebook, path: str) -> FileResult:
        """Check a notebook that has been read; a rule that raises is reported as a failure, the others go on.

        Where code is nested too deeply for that, it is checked again without the cells that are.
        """
        result = self._checked(notebook, path)
        for deepest in DEPTHS:
            if not any(isinstance(failure.error, RecursionError) for failure in result.failures):
                break
            result = self._checked(notebook, path, deepest)
        return result

    def _checked(self, notebook: Notebook, path: str, deepest: int | None = None) -> FileResult:
        facts = Facts(notebook, self._settings, deepest)
        found: list[Diagnostic] = []
        failures: list[RuleFailure] = []
        secrets: list[Range] = []
        fragments: dict[str, list[Any]] = {}
        chosen = self._selection.for_path(path)
        for info in self._in_turn if chosen is self._selection.rules else sorted(chosen, key=_turn):
            if not _concerns(info, facts):
                facts.completed.add(info.name)
                continue
            context = Context(facts, info, self._selection.level(info), path)
            try:
                if info.across and self._across:
                    fragments[info.code] = self._rule(info).fragments(context, facts.suppressions)
                for item in self._rule(info).check(context):  # one by one: what came before an error counts
                    secrets += item.redact
                    if not facts.suppressions.hides(item, info):
                        found.append(item)
                facts.completed.add(info.name)
            except Exception as error:  # noqa: BLE001 - one rule's error must not cost the others' findings
                failures.append(RuleFailure(f"{info.code} ({info.name})", path, error))
        found.sort(key=Diagnostic.key)
        cells = {cell.index: CellReference(cell) for cell in notebook.cells} if found else {}
        result = FileResult(path, tuple(found), cells, tuple(failures), fragments=fragments)
        if found and (self._locate or self._file_edits or self._flows):
            self._add_details(result, facts)
        if self._looks_outside and path and not any(BY_CODE[item.code].outside for item in found):
            result.outside = self._surroundings(path)
        if found and secrets:
            from nbpipe.lint.redaction import redact  # few notebooks hold any

            redact(result, secrets)
        facts.forget()
        return result

    def refused(self, path: str, error: NotebookError) -> FileResult:
        """Give the one finding for a file that reading refused."""
        return self.unreadable(path, _sentence(str(error)), error.line)

    def unreadable(self, path: str, message: str, line: int | None = None) -> FileResult:
        """Give the one finding for a file or folder that cannot be read, unless `invalid-notebook` is off there."""
        info = BY_NAME[INVALID]
        if all(rule.code != info.code for rule in self._selection.for_path(path)):
            return FileResult(path)
        level = self._selection.level(info)
        found = Diagnostic(info.code, info.name, message, level, path=path, range=None, json_line=line)
        return FileResult(path, (found,))

    def _check_read(self, path: str, read: Callable[[], Notebook]) -> FileResult:
        try:
            notebook = read()
        except NotebookError as error:
            return self.refused(path, error)
        return self.check_notebook(notebook, path)

    def _add_details(self, result: FileResult, facts: Facts) -> None:
        from nbpipe.lint import details  # a check by hand shows none of them

        if self._locate:
            details.add_lines(facts.notebook, result)
        if self._file_edits:
            details.add_file_edits(facts.notebook, result)
        if self._flows and facts.notebook.is_python:
            try:
                result.flows = details.flows(facts.analysis)
            except Exception as error:  # noqa: BLE001 - as for a rule: the findings must be seen
                result.failures = (*result.failures, RuleFailure("(the cell graph)", result.path, error))

    def _surroundings(self, path: str) -> Mapping[str, str]:
        """Give the signatures of what the project around a notebook consists of, as they were when first asked for.

        Notebooks share folders, and to list a folder of thousands for each of them would cost more than checking it.
        What changes during the run is found changed by the next one, which checks again.
        """
        folder = os.path.dirname(path)
        found = self._outside.get(folder)
        if found is None:
            from nbpipe.environment.project import watched

            found = {place: signature(place) for place in watched(path, self._settings.root)}
            self._outside[folder] = found
        return found

    def _rule(self, info: RuleInfo) -> Rule:
        if info.code not in self._loaded:
            self._loaded[info.code] = load(info)
        return self._loaded[info.code]


def _turn(info: RuleInfo) -> int:
    """Let rules about learning come first: the simulation that they need serves the others, too.

    The one that judges what the others have found comes last.
    """
    return 0 if info.family == "learning" else 2 if info.name == UNUSED else 1


def _concerns(info: RuleInfo, facts: Facts) -> bool:
    """Tell, without importing the rule, whether it can find anything in a notebook that was read."""
    if info.name == INVALID or (info.python_only and not facts.is_python):
        return False
    if info.tagged and not any(tag.startswith(info.tagged) for tag in facts.tags):
        return False
    if not info.triggers or (facts.notebook.is_text and not info.python_only):
        return True
    if not info.python_only:
        return any(trigger in (facts.notebook.text or facts.code) for trigger in info.triggers)
    return facts.holds(info.triggers)


def _sentence(message: str) -> str:
    """Give the message of an error that speaks of a file, which it does not name, as a sentence."""
    return f"the file {message}" if message.startswith(("is ", "has ", "cannot ")) else message
