"""Star imports, with the names that they bind written out: ``from math import *`` as ``from math import pi, sqrt``."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from nbpipe.analysis.syntax import bound_names
from nbpipe.notebook.ipython import to_python
from nbpipe.notebook.parsing import parsed
from nbpipe.notebook.rereading import with_sources
from nbpipe.pipeline.modules import LocalModule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from nbpipe.notebook import Cell, Notebook

_STAR: Final = re.compile(r"^([ \t]*)from[ \t]+([\w.]+)[ \t]+import[ \t]*\*[ \t]*(?=#|;|$)", re.MULTILINE)
_IMPORTED: Final = re.compile(r"^[ \t]*import[ \t]+([\w.]+)(?:[ \t]+as[ \t]+(\w+))?", re.MULTILINE)
_WORD: Final = re.compile(r"[^\W\d]\w*")
_SECONDS: Final = 120
# Run by the notebook's interpreter, where the module is; names of modules tell those that are imported by name, too,
# identities what several modules give alike.
_ASK: Final = """
import importlib, json, sys, types
found = {}
for name in sys.argv[1:]:
    try:
        module = importlib.import_module(name)
    except BaseException:
        continue
    names = getattr(module, "__all__", None) or [each for each in vars(module) if not each.startswith("_")]
    values = {each: getattr(module, each) for each in names if hasattr(module, each)}
    found[name] = {each: [getattr(value, "__name__", "") if isinstance(value, types.ModuleType) else "", id(value)]
                   for each, value in values.items()}
print("\\n" + json.dumps(found))
"""


class _Export(NamedTuple):
    """What a module gives: the name of the module that it is, where it is one, and which object, if that is known."""

    module: str = ""
    identity: int = 0


def has_star_imports(notebook: Notebook) -> bool:
    """Tell whether a cell imports everything from a module."""
    return any(_STAR.search(cell.source) for cell in notebook.cells if cell.cell_type == "code")


def named(notebook: Notebook, folder: Path, python: Callable[[], str]) -> Notebook:
    """Give a notebook in which star imports name what they bind, as far as the notebook mentions it.

    Modules beside the notebook are read, not run. Those that cannot be read or imported stay as they are.

    Args:
        notebook: the notebook.
        folder: where it lies.
        python: gives the interpreter to ask; called only where there is something to ask.
    """
    modules = sorted({match[2] for cell in _code(notebook) for match in _STAR.finditer(cell.source)})
    beside = {name: path for name in modules if (path := _beside(name, folder)) is not None}
    installed = [name for name in modules if name not in beside]
    exports = _exports(python(), installed) if installed else {}
    exports |= {name: names for name, path in beside.items() if (names := _exports_of(name, path))}
    if not exports:
        return notebook
    text = "\n".join(cell.source for cell in _code(notebook))
    mentioned = set(_WORD.findall(text))
    imported = {(match[2] or match[1].partition(".")[0], match[1]) for match in _IMPORTED.finditer(text)}
    trees = (parsed(to_python(cell.source).text) for cell in _code(notebook))
    bound = {name for tree in trees if tree is not None for name in bound_names(tree)}
    given: dict[str, int] = {}

    def is_there(name: str, export: _Export) -> bool:
        """Tell whether an import before has bound a name to the same, and nothing else binds it."""
        before = given.get(name)
        given[name] = export.identity
        same = before is not None and before == export.identity != 0 and name not in bound
        return same or (name, export.module) in imported

    def written(match: re.Match[str]) -> str:
        if match[2] not in exports:
            return match[0]
        known = exports[match[2]]
        names = sorted(name for name in known.keys() & mentioned if not is_there(name, known[name]))
        return f"{match[1]}from {match[2]} import {', '.join(names)} " if names else f"{match[1]}pass "

    sources = {cell.index: _STAR.sub(written, cell.source) for cell in _code(notebook)}
    return with_sources(notebook, {at: text for at, text in sources.items() if text != notebook.cells[at].source})


def _code(notebook: Notebook) -> Iterator[Cell]:
    return (cell for cell in notebook.cells if cell.cell_type == "code")


def _beside(module: str, folder: Path) -> Path | None:
    """Give the file of a module beside the notebook."""
    base = folder.joinpath(*module.split("."))
    places = (base / "__init__.py", base.with_name(f"{base.name}.py"))
    return next((path for path in places if path.is_file()), None)


def _exports_of(name: str, path: Path) -> dict[str, _Export]:
    """Give what a module's text gives to star imports: to the name of the module that it is, where it imports one."""
    module = LocalModule(name, path, path.read_text(encoding="utf-8", errors="surrogateescape"))
    nodes = module.tree.body if module.tree is not None else []
    if any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in nodes):
        return {}
    names = _listed(module) or [name for name in module.bindings if not name.startswith("_")]
    imported = {
        alias.asname or alias.name.partition(".")[0]: alias.name
        for node in nodes
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    return {name: _Export(imported.get(name, "")) for name in names}


def _listed(module: LocalModule) -> list[str]:
    """Give the names in ``__all__``, [] where it is none or no plain list."""
    for node in module.bindings.get("__all__", ()):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List | ast.Tuple):
            items = [item.value for item in node.value.elts if isinstance(item, ast.Constant)]
            return [item for item in items if isinstance(item, str)]
    return []


def _exports(python: str, modules: list[str]) -> dict[str, dict[str, _Export]]:
    """Ask an interpreter what modules give to star imports; those that cannot be imported there are left out."""
    try:
        asked = subprocess.run(  # noqa: S603 - no shell; the notebook's own interpreter and imports
            [python, "-c", _ASK, *modules], capture_output=True, text=True, timeout=_SECONDS, check=True
        )
        found: dict[str, dict[str, list[Any]]] = json.loads(asked.stdout.splitlines()[-1])
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        return {}
    return {module: {name: _Export(*told) for name, told in names.items()} for module, names in found.items()}
