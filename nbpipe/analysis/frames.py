"""Frames: one for each running of a module, class body, function or comprehension, and where a name in it lives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.analysis.scopes import mangle
from nbpipe.analysis.values import union

if TYPE_CHECKING:
    from nbpipe.analysis.scopes import Scope
    from nbpipe.analysis.state import Delta
    from nbpipe.analysis.values import Value

Key = Any  # a global's name, or (frame or instance or class frame, name)


class Frame:
    """A namespace at run time.

    Attributes:
        scope: the names its code binds; None for the module, where every name is its own.
        parent: the lexically enclosing frame.
        home: index of the cell whose source holds its code.
        private: name of the class that its code stands in.
        exits: state deltas at each `return`, since the frame was entered.
        returns: values returned.
        mark: where the state's log stood when the frame was entered.
        captured: a function was defined in it, which may ask for its names when it is over.
    """

    __slots__ = ("captured", "exits", "home", "keys", "mark", "parent", "private", "returns", "scope")

    def __init__(self, scope: Scope | None, parent: Frame | None, home: int, private: str | None = None) -> None:
        self.scope = scope
        self.parent = parent
        self.home = home
        self.private = private
        self.exits: list[Delta] = []
        self.returns: list[Value] = []
        self.mark = 0
        self.captured = False
        self.keys: dict[str, Key] = {}

    def capture(self) -> None:
        """Note that a function closes over this frame and those around it."""
        frame: Frame | None = self
        while frame is not None and not frame.captured:
            frame.captured = True
            frame = frame.parent

    def left(self) -> Value:
        """Give what was returned, and forget all that refers to the frame: it would keep itself in the memory."""
        value = union(*self.returns)
        self.exits, self.returns, self.keys = [], [], {}
        return value

    def leave(self, delta: Delta) -> Delta:
        """Take the frame's own names out of a delta, unless something may still ask for them."""
        if self.captured:
            return delta
        return {
            place: held for place, held in delta.items() if place[1].__class__ is not tuple or place[1][0] is not self
        }

    def key(self, name: str) -> Key:
        """Give where this name lives when code of this frame uses it, as the compiler's symbol table has it."""
        found = self.keys.get(name)
        if found is None:
            found = self.keys[name] = self._find(mangle(name, self.private))
        return found

    def _find(self, name: str) -> Key:
        frame: Frame | None = self
        while frame is not None and frame.scope is not None:
            scope = frame.scope
            visible = frame is self or scope.kind != "class" or name == "__class__"
            if visible and name in scope.globals:
                return name
            if visible and name in scope.locals and name not in scope.nonlocals:
                return (frame, name)
            frame = frame.parent
        return name
