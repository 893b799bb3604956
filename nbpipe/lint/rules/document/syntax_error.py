"""NB002."""

from __future__ import annotations

import ast
import builtins
import re
import sys
import warnings
from typing import TYPE_CHECKING

from nbpipe.analysis.code import TOO_DEEP
from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule
from nbpipe.notebook.model import Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.code import CellCode
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Cell

    Problem = tuple[str, int, int]  # the message, line and column (from 0)

# What the parser lets pass and the compiler does not: only cells with these words are worth compiling, and those in
# which a `return`, `break` or `continue` stands outside of what it needs.
COMPILED = ("yield", "nonlocal", "global")
MISPLACED = ("return", "break", "continue")
# Compiled when a cell does not parse: most notebooks never need them.
PYTHON_2 = "Missing parentheses in call to|multiple exception types must be|leading zeros in decimal"
# What Python 2 writes where the parser's message does not tell: of a cell only the first error is known.
STATEMENTS_2 = r"(?m)^\s*(?:print\s+(?![=(.,\[+*/<>!|&^%@:-])\S|except\s+[\w.]+\s*,\s*\w+\s*:|raise\s+[\w.]+\s*,)"
PLACEHOLDER = r"(?i)_{3,}|\.{3}|\u2026|\?{2,}|<(?!-)[^<>]*[A-Za-z ][^<>]*>|=\s*(#.*)?$|your (code|answer)|fill|todo"
STRING = r"'[^']*'|\"[^\"]*\""  # a gap in a string is no reason not to parse
SYNTAX_ERRORS = frozenset(["SyntaxError", "IndentationError", "TabError"])
# A notebook of which at least so many cells, and at least half of all, do not parse is not Python.
FOREIGN_CELLS = 8
MOST_LISTED = 4


class SyntaxError(Rule):  # noqa: A001 - the rule's name; the exception is `builtins.SyntaxError` here
    """A code cell is not valid Python, even with IPython's syntax taken into account.

    ## What it does

    Reports a cell that IPython could not compile, at the place where parsing stops. Magics, shell escapes, help
    (`name?`) and top-level `await` are valid in a notebook. Only the first error of a cell is known. The other cells
    are checked all the same, and so are the names that this one would define: they are taken for unknown.

    Silent for cells tagged `raises-exception`, for cells whose stored output is the syntax error itself (they show
    it; `error-output` tells of it) and for notebooks in other languages. A gap that is meant to be filled in
    (`x = ___`, `# YOUR CODE HERE`) is an info, and nothing at all in an nbgrader cell. Cells written for Python 2 are
    reported once for the notebook, not one by one, and so are the cells of a notebook most of which does not parse,
    which is in another language than its metadata says. Where the notebook asks for a newer Python than the one nbpipe
    runs on, the finding is an info too, for the newer one may know the syntax. So it is where a cell is valid, but
    nested many times deeper than anybody writes (a sum of hundreds of terms): it is left out of the check.

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
            if (problem := _problem(code)) is not None and not _is_meant_to_fail(cells[index])
        ]
        if not failing:
            return
        version = context.notebook.python_version
        outdated = [each for each in failing if _is_python_2(*each)]
        if outdated:
            if version is not None and version < (3, 0):
                outdated = failing
            yield _python_2(context, outdated, version)
            failing = [each for each in failing if each not in outdated]
        judged = [(each, *_judge(*each, version)) for each in failing]
        broken = [each for each, severity, _ in judged if severity is Severity.ERROR]
        if len(broken) >= FOREIGN_CELLS and len(broken) * 2 >= _filled(context):
            yield _foreign(context, broken)
            return
        for (cell, problem), severity, hint in judged:
            if severity is not None:
                text = (
                    f"cell {problem[0]}{hint}" if problem[0] == TOO_DEEP else f"cell does not parse: {problem[0]}{hint}"
                )
                yield context.diagnostic(_place(cell, problem), text, severity=severity)


def _is_meant_to_fail(cell: Cell) -> bool:
    """Tell whether a cell is there to show the error."""
    if "raises-exception" in cell.tags:
        return True
    return bool(cell.raw_outputs) and any(output.get("ename") in SYNTAX_ERRORS for output in cell.outputs)


def _is_python_2(cell: Cell, problem: Problem) -> bool:
    """Tell whether a cell that does not parse is written for Python 2."""
    return bool(re.search(PYTHON_2, problem[0]) or re.search(STATEMENTS_2, cell.source))


def _filled(context: Context) -> int:
    """Count the cells that hold Python, or should."""
    return sum(bool(code.body) or code.error is not None for code in context.analysis.codes.values())


def _problem(cell: CellCode) -> Problem | None:
    """Give what keeps a cell from compiling."""
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


def _judge(cell: Cell, problem: Problem, version: tuple[int, int] | None) -> tuple[Severity | None, str]:
    """Give how bad an error is, None where it is meant to be there, and what may help."""
    message, line, _ = problem
    if message == TOO_DEEP:
        return Severity.INFO, ": the other rules pass it over"
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


def _python_2(context: Context, failing: list[tuple[Cell, Problem]], version: tuple[int, int] | None) -> Diagnostic:
    """Report the cells of Python 2 together."""
    message = next((problem[0] for _, problem in failing if re.search(PYTHON_2, problem[0])), failing[0][1][0])
    number = len(failing)
    verb, written = ("does", "is") if number == 1 else ("do", "are")
    if version is not None and version < (3, 0):
        what = (
            f"the notebook is written for Python {version[0]}.{version[1]}, which is no longer supported; as Python 3,"
        )
        text = f"{what} {number} of its cells {verb} not parse; here: {message}"
    else:
        text = f"{number} of the cells {written} written for Python 2 and {verb} not parse; here: {message}"
    first = next(each for each in failing if each[1][0] == message)
    return _together(context, first, failing, text)


def _foreign(context: Context, failing: list[tuple[Cell, Problem]]) -> Diagnostic:
    """Report the cells of a notebook that is not Python, whatever its metadata says."""
    number = f"{len(failing)} of {_filled(context)} cells do not parse"
    text = f"{number}: is the notebook in another language than Python? here: {failing[0][1][0]}"
    return _together(context, failing[0], failing, text)


def _together(
    context: Context,
    first: tuple[Cell, Problem],
    failing: list[tuple[Cell, Problem]],
    text: str,
) -> Diagnostic:
    """Give one finding for several cells, at the first, naming some of the others."""
    others = [each for each in failing if each is not first][:MOST_LISTED]
    related = tuple(Related(_place(*each), "this cell does not parse either") for each in others)
    return context.diagnostic(_place(*first), text, related=related)


def _place(cell: Cell, problem: Problem) -> Range:
    _, line, column = problem
    return Range(cell.index, line, column, line, column + 1)
