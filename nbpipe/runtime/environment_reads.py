"""Which environment variables are read, and which files are looked for, while something runs."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def digest_of(value: str | None) -> str | None:
    """Give a digest of a variable's value (it may be a secret); None where it is not set."""
    return None if value is None else hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()


@contextmanager
def reading(seen: dict[str, str | None], probed: Callable[[str, bool], None]) -> Iterator[None]:
    """Note each variable that is read within the block, as it was at first, and tell of files that are looked for.

    What the block has set itself says nothing of the environment that it meets. None of these raises an audit event, so
    they are wrapped.
    """
    kind: Any = type(os.environ)
    own: set[str] = set()
    get, put, remove = kind.__getitem__, kind.__setitem__, kind.__delitem__
    stat, access = os.stat, os.access
    kind.__getitem__ = _noting_variables(get, seen, own)
    kind.__setitem__, kind.__delitem__ = _noting_change(put, seen, own), _noting_change(remove, seen, own)
    os.stat, os.access = _noting_stat(stat, probed), _noting_access(access, probed)
    try:
        yield
    finally:
        kind.__getitem__, kind.__setitem__, kind.__delitem__ = get, put, remove
        os.stat, os.access = stat, access


def _noting_change(change: Any, seen: dict[str, str | None], own: set[str]) -> Any:
    def noted(self: Any, key: Any, *value: Any) -> None:
        change(self, key, *value)
        if isinstance(key, str) and key not in seen:
            own.add(key)

    return noted


def _noting_variables(get: Any, seen: dict[str, str | None], own: set[str]) -> Any:
    def noted(self: Any, key: Any) -> Any:
        try:
            value = get(self, key)
        except KeyError:
            if isinstance(key, str) and key not in own:
                seen.setdefault(key, None)
            raise
        if isinstance(key, str) and isinstance(value, str) and key not in own:
            seen.setdefault(key, digest_of(value))
        return value

    return noted


def _noting_stat(stat: Any, probed: Callable[[str, bool], None]) -> Any:
    def noted(path: Any, *arguments: Any, **options: Any) -> os.stat_result:
        name = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else None
        try:
            found: os.stat_result = stat(path, *arguments, **options)
        except FileNotFoundError:
            if name is not None:
                probed(name, False)  # noqa: FBT003 - it is not there
            raise
        if name is not None:
            probed(name, True)  # noqa: FBT003 - it is there
        return found

    return noted


def _noting_access(access: Any, probed: Callable[[str, bool], None]) -> Any:
    def noted(path: Any, *arguments: Any, **options: Any) -> bool:
        may = bool(access(path, *arguments, **options))
        if isinstance(path, (str, bytes, os.PathLike)):
            probed(os.fsdecode(path), may)
        return may

    return noted
