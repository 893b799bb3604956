# ruff: noqa: TID252 - the folder is loaded by path, under a name of its own
"""Values to files and back, by the first format that gives the value back unchanged."""

from __future__ import annotations

import types
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from ..fingerprints import Fingerprint, fingerprint
from ..store import Artifact, CorruptedArtifact, StoreFault
from . import arrays, estimators, frames, pickled, plain
from .base import Serializer, Unserializable, has_base

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..store import Store

__all__ = [
    "SERIALIZERS",
    "Serializer",
    "Unserializable",
    "accepting",
    "definitions_loaded",
    "load_value",
    "load_values",
    "save_group",
    "save_value",
]

LARGE_BYTES = 1 << 26
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
    if memory_of(value) >= LARGE_BYTES:
        large = _save_large(value, store, local)
        if large is not None:
            return large
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


def accepting(value: object) -> Serializer | None:
    """Give the first format that may be tried for a value."""
    return next((serializer for serializer in SERIALIZERS if serializer.accepts(value)), None)


def memory_of(value: Any) -> int:
    """Give the bytes of an array or a frame, 0 for anything else."""
    if has_base(value, "numpy", "ndarray"):
        return int(value.nbytes)
    if has_base(value, "pandas", "DataFrame"):
        return int(value.memory_usage(deep=False).sum())
    return 0


def _save_large(value: Any, store: Store, local: Sequence[str]) -> Artifact | None:
    """Store a large value: its fingerprint is taken while it is written, and a sample of what was written is read."""
    serializer = next((one for one in SERIALIZERS if one.write_hashed is not None and one.accepts(value)), None)
    if serializer is None or serializer.write_hashed is None or serializer.probe is None:
        return None
    with ThreadPoolExecutor(1) as thread:
        later = None if serializer.knows(value) else thread.submit(fingerprint, value, local=local)
        file, path = store.stage()
        try:
            digest, known = serializer.write_hashed(value, file)
            file.flush()
            file.seek(0)
            if not serializer.probe(value, file):
                raise ValueError(serializer.name)  # noqa: TRY301 - the ordinary way finds out what is wrong
            taken = later.result() if later else fingerprint(value, local=local, known=known)
            return store.commit(file, path, serializer.name, taken, digest)
        except OSError as error:
            store.discard(file, path)
            raise store.fault(error) from error
        except StoreFault:
            store.discard(file, path)
            raise
        except Exception:  # noqa: BLE001 - whatever a library raises: the ordinary way may do
            store.discard(file, path)
            return None


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
            if serializer.is_plain:
                return store.reading(key, serializer.read)
            with store.open(key) as file:
                return serializer.read(file)
    raise CorruptedArtifact(f"artifact {key} was written by a format this version does not know: {name}", key)


def definitions_loaded() -> list[str]:
    """Name, as ``module:name``, what the values that this process has read are made of."""
    return list(pickled.LOADED)
