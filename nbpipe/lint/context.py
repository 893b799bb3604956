"""What a rule is given: the notebook, the facts about it, the settings, and a way to report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Diagnostic, Fix, Related, Severity
from nbpipe.lint.suppression import Suppressions
from nbpipe.notebook.model import Range

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from nbpipe.analysis import Analysis
    from nbpipe.config import Settings
    from nbpipe.lint.rule import RuleInfo
    from nbpipe.notebook.model import Cell, Notebook


class Analyzed:
    """The analysis of one notebook, made when it is first asked for.

    It stands apart from `Facts` so that what asks for code need not hold on to those that hold it: a circle of objects
    is only freed by a search through all others.

    Attributes:
        deepest: how deeply code may be nested to be looked at; None for any depth.
        is_python: whether the code cells are Python.
    """

    __slots__ = ("_analysis", "_notebook", "_settings", "deepest", "is_python")

    def __init__(self, notebook: Notebook, settings: Settings, deepest: int | None) -> None:
        self._notebook = notebook
        self._settings = settings
        self._analysis: Analysis | None = None
        self.deepest = deepest
        self.is_python = notebook.is_python

    @property
    def analysis(self) -> Analysis:
        """The facts about the notebook's code."""
        if self._analysis is None:
            from nbpipe.analysis import analyze  # a notebook without Python code never pays for it

            self._analysis = analyze(
                self._notebook,
                python_magics=self._settings.python_magics,
                opaque_magics=self._settings.opaque_magics,
                library_versions=self._settings.library_versions,
                deepest=self.deepest,
                changes=False,
            )
        return self._analysis

    def forget(self) -> None:
        """Take the analysis apart, whose values refer to it: with nobody else holding them, they are freed at once."""
        if self._analysis is not None:
            vars(self._analysis).clear()

    def python(self, cell: Cell) -> str:
        """Give the Python of a cell, the source itself where it is in another language."""
        known = self.analysis.codes.get(cell.index) if self.is_python else None
        return known.code.text if known is not None else cell.source


class Facts:
    """One notebook with its analysis, which is made when the first rule asks for it and shared by all.

    Attributes:
        completed: names of the rules that have had their say.
        is_python: whether the code cells are Python.
    """

    __slots__ = (
        "_analyzed",
        "_code",
        "_held",
        "_reordering",
        "_tags",
        "_vocabulary",
        "completed",
        "is_python",
        "notebook",
        "settings",
        "suppressions",
    )

    def __init__(self, notebook: Notebook, settings: Settings, deepest: int | None = None) -> None:
        self.notebook = notebook
        self._analyzed = Analyzed(notebook, settings, deepest)
        self.is_python = self._analyzed.is_python
        self.settings = settings
        self.suppressions = Suppressions(notebook, self._analyzed.python)
        self.completed: set[str] = set()
        self._code: str | None = None
        self._vocabulary: str | None = None
        self._held: dict[str, bool] = {}
        self._tags: frozenset[str] | None = None
        self._reordering: list[Fix | None] = []

    @property
    def reordering(self) -> Fix | None:
        """The fix that moves cells into an order that runs; None where none is known."""
        if not self._reordering:
            from nbpipe.lint.reordering import reordering  # most notebooks never need it

            self._reordering.append(reordering(self.analysis, self.settings))
        return self._reordering[0]

    @property
    def tags(self) -> frozenset[str]:
        """The tags of all cells."""
        if self._tags is None:
            cells = self.notebook.cells
            self._tags = frozenset([tag for cell in cells if "tags" in cell.metadata for tag in cell.tags])
        return self._tags

    @property
    def code(self) -> str:
        """The sources of all code cells, one behind the other: what rules about code are triggered by."""
        if self._code is None:
            self._code = "\n".join([cell.source for cell in self.notebook.cells if cell.cell_type == "code"])
        return self._code

    @property
    def _words(self) -> str:
        """Every word of the code once: what has no blank in it is looked for in half the text."""
        if self._vocabulary is None:
            self._vocabulary = " ".join(dict.fromkeys(self.code.split()))
        return self._vocabulary

    def holds(self, texts: Sequence[str]) -> bool:
        """Tell whether one of the texts stands in the code; many rules ask for the same ones."""
        held = self._held
        for text in texts:
            found = held.get(text)
            if found is None:
                found = held[text] = text in (self._words if text.isprintable() and " " not in text else self.code)
            if found:
                return True
        return False

    @property
    def analysis(self) -> Analysis:
        """The facts about the notebook's code."""
        return self._analyzed.analysis

    def forget(self) -> None:
        """Take the analysis apart, so that the notebook is freed when its result has been shown."""
        self._analyzed.forget()


class Context:
    """The facts about a notebook as one rule sees them.

    Attributes:
        rule: the rule that runs.
        level: the severity that the user gave the rule, or the rule's own.
    """

    __slots__ = ("_facts", "level", "path", "rule")

    def __init__(self, facts: Facts, rule: RuleInfo, level: Severity, path: str) -> None:
        self._facts = facts
        self.rule = rule
        self.level = level
        self.path = path

    @property
    def notebook(self) -> Notebook:
        """The notebook under check."""
        return self._facts.notebook

    @property
    def analysis(self) -> Analysis:
        """The facts about its code, computed once for all rules."""
        return self._facts.analysis

    @property
    def reordering(self) -> Fix | None:
        """The fix that moves cells into an order that runs and gives what is stored; None where none is known."""
        return self._facts.reordering

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self._facts.settings

    @property
    def suppressions(self) -> Suppressions:
        """What the notebook says must not be reported, and what of it has hidden something so far."""
        return self._facts.suppressions

    @property
    def completed(self) -> set[str]:
        """The names of the rules that have had their say before this one."""
        return self._facts.completed

    def callee(self, home: int, call: ast.Call) -> Range:
        """Give where the last name of what a call calls stands: a chain's need not be on its first line."""
        whole = self.analysis.range(home, call.func)
        name = getattr(call.func, "attr", None)
        if name is None:
            return whole
        start = max(whole.end_column - len(name), 0)
        return Range(whole.cell, whole.end_line, start, whole.end_line, whole.end_column)

    def line(self, index: int, line: int | None = None) -> Range:
        """Give where a line of a cell stands, without its indentation; its first one with text where none is given."""
        lines = self.notebook.cells[index].source.split("\n")
        if line is None:
            line = next((number for number, text in enumerate(lines) if text.strip()), 0)
        text = lines[line]
        start = len(text) - len(text.lstrip()) if text.strip() else 0
        return Range(index, line, start, line, max(len(text.rstrip()), start + 1))

    def diagnostic(  # noqa: PLR0913 - the fields of a diagnostic
        self,
        range: Range | None,  # noqa: A002 - LSP's name
        message: str,
        *,
        related: tuple[Related, ...] = (),
        severity: Severity | None = None,
        fix: Fix | None = None,
        redact: tuple[Range, ...] = (),
    ) -> Diagnostic:
        """Give a diagnostic of this rule.

        Args:
            range: where; None when it is the file as a whole.
            message: one line that says why, naming both places where there are two.
            related: other places it is about.
            severity: lower than the rule's own for what is only possible.
            fix: what would remove its cause.
            redact: where secrets stand that nothing may show.
        """
        level = self.level if severity is None else _lowered(severity, self.rule.severity, self.level)
        return Diagnostic(
            self.rule.code,
            self.rule.name,
            message,
            level,
            path=self.path,
            range=range,
            related=related,
            fix=fix,
            redact=redact,
        )


def _lowered(severity: Severity, own: Severity, level: Severity) -> Severity:
    """What the user says about a rule moves its certain findings; the possible ones are never raised."""
    return level if severity == own else min(severity, level)
