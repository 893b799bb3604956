"""Values that only IPython gives, seen as the plain ones that stand for them in a pipeline.

``x = !command`` gives an `IPython.utils.text.SList` or `LSString`, ``%%capture out`` an
`IPython.utils.capture.CapturedIO`. A pipeline has a list of texts, a text, and a namespace with ``stdout`` and
``stderr``. They are known by the names of their classes: IPython is not imported for them.
"""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def plain(namespace: Mapping[str, object]) -> Mapping[str, Any]:
    """Give the namespace with plain values; itself, where no value is IPython's.

    Two names of one value are two names of one plain value.
    """
    found = {name: value for name, value in namespace.items() if _maker(value) is not None}
    if not found:
        return namespace
    made: dict[int, object] = {}
    for value in found.values():
        make = _maker(value)
        if make is not None and id(value) not in made:
            made[id(value)] = make(value)
    return {**namespace, **{name: made[id(value)] for name, value in found.items()}}


def plain_type(value: object) -> list[str] | None:
    """Give ``[module, name]`` of what stands for one of IPython's values; None for any other value."""
    make = _maker(value)
    if make is None:
        return None
    if make is list and isinstance(value, list):
        return ["builtins", "list[str]" if all(type(item) is str for item in value) else "list"]
    return ["builtins", "str"] if make is str else ["types", "SimpleNamespace"]


def _maker(value: object) -> Callable[[Any], object] | None:
    kind = type(value)
    name = getattr(kind, "__module__", None)
    return _MAKERS.get(f"{name}.{kind.__name__}") if type(name) is str and name.startswith("IPython.") else None


def _captured(value: Any) -> types.SimpleNamespace:
    return types.SimpleNamespace(stdout=value.stdout, stderr=value.stderr)


_MAKERS: dict[str, Callable[[Any], object]] = {
    "IPython.utils.text.SList": list,
    "IPython.utils.text.LSString": str,
    "IPython.utils.capture.CapturedIO": _captured,
}
