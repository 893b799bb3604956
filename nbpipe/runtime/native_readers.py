"""Readers and writers in native code that raise no audit event: wrapped where they are imported.

The wrappers do nothing but tell who listens, with the path and what is done with it; they cost nothing else.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.util
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

# Module, attribute, name of the argument with the path, what is done: r, w, or the name of the argument that says it.
_WRAPPED: tuple[tuple[str, str, str, str], ...] = (
    ("pyarrow.parquet.core", "ParquetFile.__init__", "source", "r"),
    ("pyarrow.parquet.core", "ParquetDataset.__init__", "path_or_paths", "r"),
    ("pyarrow.parquet.core", "ParquetWriter.__init__", "where", "w"),
    ("pyarrow.parquet.core", "read_metadata", "where", "r"),
    ("pyarrow.parquet.core", "read_schema", "where", "r"),
    ("pyarrow.dataset", "dataset", "source", "r"),
    ("pyarrow.dataset", "write_dataset", "base_dir", "w"),
    ("pyarrow.csv", "read_csv", "input_file", "r"),
    ("pyarrow.csv", "open_csv", "input_file", "r"),
    ("pyarrow.csv", "write_csv", "output_file", "w"),
    ("pyarrow.json", "read_json", "input_file", "r"),
    ("pyarrow.feather", "read_table", "source", "r"),
    ("pyarrow.feather", "write_feather", "dest", "w"),
    ("pyarrow.orc", "read_table", "source", "r"),
    ("pyarrow.orc", "write_table", "where", "w"),
    ("h5py._hl.files", "File.__init__", "name", "mode"),
    ("cv2", "imread", "filename", "r"),
    ("cv2", "imwrite", "filename", "w"),
)
_modules = frozenset(module for module, *_ in _WRAPPED)
_listeners: list[Callable[[str, str], None]] = []


@contextmanager
def telling(listener: Callable[[str, str], None]) -> Iterator[None]:
    """Tell a listener of each file, as path and ``r``, ``w`` or another mode of `open`, within the block."""
    install()
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def install() -> None:
    """Wrap what is loaded, and what will be."""
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    sys.meta_path.insert(0, _Finder())
    for name in _modules & sys.modules.keys():
        _wrap(sys.modules[name])


class _Finder(importlib.abc.MetaPathFinder):
    """Lets the other finders find, and wraps the module once it has been loaded."""

    def __init__(self) -> None:
        self._asked: set[str] = set()

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module whose functions are to be wrapped."""
        del path, target
        if fullname not in _modules or fullname in self._asked:
            return None
        self._asked.add(fullname)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._asked.discard(fullname)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def loading(module: ModuleType) -> None:
                load(module)
                _wrap(module)

            spec.loader.exec_module = loading  # type: ignore[method-assign]
        return spec


def _wrap(module: ModuleType) -> None:
    for name, attribute, argument, mode in _WRAPPED:
        if name == module.__name__:
            owner, _, member = attribute.rpartition(".")
            holder: Any = getattr(module, owner, None) if owner else module
            known = getattr(holder, member, None)
            if known is not None and not hasattr(known, "_nbpipe_wraps"):
                setattr(holder, member, _told(known, argument, mode, skip=1 if owner else 0))


def _told(function: Any, argument: str, mode: str, skip: int) -> Any:
    @functools.wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        if _listeners:
            value = options.get(argument, arguments[skip] if len(arguments) > skip else None)
            how = mode if mode in ("r", "w") else str(options.get(mode, (*arguments, "r")[skip + 1 : skip + 2] or "r"))
            for path in value if isinstance(value, (list, tuple)) else (value,):
                _tell(path, how)
        return function(*arguments, **options)

    call._nbpipe_wraps = True  # type: ignore[attr-defined]  # noqa: SLF001 - our own mark
    return call


def _tell(path: object, mode: str) -> None:
    if isinstance(path, (str, bytes, os.PathLike)):
        name = os.fsdecode(path)
        if "://" not in name:
            for listener in _listeners:
                listener(name, mode)
