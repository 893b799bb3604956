"""Random numbers: which calls draw them, from which generator, and whether that was seeded before, top-down."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from nbpipe.analysis.arguments import described, entry, has_unknown, known_names, passed
from nbpipe.analysis.library_facts import known_draws
from nbpipe.analysis.traversal import walk
from nbpipe.analysis.values import Const

if TYPE_CHECKING:
    from nbpipe.analysis.arguments import Passed
    from nbpipe.analysis.flow import CallSite, GlobalState
    from nbpipe.analysis.notebook_analysis import Analysis

NUMPY = "numpy.random"
GENERATORS = ("random", NUMPY, "torch.random", "tensorflow.random")
# Calls of what cannot be looked into, but is named as if it seeded something.
_SEEDING = ("seed", "determinis", "reproducib")
_KNOWN = frozenset(["numpy", "random", "torch", "tensorflow", "keras", "jax", "sklearn", "pandas", "scipy"])
# Characters that identifiers are drawn from: those are to differ from run to run.
_CHARACTERS = frozenset(["ascii_letters", "ascii_lowercase", "ascii_uppercase", "digits", "hexdigits"])
# Methods that train a network; without one, its first weights and the order of its data do not matter.
_TRAINING = frozenset([
    "apply_gradients", "backward", "fit", "fit_generator", "fit_one_cycle", "fine_tune", "minimize", "train",
    "train_and_evaluate", "train_on_batch",
])  # fmt: skip
_SEED_ARGUMENTS = ("seed", "random_state", "generator", "rng", "key")


class Draw:
    """A call that draws random numbers from a process-wide generator, or makes a generator without a seed.

    Attributes:
        generator: one of `GENERATORS`.
        name: the qualified name called.
        order: its number among the calls, in order of execution top-down.
        own: it makes a generator of its own.
    """

    __slots__ = ("generator", "name", "order", "own", "site")

    def __init__(self, site: CallSite, name: str, generator: str, order: int, *, own: bool = False) -> None:
        self.site = site
        self.name = name
        self.generator = generator
        self.order = order
        self.own = own


class Seed:
    """A call that seeds a generator; `generator` is empty where it may seed any."""

    __slots__ = ("generator", "node", "order", "home")  # noqa: RUF023 - in the order of the arguments

    def __init__(self, generator: str, node: ast.AST, order: int, home: int) -> None:
        self.generator = generator
        self.node = node
        self.order = order
        self.home = home


def may_draw(analysis: Analysis) -> bool:
    """Tell by names alone whether a notebook may draw random numbers, before the data flow is asked."""
    if any("random" in code.code.text for code in analysis.codes.values()):
        return True  # a module of that name: NumPy's, Python's, TensorFlow's, JAX's
    called = analysis.called
    if not called.isdisjoint(known_draws(analysis.imported)):
        return True
    return not called.isdisjoint(_TRAINING) and not called.isdisjoint(known_names(("draws",), analysis.imported))


class Randomness:
    """The seeds and draws of one notebook, in order of execution top-down."""

    def __init__(self, analysis: Analysis) -> None:
        self._flow = analysis.top_down
        # A call is entered in `calls` when it is first reached, so its place there is the order of execution.
        self._order = {key: number for number, key in enumerate(self._flow.calls)}
        self.seeds = self._find_seeds()

    def order(self, site: CallSite) -> int:
        """Give the number of a call in order of execution."""
        return self._order[id(site.node)]

    def seeded_before(self, generator: str, order: int) -> bool:
        """Tell whether the generator is, or may be, seeded before the call of this number."""
        return any(seed.order < order and seed.generator in ("", generator) for seed in self.seeds)

    def draws(self) -> list[Draw]:
        """Give the draws that a run makes without an argument that makes them reproducible, in order.

        What networks and their loaders draw counts only where something is trained.
        """
        found: dict[tuple[int, str], Draw] = {}
        for state in self._flow.global_state:
            site = self._flow.calls.get(id(state.node))
            if state.effect != "draw" or site is None or state.kind not in GENERATORS:
                continue
            if not any(described(site, "random")) and not _has_seed_argument(site) and not _draws_an_identifier(site):
                name = site.names[0] if site.names else state.kind
                found.setdefault((id(state.node), state.kind), Draw(site, name, state.kind, self.order(site)))
        trained = any(getattr(site.node.func, "attr", "") in _TRAINING for site in self._flow.calls.values())
        for site in self._flow.calls.values():
            for draw in (*self._sources(site), *(self._described_draws(site) if trained else ())):
                found.setdefault((id(site.node), draw.generator), draw)
        called = (draw for draw in found.values() if not self._uncalled(draw.site))
        return sorted(called, key=lambda draw: draw.order)

    def _find_seeds(self) -> list[Seed]:
        found = []
        for state in self._flow.global_state:
            order = self._order.get(id(state.node))
            if state.effect == "seed" and order is not None and not self._from_entropy(state):
                found.append(Seed(state.kind, state.node, order, state.home))
        for site in self._flow.calls.values():
            name = site.names[0] if site.names else self._unknown_name(site)
            owner, _, last = name.rpartition(".")
            if _seems_to_seed(last) and "(" not in owner and owner.partition(".")[0] not in _KNOWN:
                found.append(Seed("", site.node, self.order(site), site.home))
        return sorted(found, key=lambda seed: seed.order)

    def _unknown_name(self, site: CallSite) -> str:
        """Give the name of what is called where nothing is known of it: a star import may have brought it."""
        function = site.node.func
        if not isinstance(function, ast.Name):
            return ""
        use = self._flow.uses.get((site.cell, id(function)))
        known = use is None or any(definition.bound for definition in use.definitions)
        return "" if known else function.id

    def _from_entropy(self, state: GlobalState) -> bool:
        """Tell whether a seeding call takes its seed from the operating system: ``np.random.seed()``."""
        site = self._flow.calls[id(state.node)]
        given = (*site.arguments, *site.keywords.values())
        return not given or all(_is_none(value) for value in given)

    def _described_draws(self, site: CallSite) -> list[Draw]:
        """Give what a call draws from a generator other than NumPy's, as the tables tell."""
        found = []
        for name, generator in described(site, "draws"):
            if draws_at_random(site, name):
                found.append(Draw(site, name, generator, self.order(site)))
        return found

    def _sources(self, site: CallSite) -> list[Draw]:
        """Give the generator that a call makes without a seed."""
        found = []
        for name, parameter in described(site, "random_sources"):
            given = [*site.arguments[:1], *(site.keywords[each] for each in (parameter,) if each in site.keywords)]
            if not has_unknown(site) and all(_is_none(value) for value in given):
                generator = "random" if name.startswith("random.") else NUMPY
                found.append(Draw(site, name, generator, self.order(site), own=True))
        return found

    def _uncalled(self, site: CallSite) -> bool:
        """Tell whether a call stands in a function that nothing calls (or that cannot be told)."""
        root: ast.expr = site.node.func
        while isinstance(root, ast.Attribute | ast.Subscript | ast.Call):
            root = root.func if isinstance(root, ast.Call) else root.value
        use = self._flow.uses.get((site.cell, id(root)))
        return use is None or use.uncalled


def draws_at_random(site: CallSite, name: str) -> bool:
    """Tell whether a call of this callable surely draws at random and is given nothing to make it reproducible."""
    unless, when = entry("random", name), entry("random_when", name)
    if (unless is None and when is None) or has_unknown(site):
        return False
    given = passed(site, name)
    for parameter in (entry("seed_argument", name) or "random_state").split():
        if parameter in given and not _is_none(given[parameter].value):
            return False
    if unless is not None:
        return all(_surely_other(given.get(parameter), values) for parameter, values in unless.items())
    return any(_surely_one_of(given.get(parameter), values) for parameter, values in when.items())


def _seems_to_seed(name: str) -> bool:
    return (
        any(word in name for word in _SEEDING) and not name[:1].isupper() and not name.startswith(("get_", "initial_"))
    )


def _surely_other(argument: Passed | None, values: list[Any]) -> bool:
    if argument is None:
        return True
    if "*" in values:
        return _is_none(argument.value)
    constant = argument.constant
    return constant is not None and constant.value not in values


def _surely_one_of(argument: Passed | None, values: list[Any]) -> bool:
    if argument is None:
        return False
    if "*" in values:
        return not _is_none(argument.value)
    constant = argument.constant
    return constant is not None and constant.value in values


def _is_none(value: Any) -> bool:
    return len(value) == 1 and isinstance(value[0], Const) and value[0].value is None


def _has_seed_argument(site: CallSite) -> bool:
    return any(name in site.keywords and not _is_none(site.keywords[name]) for name in _SEED_ARGUMENTS)


def _draws_an_identifier(site: CallSite) -> bool:
    """Tell whether a call draws letters or digits: ``random.choices(string.ascii_lowercase, k=8)``."""
    return any(
        getattr(node, "attr", None) in _CHARACTERS or getattr(node, "id", None) in _CHARACTERS
        for argument in (*site.node.args, *(keyword.value for keyword in site.node.keywords))
        for node in walk(argument)
    )
