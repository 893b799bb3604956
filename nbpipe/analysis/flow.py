"""What a simulation finds: definitions, uses with the definitions that reach them, mutations, calls, global state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis.values import MISSING

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from nbpipe.analysis.paths import Path, Paths
    from nbpipe.analysis.signature import Signature
    from nbpipe.analysis.values import Obj, Value


class Definition:
    """One binding of a name, made by one execution of one place.

    Attributes:
        name: the name bound.
        cell: index of the cell that was being run; -1 for what is there before the first cell.
        home: index of the cell whose source holds the binding (another one when a function binds a global).
        node: where; None for what is there before the first cell.
        kind: ``assignment``, ``augmented``, ``import``, ``function``, ``class``, ``loop``, ``with``, ``except``,
            ``match``, ``parameter``, ``walrus``, ``magic``, ``deleted`` or ``unbound``.
        value: what it may hold.
        certain: the place is surely run when its cell is.
        bound: whether the name has a value after it.
        paths: the conditions, loops and attempts it stands in.
        order: how many uses had been visited before it was made (see `Use.order`).
        repeated: it stands in a loop (of its own function).
    """

    __slots__ = ("bound", "cell", "certain", "home", "kind", "name", "node", "order", "paths", "repeated", "value")

    def __init__(  # noqa: PLR0913 - the facts of a binding
        self,
        name: str,
        cell: int,
        home: int,
        node: ast.AST | None,
        kind: str,
        value: Value,
        *,
        certain: bool = True,
        paths: Paths = (),
        order: int = 0,
        repeated: bool = False,
    ) -> None:
        self.name = name
        self.cell = cell
        self.home = home
        self.node = node
        self.kind = kind
        self.order = order
        self.repeated = repeated
        self.bound = kind not in ("unbound", "deleted")
        self.value = value
        self.certain = certain
        self.paths = paths

    def along(self, step: Path) -> Definition:
        """Give the same lack of a definition, on a path with one more condition."""
        paths = (*self.paths, step)
        return Definition(
            self.name, self.cell, self.home, self.node, self.kind, self.value, certain=self.certain, paths=paths
        )

    def __repr__(self) -> str:
        return f"<{self.kind} of {self.name} in cell {self.cell}>"


UNBOUND = Definition("", -1, -1, None, "unbound", (MISSING,))


def all_bound(definitions: tuple[Definition, ...]) -> bool:
    """Tell whether every one of the definitions gives a value."""
    return (len(definitions) == 1 and definitions[0].bound) or all(definition.bound for definition in definitions)


class Mutation:
    """One change of an object in place.

    Attributes:
        cell: index of the cell that was being run.
        node: the expression or statement that changes it.
        certain: it surely happens when the cell is run, and surely is a change.
        erases: it may overwrite what told two values apart.
    """

    __slots__ = ("cell", "certain", "erases", "home", "node", "obj")

    def __init__(  # noqa: PLR0913 - the facts of a change
        self, obj: Obj, cell: int, home: int, node: ast.AST, *, certain: bool, erases: bool = False
    ) -> None:
        self.obj = obj
        self.cell = cell
        self.home = home
        self.node = node
        self.certain = certain
        self.erases = erases

    def __repr__(self) -> str:
        return f"<mutation in cell {self.cell}>"


class Use:
    """One place where a name is read, while one cell is run.

    Attributes:
        name: the name.
        node: the place (a `Name`, or what reads the name without one).
        cell: index of the cell that is being run.
        home: index of the cell whose source holds the place (another one inside a called function).
        local: a name of a function, not of the notebook.
        definitions: those that may reach it, over all visits.
        missing: visits on which no definition reached it: it raises NameError there.
        maybe_missing: visits on which some path had none.
        certain: surely evaluated when the cell is run (unless it stops with an error before).
        guarded: inside a `try` that catches NameError.
        opaque: something before it may have bound any name (a star import, ``%run``).
        uncalled: in a function that nothing calls: judged as if called after the last cell.
        deferred: no definition was missing but in functions that may also be called later, when it is there.
        signatures: what the value read depends on, by visit; only in simulations that compare (see `order`).
        surely_missing: on some visit that is certain no definition reached it.
        plainly_missing: on some visit that depends on nothing but loops no definition reached it.
        trouble: number, in order of execution, of the first visit on which a definition was or may be missing.
        order: number of the first visit.
    """

    # What most uses never change is kept once, on the class: uses are many, and making one must be cheap.
    local = False
    surely_missing = False
    plainly_missing = False
    trouble = 0
    missing = 0
    maybe_missing = 0
    certain = False
    guarded = True
    deferred = True
    opaque = False
    uncalled = False
    definitions: tuple[Definition, ...] = ()
    signatures: Sequence[Signature] = ()

    def __init__(self, name: str, node: ast.AST, cell: int, home: int, order: int) -> None:
        self.name = name
        self.node = node
        self.cell = cell
        self.home = home
        self.order = order

    def __repr__(self) -> str:
        return f"<use of {self.name} in cell {self.cell}: {self.definitions}>"


class CallSite:
    """One call expression, with the qualified names it may call.

    Attributes:
        names: ``numpy.random.rand``, ``sklearn.svm.SVC.fit``...; empty for functions of the notebook and unknown ones.
        receiver: for a method, the object it is called on.
    """

    __slots__ = ("arguments", "cell", "home", "keywords", "names", "node", "receiver")

    def __init__(self, node: ast.Call, cell: int, home: int) -> None:
        self.node = node
        self.cell = cell
        self.home = home
        self.names: tuple[str, ...] = ()
        self.receiver: tuple[Obj, ...] = ()
        self.arguments: list[Value] = []
        self.keywords: dict[str, Value] = {}


class GlobalState:
    """One access to state of the whole process: a random generator, the working directory, options...

    Attributes:
        kind: ``random``, ``numpy.random``, ``torch.random``, ``cwd``, ``environ``, ``matplotlib.rcParams``...
        effect: ``seed`` (sets it whatever it was), ``draw`` (reads and advances it), ``set`` (changes an option) or
            ``read``.
    """

    __slots__ = ("cell", "certain", "effect", "home", "kind", "node")

    def __init__(self, kind: str, effect: str, cell: int, home: int, node: ast.AST, *, certain: bool) -> None:  # noqa: PLR0913
        self.kind = kind
        self.effect = effect
        self.cell = cell
        self.home = home
        self.node = node
        self.certain = certain


class Opaque:
    """Something that may do what the analysis cannot see: it lowers confidence from there on."""

    __slots__ = ("binds", "cell", "reason")

    def __init__(self, cell: int, reason: str, *, binds: bool) -> None:
        self.cell = cell
        self.reason = reason
        self.binds = binds


class CellChange:
    """What one run of a cell leaves behind.

    Attributes:
        binds: names it binds; True where it surely does.
        deletes: names that are surely or possibly unbound by it.
        mutates: names bound before it whose objects it changes, through whatever alias; True where it surely does.
    """

    __slots__ = ("binds", "deletes", "mutates")

    def __init__(self) -> None:
        self.binds: dict[str, bool] = {}
        self.deletes: dict[str, bool] = {}
        self.mutates: dict[str, bool] = {}


class Flow:
    """The trace of one simulation.

    Attributes:
        uses: by running cell and place, in order of the first visit.
        definitions: every binding of a notebook name that was met, by name.
        changes: what each cell leaves behind, by its index; empty where the simulation was not to tell.
    """

    __slots__ = ("calls", "changes", "definitions", "global_state", "mutations", "opaque", "uses")

    def __init__(self) -> None:
        self.uses: dict[tuple[int, int], Use] = {}
        self.definitions: dict[str, list[Definition]] = {}
        self.mutations: list[Mutation] = []
        self.calls: dict[int, CallSite] = {}
        self.global_state: list[GlobalState] = []
        self.opaque: list[Opaque] = []
        self.changes: dict[int, CellChange] = {}
