"""Rules that only tests know, one for each kind of edit, and a linter that has them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbpipe.config import Settings
from nbpipe.lint import engine, selection
from nbpipe.lint.diagnostic import Applicability, CellEdit, Edit, FieldEdit, Fix, Severity
from nbpipe.lint.engine import Linter
from nbpipe.lint.rule import Rule, RuleInfo
from nbpipe.lint.selection import Selection
from nbpipe.notebook.model import Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook import Cell

SAFE, UNSAFE = Applicability.SAFE, Applicability.UNSAFE


def code_cells(context: Context) -> list[Cell]:
    return [cell for cell in context.notebook.cells if cell.cell_type == "code"]


def whole_file(cell: Cell) -> Range:
    return Range(cell.index, 0, 0, 0, 0)


class OldName(Rule):
    """`old` wants to be `new`: one text edit."""

    code = "NB801"
    severity = Severity.WARNING

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for cell in context.notebook.cells:
            for line, text in enumerate(cell.source.split("\n")):
                for match in re.finditer(r"\bold\b", text):
                    place = Range(cell.index, line, match.start(), line, match.end())
                    fix = Fix("Rename to `new`", (Edit(place, "new"),), SAFE)
                    yield context.diagnostic(place, "`old` is old", fix=fix)


class BuriedNumber(Rule):
    """A number of two digits wants to be a parameter: a text edit and a new cell, or a line in the one there is."""

    code = "NB802"
    severity = Severity.WARNING

    def check(self, context: Context) -> Iterator[Diagnostic]:
        home = next((cell for cell in code_cells(context) if "parameters" in cell.tags), None)
        for cell in code_cells(context):
            if home is not None and cell.index == home.index:
                continue
            for line, text in enumerate(cell.source.split("\n")):
                for match in re.finditer(r"(?<= )\d\d\b", text):
                    place = Range(cell.index, line, match.start(), line, match.end())
                    name = f"N{match[0]}"
                    known = home is not None and f"{name} = " in home.source
                    edits: list[Edit | CellEdit | FieldEdit] = [Edit(place, name)]
                    if home is None:
                        edits.append(
                            CellEdit("insert-cell", after=-1, tags=("parameters",), content=f"{name} = {match[0]}")
                        )
                    elif not known:
                        top = Range(home.index, 0, 0, 0, 0)
                        edits.append(Edit(top, f"{name} = {match[0]}\n"))
                    yield context.diagnostic(place, "a number", fix=Fix("Extract", tuple(edits), UNSAFE))


class EmptyCell(Rule):
    """An empty cell wants to be deleted."""

    code = "NB803"
    severity = Severity.WARNING

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for cell in context.notebook.cells:
            if not cell.source.strip():
                fix = Fix("Delete", (CellEdit("delete-cell", cell=cell.index),), SAFE)
                yield context.diagnostic(whole_file(cell), "an empty cell", fix=fix)


class StoredOutput(Rule):
    """Outputs and counts want to be cleared: two fields at once."""

    code = "NB804"
    severity = Severity.WARNING

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for cell in code_cells(context):
            if cell.raw_outputs or cell.execution_count is not None:
                edits = (FieldEdit(cell.index, "outputs", []), FieldEdit(cell.index, "execution_count", None))
                yield context.diagnostic(whole_file(cell), "an output", fix=Fix("Clear", edits, SAFE))


class Flag(Rule):
    """Two members of one metadata object, each a finding of its own: two edits of one field."""

    code = "NB805"
    severity = Severity.INFO

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for cell in context.notebook.cells:
            for name in ("collapsed", "scrolled"):
                if name in cell.metadata:
                    rest = {key: value for key, value in cell.metadata.items() if key != name}
                    fix = Fix(f"Remove {name}", (FieldEdit(cell.index, "metadata", rest),), SAFE)
                    yield context.diagnostic(whole_file(cell), name, fix=fix)


class LateImport(Rule):
    """A cell that imports wants to be at the top."""

    code = "NB806"
    severity = Severity.INFO

    def check(self, context: Context) -> Iterator[Diagnostic]:
        first = next((cell.index for cell in context.notebook.cells if not cell.source.startswith("import")), None)
        for cell in code_cells(context):
            if cell.source.startswith("import") and first is not None and cell.index > first:
                fix = Fix("Move up", (CellEdit("move-cell", cell=cell.index, after=first - 1),), UNSAFE)
                yield context.diagnostic(whole_file(cell), "a late import", fix=fix)


class Endless(Rule):
    """A fix that does not help."""

    code = "NB807"
    severity = Severity.WARNING

    def check(self, context: Context) -> Iterator[Diagnostic]:
        for cell in code_cells(context):
            if "endless" in cell.source:
                fix = Fix("Add", (Edit(whole_file(cell), "# more\n"),), SAFE)
                yield context.diagnostic(whole_file(cell), "endless", fix=fix)


RULES = (OldName, BuriedNumber, EmptyCell, StoredOutput, Flag, LateImport)


def install(monkeypatch: pytest.MonkeyPatch, *rules: type[Rule]) -> None:
    """Put rules in the place of the real ones, for whatever checks in this process."""
    infos = [
        RuleInfo(
            rule.code, rule.name, rule.severity.label, default=True, python_only=False, triggers=(),
            module=rule.__module__, summary="",
        )
        for rule in rules
    ]  # fmt: skip
    by_code = {rule.code: rule for rule in rules}
    monkeypatch.setattr(selection, "RULES", tuple(infos))
    monkeypatch.setattr(engine, "load", lambda info: by_code[info.code]())


def linter() -> Linter:
    """Give a linter with what is installed."""
    settings = Settings()
    return Linter(settings, Selection(settings))
