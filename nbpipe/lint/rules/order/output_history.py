"""NB111."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.rule import Rule
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

_LAST = frozenset(["_", "_i", "_ii", "_iii"])
_ALL = frozenset(["In", "Out", "_ih", "_oh"])
_NUMBERED = pattern(r"_i?(\d+)$")
# Magics that take cells by their counts.
_BY_COUNT = frozenset(["%macro", "%recall", "%rep", "%rerun", "%save"])
_COUNT = pattern(r"(?:^|\s)~?\d[\d/~-]*(?=\s|$)")


class OutputHistory(Rule):
    """A cell reads IPython's history of inputs or outputs.

    ## What it does

    Reports the use of `_` (the last output), `_12` and `Out[12]` (the output of In [12]), `_i`, `_i12` and `In[12]`
    (the source of a cell), and of magics that take cells by their counts (`%rerun 3-5`, `%macro`, `%recall`, `%save`).

    Silent where the notebook binds the name itself (`for _ in range(3)`, `_, ax = plt.subplots()`), and for
    `_("text")`, which translates. `__` and `___` are left out: most often they are gaps for the reader to fill in.

    ## Why is this bad?

    What the name stands for depends on which cells were run in this session, and in what order. After Restart & Run All
    the counts are others; as a script, the names do not exist.

    ## Example

    ```python
    # %% In [3]
    6 * 7
    # Out: 42

    # %% In [4]
    half = Out[3] / 2
    ```

    ## Use instead

    ```python
    # %% In [3]
    answer = 6 * 7
    answer
    # Out: 42

    # %% In [4]
    half = answer / 2
    ```
    """

    code = "NB111"
    severity = Severity.WARNING

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each name and cell."""
        analysis = context.analysis
        reads = [
            (index, node)
            for index, node in analysis.nodes(ast.Name)
            if (node.id[0] == "_" or node.id in _ALL) and isinstance(node.ctx, ast.Load) and _is_history(node.id)
        ]
        if reads:
            bound, called = _bound(analysis), _translating(analysis)
            reported: set[tuple[int, str]] = set()
            for index, node in sorted(reads, key=lambda read: (read[0], read[1].lineno, read[1].col_offset)):
                if node.id not in bound and id(node) not in called and (index, node.id) not in reported:
                    reported.add((index, node.id))
                    yield context.diagnostic(analysis.range(index, node), _message(node.id))
        yield from _magics(context)


def _is_history(name: str) -> bool:
    return name in _LAST or name in _ALL or _NUMBERED.match(name) is not None


def _message(name: str) -> str:
    numbered = _NUMBERED.match(name)
    if numbered is not None:
        what = f"the {'source' if name.startswith('_i') else 'output'} of In [{numbered[1]}]"
    elif name in _ALL:
        what = f"the session's {'inputs' if name in ('In', '_ih') else 'outputs'} by their counts"
    else:
        what = "the last output" if name == "_" else "the last input"
    return f"`{name}` is {what}: it depends on what was run in this session, and in what order"


def _bound(analysis: Analysis) -> set[str]:
    """Give the names of the history that the notebook binds itself, anywhere."""
    found = {node.id for _, node in analysis.nodes(ast.Name) if not isinstance(node.ctx, ast.Load)}
    found.update(node.arg for _, node in analysis.nodes(ast.arg))
    found.update(node.asname or node.name for _, node in analysis.nodes(ast.alias))
    found.update(node.name for _, node in analysis.nodes(ast.FunctionDef))
    found.update(node.name for _, node in analysis.nodes(ast.MatchAs) if node.name is not None)
    for code in analysis.codes.values():
        found.update(name for magic in code.code.magics for name in magic.binds)
    return found


def _translating(analysis: Analysis) -> set[int]:
    """Give the places where ``_`` is called, as gettext has it."""
    return {id(node.func) for _, node in analysis.nodes(ast.Call)}


def _magics(context: Context) -> Iterator[Diagnostic]:
    for index, code in context.analysis.codes.items():
        for magic in code.code.magics:
            if magic.name in _BY_COUNT and _COUNT.search(magic.argument):
                message = f"`{magic.name}` takes cells by their counts, which are others in each session"
                yield context.diagnostic(context.line(index, magic.line), message)
