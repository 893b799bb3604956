"""What functions, methods and attributes of libraries give. Data, one file a library, in `library/types/`.

A file is read when something of its library is first asked about. Its tables stand for many names each:

- ``functions``: by module, ``returns``: names by the type they give; ``attributes``: objects by their type;
- ``classes``: by name, ``bases``: the classes whose facts hold, too, nearest first; ``returns`` and ``attributes``;
  ``returns_self``: methods that give the object they are called on; ``mutating``: methods that change it;
- ``varies``: what is given instead where an argument is given (``name``, with ``@`` and its place where it may be
  passed by position), has a value (``name=value``), or where the first is of a type (``0:type``);
- ``items``: the types of the items of a tuple that is given;
- ``others``: the type of attributes that the class does not define (columns), ``untyped``: those it does;
- ``immutable``: classes on which ``x += y`` makes a new object.

``Self`` is the class of the object called on; ``argument`` the type of the first argument, where that is an array.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from nbpipe.analysis.values import Const, type_name_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.analysis.functions import Arguments
    from nbpipe.analysis.values import Value

_FOLDER = os.path.join(os.path.dirname(__file__), "library", "types")  # noqa: PTH118, PTH120 - pathlib costs start-up time
LIBRARIES = frozenset([
    "builtins", "imblearn", "lightgbm", "matplotlib", "numpy", "pandas", "polars", "python", "scipy", "seaborn",
    "sklearn", "statsmodels", "torch", "xgboost",
])  # fmt: skip
# Modules of the standard library that the file "python" knows.
_PYTHON = frozenset([
    "argparse", "array", "ast", "base64", "bisect", "bz2", "calendar", "codecs", "collections", "concurrent",
    "configparser", "contextlib", "copy", "csv", "dataclasses", "datetime", "decimal", "difflib", "enum", "fractions",
    "functools", "gc", "getpass", "glob", "gzip", "hashlib", "heapq", "html", "importlib", "inspect", "io",
    "itertools", "json", "linecache", "locale", "logging", "lzma", "math", "mimetypes", "multiprocessing", "numbers",
    "operator", "os", "pathlib", "pickle", "platform", "pprint", "queue", "random", "re", "secrets", "shelve",
    "shlex", "shutil", "signal", "socket", "sqlite3", "statistics", "string", "struct", "subprocess", "sys",
    "tarfile", "tempfile", "textwrap", "threading", "time", "timeit", "traceback", "types", "typing", "unicodedata",
    "urllib", "uuid", "warnings", "weakref", "xml", "zipfile", "zlib", "zoneinfo",
])  # fmt: skip
_ARRAYS = frozenset(["numpy.ndarray", "pandas.DataFrame", "pandas.Series", "pandas.Index"])
# Results of which the call that gave them tells more than their class.
_PLAIN = frozenset(["", "None", "dict", "function", "list", "set", "tuple", "type"])


class Known:
    """What one callable gives.

    Attributes:
        type: the name of the result's class, "" where only some arguments tell.
        varies: tests of arguments, as written, and what is given where one holds.
        items: for a tuple, the types of its items; "?" where one is not known.
    """

    __slots__ = ("items", "type", "varies")

    def __init__(self, type_: str, varies: str, items: str) -> None:
        self.type = type_
        self.varies = [_parsed(test) for test in varies.split(" ")] if varies else []
        self.items = items.split(" ") if items else []

    def given(self, arguments: Arguments) -> str:
        """Give the type for these arguments, "" where it is not known."""
        for parameter, place, value, type_name in self.varies:
            if _holds(arguments, parameter, place, value):
                return type_name
        if self.type == "argument":
            first = _single_type(arguments.positional[0]) if arguments.positional else None
            return first if first in _ARRAYS else ""
        return self.type


class Class:
    """What is known of one class, with what its bases say.

    Attributes:
        returns: what its methods give; attributes likewise: the types of its attributes.
        itself: methods that give the object they are called on; mutating: methods that change it.
    """

    __slots__ = ("attributes", "itself", "mutating", "name", "others", "returns", "untyped")

    def __init__(self, name: str) -> None:
        self.name = name
        self.returns: dict[str, Known] = {}
        self.attributes: dict[str, str] = {}
        self.itself: set[str] = set()
        self.mutating: set[str] = set()
        self.others = ""
        self.untyped: set[str] = set()

    def other_than(self, name: str) -> str:
        """Give the type of an attribute that the class does not define: ``df.price``; "" where it may not have any."""
        return "" if not self.others or name in self.untyped or name in self.returns else self.others

    def learn(self, facts: Mapping[str, Any]) -> None:
        """Add what one class's entry says; it goes before what is known from its bases."""
        own = _callables(facts)
        self.returns.update(own)
        self.itself.difference_update(own)
        for name in facts.get("returns_self", "").split():
            self.itself.add(name)
            self.returns.pop(name, None)
        for type_name, names in facts.get("attributes", {}).items():
            self.attributes.update(dict.fromkeys(names.split(), type_name))
        self.mutating.update(facts.get("mutating", "").split())
        self.others = facts.get("others", "")
        self.untyped.update(facts.get("untyped", "").split())


class _Library:
    """One file, taken apart as it is asked about."""

    __slots__ = ("by_last", "classes", "content", "functions")

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self.functions: dict[str, dict[str, Known]] = {}
        self.classes: dict[str, Class] = {}
        self.by_last: dict[str, str] = {}
        for name in content.get("classes", ()):
            self.by_last.setdefault(name.rpartition(".")[2], name)


_libraries: dict[str, _Library] = {}
# What the user's own files say, by top-level module.
_extensions: dict[str, _Library] = {}
_resolved: dict[str, Class | None] = {}
immutable: set[str] = set()


def extend(known: dict[str, dict[str, Any]]) -> None:
    """Take up what the user's files say of other libraries, instead of what was taken up before."""
    _extensions.clear()
    _resolved.clear()
    for library, facts in known.items():
        if library not in LIBRARIES:
            _extensions[library] = _Library({"functions": {}, **facts})
            immutable.update(facts.get("immutable", "").split())


def function(name: str) -> Known | None:
    """Give what a function gives that is called by its qualified name; methods called on their class count."""
    module, _, last = name.rpartition(".")
    library = _library(module)
    if library is None:
        return None
    known = library.functions.get(module)
    if known is None:
        known = library.functions[module] = _callables(library.content["functions"].get(module, {}))
    found = known.get(last)
    if found is None and module not in library.content["functions"]:
        owner = class_of(module)
        found = owner.returns.get(last) if owner is not None else None
    return found


def class_of(name: str) -> Class | None:
    """Give the class of an object by its type's name, or by where it stands: ``pandas.Series.str``."""
    if name in _resolved:
        return _resolved[name]
    found = _resolved[name] = _find(name)
    return found


def type_of_part(owner: str, index: int) -> str | None:
    """Give the type of one item of the tuple that a call gave (``sklearn.metrics.roc_curve()``)."""
    name = owner.removesuffix("()")
    known = function(name) if name is not owner else None
    if known is None or index >= len(known.items):
        return None
    item = known.items[index]
    return name.rpartition(".")[0] if item == "Self" else item if item not in ("?", *_PLAIN) else None


def described(known: Known | None, arguments: Arguments, owner: str) -> str | None:
    """Give the type that a call gives where knowing it says more than the name of what was called."""
    found = known.given(arguments) if known is not None else ""
    return owner if found == "Self" else None if found in _PLAIN else found


def _find(name: str) -> Class | None:
    library = _library(name)
    if library is None or "(" in name or "[" in name:
        return None
    classes = library.content.get("classes", {})
    if name not in classes:
        owner, _, last = name.rpartition(".")
        values = library.content["functions"].get(owner, {}).get("attributes", {})
        for type_name, names in values.items():
            if last in names.split():
                return class_of(type_name)
        above = class_of(owner) if owner and owner not in library.content["functions"] else None
        if above is not None:
            inner = above.attributes.get(last) or above.other_than(last)
            return (above if inner == "Self" else class_of(inner)) if inner else None
        name = library.by_last.get(last, "") if last[:1].isupper() else ""
        if not name:
            return None
    found = library.classes.get(name)
    if found is None:
        found = library.classes[name] = Class(name)
        entry = classes[name]
        for base in reversed(entry.get("bases", "").split()):
            origin = library if base in classes else _library(base)
            found.learn(origin.content.get("classes", {}).get(base, {}) if origin is not None else {})
        found.learn(entry)
    return found


def _library(name: str) -> _Library | None:
    """Read the file that knows a name, once a process."""
    top, dot, _ = name.partition(".")
    file = "python" if top in _PYTHON else top if dot or top in LIBRARIES else "builtins"
    if file not in LIBRARIES:
        return _extensions.get(file)
    found = _libraries.get(file)
    if found is None:
        with open(os.path.join(_FOLDER, f"{file}.json"), encoding="utf-8") as stream:  # noqa: PTH118, PTH123
            found = _libraries[file] = _Library(json.load(stream))
        immutable.update(found.content.get("immutable", "").split())
    return found


def _callables(facts: Mapping[str, Any]) -> dict[str, Known]:
    """Take the tables of one module or class apart."""
    varies = {name: said for names, said in facts.get("varies", {}).items() for name in names.split()}
    items = {name: said for names, said in facts.get("items", {}).items() for name in names.split()}
    return {
        name: Known(type_name, varies.get(name, ""), items.get(name, ""))
        for type_name, names in facts.get("returns", {}).items()
        for name in names.split()
    }


def _parsed(test: str) -> tuple[str, int, Any, str]:
    """Take a test apart: the parameter (":" and a type for the first argument's), its place, the value, the result.

    The place is -1 where it cannot be passed by position; the value is ``...`` where any will do.
    """
    said, _, result = test.rpartition(">")
    if said.startswith("0:"):
        return said[1:], 0, ..., result
    name, equals, value = said.partition("=")
    name, at, place = name.partition("@")
    return name, int(place) if at else -1, json.loads(value) if equals else ..., result


def _holds(arguments: Arguments, parameter: str, place: int, value: Any) -> bool:
    if parameter[0] == ":":
        return bool(arguments.positional) and _single_type(arguments.positional[0]) == parameter[1:]
    given = arguments.keywords.get(parameter)
    if given is None and 0 <= place < len(arguments.positional):
        given = arguments.positional[place]
    if given is None:
        return False
    if value is ...:
        return not (len(given) == 1 and isinstance(given[0], Const) and given[0].value is None)
    return len(given) != 1 or not isinstance(given[0], Const) or given[0].value == value


def _single_type(value: Value) -> str | None:
    """Give the class of an argument that is one object of a known type."""
    name = type_name_of(value[0]) if len(value) == 1 else None
    known = class_of(name) if name else None
    return known.name if known is not None else None
