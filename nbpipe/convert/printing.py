"""What cells show as the value of their last expression: a step prints it where it is what the code computes it for.

A notebook that ends a cell with ``accuracy_score(y, predicted)`` means the number to be seen. In a function the line
would compute it for nobody. What only looks at values that go on (``df.head()``) is left out (see
`nbpipe.convert.display`).
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from nbpipe.convert.changes import may_change
from nbpipe.convert.display import is_display
from nbpipe.convert.figures import draws

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from nbpipe.convert.layout import Layout
    from nbpipe.convert.recorded import Recording
    from nbpipe.convert.source import Source, Statement

# Parts of drawings, and objects that show nothing but where they lie in memory.
_NOTHING_TO_READ: Final = re.compile(r"[\[({]*(?:<|Text\()|.*<(?:BarContainer|matplotlib)", re.DOTALL)
# Methods that are called for what they do.
_DOING: Final = frozenset(["fit", "partial_fit", "write", "writelines", "seed", "train", "eval", "close", "execute"])


def printed(  # noqa: PLR0913 - a step, with what is known of it
    source: Source, layout: Layout, recording: Recording, step: str, kept: Sequence[Statement], given: Collection[str]
) -> tuple[list[Statement], set[Statement]]:
    """Give the statements of a step with those added that have to be printed; and which have to be.

    Args:
        source: the notebook.
        layout: where its names live.
        recording: what its run showed.
        step: its name.
        kept: its statements.
        given: names that it gives.
    """
    if "print" in layout.definitions or any("print" in statement.names.binds for statement in source.statements):
        return list(kept), set()
    last = {statement.cell: statement for statement in source.of_step(step)}
    shown = [
        statement
        for cell, statement in last.items()
        if not statement.is_dropped and _has_value(statement, recording.shown.get(cell, ""))
    ]
    found = {item for item in shown if item in kept and _is_computed(source, layout, item)}
    added = [item for item in shown if item not in kept and _is_all_there_is(source, item, kept, given)]
    # Functions that are defined in the step come first, wherever their cells are.
    together = list(kept)
    for item in added:
        behind = [at for at, other in enumerate(together) if (other.cell, other.place) < (item.cell, item.place)]
        together.insert(behind[-1] + 1, item)
    return together, found.union(added)


def _has_value(statement: Statement, text: str) -> bool:
    """Tell whether a statement shows a value that people can read."""
    return isinstance(statement.node, ast.Expr) and bool(text) and _NOTHING_TO_READ.match(text) is None


def _is_computed(source: Source, layout: Layout, statement: Statement) -> bool:
    """Tell whether a statement computes a value and does nothing else that is seen."""
    call = statement.node.value if isinstance(statement.node, ast.Expr) else None
    if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in _DOING:
        return False
    if any(id(mutation.node) in statement.parts for mutation in source.analysis.top_down.mutations):
        return False
    return next(may_change(statement.node), None) is None and not draws(source, layout, statement)


def _is_all_there_is(source: Source, statement: Statement, kept: Sequence[Statement], given: Collection[str]) -> bool:
    """Tell whether showing it is all that a step does with something that it computes."""
    if not is_display(source, statement):
        return False
    before = [item for item in kept if (item.cell, item.place) < (statement.cell, statement.place)]
    bound = {name for item in before for name in item.names.binds}
    names = statement.names.reads
    read = {name for item in kept for name in item.names.reads}
    return bool(names) and names <= bound and not names <= read.union(given)
