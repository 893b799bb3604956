"""What an expression may give, as far as data flow needs it: a tuple of possible objects, empty when it cannot matter.

An object stands for everything made at one place in one execution of that place, so two names that hold the same
object here are aliases in the notebook (an allocation-site abstraction, as in Andersen's points-to analysis).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast

    from nbpipe.analysis.frames import Frame
    from nbpipe.analysis.paths import Paths


class Obj:
    """An abstract object.

    Attributes:
        site: where it was made: index of the cell that was being run (-1 for what exists before the first cell),
            the statement and expression, and its number among the objects made there. Equal sites in two simulations
            mean equal values, as long as everything that went into them was equal, too.
    """

    __slots__ = ("site",)

    # Whether handing it to code that cannot be seen, or operating on it, may run code of the notebook.
    inert = True
    # The object that it is a part, view or attribute of (which a `Member` always is of one); None for most.
    base: Any = None

    def __init__(self, site: Site) -> None:
        self.site = site

    def is_leaf(self) -> bool:
        """Tell whether nothing else can be reached from it."""
        return False

    @property
    def cell(self) -> int:
        """Index of the cell that was being run when it was made; -1 for what exists before the first cell."""
        cell: int = self.site[0]
        return cell


# Beyond this many objects that a value may be, it may be anything: real names hold a few. Without a bound, calls on
# what a loop gathers in branches would double with each.
MOST = 24
Value = tuple[Obj, ...]
NOTHING: Value = ()
Site = tuple[Any, ...]  # the cell, then what tells places in it apart


class Const(Obj):
    """A literal number, string, bytes, bool, None or Ellipsis."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def is_leaf(self) -> bool:
        """A constant has no parts."""
        return True

    @property
    def site(self) -> Site:  # type: ignore[override] # worked out when asked for: most constants never are
        """The value is its own place: equal constants are equal wherever they stand."""
        return (-1, type(self.value).__name__, self.value)


class External(Obj):
    """Something imported, or a builtin, under its qualified name (``numpy.random.rand``; builtins carry no prefix).

    Attributes:
        members: what has been looked up in it, by attribute.
    """

    __slots__ = ("members", "name")

    def __init__(self, name: str) -> None:
        self.site = (-1, "", name)
        self.name = name
        self.members: dict[str, Value] = {}

    def is_leaf(self) -> bool:
        """What is imported is looked into by name, not by what it holds."""
        return True


class Thing(Obj):
    """An object of which only the type may be known.

    Attributes:
        type_name: qualified name of its class (``pandas.DataFrame``), or of the call that gave it with ``()`` behind.
        base: the object it is a part or view of, whose change it may share.
    """

    __slots__ = ("base", "type_name")

    def __init__(self, site: Site, type_name: str | None = None, base: Obj | None = None) -> None:
        self.site = site
        self.type_name = type_name
        self.base = base

    def is_leaf(self) -> bool:
        """Only what it is a part of can be reached from it."""
        return self.base is None


# What a name holds that is not bound: reading it raises, so whatever is made of it never was.
MISSING = Thing((-1, "", "missing"))


class Member(Obj):
    """An attribute of an object that no notebook code defines: a method to call or a part to read."""

    __slots__ = ("attr", "base")

    def __init__(self, base: Obj, attr: str) -> None:
        self.base = base
        self.attr = attr

    @property
    def site(self) -> Site:  # type: ignore[override] # as for a constant
        """It is where what it is an attribute of was made."""
        made = self.base.site
        return (made[0], made, self.attr)


class Container(Obj):
    """A list, tuple, set or dict made in the notebook.

    Attributes:
        kind: ``list``, ``tuple``, ``set`` or ``dict``.
        items: values by constant index or key.
        rest: what may be in it at places not known.
        nonempty: surely not empty when it was made.
    """

    __slots__ = ("items", "kind", "nonempty", "rest")

    inert = False

    def __init__(self, site: Site, kind: str, items: dict[Any, Value], rest: Value, *, nonempty: bool) -> None:
        self.site = site
        self.kind = kind
        self.items = items
        self.rest = rest
        self.nonempty = nonempty

    def elements(self) -> Value:
        """Give everything that may be in it."""
        found = list(self.rest)
        for value in self.items.values():
            found.extend(value)
        return tuple(dict.fromkeys(found))[:MOST]


class Function(Obj):
    """A function or lambda of the notebook, with the frame it closes over.

    Attributes:
        home: index of the cell whose source holds it (`cell` is that of the cell that ran the definition).
        defaults: default values of its parameters, by name.
        role: ``""``, ``property``, ``staticmethod`` or ``classmethod``.
        paths: the conditions its definition stands in: its body is only run where they held.
        assured: globals that were bound when it was defined, where that stood in a condition.
        sure: calling the name surely runs the body (an unknown decorator may have replaced it).
    """

    __slots__ = ("assured", "defaults", "frame", "home", "name", "node", "paths", "role", "sure")

    inert = False

    def __init__(  # noqa: PLR0913 - what a function is made of
        self,
        site: Site,
        home: int,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        frame: Frame,
        defaults: dict[str, Value],
        *,
        paths: Paths = (),
        assured: frozenset[str] = frozenset(),
        role: str = "",
        sure: bool = True,
    ) -> None:
        self.site = site
        self.home = home
        self.node = node
        self.name: str = getattr(node, "name", "<lambda>")
        self.frame = frame
        self.defaults = defaults
        self.paths = paths
        self.assured = assured
        self.role = role
        self.sure = sure


class Class(Obj):
    """A class of the notebook; its names live in `frame`."""

    __slots__ = ("bases", "frame", "home", "node")

    inert = False

    def __init__(self, site: Site, home: int, node: ast.ClassDef, frame: Frame, bases: tuple[Value, ...]) -> None:
        self.site = site
        self.home = home
        self.node = node
        self.frame = frame
        self.bases = bases


class Instance(Obj):
    """An object of a notebook's class."""

    __slots__ = ("cls",)

    inert = False

    def __init__(self, site: Site, cls: Class) -> None:
        self.site = site
        self.cls = cls


class Bound(Obj):
    """A notebook function looked up on an instance or class: its first argument is given."""

    __slots__ = ("function", "receiver")

    inert = False

    def __init__(self, function: Function, receiver: Obj) -> None:
        self.site = function.site
        self.function = function
        self.receiver = receiver


class Deferred(Obj):
    """A coroutine: the call of a notebook function whose body runs when it is awaited."""

    __slots__ = ("arguments", "function")

    inert = False

    def __init__(self, site: Site, function: Function, arguments: dict[str, Value]) -> None:
        self.site = site
        self.function = function
        self.arguments = arguments


def union(*values: Value) -> Value:
    """Give all possible objects of several values, each once, in order; the first `MOST`, where there are more."""
    first = NOTHING
    for value in values:
        if value and value is not first and value != first:
            if first:
                return tuple(dict.fromkeys([obj for value in values for obj in value]))[:MOST]
            first = value
    return first


def root_of(obj: Obj) -> Obj:
    """Give the object that changes when this part or member of it is changed."""
    while (base := obj.base) is not None:
        obj = base
    return obj


def type_name_of(obj: Obj) -> str | None:
    """Give the qualified name under which a library knows this object, None when it is not known."""
    kind = obj.__class__
    if kind is Thing:
        return obj.type_name  # type: ignore[attr-defined,no-any-return]
    if kind is Member:
        owner = type_name_of(obj.base)
        return f"{owner}.{obj.attr}" if owner else None  # type: ignore[attr-defined]
    if kind is External:
        return obj.name  # type: ignore[attr-defined,no-any-return]
    return obj.kind if isinstance(obj, Container) else None
