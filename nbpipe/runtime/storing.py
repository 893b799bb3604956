"""Whether a value comes back from a file as it was: asked before a step is made that gives it."""

from __future__ import annotations

import pickle
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from .fingerprints import fingerprint
from .fingerprints.walk import type_name
from .serializers import memory_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PROTOCOL = 5
_LARGE_BYTES = 1 << 26  # of arrays and frames, which have formats of their own


def unstorable(namespace: Mapping[str, object], names: Sequence[str]) -> dict[str, str]:
    """Say why values cannot be stored, by name; those that can, and those that are not bound, are left out."""
    found = {name: problem_of(namespace[name]) for name in names if name in namespace}
    return {name: problem for name, problem in found.items() if problem}


def problem_of(value: object) -> str:
    """Say why a value cannot be stored, "" where it can."""
    kind = type_name(type(value))
    if type(value).__module__ == "builtins" and not isinstance(value, (list, tuple, dict, set, frozenset)):
        return "" if isinstance(value, (bool, int, float, complex, str, bytes, type(None))) else _compared(value, kind)
    if memory_of(value) >= _LARGE_BYTES:
        return ""
    return _compared(value, kind)


def _compared(value: object, kind: str) -> str:
    known = fingerprint(value)
    if not known.comparable:
        return f"it is or holds {known.reason}"
    if known.sampled:
        return ""
    try:
        again = _copied(value)
    except Exception as error:  # noqa: BLE001 - whatever a library raises
        return f"a {kind} cannot be pickled ({type(error).__name__}: {_first_line(error)})"
    return "" if fingerprint(again).digest == known.digest else f"a {kind} does not come back from pickle unchanged"


def _copied(value: object) -> Any:
    if find_spec("cloudpickle") is not None:
        import cloudpickle

        return pickle.loads(cloudpickle.dumps(value, protocol=_PROTOCOL))  # noqa: S301 - made a moment ago
    return pickle.loads(pickle.dumps(value, protocol=_PROTOCOL))  # noqa: S301


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0]
