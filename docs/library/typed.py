"""Types of what functions and methods give and attributes hold, from annotations and stubs, as mypy resolves them.

What depends on the arguments (overloads) is kept as far as it can be told at a call: the type of the plain call, and
the arguments that, given, make it another. What may be one of several types is not known.
"""

from __future__ import annotations

import json
import sys
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from mypy import build, nodes, types
from mypy.expandtype import expand_type_by_instance
from mypy.maptype import map_instance_to_supertype
from mypy.modulefinder import BuildSource
from mypy.options import Options
from mypy.typevars import fill_typevars

if TYPE_CHECKING:
    from collections.abc import Iterable

    from library.inventory import Inventory

# Names under which the typed world knows what a run sees as something else.
PLAIN = {
    "builtins.NoneType": "None", "typing.Any": "", "builtins.object": "", "builtins.ellipsis": "",
    "numpy._typing._nbit_base.NBitBase": "", "builtins.type": "type",
}  # fmt: skip
SELF = "Self"
# What stands for another class: where annotations name what an object may be turned into.
STANDS_FOR = {
    "matplotlib.axes.SubplotBase": "matplotlib.axes.Axes",
    "matplotlib.axes._subplots.SubplotBase": "matplotlib.axes.Axes",
}
# Protocols and helpers that arrays fulfil, as the first argument.
ARRAYS = ("_SupportsArray", "_SupportsArrayFunc")
_MANY_VALUES = 4


class Fact:
    """What a callable gives.

    Attributes:
        type: the name of the result's class; ``Self`` is that of the object called on; "" where it is not known.
        varies: what it gives instead where an argument is given (``name``), has a value (``name=value``), or where
            the first argument is of a type (``0:type``).
        items: for a tuple, the types of its items.
    """

    def __init__(self, type_: str, varies: dict[str, str] | None = None, items: Iterable[str] = ()) -> None:
        self.type = type_
        self.varies = dict(sorted((varies or {}).items()))
        self.items = tuple(items)

    @property
    def known(self) -> bool:
        """Whether the type is known, at least for some arguments."""
        return bool(self.type) or any(self.varies.values())


class Typed:
    """The annotations of one library."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.met: list[type] = []
        self.stubs: dict[str, nodes.TypeInfo] = {}
        self._generic: types.Instance | None = None
        self._asked: nodes.TypeInfo | None = None
        self._start = 0  # 1 where the first parameter is the object called on
        options = Options()
        options.python_version = sys.version_info[:2]
        options.python_executable = sys.executable
        options.incremental = False
        options.follow_imports = "silent"
        options.ignore_errors = True
        modules = [name for name in inventory.modules if name != "builtins"]
        source = "\n".join(f"import {name}" for name in modules)
        result = build.build([BuildSource("<wanted>", "wanted", source)], options)
        self.files = result.files

    # What is looked up

    def function(self, name: str) -> Fact | None:
        """Give the fact of a public function; None where it has no annotations."""
        if "." not in name:
            name = f"builtins.{name}"
        module, _, attr = name.rpartition(".")
        file = self.files.get(module)
        self._generic = None
        self._start = 0
        symbol = file.names.get(attr) if file is not None else None
        return self._callable(symbol) if symbol is not None else None

    def member(self, info: nodes.TypeInfo, name: str) -> tuple[Fact | None, Fact | None]:
        """Give the fact of a method, or that of an attribute, looked up along the bases."""
        self._asked = info
        for base in info.mro:
            symbol = base.names.get(name)
            if symbol is not None and base.fullname != "builtins.object":
                self._start = 0 if getattr(getattr(symbol.node, "func", symbol.node), "is_static", False) else 1
                self._generic = map_instance_to_supertype(_instance(info), base)
                attribute = self._attribute(symbol)
                return (None, attribute) if attribute is not None else (self._callable(symbol), None)
        return None, None

    def operators(self, value: type) -> set[str] | None:
        """Give the special methods of a class and its bases; None where it is not typed."""
        info = self.info(value)
        return None if info is None else {name for base in info.mro for name in base.names if name.startswith("__i")}

    def info(self, value: type) -> nodes.TypeInfo | None:
        """Give what mypy knows of a class, None where it knows nothing."""
        for module in (value.__module__, self.inventory.name_of(value).rpartition(".")[0]):
            scope: Any = self.files.get(module)
            found: Any = None
            for part in value.__qualname__.split("."):
                symbol = scope.names.get(part) if scope is not None else None
                found = scope = symbol.node if symbol is not None else None
                if isinstance(found, nodes.TypeAlias):
                    target = types.get_proper_type(found.target)
                    found = scope = target.type if isinstance(target, types.Instance) else None
            if isinstance(found, nodes.TypeInfo):
                return found
        return None

    # From mypy's types to facts

    def _attribute(self, symbol: nodes.SymbolTableNode) -> Fact | None:
        node = symbol.node
        if isinstance(node, nodes.OverloadedFuncDef) and node.is_property:
            node = node.items[0]
        if isinstance(node, nodes.Decorator) and (node.func.is_property or node.var.is_property):
            kind = types.get_proper_type(node.func.type)
            return self._fact(kind.ret_type) if isinstance(kind, types.CallableType) else Fact("")
        if isinstance(node, nodes.Var) and node.type is not None:
            kind = types.get_proper_type(node.type)
            if isinstance(kind, types.CallableType | types.Overloaded):
                return None
            if isinstance(kind, types.Instance) and kind.type.get("__get__") is not None:
                return self._descriptor(kind)
            return self._fact(kind)
        return None

    def _descriptor(self, kind: types.Instance) -> Fact:
        """Give what a descriptor gives on the class whose member is asked for: ``Series.str``."""
        symbol = kind.type.get("__get__")
        method: Any = symbol.node if symbol is not None else None
        proper = types.get_proper_type(method.type) if method is not None and method.type is not None else None
        items = proper.items if isinstance(proper, types.Overloaded) else [proper]
        bases = {base.fullname for base in self._generic.type.mro} if self._generic is not None else set()
        asked = self._asked.fullname if self._asked is not None else ""
        for item in items:
            if isinstance(item, types.CallableType) and len(item.arg_types) > 1:
                on = types.get_proper_type(item.arg_types[1])
                if isinstance(on, types.Instance) and on.type.fullname in (asked, *bases):
                    return Fact(self._name(item.ret_type))
        return Fact("")

    def _callable(self, symbol: nodes.SymbolTableNode) -> Fact | None:
        node: Any = symbol.node
        decorated = isinstance(node, nodes.Decorator)
        kind = node.var.type or node.func.type if decorated else getattr(node, "type", None)
        if kind is None:
            return None
        return self._of_callable(types.get_proper_type(kind))

    def _of_callable(self, kind: types.ProperType) -> Fact | None:
        if isinstance(kind, types.CallableType):
            return self._fact(kind.ret_type)
        if isinstance(kind, types.Overloaded):
            return self._overloaded([item for item in kind.items if not self._never(item)])
        if isinstance(kind, types.Instance):  # an object that is called: a ufunc, a wrapper
            symbol = kind.type.get("__call__")
            return self._callable(symbol) if symbol is not None else None
        return None

    def _never(self, item: types.CallableType) -> bool:
        return isinstance(types.get_proper_type(item.ret_type), types.UninhabitedType)

    def _overloaded(self, items: list[types.CallableType]) -> Fact:
        """Give what the plain call gives, and which arguments make it something else."""
        found = [(item, self._fact(item.ret_type)) for item in items]
        giving = [(item, fact) for item, fact in found if fact.type != "None"] or found
        if len({(fact.type, fact.items) for _, fact in giving}) == 1:
            return giving[0][1]
        required = [_required(item, self._start) for item, _ in giving]
        always = set.intersection(*({_bare(name) for name in names} for names in required))
        plain = [
            (item, fact)
            for (item, fact), names in zip(giving, required, strict=True)
            if {_bare(name) for name in names} == always
        ]
        agreed = len({(fact.type, fact.items) for _, fact in plain}) == 1
        default = plain[0][1] if agreed else Fact("")
        varies: dict[str, str] = {} if agreed else self._by_first(plain)
        tokens: dict[str, set[str]] = {} if agreed or not plain else _by_none(plain, self._start)
        for (_, fact), names in zip(giving, required, strict=True):
            if (fact.type, fact.items) != (default.type, default.items):
                for name in [each for each in names if _bare(each) not in always]:
                    for token in _tokens(name, names[name]):
                        sure = "=" in token or not agreed or _only_none(plain[0][0], _bare(name))
                        tokens.setdefault(token, set()).add(fact.type if sure else "")
        varies |= {token: each.pop() if len(each) == 1 else "" for token, each in tokens.items()}
        return Fact(default.type, varies, default.items)

    def _by_first(self, plain: list[tuple[types.CallableType, Fact]]) -> dict[str, str]:
        """Give what the type of the first argument makes of the result, where the first match decides."""
        found: dict[str, str] = {}
        for item, fact in plain:
            kinds = item.arg_types[self._start :]
            first = types.get_proper_type(kinds[0]) if kinds else None
            alternatives = first.items if isinstance(first, types.UnionType) else [first] if first else []
            for each in map(types.get_proper_type, alternatives):
                if isinstance(each, types.Instance) and not each.type.fullname.startswith(("builtins.", "typing.")):
                    name = "numpy.ndarray" if each.type.name in ARRAYS else self._public(each.type)
                    if name and not any(part.startswith("_") for part in name.split(".")):
                        found.setdefault(f"0:{name}", fact.type)
        return {token: kind for token, kind in found.items() if kind}

    def _fact(self, kind: types.Type) -> Fact:
        if self._generic is not None:
            kind = expand_type_by_instance(kind, self._generic)
        name = self._name(kind)
        proper = types.get_proper_type(kind)
        items: tuple[str, ...] = ()
        if name == "tuple" and isinstance(proper, types.TupleType) and len(proper.items) < 10:  # noqa: PLR2004
            items = tuple(self._name(item) for item in proper.items)
            if "." in proper.partial_fallback.type.fullname.removeprefix("builtins."):
                name, items = self._public(proper.partial_fallback.type), ()
        return Fact(name, (), items if any(items) else ())

    def _name(self, kind: types.Type) -> str:
        proper = types.get_proper_type(kind)
        if isinstance(proper, types.NoneType):
            return "None"
        if isinstance(proper, types.Instance):
            return self._public(proper.type)
        if isinstance(proper, types.TupleType):
            return "tuple"
        if isinstance(proper, types.LiteralType):
            return self._name(proper.fallback)
        if isinstance(proper, types.TypeVarType):
            return SELF if proper.name == "Self" or proper.id.is_self() else self._self(proper)
        if isinstance(proper, types.UnionType):
            names = {self._name(item) for item in proper.items} - {"None"}
            return names.pop() if len(names) == 1 else ""
        if isinstance(proper, types.TypedDictType):
            return "dict"
        if isinstance(proper, types.TypeType):
            return "type"
        if isinstance(proper, types.CallableType | types.Overloaded):
            return "function"
        return ""

    def _self(self, variable: types.TypeVarType) -> str:
        """Tell whether a type variable stands for the object called on: ``def f(self: T) -> T``."""
        return SELF if variable.name in ("Self", "T_Self", "_Self", "Self_") else ""

    def _public(self, info: nodes.TypeInfo) -> str:
        full = info.fullname
        if full in PLAIN:
            return PLAIN[full]
        module, _, name = full.rpartition(".")
        if module == "builtins":
            return name
        value = _runtime(full)
        if value is None:  # a class of the stubs alone
            if not full.startswith(f"{self.inventory.library}.") or self.inventory.library == "numpy":
                return ""
            self.stubs[full] = info
            return full
        self.met.append(value)
        return STANDS_FOR.get(full) or self.inventory.name_of(value)


def _instance(info: nodes.TypeInfo) -> types.Instance:
    found = fill_typevars(info)
    return found if isinstance(found, types.Instance) else found.partial_fallback


@cache
def _runtime(full: str) -> type | None:
    """Give the class that a full name of the stubs stands for, None where there is none when it is run."""
    parts = full.split(".")
    for length in range(len(parts) - 1, 0, -1):
        try:
            found: Any = import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            found = getattr(found, part, None)
        if isinstance(found, type):
            return found
    return None


def _by_none(plain: list[tuple[types.CallableType, Fact]], start: int) -> dict[str, set[str]]:
    """Give the parameters that may only be None in the first overload: given, the others tell (``size``)."""
    first = plain[0][0]
    found: dict[str, set[str]] = {}
    for name, kind in zip(first.arg_names, first.arg_types, strict=True):
        if name and isinstance(types.get_proper_type(kind), types.NoneType):
            for item, fact in plain[1:]:
                if name in item.arg_names:
                    place = item.arg_names.index(name)
                    if not isinstance(types.get_proper_type(item.arg_types[place]), types.NoneType):
                        by_place = item.arg_kinds[place] in (nodes.ARG_POS, nodes.ARG_OPT)
                        found.setdefault(f"{name}@{place - start}" if by_place else name, set()).add(fact.type)
    return found


def _only_none(item: types.CallableType, name: str) -> bool:
    """Tell whether an overload takes nothing but None for a parameter, or does not have it."""
    if name not in item.arg_names:
        return True
    return isinstance(types.get_proper_type(item.arg_types[item.arg_names.index(name)]), types.NoneType)


def _bare(name: str) -> str:
    return name.partition("@")[0]


def _required(item: types.CallableType, start: int) -> dict[str, types.Type]:
    """Give the parameters without a default, each with its place where it may be passed by position."""
    found: dict[str, types.Type] = {}
    for place, (name, kind, how) in enumerate(zip(item.arg_names, item.arg_types, item.arg_kinds, strict=True)):
        if name and name not in ("self", "cls") and how in (nodes.ARG_POS, nodes.ARG_NAMED):
            found[f"{name}@{place - start}" if how is nodes.ARG_POS else name] = kind
        elif how is nodes.ARG_STAR:
            found[f"*@{place - start}"] = kind
    return found


def _tokens(name: str, kind: types.Type) -> list[str]:
    """Write an argument with the values that it must have, where those can be told."""
    proper = types.get_proper_type(kind)
    alternatives = proper.items if isinstance(proper, types.UnionType) else [proper]
    values = []
    for each in map(types.get_proper_type, alternatives):
        if isinstance(each, types.NoneType):
            values.append("null")
        elif isinstance(each, types.LiteralType) and isinstance(each.value, bool | int | str):
            values.append(json.dumps(each.value))
        else:
            return [name]
    return (
        [f"{name}={value}" for value in values]
        if len(values) <= _MANY_VALUES and " " not in "".join(values)
        else [name]
    )
