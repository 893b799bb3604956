"""What the arguments of library calls mean: settings, places of files, seeds. Data, in `library/arguments/`.

A file is read when a call into its library is looked at. Its tables are keyed by the callable's name, in full or by
its last parts (``RandomForestClassifier`` wherever in scikit-learn it was imported from):

- ``positional``: parameters that may be passed by position, in order;
- ``settings``: parameters that tune what is computed; ``*`` for all;
- ``settings_in``: the parameter that takes a dict of settings;
- ``paths``: parameters that take the place of a file or folder;
- ``random``: draws at random unless one of these parameters has one of these values;
- ``random_when``: draws only where one of these parameters has one of these values (``*``: is given);
- ``seed_argument``: parameters that make it reproducible, where that is not ``random_state``;
- ``draws``: the generator it draws from, where that is not NumPy's global one;
- ``random_sources``: makes a generator, which is seeded by this parameter.
"""

from __future__ import annotations

import ast
import json
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nbpipe.analysis.values import NOTHING, Const

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.flow import CallSite
    from nbpipe.analysis.values import Value

_FOLDER = os.path.join(os.path.dirname(__file__), "library", "arguments")  # noqa: PTH118, PTH120 - pathlib costs start-up time

# Top-level module to the file that knows it; builtins have none.
_FILES = {
    "": "python", "bz2": "python", "codecs": "python", "glob": "python", "gzip": "python", "io": "python",
    "linecache": "python", "logging": "python", "lzma": "python", "os": "python", "pathlib": "python",
    "random": "python", "shelve": "python", "shutil": "python", "sqlite3": "python", "sys": "python",
    "tarfile": "python", "urllib": "python", "zipfile": "python",
    "sklearn": "sklearn", "imblearn": "imblearn", "xgboost": "xgboost", "lightgbm": "lightgbm",
    "catboost": "catboost", "numpy": "numpy", "pandas": "pandas", "scipy": "scipy",
    "matplotlib": "matplotlib", "seaborn": "matplotlib", "polars": "polars", "statsmodels": "statsmodels",
    "torch": "torch", "torchvision": "torch", "tensorflow": "keras", "keras": "keras", "tf_keras": "keras",
    "lightning": "lightning", "pytorch_lightning": "lightning",
    "transformers": "transformers", "peft": "transformers", "trl": "transformers", "datasets": "datasets",
    "fastai": "fastai", "sagemaker": "sagemaker",
    "PIL": "files", "cv2": "files", "dask": "files", "dotenv": "files", "gdown": "files", "geopandas": "files",
    "h5py": "files", "imageio": "files", "joblib": "files", "librosa": "files",
    "netCDF4": "files", "nibabel": "files", "onnx": "files", "pyarrow": "files",
    "rasterio": "files", "skimage": "files", "skops": "files", "soundfile": "files",
    "torchaudio": "files", "wget": "files", "xarray": "files", "cudf": "files",
}  # fmt: skip
_read: dict[str, dict[str, Any]] = {}
# What the user's own files say, by top-level module.
_extensions: dict[str, dict[str, Any]] = {}


def extend(known: dict[str, dict[str, Any]]) -> None:
    """Take up what the user's files say, instead of what was taken up before; it goes before what nbpipe says."""
    _extensions.clear()
    _extensions.update(known)
    entry.cache_clear()


def _library(name: str) -> dict[str, Any]:
    """Read one file, once a process."""
    found = _read.get(name)
    if found is None:
        with open(os.path.join(_FOLDER, f"{name}.json"), encoding="utf-8") as file:  # noqa: PTH118, PTH123
            found = _read[name] = json.load(file)
    return found


@lru_cache(maxsize=8192)
def entry(table: str, name: str) -> Any:
    """Give what a table says of a callable (a qualified name), None where it says nothing."""
    top, dot, _ = name.partition(".")
    if top in _extensions:
        found = _look_up(_extensions[top].get(table), name)
        if found is not None:
            return found
    file = _FILES.get(top if dot else "")
    return None if file is None else _look_up(_library(file).get(table), name)


def _look_up(entries: dict[str, Any] | None, name: str) -> Any:
    """Give a table's entry for a name, in full or by its last parts."""
    rest = name
    while entries:
        found = entries.get(rest)
        if found is not None:
            return found
        _, dot, rest = rest.partition(".")
        if not dot:
            return None
    return None


@lru_cache(maxsize=256)
def known_names(tables: tuple[str, ...], modules: frozenset[str]) -> frozenset[str]:
    """Give the last parts of all callables that some tables know of some top-level modules, and of builtins.

    What a notebook calls under other names than these, the tables say nothing about.
    """
    files = {_FILES[module] for module in modules if module in _FILES} | {_FILES[""]}
    entries = (name for file in files for table in tables for name in _library(file).get(table, ()))
    return frozenset(name.rpartition(".")[2] for name in entries)


class Passed:
    """One argument of one call.

    Attributes:
        node: the expression; None where it came out of a ``**`` dict.
        value: what it may be.
    """

    __slots__ = ("node", "value")

    def __init__(self, node: ast.expr | None, value: Value) -> None:
        self.node = node
        self.value = value

    @property
    def constant(self) -> Const | None:
        """The literal that it surely is, None where that is not known."""
        value = self.value
        return value[0] if len(value) == 1 and isinstance(value[0], Const) else None


def passed(site: CallSite, name: str) -> dict[str, Passed]:
    """Give the arguments of a call of this callable by the names of its parameters.

    Those passed by position are left out where their parameters are not known.
    """
    node = site.node
    found: dict[str, Passed] = {}
    order = entry("positional", name)
    if order and node.args:
        for parameter, argument, value in zip(order.split(), node.args, site.arguments, strict=False):
            if isinstance(argument, ast.Starred):
                break
            found[parameter] = Passed(argument, value)
    for keyword in node.keywords:
        if keyword.arg is not None:
            found[keyword.arg] = Passed(keyword.value, site.keywords.get(keyword.arg, NOTHING))
    for parameter, value in site.keywords.items():
        if parameter not in found:
            found[parameter] = Passed(None, value)
    return found


def has_unknown(site: CallSite) -> bool:
    """Tell whether a call passes arguments that cannot be seen: ``*args``, or ``**kwargs`` of unknown content."""
    if any(isinstance(argument, ast.Starred) for argument in site.node.args):
        return True
    keywords = site.node.keywords
    named = sum(keyword.arg is not None for keyword in keywords)
    # Of a call that may reach several callables, what is known was passed to the first of them.
    return named < len(keywords) and (len(site.keywords) <= named or len(site.names) > 1)


def described(site: CallSite, table: str) -> Iterator[tuple[str, Any]]:
    """Yield the names that a call may reach and of which a table says something, with what it says."""
    for name in site.names:
        found = entry(table, name)
        if found is not None:
            yield name, found
