"""The facts of one library, gathered from all sources: what its functions and classes give, change and hold."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from library import described, effects
from library.inventory import Inventory
from library.judged import DOUBTED
from library.typed import SELF, Fact, Typed

if TYPE_CHECKING:
    from mypy.nodes import TypeInfo

# Libraries whose annotations, their own or in stubs, cover them; the others say types in their docstrings.
TYPED = frozenset(["pandas", "numpy", "scipy", "matplotlib", "torch", "polars", "xgboost", "lightgbm", "python"])
# Libraries of which annotations say all that is sure: their docstrings name one of several types.
SILENT = frozenset(["pandas", "numpy", "scipy", "polars", "python", "torch"])
# Libraries whose code shows what changes an object: no caches behind it, no inner object that is changed instead.
PLAIN_CODE = frozenset(["sklearn", "imblearn", "xgboost", "lightgbm"])
# The type of a result that is the type of the first argument: NumPy's universal functions.
ARGUMENT = "argument"
_TORCH_IN_PLACE = frozenset(["torch.Tensor"])


def _placed(fact: Fact, function: Any, start: int = 0) -> Fact:
    """Add the places of arguments that stubs take by name only, and the library by position, too."""
    if not any("@" not in token and not token.startswith("0:") for token in fact.varies):
        return fact
    try:
        names = [
            name
            for name, each in inspect.signature(function).parameters.items()
            if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
        ][start:]
    except (TypeError, ValueError):
        return fact
    varies = {}
    for token, kind in fact.varies.items():
        name, equals, value = token.partition("=")
        placed = "@" not in name and name in names
        varies[f"{name}@{names.index(name)}{equals}{value}" if placed else token] = kind
    return Fact(fact.type, varies, fact.items)


class ClassFacts:
    """What is known of one class.

    Attributes:
        returns: what methods give, by name; attributes likewise.
        itself: methods that give the object they are called on; changing: those that change it.
        public: all public members, known or not.
    """

    def __init__(self, name: str, bases: list[str]) -> None:
        self.name = name
        self.bases = bases
        self.returns: dict[str, Fact] = {}
        self.attributes: dict[str, Fact] = {}
        self.itself: set[str] = set()
        self.changing: set[str] = set()
        self.public: set[str] = set()


class LibraryFacts:
    """What is known of one library."""

    def __init__(self, library: str) -> None:
        self.library = library
        self.inventory = Inventory(library)
        self.typed = Typed(self.inventory) if library in TYPED else None
        self.words = {name.rpartition(".")[2]: name for name in reversed(self.inventory.classes)}
        self.functions: dict[str, Fact] = {}
        self.classes: dict[str, ClassFacts] = {}
        self.immutable: set[str] = set()
        for name, value in self.inventory.functions.items():
            fact = self._function(name, value)
            if fact is not None and fact.known:
                self.functions[name] = fact
        self.values: dict[str, str] = {}
        for name, value in self.inventory.values.items():
            kind = next((base for base in type(value).__mro__ if id(base) in self.inventory.names), type(value))
            self.values[name] = self.inventory.add(kind)
        self._all_classes()

    def _function(self, name: str, value: Any) -> Fact | None:
        if type(value).__name__ == "ufunc":
            return Fact(ARGUMENT) if value.nout == 1 and value.signature is None else Fact("")
        fact = self.typed.function(name) if self.typed is not None else None
        if fact is None and self.library not in SILENT:
            fact = described.returns(value, self.words)
        if fact is None or fact.type == described.ITSELF or name in DOUBTED:
            return None
        return _placed(fact, value)

    def _all_classes(self) -> None:
        pending = list(self.inventory.classes)
        while pending:
            for name in pending:
                known = self.inventory.classes[name]
                self.classes[name] = self._class(known.name, known.value, known.bases)
            if self.typed is not None:
                for value in self.typed.met:
                    if value.__module__.partition(".")[0] == self.library:
                        self.inventory.add(value)
            pending = [name for name in self.inventory.classes if name not in self.classes]
        done: set[str] = set()
        while self.typed is not None and set(self.typed.stubs) - done:
            for name in sorted(set(self.typed.stubs) - done):
                done.add(name)
                self.classes[name] = self._stub(name, self.typed.stubs[name])

    def _class(self, name: str, value: type, bases: list[str]) -> ClassFacts:
        found = ClassFacts(name, bases)
        info = self.typed.info(value) if self.typed is not None else None
        if info is not None and self._is_immutable(value):
            self.immutable.add(name)
        for attr in dir(value):
            if attr.startswith("_"):
                continue
            member = inspect.getattr_static(value, attr, None)
            found.public.add(attr)
            method, attribute = self.typed.member(info, attr) if self.typed is not None and info else (None, None)
            if attribute is None and inspect.isclass(getattr(value, attr, None)) and info is not None:
                inner = getattr(value, attr)
                if inner.__module__.partition(".")[0] == self.library and inner.__name__ != attr:
                    attribute = Fact(self.inventory.name_of(inner))
                    self.typed.met.append(inner) if self.typed is not None else None
            if (
                method is None
                and attribute is None
                and self.library not in SILENT
                and callable(getattr(value, attr, None))
            ):
                method = described.returns(getattr(value, attr), self.words)
            self._enter(found, value, attr, member, (method, attribute))
        return found

    def _enter(
        self, found: ClassFacts, value: type, attr: str, member: Any, facts: tuple[Fact | None, Fact | None]
    ) -> None:
        method, attribute = facts
        function = inspect.unwrap(member) if inspect.isfunction(member) else None
        if method is not None:
            method = _placed(method, getattr(value, attr, None), 1)
        if f"{found.name}.{attr}" in DOUBTED:
            method = None
        itself = function is not None and effects.gives_itself(value, function)
        if attr.endswith("_") and found.name in _TORCH_IN_PLACE and not attr.endswith("__"):
            itself = True
            found.changing.add(attr)
        if function is not None and self.library in PLAIN_CODE and effects.changes(value, function):
            found.changing.add(attr)
        if itself or (method is not None and method.type == described.ITSELF):
            found.itself.add(attr)
        elif method is not None and method.known:
            found.returns[attr] = method
        elif attribute is not None and attribute.type:
            found.attributes[attr] = attribute

    def _stub(self, name: str, info: TypeInfo) -> ClassFacts:
        found = ClassFacts(name, [])
        for attr in sorted({attr for base in info.mro[:-1] for attr in base.names if not attr.startswith("_")}):
            method, attribute = self.typed.member(info, attr) if self.typed is not None else (None, None)
            found.public.add(attr)
            if method is not None and method.known:
                found.returns[attr] = method
            elif attribute is not None and attribute.type:
                found.attributes[attr] = attribute
        return found

    def _is_immutable(self, value: type) -> bool:
        """Tell whether ``x += y`` makes a new object: the class has arithmetic, and none in place."""
        return hasattr(value, "__add__") and not hasattr(value, "__iadd__")

    def own(self, name: str) -> ClassFacts:
        """Give what is known of a class beyond what its bases, in this or another library, say already."""
        whole = self.classes[name]
        found = ClassFacts(name, [base for base in whole.bases if base in self.classes])
        inherited = [self.classes[base] for base in found.bases]

        def told(table: str, attr: str) -> Fact | None:
            return next((getattr(base, table)[attr] for base in inherited if attr in getattr(base, table)), None)

        for attr in whole.public:  # what a base says and this class does otherwise, nobody knows how
            said = told("returns", attr) or any(attr in base.itself for base in inherited)
            if said and attr not in whole.returns and attr not in whole.itself:
                found.returns[attr] = Fact("")
        for table in ("returns", "attributes"):
            for attr, fact in getattr(whole, table).items():
                before = told(table, attr)
                if before is None or vars(before) != vars(fact):
                    getattr(found, table)[attr] = fact
        found.itself = whole.itself - set().union(*(base.itself for base in inherited))
        found.changing = whole.changing - set().union(*(base.changing for base in inherited))
        found.public = whole.public
        return found


__all__ = ["ARGUMENT", "SELF", "ClassFacts", "LibraryFacts"]
