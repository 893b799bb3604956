# ruff: noqa: TID252 - the folder is loaded by path, under a name of its own
"""Values to files and back, by the first format that gives the value back unchanged."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

from ..fingerprints import Fingerprint, fingerprint
from ..store import Artifact, CorruptedArtifact, StoreFault
from . import arrays, estimators, frames, pickled, plain
from .base import Serializer, Unserializable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..store import Store

__all__ = [
    "SERIALIZERS",
    "Serializer",
    "Unserializable",
    "definitions_loaded",
    "load_value",
    "load_values",
    "save_group",
    "save_value",
]

# In the order of preference: open formats first, pickle for what remains.
SERIALIZERS: tuple[Serializer, ...] = (
    plain.SERIALIZER,
    arrays.SERIALIZER,
    frames.SPLIT,
    frames.TOGETHER,
    estimators.SERIALIZER,
    *pickled.SERIALIZERS,
)


def save_value(value: object, store: Store, *, local: Sequence[str] = ()) -> Artifact:
    """Store a value; what was written is read back and compared before it counts.

    Raises:
        Unserializable: no format gives the value back, with what to do about it.
    """
    if isinstance(value, types.ModuleType):
        raise Unserializable(f"a module ({value.__name__})")
    known = fingerprint(value, local=local)
    if not known.comparable:
        raise Unserializable(known.reason)
    why = ""
    for serializer in SERIALIZERS:
        if not serializer.accepts(value):
            continue
        artifact, why = _try(serializer, value, known, store, local)
        if artifact is not None:
            return artifact
    raise Unserializable(why or f"nothing can store a {known.type}")


def _try(
    serializer: Serializer, value: object, known: Fingerprint, store: Store, local: Sequence[str]
) -> tuple[Artifact | None, str]:
    file, path = store.stage()
    try:
        serializer.write(value, file)
        file.flush()
        file.seek(0)
        again = serializer.read(file)
        if fingerprint(again, local=local).digest != known.digest or not serializer.keeps_layout(value, again):
            store.discard(file, path)
            return None, f"a {known.type} does not come back from {serializer.name} unchanged"
        return store.commit(file, path, serializer.name, known), ""
    except OSError as error:  # the disk, not the value
        store.discard(file, path)
        raise store.fault(error) from error
    except StoreFault:
        store.discard(file, path)
        raise
    except Exception as error:  # noqa: BLE001 - whatever a user's class or a library raises: the next format may do
        store.discard(file, path)
        return None, str(error).splitlines()[0] if str(error) else type(error).__name__


def save_group(values: Mapping[str, object], store: Store, *, local: Sequence[str] = ()) -> dict[str, Artifact]:
    """Store values that share objects as one artifact, so that what is read shares them, too.

    Returns:
        Name to artifact; all have one content.

    Raises:
        Unserializable: no format gives the values back.
    """
    known = {name: fingerprint(value, local=local) for name, value in values.items()}
    for name, found in known.items():
        if not found.comparable:
            raise Unserializable(f"{name}: {found.reason}")
    together = fingerprint(dict(values), local=local)
    why = ""
    for serializer in pickled.SERIALIZERS:
        if serializer.accepts(values):
            whole, why = _try(serializer, dict(values), together, store, local)
            if whole is not None:
                return {name: _member(whole, name, found, store) for name, found in known.items()}
    raise Unserializable(why)


def _member(whole: Artifact, name: str, known: Fingerprint, store: Store) -> Artifact:
    member = whole._replace(key=f"{whole.key}#{name}", type=known.type, fingerprint=known)
    store.describe(member)
    return member


def load_value(store: Store, key: str) -> Any:
    """Read a stored value, a fresh copy each time; raises CorruptedArtifact."""
    return load_values(store, {"": key})[""]


def load_values(store: Store, keys: Mapping[str, str]) -> dict[str, Any]:
    """Read stored values by name; those of one group share what they shared, all others are copies of their own."""
    groups: dict[str, Any] = {}
    values = {}
    for name, key in keys.items():
        content, _, member = key.partition("#")
        if not member:
            values[name] = _read(store, key)
            continue
        if content not in groups:
            groups[content] = _read(store, content)
        values[name] = groups[content][member]
    return values


def _read(store: Store, key: str) -> Any:
    name = key.rpartition(".")[2]
    for serializer in SERIALIZERS:
        if serializer.name == name:
            for needed in serializer.libraries:
                pickled.LOADED[f"{needed}:"] = None
            with store.open(key) as file:
                return serializer.read(file)
    raise CorruptedArtifact(f"artifact {key} was written by a format this version does not know: {name}", key)


def definitions_loaded() -> list[str]:
    """Name, as ``module:name``, what the values that this process has read are made of."""
    return list(pickled.LOADED)
