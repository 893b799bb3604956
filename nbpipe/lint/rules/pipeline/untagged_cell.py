"""NB705."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Applicability, FieldEdit, Fix, Severity
from nbpipe.lint.naming import ordinal
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.python_code import Magic
    from nbpipe.steps import StepPlan

_SHARED = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Pass)
_RUNNING = frozenset(["!", "!!", "%cd", "%run"])
_INSTALLING = frozenset(["apt", "apt-get", "conda", "mamba", "pip", "pip3", "uv"])


class UntaggedCell(Rule):
    """A code cell has no tag, so it silently joins the step above it.

    ## What it does

    Reports, in a notebook with step tags, code cells without a tag that says what they are in the pipeline. After the
    first step they join the step above; several in a row are one finding. Before the first step nothing is above:
    there, only imports, functions, classes and constants may stand untagged, and what else a cell does is reported.

    Silent about cells that hold nothing but imports, definitions, comments, settings of IPython or installations.

    ## Why is this bad?

    Whoever moves a cell, or puts a step in between, moves the untagged cells below into another step without
    noticing. And a forgotten tag is more likely than a wanted one: exploration (`skip`) then runs in the pipeline.

    ## Fix safety

    The fix writes the tag that the cell has silently: the pipeline stays what it is.

    ## Example

    ```python
    # %% tags=["step:load"]
    rows = [3, 1, 2]

    # %%
    rows.sort()
    ```

    ## Use instead

    ```python
    # %% tags=["step:load"]
    rows = [3, 1, 2]

    # %% tags=["step:sort"]
    rows = sorted(rows)
    ```
    """

    code = "NB705"
    severity = Severity.WARNING
    python_only = False
    tagged = ("step:",)

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each run of untagged cells."""
        from nbpipe.steps import understood

        plan = understood(context.notebook)
        if plan is None:
            return
        run: list[int] = []
        for role in plan.roles.values():
            counts = not role.tagged and _does_something(context, role.index, before=not role.step)
            if run and (role.tagged or plan.step_of(run[0]) != role.step):
                yield _report(context, plan, run)
                run = []
            if counts:
                run.append(role.index)
        if run:
            yield _report(context, plan, run)


def _does_something(context: Context, cell: int, *, before: bool) -> bool:
    """Tell whether a cell holds what runs in one step only; before the first step, constants do not."""
    code = context.analysis.codes.get(cell)
    if code is None or code.tree is None:
        return code is None  # another language's; what is no Python has a finding of its own
    magics = {magic.line + 1 for magic in code.code.magics}
    body = [node for node in code.body if not (isinstance(node, ast.Expr) and node.lineno in magics)]
    return any(map(_runs, code.code.magics)) or any(not _is_shared(node, before=before) for node in body)


def _runs(magic: Magic) -> bool:
    """Tell whether a piece of IPython syntax does some of the notebook's work."""
    if magic.name not in _RUNNING and not (magic.name.startswith("%%") and magic.body and not magic.body_is_python):
        return False
    return magic.argument.partition(" ")[0] not in _INSTALLING and "pip install" not in magic.argument


def _is_shared(node: ast.stmt, *, before: bool) -> bool:
    if isinstance(node, _SHARED) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        return True
    return before and isinstance(node, ast.Assign | ast.AnnAssign) and _is_constant(node.value)


def _is_constant(value: ast.expr | None) -> bool:
    try:
        ast.literal_eval(value) if value is not None else None
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _report(context: Context, plan: StepPlan, cells: list[int]) -> Diagnostic:
    first, last = cells[0], cells[-1]
    step = plan.step_of(first)
    rest = f" (and so have the untagged cells down to {ordinal(last)})" if last != first else ""
    if not step:
        message = f"runs before the first step and has no tag{rest}: tag it as a step's, as imports or as parameters"
        return context.diagnostic(context.line(first), message)
    title = plan.title_of(step)
    message = f"has no tag{rest}, so it joins step '{title}' above: tag it step:{title}, or skip to leave it out"
    edits = tuple(_tagged(context, cell, f"step:{title}") for cell in cells)
    fix = Fix(f"tag it step:{title}", edits, Applicability.SAFE)
    return context.diagnostic(context.line(first), message, fix=fix)


def _tagged(context: Context, index: int, tag: str) -> FieldEdit:
    cell = context.notebook.cells[index]
    return FieldEdit(index, "metadata", {**cell.metadata, "tags": [*cell.tags, tag]})
