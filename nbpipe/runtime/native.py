"""Readers and writers of native libraries, which raise no audit event, wrapped so that they are heard; seeds, too.

A function is wrapped when its module is loaded. It keeps its name, signature and result, and can be pickled; in a
traceback it is one frame that IPython leaves out. What takes an open file instead of a path is heard elsewhere.
"""

from __future__ import annotations

import functools
import importlib.abc
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from .callers import asking
from .hearing import tell
from .queries import paths_in_query

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import TypeGuard

    from .hearing import Observer

_MISSING = object()


class Heard(NamedTuple):
    """A function to wrap.

    Attributes:
        name: in its module, ``Class.method`` for a method.
        kind: what it does with its argument; see `_KINDS`.
        argument: the parameter's name.
        position: and its place, counted with `self`.
    """

    name: str
    kind: str
    argument: str
    position: int = 0


def _all(kind: str, argument: str, names: str, position: int = 0) -> tuple[Heard, ...]:
    return tuple(Heard(name, kind, argument, position) for name in names.split())


_DUCKDB = "sql query execute executemany from_query view"
TABLE: dict[str, tuple[Heard, ...]] = {
    "random": _all("seed", "a", "seed"),
    "numpy.random": _all("seed", "seed", "seed default_rng"),
    "torch": _all("seed", "seed", "manual_seed"),
    "tensorflow": _all("seed", "seed", "random.set_seed"),
    "keras.utils": _all("seed", "seed", "set_random_seed"),
    "jax.random": _all("seed", "seed", "PRNGKey key"),
    "posixpath": _all("probe", "path", "exists isfile isdir lexists"),
    "ntpath": _all("probe", "path", "exists isfile isdir lexists"),
    "pathlib": _all("probe", "self", "Path.exists Path.is_file Path.is_dir"),
    "pandas": (
        *_all("read", "path", "read_parquet read_feather read_orc"),
        *_all("read", "path_or_buf", "read_hdf"),
        *_all("write", "path", "DataFrame.to_parquet DataFrame.to_feather DataFrame.to_orc", 1),
        *_all("write", "path_or_buf", "DataFrame.to_hdf Series.to_hdf", 1),
    ),
    "pyarrow": (*_all("read", "source", "input_stream"), Heard("output_stream", "write", "source"),
                Heard("memory_map", "mode", "path")),
    "pyarrow.parquet": (
        *_all("read", "source", "read_table read_pandas"),
        *_all("read", "where", "read_schema read_metadata"),
        *_all("read", "source", "ParquetFile.__init__", 1),
        *_all("read", "path_or_paths", "ParquetDataset.__init__", 1),
        *_all("write", "where", "write_table ParquetWriter.__init__", 1),
        *_all("write", "root_path", "write_to_dataset", 1),
    ),
    "pyarrow.csv": (*_all("read", "input_file", "read_csv open_csv"), Heard("write_csv", "write", "output_file", 1)),
    "pyarrow.json": _all("read", "input_file", "read_json open_json"),
    "pyarrow.feather": (*_all("read", "source", "read_table read_feather"), Heard("write_feather", "write", "dest", 1)),
    "pyarrow.orc": (*_all("read", "source", "read_table ORCFile.__init__"), Heard("write_table", "write", "where", 1)),
    "pyarrow.dataset": (*_all("read", "source", "dataset"), Heard("write_dataset", "write", "base_dir", 1)),
    "h5py": (Heard("File.__init__", "mode", "name", 1),),
    "duckdb": (
        *_all("read", "path_or_buffer", "read_csv from_csv_auto"),
        *_all("read", "file_glob", "read_parquet from_parquet"),
        *_all("read", "path_or_buffer", "read_json"),
        *_all("query", "query", _DUCKDB),
        *_all("database", "database", "connect"),
        *_all("read", "path_or_buffer", "DuckDBPyConnection.read_csv DuckDBPyConnection.from_csv_auto", 1),
        *_all("read", "file_glob", "DuckDBPyConnection.read_parquet DuckDBPyConnection.from_parquet", 1),
        *_all("read", "path_or_buffer", "DuckDBPyConnection.read_json", 1),
        *_all("query", "query", " ".join(f"DuckDBPyConnection.{name}" for name in _DUCKDB.split()), 1),
        *_all("write", "file_name", "DuckDBPyRelation.write_csv DuckDBPyRelation.to_csv DuckDBPyRelation.write_parquet "
              "DuckDBPyRelation.to_parquet", 1),
    ),
    "polars": (
        *_all("read", "source", "read_csv read_csv_batched read_parquet read_parquet_schema read_ipc read_ipc_stream "
              "read_ipc_schema read_json read_ndjson read_avro read_excel read_ods scan_csv scan_parquet scan_ipc "
              "scan_ndjson read_lines scan_lines"),
        *_all("write", "file", "DataFrame.write_csv DataFrame.write_parquet DataFrame.write_ipc "
              "DataFrame.write_ipc_stream DataFrame.write_json DataFrame.write_ndjson DataFrame.write_avro", 1),
        *_all("write", "workbook", "DataFrame.write_excel", 1),
        *_all("write", "path", "LazyFrame.sink_csv LazyFrame.sink_parquet LazyFrame.sink_ipc LazyFrame.sink_ndjson", 1),
    ),
    "cv2": (*_all("read", "filename", "imread imreadmulti imreadanimation"),
            *_all("write", "filename", "imwrite imwritemulti")),
}  # fmt: skip

UNKNOWN: tuple[str, ...] = (
    "netCDF4", "rasterio", "fiona", "pyogrio", "osgeo", "tables", "tensorflow", "vaex", "pysam", "SimpleITK", "itk",
    "pyspark", "xgboost", "lightgbm", "catboost", "deltalake", "connectorx", "datatable", "vtk", "ROOT", "pyreadstat",
    "soundfile", "decord", "av", "safetensors", "tokenizers", "lance", "tiledb", "zarr",
)  # fmt: skip
"""Libraries with native readers of their own, which nothing here hears."""

seeds: list[dict[str, Any]] = []
OF_FILES = ("read", "write", "mode", "query", "database")
"""The kinds of functions that read and write."""
KINDS = (*OF_FILES, "seed", "probe")
_LIBRARIES = ("site-packages", "dist-packages")
_MOST_SEEDS = 100


def install(kinds: Sequence[str] = KINDS) -> None:
    """Wrap the functions of the modules that are loaded, and those of the others when they are loaded.

    Args:
        kinds: of functions to wrap; the first call in a process decides.
    """
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    finder = _Finder(frozenset(kinds))
    for name in TABLE:
        if name in sys.modules:
            finder.wrap(sys.modules[name])
    sys.meta_path.insert(0, finder)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds nothing itself: has the modules of the table wrapped when those who find them have loaded them."""

    def __init__(self, kinds: frozenset[str]) -> None:
        self._kinds = kinds

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in TABLE:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None:
                self._wrap_when_loaded(spec.loader)
                return spec
        return None

    def _wrap_when_loaded(self, loader: Any) -> None:
        execute = getattr(loader, "exec_module", None)
        if execute is None:
            return

        def exec_module(module: ModuleType) -> None:
            with suppress(AttributeError):
                del loader.exec_module
            execute(module)
            self.wrap(module)

        with suppress(AttributeError, TypeError):
            loader.exec_module = exec_module

    def wrap(self, module: ModuleType) -> None:
        """Wrap the functions of a module that is loaded."""
        for heard in TABLE.get(module.__name__, ()):
            *parents, name = heard.name.split(".")
            owner: Any = module
            for parent in parents:
                owner = getattr(owner, parent, None)
            original = getattr(owner, name, None)
            if heard.kind not in self._kinds or original is None or hasattr(original, "__nbpipe_heard__"):
                continue
            # Types that are compiled may take no new method: then what they do is not heard.
            with suppress(TypeError, AttributeError):
                setattr(owner, name, _wrapper(original, heard, module.__name__))


def _wrapper(original: Any, heard: Heard, module: str) -> Any:
    hear = _KINDS[heard.kind]
    if heard.kind == "seed":
        hear = functools.partial(_seed, name=f"{module}.{heard.name}")
    probes = heard.kind == "probe"

    def wrapper(*arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        value = named.get(heard.argument, arguments[heard.position] if len(arguments) > heard.position else _MISSING)
        if probes:
            found = original(*arguments, **named)
            if not found:
                tell(hear, value, arguments, named)
            return found
        tell(hear, value, arguments, named)
        return original(*arguments, **named)

    with suppress(AttributeError, TypeError):
        functools.update_wrapper(wrapper, original)
    # Where it is found again by name, as pickle does it.
    wrapper.__module__, wrapper.__qualname__ = module, heard.name
    wrapper.__nbpipe_heard__ = True  # type: ignore[attr-defined]
    return wrapper


def _read(observer: Observer, value: Any, *_: Any) -> None:
    observer.note_input(value)


def _write(observer: Observer, value: Any, *_: Any) -> None:
    observer.note_written(value)


def _probe(observer: Observer, value: Any, *_: Any) -> None:
    observer.note_probed(value, exists=False)


def _mode(observer: Observer, value: Any, arguments: Sequence[Any], named: dict[str, Any]) -> None:
    """Hear of something that reads or writes as its mode says, which stands behind the path."""
    observer.note_opened(
        value, str(named.get("mode") or next((item for item in arguments[1:3] if _is_mode(item)), "r"))
    )


def _is_mode(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value in ("r", "rb", "r+", "r+b", "w", "wb", "w-", "x", "a")


def _query(observer: Observer, value: Any, *_: Any) -> None:
    reads, writes = paths_in_query(value) if isinstance(value, str) else ((), ())
    for path in reads:
        observer.note_input(path)
    for path in writes:
        observer.note_written(path)


def _database(observer: Observer, value: Any, _: Any, named: dict[str, Any]) -> None:
    if value is _MISSING or value in ("", ":memory:", ":default:"):
        return
    observer.note_opened(value, "r" if named.get("read_only") else "a")
    observer.note_effect("database", value)


def _seed(_: Observer, value: Any, *__: Any, name: str) -> None:
    caller = asking()  # what libraries do is their own affair
    given = None if value is _MISSING else value
    if any(part in caller for part in _LIBRARIES) or not isinstance(given, (int, str, list, tuple, type(None))):
        return
    entry = {"generator": name, "seed": repr(given)[:80] if isinstance(given, (list, tuple)) else given}
    if entry not in seeds and len(seeds) < _MOST_SEEDS:
        seeds.append(entry)


_KINDS: dict[str, Callable[..., None]] = {
    "read": _read,
    "write": _write,
    "probe": _probe,
    "mode": _mode,
    "query": _query,
    "database": _database,
    "seed": _seed,
}
