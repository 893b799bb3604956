"""What a step leaves, taken into the store: its outputs, metrics, figures and the files it wrote."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING, Any

from .aliasing import find_aliases, shares_memory
from .faults import StepFault
from .serializers import Unserializable, save_group, save_value

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .store import Artifact, Store

KEPT_FILE_BYTES = 1 << 28


def keep_outputs(outputs: Mapping[str, Any], store: Store, local: Sequence[str]) -> dict[str, Any]:
    """Store values by name; those that share an object go into one artifact, so that they share it when read.

    Returns:
        ``outputs`` (name to artifact) and ``aliases``: groups that could not be kept so, which later steps get apart.

    Raises:
        StepFault: a value cannot be stored.
    """
    saved: dict[str, Artifact] = {}
    apart = []
    for group in find_aliases(outputs):
        if len(group.names) < 2:  # noqa: PLR2004 - parts of one value share memory
            continue
        try:
            if shares_memory(group.reason):
                raise Unserializable(group.reason)  # noqa: TRY301 - taken as any that cannot be kept
            saved.update(save_group({name: outputs[name] for name in group.names}, store, local=local))
        except Unserializable:
            apart.append(group._asdict())
    for name, value in outputs.items():
        if name not in saved:
            try:
                saved[name] = save_value(value, store, local=local)
            except Unserializable as error:
                raise StepFault(f"output '{name}' cannot be stored: {error.reason}; {error.advice}") from None
    return {"outputs": {name: saved[name].to_json() for name in outputs}, "aliases": apart}


def keep_files(paths: Sequence[str], store: Store, compared: Sequence[str] = ()) -> dict[str, Any]:
    """Take written files into the store.

    Args:
        paths: of the files.
        store: where to.
        compared: those of which it is not sure that the step wrote them (see `nbpipe.runtime.effects`).

    Returns:
        Path to ``sha256``, ``size``, ``mode``, ``key`` (null for a file too large to be kept twice), and for those
        `compared` also ``compared``: true.
    """
    kept: dict[str, Any] = {}
    unsure = frozenset(compared)
    for path in paths:
        try:
            status = os.stat(path)  # noqa: PTH116
            key, digest = store.put_file(path, keep=status.st_size <= KEPT_FILE_BYTES)
        except FileNotFoundError:
            continue
        kept[path] = {"sha256": digest, "size": status.st_size, "mode": stat.S_IMODE(status.st_mode), "key": key}
        if path in unsure:
            kept[path]["compared"] = True
    return kept


def numbers(name: str, value: Any) -> dict[str, float]:
    """Give the metrics in a value: a number, or a dict of numbers, whose keys are added to the name.

    Raises:
        StepFault: it is neither.
    """
    if isinstance(value, dict):
        found: dict[str, float] = {}
        for key, item in value.items():
            found.update(numbers(f"{name}.{key}", item))
        return found
    if not isinstance(value, (str, bytes)):
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            return {name: float(value)}
    raise StepFault(f"metric '{name}' is a {type(value).__name__}, not a number")
