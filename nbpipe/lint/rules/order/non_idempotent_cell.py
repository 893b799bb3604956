"""NB105."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import ordinal, shortened
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.cell_repetition import Repetition
    from nbpipe.analysis.repetition_table import Again
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

OTHERS = 3
_FAILS = "running this cell a second time fails"
_CHANGES = "running this cell a second time changes"
_TAKING = frozenset(["pop", "popitem", "popleft", "reverse"])
_GOES_ON = "running this cell a second time does more"


class NonIdempotentCell(Rule):
    """Running a cell a second time fails, or changes once more what an earlier cell made.

    ## What it does

    Reports a cell that updates what an earlier cell made from its own present value, so that running it again does the
    same once more: `df = df.drop(...)`, `x += 1`, `values.append(...)`, `del x`, `df["a"] = df["a"] / 100`,
    `df["sex"] = df["sex"].map({"m": 0, "f": 1})`. It also reports files that are appended to, folders that are made
    without asking whether they are there, and going to a relative folder. It is told once for each cell, with what
    happens the second time, and whether the cell then fails or a value changes.

    Silent for what changes nothing the second time: filters (`df = df[df.a > 0]`), `fillna`, `astype`, `sort_values`,
    `drop_duplicates`, `rename`, `reset_index(drop=True)`, text in lower case and many more, and for values that are
    made relative to themselves (`df - df.mean()`). Silent where the cell asks before (`if "a" in df`), makes the name
    itself first or anew afterwards, for models that are fitted again, and for functions and methods of which it is not
    known what they do the second time; and for cells that do nothing but free memory (`del model`, `gc.collect()`).

    ## Why is this bad?

    Cells are run again and again while one works: to see the output again, after a typo, with another setting. Each
    run of such a cell takes the session further away from what Restart & Run All gives, mostly without a sign: the
    column is divided by 100 twice, the rows stand in the table three times.

    ## Example

    ```python
    # %%
    import pandas as pd

    prices = pd.read_csv("prices.csv")

    # %%
    prices["amount"] = prices["amount"] / 100
    ```

    ## Use instead

    Give the result a name of its own, or do it where the object is made:

    ```python
    # %%
    import pandas as pd

    raw_prices = pd.read_csv("prices.csv")

    # %%
    prices = raw_prices.assign(amount=raw_prices["amount"] / 100)
    ```

    ```python
    # %%
    import pandas as pd

    prices = pd.read_csv("prices.csv")
    prices["amount"] = prices["amount"] / 100
    ```
    """

    code = "NB105"
    severity = Severity.WARNING

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each cell."""
        from nbpipe.analysis.repetition import Repetitions

        repetitions = Repetitions(context.analysis)
        for index, code in context.analysis.codes.items():
            if "raises-exception" in context.notebook.cells[index].tags or not code.body or _only_frees(code.body):
                continue
            updates = sorted(repetitions.updates(code), key=lambda each: not each.again.fails)
            if updates:
                yield _update(context, index, updates)
            else:
                for place, again in repetitions.effects(code)[:1]:
                    yield _effect(context, index, place, again)


def _only_frees(body: list[ast.stmt]) -> bool:
    """Tell whether a cell has no other sense than to free memory, as nobody runs one twice for a result.

    ``del model`` with nothing beside but ``gc.collect()`` and the like, imports and functions for that end.
    """
    return any(isinstance(statement, ast.Delete) for statement in body) and all(map(_may_free, body))


def _may_free(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Delete):
        return all(isinstance(target, ast.Name) for target in statement.targets)
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        taking = isinstance(call.func, ast.Attribute) and call.func.attr in _TAKING
        return not (taking or call.args or call.keywords)
    return isinstance(statement, ast.Import | ast.ImportFrom | ast.FunctionDef)


def _update(context: Context, index: int, found: list[Repetition]) -> Diagnostic:
    analysis = context.analysis
    first, *others = found
    origin = f"(`{first.name}` comes from {ordinal(first.definition.cell)})"
    if first.again.fails:
        message = f"{_FAILS}: {first.again.text} {origin}"
    else:
        message = f"{_CHANGES} `{first.subject}` again: {first.again.text} {origin}"
    if others:
        message += "; the same goes for " + shortened(f"`{other.name}`" for other in others)
    related = [
        Related(analysis.range(index, other.node), f"`{other.name}`: {other.again.text}") for other in others[:OTHERS]
    ]
    if first.definition.node is not None:
        made = analysis.range(first.definition.home, first.definition.node)
        related.insert(0, Related(made, f"`{first.name}` comes from here"))
    return context.diagnostic(analysis.range(index, first.node), message, related=tuple(related))


def _effect(context: Context, index: int, place: ast.expr | int, again: Again) -> Diagnostic:
    where = context.line(index, place) if isinstance(place, int) else context.analysis.range(index, place)
    return context.diagnostic(where, f"{_FAILS if again.fails else _GOES_ON}: {again.text}")
