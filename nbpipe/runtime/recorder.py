"""Observes a running kernel between cells: fingerprints of values, shared parts, generators and other global state.

The kernel's side of a conversation whose other side is `nbpipe.runtime.inject`: a request comes in as JSON, the answer
goes out as JSON, and nothing is left in the user's namespace.
"""

from __future__ import annotations

import json
import os
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import generators, module_state, watching
from .aliasing import find_aliases
from .fingerprints import Limits, fingerprint
from .fingerprints.walk import DEFAULT_LIMITS
from .of_ipython import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Observation = dict[str, Any]

# What IPython puts into the namespace of a notebook.
_OF_IPYTHON = frozenset({"In", "Out", "exit", "quit", "get_ipython", "open"})


def user_names(namespace: Mapping[str, object]) -> tuple[str, ...]:
    """Name what the notebook itself has bound to values: neither modules nor IPython's own names."""
    return tuple(
        name
        for name, value in namespace.items()
        if not name.startswith("_") and name not in _OF_IPYTHON and not isinstance(value, types.ModuleType)
    )


def snapshot(
    namespace: Mapping[str, object],
    names: Sequence[str] | None = None,
    *,
    local: Sequence[str] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> dict[str, dict[str, Any]]:
    """Give the fingerprint, as JSON, of each of the names that is bound; None means all that the notebook bound."""
    wanted = user_names(namespace) if names is None else names
    values = plain(namespace)
    bound = {name: values[name] for name in wanted if name in values}
    return {name: fingerprint(value, local=local, limits=limits)._asdict() for name, value in bound.items()}


def observe(
    namespace: Mapping[str, object],
    names: Sequence[str] | None = None,
    *,
    local: Sequence[str] = (),
    aliases: bool = True,
) -> Observation:
    """Give all that a boundary between two cells shows.

    Returns:
        ``values`` (see `snapshot`; by ``module:name`` also what own modules hold), ``aliases`` (``[{"names",
        "reason"}]``), ``generators`` and ``state`` (kind to digest; see `global_state`), ``environ`` (name to digest:
        the values may be secrets), and what `nbpipe.runtime.module_state.noted` gives.
    """
    held = module_state.held()
    values = snapshot(namespace, names, local=local)
    known = {name: namespace[name] for name in values}
    values |= snapshot(held, tuple(held), local=module_state.digest_options())
    # Of the values as they are: what is put in their place would be another object than the one that a container holds.
    shared = find_aliases({**known, **held}) if aliases else ()
    return {
        "values": values,
        "aliases": [group._asdict() for group in shared],
        "generators": {name: fingerprint(state).digest for name, state in generators.get_states().items()},
        "state": global_state(),
        "environ": {name: fingerprint(value).digest for name, value in os.environ.items()},
        **module_state.noted(),
    }


def differences(before: Observation, after: Observation) -> dict[str, list[str]]:
    """Say what happened between two observations.

    Returns:
        ``bound``, ``changed`` and ``removed`` names (a value that cannot be compared counts as changed, and is also
        named in ``unknown``), ``generators`` and ``state`` kinds that changed, ``environ`` names that changed.
    """
    old, new = before["values"], after["values"]
    both = [name for name in new if name in old]
    unknown = [name for name in both if not (old[name]["comparable"] and new[name]["comparable"])]
    changed = [name for name in both if old[name]["digest"] != new[name]["digest"]]
    return {
        "bound": [name for name in new if name not in old],
        "changed": [name for name in both if name in changed or name in unknown],
        "removed": [name for name in old if name not in new],
        "unknown": unknown,
        "generators": _changed(before["generators"], after["generators"], both_sides=True),
        "state": _changed(before["state"], after["state"], both_sides=True),
        "environ": _changed(before["environ"], after["environ"], both_sides=False),
    }


def _changed(before: dict[str, str], after: dict[str, str], *, both_sides: bool) -> list[str]:
    # A generator or an option that was not there before came with its library: importing is not changing.
    names = before.keys() & after.keys() if both_sides else before.keys() | after.keys()
    return sorted(name for name in names if before.get(name) != after.get(name))


def global_state() -> dict[str, str]:
    """Give a digest of each kind of state that is global to the process; of libraries only where they are loaded."""
    found = {}
    for kind, (module, read) in _STATES.items():
        if module in sys.modules:
            try:
                found[kind] = fingerprint(read(sys.modules[module])).digest
            except Exception as error:  # noqa: BLE001 - a version of the library that keeps its state elsewhere
                found[kind] = f"unknown: {type(error).__name__}"
    return found


_STATES: dict[str, tuple[str, Callable[[Any], object]]] = {
    "cwd": ("os", lambda module: module.getcwd()),
    "decimal.context": ("decimal", lambda module: _plain_context(module.getcontext())),
    "locale": ("locale", lambda module: module.setlocale(module.LC_ALL)),
    "matplotlib.rcParams": ("matplotlib", lambda module: _plain_rc(module.rcParams)),
    "numpy.errstate": ("numpy", lambda module: module.geterr()),
    "numpy.printoptions": ("numpy", lambda module: module.get_printoptions()),
    "pandas.options": ("pandas", lambda module: repr(module._config.config._global_config)),  # noqa: SLF001
    "pyplot.figures": ("matplotlib.pyplot", lambda module: module.get_fignums()),
    "sklearn.config": ("sklearn", lambda module: repr(sorted(module.get_config().items()))),
    "sys.path": ("sys", lambda module: list(module.path)),
    "sys.recursionlimit": ("sys", lambda module: module.getrecursionlimit()),
    "warnings.filters": ("warnings", lambda module: repr(module.filters)),
}


def _plain_context(context: Any) -> str:
    # The flags say what has been computed, which changes nothing.
    return repr([context.prec, context.rounding, context.Emin, context.Emax, context.capitals, context.clamp]) + repr(
        sorted(signal.__name__ for signal, trapped in context.traps.items() if trapped)
    )


def _plain_rc(parameters: Any) -> dict[str, str]:
    # Reading "backend" would choose one.
    return {key: repr(parameters[key]) for key in parameters if not key.startswith("backend")}


def save(
    namespace: Mapping[str, object], names: Sequence[str], folder: str, local: Sequence[str] = ()
) -> dict[str, Any]:
    """Store the values of `names` in an artifact store at `folder`; give for each its artifact, or why there is none.

    Returns:
        Name to the artifact's fields (see `nbpipe.runtime.store.Artifact`), or to ``{"error", "advice"}``.
    """
    from .serializers import Unserializable, save_value
    from .store import Store

    store = Store(Path(folder))
    values = plain(namespace)
    saved: dict[str, Any] = {}
    for name in names:
        try:
            saved[name] = save_value(values[name], store, local=local).to_json()
        except Unserializable as error:
            saved[name] = {"error": error.reason, "advice": error.advice}
    return saved


def answer(request: str) -> str:
    """Answer one request about this process; the answer is JSON, or is written to the request's ``path``.

    A request is ``{"command", "path", ...arguments}``; commands are ``observe``, ``save``, ``seed``, ``states`` and
    ``restore``. An error is an answer too: ``{"error": ...}``.
    """
    arguments = json.loads(request)
    path = arguments.pop("path", None)
    try:
        content = _COMMANDS[arguments.pop("command")](sys.modules["__main__"].__dict__, **arguments)
    except Exception as error:  # noqa: BLE001 - whatever happens must reach the asking side, not the user's cell
        content = {"error": f"{type(error).__name__}: {error}"}
    text = json.dumps(content)
    if path is None:
        return text
    Path(path).write_text(text, encoding="utf-8")
    return ""


_COMMANDS: dict[str, Callable[..., Any]] = {
    "observe": observe,
    "save": save,
    "seed": lambda _, seed: generators.seed_all(seed),
    "states": lambda _: generators.get_states(),
    "restore": lambda _, states: generators.set_states(states),
    **watching.COMMANDS,
}
