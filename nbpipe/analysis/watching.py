"""What a simulation tells whoever watches it: each operation on values, in order of execution.

Nothing is watched unless asked for, so that ordinary checks pay for no more than the question. A watcher sees what an
operation was given and what it gave; it changes nothing. See `learning`, which follows rows of data this way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from nbpipe.analysis.functions import Arguments
    from nbpipe.analysis.interpreter import Interpreter
    from nbpipe.analysis.values import Obj, Value


class Watcher:
    """Sees what one simulation does; each method is called after the operation that it names.

    Attributes:
        returned: what functions of the notebook returned to library code that called them, the latest last.
        handed: what library code hands to a function that it is about to call (the column in ``df.apply(f)``).
    """

    def __init__(self) -> None:
        self.returned: list[Value] = []
        self.handed: Value = ()

    def begin(self, interp: Interpreter) -> None:
        """Take the simulation that is to be watched."""

    def calling(self, callee: Obj, arguments: Arguments) -> None:
        """Code that cannot be seen is about to be called: a library's function or method, or something unknown."""

    def called(self, callee: Obj, arguments: Arguments, result: Value, node: ast.AST) -> None:
        """It has been called."""

    def looked_up(self, owner: Obj, attr: str, result: Value) -> None:
        """An attribute of an object was read."""

    def indexed(self, owner: Obj, index: Value, result: Value, node: ast.Subscript) -> None:
        """An item or part of an object was read."""

    def iterated(self, owner: Obj, result: Value) -> None:
        """One element of an object was taken."""

    def unpacked(self, owner: Obj, position: int, targets: Sequence[ast.expr], result: Value) -> None:
        """An object that is no container of the notebook was unpacked; this is what one target gets."""

    def operated(self, operands: Sequence[Value], result: Value, node: ast.AST) -> None:
        """An operator or comparison was applied."""

    def stored(self, owner: Value, index: Value, new: Value, node: ast.AST) -> None:
        """An item or attribute of an object was set."""
