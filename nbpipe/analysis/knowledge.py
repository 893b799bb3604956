"""What libraries do: which calls change their arguments, touch global state, return which type.

The facts are data, one file a library in `library/`, read when a notebook imports it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.analysis import members
from nbpipe.analysis.flow import UNBOUND, GlobalState, all_bound
from nbpipe.analysis.functions import escape, operate
from nbpipe.analysis.library_calls import IMMUTABLE, CalledFunction, CalledMethod
from nbpipe.analysis.library_facts import LibraryFacts
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
    from collections.abc import Mapping

    from nbpipe.analysis.functions import Arguments
    from nbpipe.analysis.interpreter import Interpreter
    from nbpipe.analysis.namespace import Namespace


# Builtins that give a container of what they are given.
_GATHERING = {
    "list": "list", "tuple": "tuple", "set": "set", "frozenset": "set", "sorted": "list", "reversed": "list",
    "iter": "list", "enumerate": "list", "zip": "list", "filter": "list", "dict": "dict",
}  # fmt: skip
_OPAQUE = {"exec": True, "eval": False, "globals": True, "locals": True, "vars": True, "__import__": False}
# Builtins that may bind any name.
BINDING_UNSEEN = frozenset(name for name, binds in _OPAQUE.items() if binds)


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


def _change_receiver(
    interp: Interpreter, member: Member, called: CalledMethod, arguments: Arguments, node: ast.AST
) -> None:
    """Change the object that a method is called on, where it does that."""
    if isinstance(member.base, Instance):
        return  # a method that the class does not define: inherited from a library, nothing is known
    if arguments.keywords:
        inplace = arguments.keywords.get("inplace") or arguments.keywords.get("in_place", NOTHING)
        if len(inplace) == 1 and isinstance(inplace[0], Const):
            if inplace[0].value:
                interp.mutate((member.base,), node)
            return
    if called.changes:
        interp.mutate((member.base,), node)
    elif called.may_change:
        known = isinstance(root_of(member.base), External)
        interp.mutate((member.base,), node, certain=known or member.attr == "fit")


class Knowledge(LibraryFacts):
    """What calls, subscripts and changes do that no notebook code defines."""

    def __init__(self, versions: Mapping[str, int] | None = None) -> None:
        super().__init__(versions)
        self._functions: dict[str, CalledFunction] = {}
        self._methods: dict[tuple[str | None, str], CalledMethod] = {}

    def _learn(self, facts: Mapping[str, Any]) -> None:
        super()._learn(facts)
        self._functions.clear()
        self._methods.clear()

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
        called = self._functions.get(name)
        if called is None:
            called = self._functions[name] = CalledFunction(self, name)
        if arguments.active():
            everything = arguments.all()
            operate(interp, everything)
            escape(interp, everything, kept=called.keeps)
        if called.ends:
            interp.state.ended = RAISED
        if called.builtin:
            return self._call_builtin(interp, name, arguments, node)
        if called.stateful:
            self.touch_state(interp, name, node, arguments)
        if called.changed:
            self.mutate_external(interp, called.changed, interp.external(called.changed), node)
        for index in called.mutates:
            if index < len(arguments.positional):
                interp.mutate(arguments.positional[index], node)
        return interp.thing(called.given(arguments))

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
        place = (type_name_of(member.base), member.attr)
        called = self._methods.get(place)
        if called is None:
            called = CalledMethod(self, *place)  # which may learn a library, and then forgets what was kept
            self._methods[place] = called
        if arguments.active():
            everything = arguments.all()
            operate(interp, everything)
            escape(interp, everything, kept=called.keeps)
        if called.stateful and called.name:
            self.touch_state(interp, called.name, node, arguments)
        _change_receiver(interp, member, called, arguments, node)
        for index in called.mutates:
            if index < len(arguments.positional):
                interp.mutate(arguments.positional[index], node)
        if called.gives_itself:
            return (member.base,)
        return interp.thing(called.given(arguments), member.base if called.shares else None)

    # Items

    def item(self, interp: Interpreter, obj: Obj, kind: str) -> Value:
        """Give what subscripting an object gives that no notebook code defines; see `attributes.kind_of_index`."""
        owner = type_name_of(obj)
        if owner is None:
            return interp.thing(None, obj)
        found = self.items.get(owner)
        if found is None:
            known = self.class_of(owner)
            found = self.items.get(known.name) if known is not None else None
            if found is None:
                return interp.thing(f"{owner}[]", None if known is not None and known.name in IMMUTABLE else obj)
        copies = found.get("copies", "")
        shares = copies != "*" and kind not in copies.split(" ")
        return interp.thing(found.get(kind) or f"{owner}[]", obj if shares else None)

    def part(self, interp: Interpreter, obj: Obj, index: int) -> Value:
        """Give one item of something that is unpacked and that no notebook code defines."""
        owner = type_name_of(obj)
        if owner is None:
            return interp.thing(None)
        return interp.thing(
            self.returns.get(f"{owner}[{index}]") or members.type_of_part(owner, index) or f"{owner}[{index}]"
        )

    def is_mutable(self, obj: Obj) -> bool:
        """Tell whether an in-place operator may change the object itself."""
        if isinstance(obj, Const):
            return False
        name = type_name_of(obj)
        if isinstance(obj, Member) and name is not None:
            known = members.class_of(name)  # an attribute: what it holds decides
            name = known.name if known is not None else name
        return name not in IMMUTABLE and name not in members.immutable
