"""What libraries do: which calls change their arguments, touch global state, return which type.

The facts are data, one file a library in `library/`, read when a notebook imports it.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nbpipe.analysis.containers import CHANGING
from nbpipe.analysis.flow import UNBOUND, GlobalState, all_bound
from nbpipe.analysis.functions import escape, operate
from nbpipe.analysis.state import RAISED
from nbpipe.analysis.values import (
    NOTHING,
    Const,
    Container,
    External,
    Instance,
    Member,
    Obj,
    Value,
    root_of,
    type_name_of,
    union,
)

if TYPE_CHECKING:
    import ast

    from nbpipe.analysis.functions import Arguments
    from nbpipe.analysis.interpreter import Interpreter
    from nbpipe.analysis.namespace import Namespace
    from nbpipe.analysis.scopes import Scope

# Top-level module to the file that knows it.
FILES = {
    "bisect": "python", "decimal": "python", "heapq": "python", "locale": "python", "os": "python",
    "random": "python", "sys": "python", "warnings": "python", "collections": "python", "copy": "python",
    "numpy": "numpy", "pandas": "pandas",
    "sklearn": "sklearn", "imblearn": "sklearn", "xgboost": "sklearn", "lightgbm": "sklearn", "catboost": "sklearn",
    "torch": "torch", "tensorflow": "tensorflow", "keras": "tensorflow",
    "accelerate": "seeding", "fastai": "seeding", "lightning": "seeding", "pytorch_lightning": "seeding",
    "transformers": "seeding",
    "matplotlib": "matplotlib", "seaborn": "matplotlib", "pylab": "matplotlib",
}  # fmt: skip
_FOLDER = os.path.join(os.path.dirname(__file__), "library")  # noqa: PTH118, PTH120 - pathlib costs start-up time
_files: dict[str, dict[str, Any]] = {}

# Builtins that give a container of what they are given.
_GATHERING = {
    "list": "list", "tuple": "tuple", "set": "set", "frozenset": "set", "sorted": "list", "reversed": "list",
    "iter": "list", "enumerate": "list", "zip": "list", "filter": "list", "dict": "dict",
}  # fmt: skip
# Methods that keep a function for later; so do classes when they are called.
_KEEPING = ("add_", "connect", "observe", "on_", "register", "schedule", "subscribe")
_ENDING = frozenset(["exit", "quit", "sys.exit", "os._exit", "os.abort"])
_IMMUTABLE = frozenset(["int", "float", "str", "bytes", "bool", "NoneType", "number", "complex", "tuple"])
_OPAQUE = {"exec": True, "eval": False, "globals": True, "locals": True, "vars": True, "__import__": False}


def library_file(name: str) -> dict[str, Any]:
    """Read one file of library knowledge, once a process."""
    found = _files.get(name)
    if found is None:
        with open(os.path.join(_FOLDER, f"{name}.json"), encoding="utf-8") as file:  # noqa: PTH118, PTH123
            found = _files[name] = json.load(file)
    return found


@lru_cache(maxsize=256)
def known_draws(modules: frozenset[str]) -> frozenset[str]:
    """Give the last parts of the callables of some top-level modules that draw from a global generator."""
    files = {FILES[module] for module in modules if module in FILES}
    state = (item for file in files for item in library_file(file).get("state", {}).items())
    return frozenset(name.rpartition(".")[2] for name, (_, effect) in state if effect == "draw")


def _rows_of_tuples(interp: Interpreter, name: str, given: list[Value]) -> Value:
    """Give what ``zip`` and ``enumerate`` yield: tuples whose places are told apart."""
    from nbpipe.analysis.expressions import elements_of, surely_filled

    columns = [elements_of(interp, value) for value in (given if name == "zip" else given[:1])]
    if name == "enumerate":
        columns.insert(0, interp.thing("int"))
    row = Container(interp.site(), "tuple", dict(enumerate(columns)), NOTHING, nonempty=True)
    nonempty = all(surely_filled(interp, value) for value in given)
    return (Container(interp.site(), "list", {}, (row,), nonempty=nonempty),)


def _brings_own_generator(effect: str, arguments: Arguments) -> bool:
    """Tell whether a call that would draw from a global generator is given a state of its own."""
    given = arguments.keywords.get("random_state", NOTHING)
    return effect == "draw" and bool(given) and not any(isinstance(obj, Const) and obj.value is None for obj in given)


class Knowledge:
    """What is known of the libraries that one notebook imports, and of its own functions' scopes.

    Attributes:
        scopes: of the functions, classes and comprehensions met, by node: the same in every simulation.
    """

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._stateless: set[str] = set()
        self.scopes: dict[int, Scope] = {}
        self.returns: dict[str, str | None] = {}
        self.mutates: dict[str, list[int]] = {}
        self.mutating_methods: dict[str, set[str]] = {}
        self.views: dict[str, set[str]] = {}
        self.mutable: set[str] = set()
        self.returns_self: set[str] = set()
        self.state: dict[str, list[str]] = {}
        self.data: dict[str, str] = {}

    def imported(self, module: str) -> None:
        """Learn what is known of a module that the notebook imports."""
        name = FILES.get(module.partition(".")[0])
        if name is None or name in self._known:
            return
        self._known.add(name)
        facts = library_file(name)
        self.returns.update(facts.get("returns", {}))
        self.mutates.update(facts.get("mutates", {}))
        self.mutable.update(facts.get("mutable", ()))
        self.returns_self.update(facts.get("returns_self", ()))
        state = facts.get("state", {})
        self.state.update(state)
        self._stateless.clear()
        self.data.update({name: kind for name, (kind, effect) in state.items() if effect == "data"})
        for table, target in (("mutating_methods", self.mutating_methods), ("views", self.views)):
            for owner, methods in facts.get(table, {}).items():
                target.setdefault(owner, set()).update(methods)

    # Global state

    def state_of(self, name: str) -> list[str] | None:
        """Give the kind of global state that calling this touches, and how; None where it touches none."""
        if not self.state:
            return None
        if name in self._stateless:
            return None
        found = self._state_of(name)
        if found is None:
            self._stateless.add(name)
        return found

    def _state_of(self, name: str) -> list[str] | None:
        found = self.state.get(name)
        if found is None and "." in name:
            found = self.state.get(name.rpartition(".")[0] + ".*")
            if found is not None and name.rpartition(".")[2][:1].isupper():
                return None  # a class: making one draws nothing
        return found if found and found[1] else None

    def touch_state(self, interp: Namespace, name: str, node: ast.AST, arguments: Arguments | None = None) -> None:
        """Record that calling or changing this touches global state; generators behave like a hidden variable."""
        found = self.state_of(name)
        if found is None or (arguments is not None and _brings_own_generator(found[1], arguments)):
            return
        kinds, effect = found
        effect = "set" if effect == "data" else effect
        for kind in kinds.split():  # one call may seed several generators
            self._record_state(interp, kind, effect, node)
            if effect == "seed":
                self._seed(interp, f"<{kind}>", node, arguments)
            elif effect == "draw":
                self._draw(interp, f"<{kind}>", node)

    def _record_state(self, interp: Namespace, kind: str, effect: str, node: ast.AST) -> None:
        certain = interp.state.certain
        interp.flow.global_state.append(GlobalState(kind, effect, interp.cell, interp.home, node, certain=certain))

    def _seed(self, interp: Namespace, hidden: str, node: ast.AST, arguments: Arguments | None) -> None:
        """Give a generator a known state, or, seeded from the system's entropy, an unknown one."""
        if arguments is None or arguments.all():
            interp.bind_key(hidden, hidden, node, "seed", interp.thing())
        else:
            interp.state.set_names(hidden, (UNBOUND,))

    def _draw(self, interp: Namespace, hidden: str, node: ast.AST) -> None:
        """Draw from a generator: where it was seeded, what it gives depends on the seed and the draws before."""
        definitions = interp.state.names.get(hidden)
        if interp.reads is not None:
            interp.reads.setdefault(hidden, definitions)
        if definitions and all_bound(definitions):
            interp.record_use(hidden, node, definitions)
            interp.mutate(union(*(definition.value for definition in definitions)), node)

    def read_external(self, interp: Namespace, name: str, node: ast.AST) -> None:
        """Record the reading of what belongs to the whole process: ``os.environ``, ``plt.rcParams``."""
        kind = self.data.get(name)
        if kind is not None:
            self._record_state(interp, kind, "read", node)

    def mutate_external(self, interp: Namespace, name: str, obj: Obj, node: ast.AST) -> None:
        """Record a change of what belongs to a module: ``plt.rcParams[...] = 1``, ``sys.path.append(...)``."""
        whole = type_name_of(obj) or name
        for candidate in (whole, name):
            parts = candidate.split(".")
            for length in range(len(parts), 0, -1):
                prefix = ".".join(parts[:length])
                if prefix in self.state:
                    self.touch_state(interp, prefix, node)
                    return

    # Calls

    def call_external(self, interp: Interpreter, name: str, arguments: Arguments, node: ast.AST) -> Value:
        """Call a library's function or class, or a builtin."""
        last = name.rpartition(".")[2]
        if arguments.active():
            everything = arguments.all()
            operate(interp, everything)
            escape(interp, everything, kept=last[:1].isupper())
        if name in _ENDING:
            interp.state.ended = RAISED
        if "." not in name:
            return self._call_builtin(interp, name, arguments, node)
        self.touch_state(interp, name, node, arguments)
        if last in CHANGING:
            owner = name.rpartition(".")[0]
            self.mutate_external(interp, owner, interp.external(owner), node)
        for index in self.mutates.get(name, ()):
            if index < len(arguments.positional):
                interp.mutate(arguments.positional[index], node)
        if name in self.returns:
            return interp.thing(self.returns[name])
        return interp.thing(name if last[:1].isupper() else f"{name}()")

    def _call_builtin(self, interp: Interpreter, name: str, arguments: Arguments, node: ast.AST) -> Value:
        from nbpipe.analysis.expressions import elements_of, surely_filled

        if name in _OPAQUE:
            interp.mark_opaque(f"{name}()", binds=_OPAQUE[name])
        elif name in ("setattr", "delattr", "next") and arguments.positional:
            interp.mutate(arguments.positional[0], node)
        elif name in ("zip", "enumerate") and arguments.positional and not arguments.spread:
            return _rows_of_tuples(interp, name, arguments.positional)
        elif name in _GATHERING:
            parts = union(*(elements_of(interp, value) for value in arguments.positional), *arguments.keywords.values())
            nonempty = (
                name != "filter"
                and bool(arguments.positional)
                and all(surely_filled(interp, value) for value in arguments.positional)
            )
            return (Container(interp.site(), _GATHERING[name], {}, parts, nonempty=nonempty),)
        return interp.thing(name if name in ("int", "float", "str", "bytes", "bool") else None)

    def call_method(self, interp: Interpreter, member: Member, arguments: Arguments, node: ast.AST) -> Value:
        """Call a method of an object that no notebook code defines."""
        if arguments.active():
            everything = arguments.all()
            operate(interp, everything)
            escape(interp, everything, kept=member.attr.startswith(_KEEPING))
        name = type_name_of(member)
        owner = type_name_of(member.base)
        if name:
            self.touch_state(interp, name, node, arguments)
        self._mutate_receiver(interp, member, owner, arguments, node)
        for index in self.mutates.get(name or "", ()):
            if index < len(arguments.positional):
                interp.mutate(arguments.positional[index], node)
        if member.attr in self.returns_self:
            return (member.base,)
        returned = self.returns.get(name or "", f"{name}()" if name else None)
        shares = member.attr in self.views.get(owner or "", ())
        return interp.thing(returned, member.base if shares else None)

    def _mutate_receiver(
        self, interp: Interpreter, member: Member, owner: str | None, arguments: Arguments, node: ast.AST
    ) -> None:
        attr = member.attr
        if isinstance(member.base, Instance):
            return  # a method that the class does not define: inherited from a library, nothing is known
        inplace = arguments.keywords.get("inplace", NOTHING)
        if len(inplace) == 1 and isinstance(inplace[0], Const):
            if inplace[0].value:
                interp.mutate((member.base,), node)
            return
        methods = self.mutating_methods.get(owner or "", ())
        if attr in methods or "*" in methods:
            interp.mutate((member.base,), node)
        elif attr in self.mutating_methods.get("*", ()) or (attr in CHANGING and owner not in _IMMUTABLE):
            known = isinstance(root_of(member.base), External)
            interp.mutate((member.base,), node, certain=known or attr == "fit")

    def is_mutable(self, obj: Obj) -> bool:
        """Tell whether an in-place operator may change the object itself."""
        if isinstance(obj, Const):
            return False
        return type_name_of(obj) not in _IMMUTABLE
