"""NB002."""

from __future__ import annotations

import ast
import builtins
import re
import sys
import warnings
from typing import TYPE_CHECKING

from nbpipe.analysis.code import TOO_DEEP
from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.rule import Rule
from nbpipe.notebook.model import Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.code import CellCode
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Cell

# What the parser lets pass and the compiler does not: only cells with these words are worth compiling, and those in
# which a `return`, `break` or `continue` stands outside of what it needs.
COMPILED = ("yield", "nonlocal", "global")
MISPLACED = ("return", "break", "continue")
# Compiled when a cell does not parse: most notebooks never need them.
PYTHON_2 = "Missing parentheses in call to|multiple exception types must be|leading zeros in decimal"
PLACEHOLDER = r"(?i)_{3,}|\.{3}|\u2026|\?{2,}|<[^<>]*[A-Za-z ][^<>]*>|=\s*(#.*)?$|your (code|answer)|fill|todo"
STRING = r"'[^']*'|\"[^\"]*\""  # a gap in a string is no reason not to parse


class SyntaxError(Rule):  # noqa: A001 - the rule's name; the exception is `builtins.SyntaxError` here
    """A code cell is not valid Python, even with IPython's syntax taken into account.

    ## What it does

    Reports a cell that IPython could not compile, at the place where parsing stops. Magics, shell escapes, help
    (`name?`) and top-level `await` are valid in a notebook. Only the first error of a cell is known. The other cells
    are checked all the same, and so are the names that this one would define: they are taken for unknown.

    Silent for cells tagged `raises-exception` and for notebooks in other languages. A gap that is meant to be filled
    in (`x = ___`, `# YOUR CODE HERE`) is an info, and nothing at all in an nbgrader cell. A notebook written for
    Python 2 is reported once, not cell by cell. Where the notebook asks for a newer Python than the one nbpipe runs
    on, the finding is an info too, for the newer one may know the syntax. So it is where a cell is valid, but nested
    many times deeper than anybody writes (a sum of hundreds of terms): it is left out of the check.

    ## Why is this bad?

    The cell fails when it runs, and everything below it that needs its names fails as well. The stored outputs were
    made by some other text than what the cell holds now.

    ## Example

    ```python
    # %% In [1]
    total = sum([1, 2, 3]
    ```

    ## Use instead

    ```python
    # %% In [1]
    total = sum([1, 2, 3])
    ```
    """

    code = "NB002"
    severity = Severity.ERROR

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield the first error of each cell."""
        cells = context.notebook.cells
        failing = [
            (cells[index], problem)
            for index, code in context.analysis.codes.items()
            if "raises-exception" not in cells[index].tags and (problem := _problem(code)) is not None
        ]
        if not failing:
            return
        version = context.notebook.python_version
        if version is not None and version < (3, 0):
            yield _python_2(context, failing, version)
            return
        for cell, (message, line, column) in failing:
            if message == TOO_DEEP:
                where = Range(cell.index, line, column, line, column + 1)
                yield context.diagnostic(where, f"cell {message}: the other rules pass it over", severity=Severity.INFO)
                continue
            severity, hint = _judge(cell, message, line, version)
            if severity is not None:
                where = Range(cell.index, line, column, line, column + 1)
                yield context.diagnostic(where, f"cell does not parse: {message}{hint}", severity=severity)


def _problem(cell: CellCode) -> tuple[str, int, int] | None:
    """Give the message, line and column (from 0) of what keeps a cell from compiling."""
    text = cell.code.text
    if cell.error is not None or not (
        any(word in text for word in COMPILED)
        or (any(word in text for word in MISPLACED) and _misplaces(cell.body, function=False, loop=False))
    ):
        return cell.error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about the user's code: not for nbpipe's stderr
            compile(text, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except builtins.SyntaxError as error:
        if "from __future__" in error.msg:
            return None  # IPython takes it anywhere in a cell
        return error.msg, (error.lineno or 1) - 1, max((error.offset or 1) - 1, 0)
    except ValueError:  # a null character: the parser has said so
        return None
    return None


def _misplaces(body: list[ast.stmt], *, function: bool, loop: bool) -> bool:
    """Tell whether a `return` stands outside of a function, or a `break` or `continue` outside of a loop."""
    for statement in body:
        kind = statement.__class__
        if (kind is ast.Return and not function) or (kind in (ast.Break, ast.Continue) and not loop):
            return True
        inside, around = function, loop
        if kind in (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef):
            inside, around = kind is not ast.ClassDef, False
        elif kind in (ast.For, ast.AsyncFor, ast.While):
            around = True
        for name in ("body", "orelse", "finalbody"):
            nested = getattr(statement, name, None)
            if nested and _misplaces(nested, function=inside, loop=loop if name == "orelse" else around):
                return True
        for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            if _misplaces(part.body, function=inside, loop=around):
                return True
    return False


def _judge(cell: Cell, message: str, line: int, version: tuple[int, int] | None) -> tuple[Severity | None, str]:
    """Give how bad an error is, None where it is meant to be there, and what may help."""
    if re.search(PYTHON_2, message):
        return Severity.ERROR, " (this is Python 2)"
    lines = cell.source.split("\n")
    if any(re.search(PLACEHOLDER, re.sub(STRING, "''", text)) for text in lines[max(line - 1, 0) : line + 1]):
        if "nbgrader" in cell.metadata:
            return None, ""
        return Severity.INFO, " (is there a gap to fill in?)"
    running = sys.version_info[:2]
    if version is not None and version > running:
        wanted, used = (".".join(map(str, numbers)) for numbers in (version, running))
        return Severity.INFO, f" (read as Python {used}; the notebook asks for {wanted})"
    return Severity.ERROR, ""


def _python_2(
    context: Context, failing: list[tuple[Cell, tuple[str, int, int]]], version: tuple[int, int]
) -> Diagnostic:
    cell, (message, line, column) = failing[0]
    text = (
        f"the notebook is written for Python {version[0]}.{version[1]}, which is no longer supported; as Python 3, "
        f"{len(failing)} of its cells {'does' if len(failing) == 1 else 'do'} not parse; here: {message}"
    )
    return context.diagnostic(Range(cell.index, line, column, line, column + 1), text)
