"""Making fixes: pass by pass, until nothing is left that can be fixed. Imported only when something is to be fixed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.errors import NotebookError
from nbpipe.lint.diagnostic import Applicability, FormatEdit
from nbpipe.lint.failure import RuleFailure
from nbpipe.lint.plan import Plan
from nbpipe.notebook.read import parse_notebook
from nbpipe.notebook.rereading import RereadError, reread
from nbpipe.notebook.write import apply_changes, arranged

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbpipe.lint.diagnostic import Diagnostic, FileResult
    from nbpipe.lint.engine import Linter
    from nbpipe.notebook import Notebook

# A rule's fix that does not remove its finding, or two that undo each other, would never end.
FRUITLESS_PASSES = 10


class Pass:
    """What one pass over a notebook gave.

    Attributes:
        notebook: the notebook with the fixes made.
        applied: the diagnostics whose fixes were made.
        origins: for each cell, its index before; None for a new one.
        failures: fixes that are wrong in themselves.
    """

    __slots__ = ("applied", "failures", "notebook", "origins")

    def __init__(
        self,
        notebook: Notebook,
        applied: Sequence[Diagnostic],
        origins: Sequence[int | None],
        failures: Sequence[RuleFailure] = (),
    ) -> None:
        self.notebook = notebook
        self.applied = tuple(applied)
        self.origins = tuple(origins)
        self.failures = tuple(failures)


class Fixed:
    """A notebook before and after all its fixes.

    Attributes:
        path: as shown.
        before, after: the notebook; the same object where nothing was fixed.
        applied: the diagnostics whose fixes were made.
        origins: for each cell of `after`, its index in `before`; None for a new one.
        first: what checking `before` gives.
        result: what checking `after` gives.
        endless: rules whose fixes did not come to an end: the notebook was left as it was.
    """

    __slots__ = ("after", "applied", "before", "endless", "first", "origins", "path", "result")

    def __init__(  # noqa: PLR0913 - the facts of a fixed file
        self,
        path: str,
        before: Notebook,
        after: Notebook,
        applied: Sequence[Diagnostic],
        origins: Sequence[int | None],
        first: FileResult,
        result: FileResult,
        endless: Sequence[str] = (),
    ) -> None:
        self.path = path
        self.before = before
        self.after = after
        self.applied = tuple(applied)
        self.origins = tuple(origins)
        self.first = first
        self.result = result
        self.endless = tuple(endless)


def applicable(diagnostics: Iterable[Diagnostic], *, unsafe: bool) -> list[Diagnostic]:
    """Give the diagnostics whose fixes may be made: the safe ones, and the unsafe ones where they were asked for."""
    allowed = {Applicability.SAFE, Applicability.UNSAFE} if unsafe else {Applicability.SAFE}
    return [item for item in diagnostics if item.fix is not None and item.fix.applicability in allowed]


def apply_fixes(notebook: Notebook, diagnostics: Iterable[Diagnostic], *, unsafe: bool) -> Pass:
    """Make the fixes of some diagnostics of one notebook in one pass.

    Equal edits of several fixes are made once, new cells for the same place become one, and what is inserted at one
    place is joined in the order of the diagnostics. A fix that overlaps with an earlier one is left for the next pass.

    Raises:
        ValueError: the result would not be the notebook that it should be: an error of nbpipe.
    """
    wanted = applicable(diagnostics, unsafe=unsafe)
    converting = next((item for item in wanted if _converts(item)), None)
    if converting is not None:
        converted = _converted(notebook, converting)
        if converted is not None:
            return converted
        wanted.remove(converting)
    plan = Plan(notebook)
    taken, failures = [], []
    for item in wanted:
        try:
            if item.fix is not None and plan.take(item.fix):
                taken.append(item)
        except ValueError as error:
            failures.append(RuleFailure(f"{item.code} ({item.rule})", item.path, error))
    if not taken:
        return Pass(notebook, (), range(len(notebook.cells)), failures)
    try:
        after, origins = written(notebook, plan)
    except NotebookError as error:
        if isinstance(error, RereadError) and not notebook.is_text:
            raise ValueError(f"the fixed notebook {error}") from None
        return _one_by_one(notebook, taken, failures)
    return Pass(after, taken, origins, failures)


def _converted(notebook: Notebook, item: Diagnostic) -> Pass | None:
    """Rewrite the whole file in another format; None where it is not what its format says."""
    from nbpipe.notebook.upgrade import upgraded_text  # nbformat, which most notebooks never need

    try:
        after = parse_notebook(upgraded_text(notebook), notebook.path)
    except NotebookError:
        return None
    return Pass(after, (item,), range(len(after.cells)), ())


def _converts(item: Diagnostic) -> bool:
    """Tell whether a fix rewrites the whole file in another format: it is made before all others, by itself."""
    return item.fix is not None and any(isinstance(edit, FormatEdit) for edit in item.fix.edits)


def fix_notebook(linter: Linter, notebook: Notebook, path: str, *, unsafe: bool) -> Fixed:
    """Check a notebook and make its fixes, again and again until no fix is left.

    Each pass must leave fewer findings that can be fixed than any before; where ten in a row do not, some fixes never
    come to an end and the notebook stays as it was.
    """
    first = result = linter.check_notebook(notebook, path)
    now, applied = notebook, list[Any]()
    origins: list[int | None] = list(range(len(notebook.cells)))
    fewest, fruitless = len(first.diagnostics) + 1, 0
    failures: list[RuleFailure] = []
    while wanted := applicable(result.diagnostics, unsafe=unsafe):
        fruitless = 0 if len(wanted) < fewest else fruitless + 1
        fewest = min(fewest, len(wanted))
        if fruitless >= FRUITLESS_PASSES:
            rules = sorted({item.code for item in wanted})
            return _untouched(notebook, path, first, rules)
        try:
            step = apply_fixes(now, wanted, unsafe=unsafe)
        except ValueError as error:
            failure = RuleFailure(f"fixes of {', '.join(sorted({item.code for item in wanted}))}", path, error)
            return _untouched(notebook, path, first.with_failures([failure]))
        failures = list(step.failures)
        if not step.applied:
            break
        applied += step.applied
        origins = [None if before is None else origins[before] for before in step.origins]
        now = step.notebook
        result = linter.check_notebook(now, path)
    return Fixed(path, notebook, now, applied, origins, first, result.with_failures(failures))


def _untouched(notebook: Notebook, path: str, result: FileResult, endless: Sequence[str] = ()) -> Fixed:
    return Fixed(path, notebook, notebook, (), range(len(notebook.cells)), result, result, endless)


def written(notebook: Notebook, plan: Plan) -> tuple[Notebook, list[int | None]]:
    """Give a notebook with the edits of a plan made, and for each of its cells the index before, None for a new one.

    Raises:
        NotebookError: the result would not be the notebook that it should be, or the file's format cannot hold it.
    """
    changes = plan.changes()
    after = reread(notebook, changes, apply_changes(notebook, changes))
    order = arranged(len(notebook.cells), changes)
    return after, [entry if isinstance(entry, int) else None for entry in order]


def _one_by_one(notebook: Notebook, taken: Sequence[Diagnostic], failures: Sequence[RuleFailure]) -> Pass:
    """Make only those fixes that the file's format can hold."""
    done = Pass(notebook, (), range(len(notebook.cells)), failures)
    for item in taken:
        plan, applied = Plan(notebook), [*done.applied, item]
        for each in applied:
            if each.fix is not None:
                plan.take(each.fix)
        try:
            after, origins = written(notebook, plan)
        except NotebookError:
            continue
        done = Pass(after, applied, origins, failures)
    return done
