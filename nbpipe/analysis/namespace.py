"""What code does to names and objects while it is simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis.builtin_names import is_builtin
from nbpipe.analysis.flow import UNBOUND, Definition, Flow, Mutation, Opaque, Use, all_bound
from nbpipe.analysis.frames import Frame
from nbpipe.analysis.paths import Paths, Test, exclusive
from nbpipe.analysis.scopes import Scope, ScopeNode, scope_of
from nbpipe.analysis.signature import sign
from nbpipe.analysis.state import RAISED, State
from nbpipe.analysis.values import MISSING, Const, External, Obj, Site, Thing, Value, root_of, union

if TYPE_CHECKING:
    import ast

    from nbpipe.analysis.frames import Key
    from nbpipe.analysis.knowledge import Knowledge
    from nbpipe.analysis.loops import Loop
    from nbpipe.analysis.state import Definitions
    from nbpipe.analysis.watching import Watcher


class Namespace:
    """Names and objects on the path being simulated, and the trace of what is done to them.

    Attributes:
        cell: index of the cell that is being run.
        home: index of the cell whose source is being run.
        signing: keep for each use what its value depends on, so that two simulations can be compared.
        environment: names that the kernel provides beyond Python's and IPython's.
        guards: how many `try` statements around the present place catch NameError.
        asking: how many of them name it: they ask whether a name is there.
        deferred: a function is being looked into that was handed to something that may call it later.
        uncalled: a function that nothing called is being looked into.
        paths: the conditions that the present place stands in.
        loops: the loops around the present place, in its function.
        tests: each test that was met, by node, to come out one way or the other.
        reads: what each name held that was read since the loop around the present place began; None outside of loops.
        watcher: is told of each operation on values; None where nobody asked.
        assured: globals that were bound when the functions that are being run were defined: only `del` unbinds them.
    """

    def __init__(self, knowledge: Knowledge, *, signing: bool, environment: frozenset[str]) -> None:
        self.knowledge = knowledge
        self.signing = signing
        self.environment = environment
        self.state = State()
        self.flow = Flow()
        self.module = Frame(None, None, -1)
        self.frame = self.module
        self.cell = -1
        self.home = -1
        self.guards = 0
        self.asking = 0
        self.deferred = False
        self.uncalled = False
        self.paths: Paths = ()
        self.assured: frozenset[str] = frozenset()
        self.loops: list[Loop] = []
        self.reads: dict[Key, Definitions | None] | None = None
        self.watcher: Watcher | None = None
        self._visits = 0
        self._statement = 0
        self._expression = 0
        self._made = 0
        self.tests: dict[tuple[int, bool], Test] = {}
        self._constants: dict[int, Value] = {}
        self._externals: dict[str, Value] = {}
        self._names_hidden = False
        self._local_troubles = False
        self._mutated: list[Mutation] = []

    def load(self, name: str, node: ast.AST) -> Value:
        """Read a name: record the use, give what it may hold."""
        frame = self.frame
        key = frame.keys.get(name) or frame.key(name)
        definitions = self.state.names.get(key)
        reads = self.reads
        if reads is not None and key not in reads:
            reads[key] = definitions
        if key.__class__ is tuple:
            if definitions is not None and len(definitions) == 1 and definitions[0].bound and not self._local_troubles:
                return definitions[0].value
            return self._load_local(name, key, node, definitions)
        if definitions is not None and len(definitions) == 1 and definitions[0].bound:
            self._record(key, node, definitions)
            return definitions[0].value
        return self._load_global(key, node, definitions)

    def _record(self, name: str, node: ast.AST, definitions: Definitions) -> Use:
        """Keep that the name is read here; whether it surely has a value is for the caller to look."""
        self._visits += 1
        uses = self.flow.uses
        cell = self.cell
        place = (cell, id(node))
        use = uses.get(place)
        if use is None:
            use = uses[place] = Use(name, node, cell, self.home, self._visits)
            use.definitions = definitions
            if self.uncalled:
                use.uncalled = True
            if self._names_hidden:
                use.opaque = True
        elif use.definitions is not definitions:
            use.definitions = tuple(dict.fromkeys((*use.definitions, *definitions)))
        if self.state.certain:
            use.certain = True
        if self.signing:
            use.signatures = (*use.signatures, sign(self.state, definitions))
        return use

    def _possible(self, definitions: Definitions, name: str = "") -> Definitions:
        """Leave out what would be unbound only on paths that the present one excludes."""
        if all_bound(definitions):
            return definitions
        kept = [
            definition
            for definition in definitions
            if definition.bound
            or not (exclusive(definition.paths, self.paths) or (definition.kind == "unbound" and name in self.assured))
        ]
        return tuple(kept) or definitions

    def provides(self, name: str) -> bool:
        """Tell whether Python, IPython or the kernel's environment has the name without any cell."""
        return is_builtin(name) or name in self.environment

    def _load_global(self, name: str, node: ast.AST, definitions: Definitions | None) -> Value:
        if definitions is None:
            if self.provides(name):
                return self.external_value(name)
            definitions = (UNBOUND,)
        definitions = self._possible(definitions, name)
        self.record_use(name, node, definitions)
        if all_bound(definitions):
            return union(*(definition.value for definition in definitions))
        if self.provides(name):
            return (*union(*(definition.value for definition in definitions if definition.bound)), self.external(name))
        return self._narrow(name, definitions)

    def _load_local(self, name: str, key: Key, node: ast.AST, definitions: Definitions | None) -> Value:
        scope = key[0].scope
        if scope is not None and scope.kind == "class" and (definitions is None or UNBOUND in definitions):
            # A class body falls back to the module's names (LOAD_NAME), never to those of functions around it.
            outer = self._load_global(name, node, self.state.names.get(name))
            return union(outer, *(definition.value for definition in definitions or () if definition.bound))
        if definitions is None and self.uncalled and key[0] is not self.frame:
            return self.thing()  # of a function around, whose call is over or was not met
        definitions = self._possible(definitions or (UNBOUND,))
        if all_bound(definitions):
            use = self.flow.uses.get((self.cell, id(node)))
            if use is not None:  # on another visit it was missing
                use.definitions = tuple(dict.fromkeys((*use.definitions, *definitions)))
            return union(*(definition.value for definition in definitions))
        self.record_use(name, node, definitions).local = True
        self._local_troubles = True
        return self._narrow(key, definitions)

    def _narrow(self, key: Key, definitions: Definitions) -> Value:
        """Give the value of a name that may be unbound: whoever gets past the use has found it bound."""
        bound = tuple(definition for definition in definitions if definition.bound)
        if not bound:
            return (MISSING,)
        self.state.set_names(key, bound)
        return union(*(definition.value for definition in bound))

    def record_use(self, name: str, node: ast.AST, definitions: Definitions) -> Use:
        """Keep that the name is read here with these definitions in force."""
        use = self._record(name, node, definitions)
        if not all_bound(definitions) and not self.provides(name):
            self._record_missing(use, definitions)
        return use

    def _record_missing(self, use: Use, definitions: Definitions) -> None:
        """Keep that on this visit the name is, or may be, unbound."""
        if any(definition.bound for definition in definitions):
            use.maybe_missing += 1
            use.trouble = use.trouble or self._visits
        else:
            use.missing += 1
            use.trouble = use.trouble or self._visits
            use.surely_missing |= self.state.certain
            use.plainly_missing |= all(step.kind == "loop" for step in self.paths)
        use.deferred &= self.deferred
        if self.asking and not use.opaque and not any(definition.bound for definition in definitions):
            self.state.ended = RAISED
        if self.guards:
            self.state.certain = False  # the handler goes on
        else:
            use.guarded = False

    def bind(self, name: str, node: ast.AST, kind: str, value: Value) -> Definition:
        """Bind a name in the current frame."""
        return self.bind_key(self.frame.key(name), name, node, kind, value)

    def bind_key(self, key: Key, name: str, node: ast.AST, kind: str, value: Value) -> Definition:
        """Bind a name that lives at this key."""
        definition = Definition(
            name,
            self.cell,
            self.home,
            node,
            kind,
            value or self.thing(),
            certain=self.state.certain,
            paths=self.paths,
            order=self._visits,
            repeated=bool(self.loops),
        )
        self.state.set_names(key, (definition,))
        if key.__class__ is str:
            self.flow.definitions.setdefault(key, []).append(definition)
        elif key[0].__class__ is not Frame:
            self.state.members.setdefault(key[0], {})[key] = None
        return definition

    def unbind(self, name: str, node: ast.AST) -> None:
        """Take a name away, as `del` does."""
        gone = Definition(
            name, self.cell, self.home, node, "deleted", (MISSING,), certain=self.state.certain, paths=self.paths
        )
        self.state.set_names(self.frame.key(name), (gone,))

    def site(self) -> Site:
        """Give the place of a new object."""
        self._made += 1
        return (self.cell, self._statement, self._expression, self._made)

    def place(self) -> tuple[int, int, int]:
        """Give the present place inside a statement, to come back to after running other statements."""
        return (self._statement, self._expression, self._made)

    def back_to(self, place: tuple[int, int, int]) -> None:
        """Go on numbering objects at a place given by `place`."""
        self._statement, self._expression, self._made = place

    def external(self, name: str) -> External:
        """Give the one object that stands for what is imported under this qualified name."""
        return self.external_value(name)[0]  # type: ignore[return-value]

    def external_value(self, name: str) -> Value:
        """Give the same as a value."""
        found = self._externals.get(name)
        if found is None:
            found = self._externals[name] = (External(name),)
        return found

    def thing(self, type_name: str | None = None, base: Obj | None = None) -> Value:
        """Make a new object of which only the type may be known."""
        made = self._made = self._made + 1
        return (Thing((self.cell, self._statement, self._expression, made), type_name, base),)

    def mutate(self, value: Value, node: ast.AST, *, certain: bool = True, erases: bool = False) -> None:
        """Record that what the value may be is changed in place."""
        certain = certain and self.state.certain and len(value) == 1
        for obj in value:
            root = root_of(obj)
            if isinstance(root, External):
                self.knowledge.mutate_external(self, root.name, obj, node)
            elif not isinstance(root, Const) and root is not MISSING:
                mutation = Mutation(root, self.cell, self.home, node, certain=certain, erases=erases)
                self.state.add_mutation(root, mutation)
                self.flow.mutations.append(mutation)
                self._mutated.append(mutation)

    def scope(self, node: ScopeNode, private: str | None = None) -> Scope:
        """Give the scope of a function, class or comprehension, computed once."""
        found = self.knowledge.scopes.get(id(node))
        if found is None:
            found = self.knowledge.scopes[id(node)] = scope_of(node, private)
        return found

    def mark_opaque(self, reason: str, *, binds: bool) -> None:
        """Note that from here on something may have happened that cannot be seen."""
        if not any(mark.cell == self.cell and mark.reason == reason for mark in self.flow.opaque):
            self.flow.opaque.append(Opaque(self.cell, reason, binds=binds))
            self._names_hidden |= binds
