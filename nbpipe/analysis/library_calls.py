"""What calling one function or method of a library does, put together from all tables when it is first called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis import members
from nbpipe.analysis.containers import CHANGING

if TYPE_CHECKING:
    from nbpipe.analysis.functions import Arguments
    from nbpipe.analysis.knowledge import Knowledge
    from nbpipe.analysis.members import Class, Known

IMMUTABLE = frozenset(["int", "float", "str", "bytes", "bool", "NoneType", "number", "complex", "tuple"])
_ENDING = frozenset(["exit", "quit", "sys.exit", "os._exit", "os.abort"])
# Methods that keep a function for later; so do classes when they are called.
_KEEPING = ("add_", "connect", "observe", "on_", "register", "schedule", "subscribe")


class CalledFunction:
    """What a call of a function or class does.

    Attributes:
        keeps: it may call later what it is given.
        ends: no statement behind it is run.
        builtin: it is one of Python's.
        stateful: it touches state of the process.
        changed: the name of the object that it changes, as ``sys.path`` of ``sys.path.append``; "" for none.
        mutates: places of the arguments that it changes.
    """

    __slots__ = ("_known", "_otherwise", "_owner", "builtin", "changed", "ends", "keeps", "mutates", "stateful")

    def __init__(self, knowledge: Knowledge, name: str) -> None:
        self._owner, _, last = name.rpartition(".")
        self.keeps = last[:1].isupper()
        self.ends = name in _ENDING
        self.builtin = "." not in name
        self.stateful = knowledge.state_of(name) is not None
        self.changed = self._owner if last in CHANGING else ""
        self.mutates = knowledge.mutates.get(name, ())
        self._known: Known | None = None
        self._otherwise: str = name if self.keeps else f"{name}()"
        if name in knowledge.returns:
            self._otherwise = knowledge.returns[name] or self._otherwise
        elif not self.builtin:
            self._known = members.function(name)

    def given(self, arguments: Arguments) -> str:
        """Give the type of what it gives."""
        known = self._known
        return self._otherwise if known is None else members.described(known, arguments, self._owner) or self._otherwise


class CalledMethod:
    """What a call of a method does, on an object of a known or unknown type.

    Attributes:
        name: its qualified name; None on an object of which nothing is known.
        keeps: it may call later what it is given.
        stateful: it touches state of the process.
        mutates: places of the arguments that it changes.
        changes: it changes its object; `may_change`: so it does by its name.
        gives_itself: it gives its object.
        shares: what it gives shares its object's memory.
    """

    __slots__ = (
        "_cls", "_known", "_otherwise", "changes", "gives_itself", "keeps", "may_change", "mutates", "name", "shares",
        "stateful",
    )  # fmt: skip

    def __init__(self, knowledge: Knowledge, owner: str | None, attr: str) -> None:
        known = knowledge.class_of(owner)
        kind = known.name if known is not None else owner or ""
        self.name = f"{owner}.{attr}" if owner else None
        self.keeps = attr.startswith(_KEEPING)
        self.stateful = self.name is not None and knowledge.state_of(self.name) is not None
        self.mutates = knowledge.mutates.get(self.name or "", ())
        methods = knowledge.mutating_methods.get(kind, ())
        self.changes = attr in methods or "*" in methods or (known is not None and attr in known.mutating)
        told = owner in IMMUTABLE or (
            known is not None and (known.name in IMMUTABLE or known.name.partition(".")[0] in knowledge.complete)
        )  # what changes objects of this class is known: then a name that often does says nothing
        self.may_change = attr in knowledge.mutating_methods.get("*", ()) or (attr in CHANGING and not told)
        self.gives_itself = (known is not None and attr in known.itself) or (
            attr in knowledge.returns_self and (known is None or attr not in known.returns)
        )
        self.shares = attr in knowledge.views.get(kind, ())
        self._cls = known
        self._known: Known | None = None
        self._otherwise = f"{self.name}()" if self.name else None
        self._describe(knowledge, known, attr)

    def _describe(self, knowledge: Knowledge, known: Class | None, attr: str) -> None:
        """Find out what it gives; what a file says by hand goes before what is generated."""
        if self.name in knowledge.returns:
            self._otherwise = knowledge.returns[self.name] or self._otherwise
        elif known is not None:
            said = knowledge.returns.get(f"{known.name}.{attr}")
            self._otherwise = said or self._otherwise
            self._known = None if said else known.returns.get(attr)

    def given(self, arguments: Arguments) -> str | None:
        """Give the type of what it gives, None where nothing is known."""
        known, cls = self._known, self._cls
        if known is None or cls is None:
            return self._otherwise
        return members.described(known, arguments, cls.name) or self._otherwise
