"""What a library offers: its public functions, classes and their public members, found by looking at it."""

from __future__ import annotations

import inspect
import sys
import warnings
from importlib import import_module
from importlib.metadata import version
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

# Modules of a package that are no interface: tests, builders, backends chosen by name, experiments.
SKIPPED = frozenset([
    "_api", "backends", "cbook", "conftest", "distutils", "docstring", "dviread", "experimental", "externals", "f2py",
    "fft2d", "fftpack", "fontconfig_pattern", "mathtext", "misc", "odr", "sandbox", "setup", "sphinxext", "testing",
    "tests", "tools", "typing",
])  # fmt: skip
# Libraries of which the public modules are those that their reference lists; of the others, all modules are.
MODULES: dict[str, str] = {
    "pandas": (
        "pandas pandas.api.types pandas.api.typing pandas.api.indexers pandas.api.extensions pandas.arrays "
        "pandas.io.json pandas.plotting pandas.tseries.offsets pandas.tseries.frequencies pandas.errors"
    ),
    "numpy": (
        "numpy numpy.random numpy.linalg numpy.fft numpy.ma numpy.char numpy.strings numpy.rec numpy.emath "
        "numpy.polynomial numpy.polynomial.polynomial numpy.polynomial.chebyshev numpy.polynomial.legendre "
        "numpy.lib.stride_tricks numpy.testing"
    ),
    "torch": (
        "torch torch.nn torch.nn.functional torch.nn.init torch.nn.utils torch.nn.utils.rnn torch.nn.parallel "
        "torch.optim torch.optim.lr_scheduler torch.optim.swa_utils torch.utils.data torch.utils.tensorboard "
        "torch.linalg torch.fft torch.special torch.random torch.autograd torch.autograd.functional torch.amp "
        "torch.cuda torch.cuda.amp torch.distributions torch.sparse torch.hub torch.jit torch.onnx torch.profiler "
        "torch.func torch.backends.cudnn torch.multiprocessing"
    ),
    "polars": "polars polars.selectors polars.exceptions polars.config",
    "seaborn": "seaborn seaborn.objects",
    "xgboost": "xgboost xgboost.callback",
    "lightgbm": "lightgbm",
    "python": (
        "builtins argparse array ast base64 bisect bz2 calendar codecs collections collections.abc concurrent.futures "
        "configparser contextlib copy csv dataclasses datetime decimal difflib enum fractions functools gc getpass "
        "glob gzip hashlib heapq html importlib inspect io itertools json linecache locale logging lzma math "
        "mimetypes multiprocessing numbers operator os os.path pathlib pickle platform pprint queue random re secrets "
        "shelve shlex shutil signal socket sqlite3 statistics string struct subprocess sys tarfile tempfile textwrap "
        "threading time timeit traceback types typing unicodedata urllib.parse urllib.request uuid warnings weakref "
        "xml.etree.ElementTree zipfile zlib zoneinfo"
    ),
}
# Import name to the distribution whose version is meant, and those whose stubs say the types.
DISTRIBUTIONS: dict[str, tuple[str, ...]] = {
    "pandas": ("pandas", "pandas-stubs"),
    "numpy": ("numpy",),
    "scipy": ("scipy", "scipy-stubs"),
    "sklearn": ("scikit-learn",),
    "imblearn": ("imbalanced-learn",),
    "xgboost": ("xgboost",),
    "lightgbm": ("lightgbm",),
    "statsmodels": ("statsmodels",),
    "matplotlib": ("matplotlib",),
    "seaborn": ("seaborn",),
    "torch": ("torch",),
    "polars": ("polars",),
    "python": (),
}


class Class:
    """A public class, or one that a public function gives.

    Attributes:
        name: its shortest public name, else the one it was defined under.
        members: its own public members (no dunder names), not those of its bases.
        bases: names of the other classes along its MRO.
    """

    def __init__(self, name: str, value: type, bases: list[str]) -> None:
        self.name = name
        self.value = value
        self.bases = bases
        self.members = {attr: member for attr, member in sorted(vars(value).items()) if not attr.startswith("_")}


class Inventory:
    """One library.

    Attributes:
        functions: callables that are no classes, by every public name.
        classes: by name.
        modules: names of the public modules.
    """

    def __init__(self, library: str) -> None:
        self.library = library
        self.modules = [name for name, _ in _modules(library)]
        self.functions: dict[str, Any] = {}
        self.values: dict[str, Any] = {}
        self.classes: dict[str, Class] = {}
        self.names: dict[int, str] = {}
        found: dict[str, Any] = {}
        for name in self.modules:
            module = import_module(name)
            for public in _public(library, module):
                found[f"{name}.{public}".removeprefix("builtins.")] = getattr(module, public)
        for name, value in sorted(found.items(), key=_preference):
            if inspect.isclass(value):
                self.names.setdefault(id(value), name)
            elif callable(value):
                self.functions[name] = value
        for name, value in list(self.functions.items()):
            if (
                library != "python"
                and type(value).__name__ != "ufunc"
                and any(id(base) in self.names for base in type(value).__mro__[:-1])
            ):
                self.values[name] = self.functions.pop(name)  # an object that can be called: a distribution of SciPy's
        self.aliases = {
            name: self.names[id(value)]
            for name, value in sorted(found.items())
            if inspect.isclass(value) and self.names[id(value)] != name
        }
        for value in [value for value in found.values() if inspect.isclass(value)]:
            self.add(value)

    def add(self, value: type) -> str:
        """Take up a class with its bases; gives its name."""
        name = self.name_of(value)
        if name not in self.classes and name != "object":
            bases = [
                self.name_of(base)
                for base in value.__mro__[1:]
                if base.__module__ not in ("typing", "abc") and base is not object
            ]
            self.classes[name] = Class(name, value, bases)
            for base in value.__mro__[1:]:
                if base is not object and _belongs(self.library, base.__module__):
                    self.add(base)
        return name

    def name_of(self, value: type) -> str:
        """Give the name of a class of this or another library."""
        return self.names.get(id(value)) or _shortest(value)

    @property
    def version(self) -> str:
        """The library's version, and those of its stubs, in words."""
        if not DISTRIBUTIONS[self.library]:
            return "Python " + ".".join(map(str, sys.version_info[:2]))
        return ", ".join(f"{name} {version(name)}" for name in DISTRIBUTIONS[self.library])


def _preference(item: tuple[str, Any]) -> tuple[bool, int, str]:
    """Order the names of one thing: that of its own module first for the standard library, then the shortest."""
    name, value = item
    own = name == f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', '')}"
    return not own and "." in name, len(name), name


def _shortest(value: type) -> str:
    """Give the shortest name under which the packages around a class's module offer it."""
    parts = value.__module__.split(".")
    for length in range(1, len(parts)):
        module = sys.modules.get(".".join(parts[:length]))
        if getattr(module, value.__qualname__, None) is value:
            return f"{'.'.join(parts[:length])}.{value.__qualname__}"
    return f"{value.__module__}.{value.__qualname__}".removeprefix("builtins.")


def _belongs(library: str, module: str) -> bool:
    top = module.partition(".")[0]
    return top in sys.stdlib_module_names if library == "python" else top == library


def _modules(library: str) -> Iterator[tuple[str, ModuleType]]:
    """Yield the public modules by the names under which they are imported (`os.path`, not `posixpath`)."""
    if library in MODULES:
        for name in MODULES[library].split():
            try:
                yield name, import_module(name)
            except ImportError:  # a part that wants something that is not installed (tensorboard)
                continue
        return
    if library == "sklearn":
        import_module("sklearn.experimental.enable_halving_search_cv")
        import_module("sklearn.experimental.enable_iterative_imputer")
    yield from ((module.__name__, module) for module in _walk(library))


def _walk(package: str) -> Iterator[ModuleType]:
    """Yield a package and its public modules, at every depth; what cannot be imported is no part of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            root = import_module(package)
        except Exception:  # noqa: BLE001 - modules that want other packages fail in their own ways
            return
    yield root
    for module in iter_modules(getattr(root, "__path__", ())):
        if not module.name.startswith("_") and module.name not in SKIPPED:
            yield from _walk(f"{package}.{module.name}")


def _public(library: str, module: ModuleType) -> list[str]:
    """Give a module's public names: those it says, else those that are its own."""
    said = getattr(module, "__all__", None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if said is not None:
            return sorted(
                {name for name in said if hasattr(module, name) and not inspect.ismodule(getattr(module, name))}
            )
        root = module.__name__ == library or library in MODULES
        found = []
        for name in dir(module):
            value = getattr(module, name, None)
            if name.startswith("_") or inspect.ismodule(value) or not callable(value):
                continue
            home = getattr(value, "__module__", None) or ""
            if library == "python" or (_belongs(library, home) if root else home == module.__name__):
                found.append(name)
        return found
