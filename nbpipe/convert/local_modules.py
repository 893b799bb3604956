"""The author's own modules that a notebook imports: its pipeline takes copies along, beside its package.

They keep their names, so that they mean in the steps what they mean in the notebook: to pickles, to imports among
themselves, to their own `__name__`.
"""

from __future__ import annotations

import ast
import sys
from collections import deque
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from nbpipe.convert.changes import asks_identity
from nbpipe.convert.import_names import imported_in
from nbpipe.convert.refusal import refuse
from nbpipe.pipeline.modules import LocalModule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

# What a copy would read otherwise, or not find, and what to do.
_ELSEWHERE: Final = "which is another place in a pipeline: take the path as an argument, relative to the notebook"
_OF_IPYTHON: Final = {
    "get_ipython": "which is not there in a pipeline: use plain Python",
    "display": "which only IPython provides: import it from IPython.display",
}
_TAKEN: Final = ("tests",)


@dataclass(frozen=True)
class OwnModule:
    """One module.

    Attributes:
        text: what it says.
        cell: index of the first cell through which it is imported.
        imports: names of the own modules that it imports.
    """

    text: LocalModule
    cell: int
    imports: frozenset[str]

    @property
    def name(self) -> str:
        """Its dotted name."""
        return self.text.name

    @property
    def place(self) -> str:
        """Its path in the project."""
        parts = self.name.replace(".", "/")
        return f"{parts}/__init__.py" if self.text.is_package else f"{parts}.py"

    @cached_property
    def has_effects(self) -> bool:
        """Whether importing it may do more than bind names."""
        return bool(self.text.effects) or any(_is_decorated(node) for node in self._top)

    @cached_property
    def asks_identity(self) -> bool:
        """Whether it compares objects by identity, other than with constants."""
        return self.text.tree is not None and any(True for _ in asks_identity(self.text.tree))

    @property
    def _top(self) -> Sequence[ast.stmt]:
        return self.text.tree.body if self.text.tree is not None else ()


def _is_decorated(node: ast.stmt) -> bool:
    """Tell whether a definition is handed to something that may keep it."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    return any(ast.unparse(decorator).partition("(")[0] not in _HARMLESS for decorator in node.decorator_list)


_HARMLESS: Final = frozenset([
    "cache", "functools.cache", "lru_cache", "functools.lru_cache", "dataclass", "dataclasses.dataclass",
    "functools.wraps", "wraps", "contextmanager", "contextlib.contextmanager", "functools.singledispatch",
    "singledispatch", "functools.total_ordering", "total_ordering", "staticmethod", "enum.unique", "unique",
])  # fmt: skip


@dataclass(frozen=True)
class LocalModules:
    """The own modules that a notebook's code imports, themselves or through each other.

    Attributes:
        modules: by dotted name, in the order in which they are met.
        elsewhere: top-level modules of libraries that they, or the notebook, import.
    """

    modules: Mapping[str, OwnModule] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()

    @property
    def files(self) -> dict[str, str]:
        """Dotted name to real path."""
        return {name: str(module.text.path.resolve()) for name, module in self.modules.items()}

    @property
    def copies(self) -> dict[str, Path | None]:
        """Path in the project to the file it is a copy of; None for an empty file that makes a folder a package."""
        found: dict[str, Path | None] = {module.place: module.text.path for module in self.modules.values()}
        folders = {parent for place in found for parent in PurePosixPath(place).parents if parent.name}
        return {f"{folder.as_posix()}/__init__.py": None for folder in sorted(folders)} | found

    @property
    def places(self) -> tuple[str, ...]:
        """Files and folders of the project that hold the copies: ``helpers.py``, ``mylib``."""
        return tuple(sorted({place.partition("/")[0] for place in self.copies}))

    @property
    def tops(self) -> tuple[str, ...]:
        """The top-level names, sorted."""
        return tuple(sorted({name.partition(".")[0] for name in self.modules}))

    def reached(self, names: Iterable[str]) -> frozenset[str]:
        """Give those of the modules that importing some of them may run, or that their functions may use."""
        found: set[str] = set()
        pending = [part for name in names for part in _with_packages(name)]
        while pending:
            name = pending.pop()
            if name in self.modules and name not in found:
                found.add(name)
                pending += [part for other in self.modules[name].imports for part in _with_packages(other)]
        return frozenset(found)

    def imported_by(self, nodes: Iterable[ast.AST]) -> frozenset[str]:
        """Give the modules that code imports, and those that these may use."""
        if not self.modules:
            return frozenset()
        return self.reached(name for node in nodes for name in imported_in(node))

    def without(self, names: Iterable[str]) -> LocalModules:
        """Leave out modules that turned out to be others, with the packages they are in."""
        tops = {name.partition(".")[0] for name in names}
        kept = {name: item for name, item in self.modules.items() if name.partition(".")[0] not in tops}
        return replace(self, modules=kept, elsewhere=self.elsewhere | (tops if tops & {*self.tops} else set()))


def _with_packages(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]


def find_local_modules(trees: Iterable[tuple[int, ast.AST]], roots: Sequence[Path], package: str) -> LocalModules:
    """Find the own modules that cells import.

    Args:
        trees: the code, each with the index of its cell.
        roots: folders in which they may lie, in the order of Python's search.
        package: name of the pipeline's package, which none may have.

    Raises:
        ConversionError: one of them would not be the same in a pipeline.
    """
    finder = _Finder(roots)
    found: dict[str, OwnModule] = {}
    elsewhere: set[str] = set()
    for cell, tree in trees:
        pending = deque(imported_in(tree))
        while pending:
            name = pending.popleft()
            texts = finder.modules_of(name)
            if not texts:
                elsewhere.add(name.partition(".")[0])
            for text in texts:
                if text.name not in found:
                    imports = tuple(imported_in(text.tree, text.absolute)) if text.tree is not None else ()
                    found[text.name] = OwnModule(text, cell, frozenset(_own(imports, finder.modules_of)))
                    _refuse(found[text.name], package)
                    pending.extend(imports)
    own = {name.partition(".")[0] for name in found}
    return LocalModules(found, frozenset(elsewhere - own - {"__future__"}))


def _own(names: Iterable[str], modules_of: Callable[[str], Sequence[LocalModule]]) -> Iterable[str]:
    return (text.name for name in names for text in modules_of(name))


def _refuse(module: OwnModule, package: str) -> None:
    top = module.name.partition(".")[0]
    if top in sys.stdlib_module_names:
        raise refuse(module.cell, f"imports '{top}', which is a module of Python and a file of yours: rename it")
    if top in (*_TAKEN, package):
        raise refuse(module.cell, f"imports '{top}', a name that the pipeline's project has for itself: rename it")
    bound = module.text.bindings
    for node in ast.walk(module.text.tree) if module.text.tree is not None else ():
        if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load) or node.id in bound:
            continue
        why = _ELSEWHERE if node.id == "__file__" else _OF_IPYTHON.get(node.id)
        if why is not None and not _binds(module.text.tree, node.id):
            raise refuse(module.cell, f"imports '{module.name}', which reads '{node.id}' (line {node.lineno}), {why}")


def _binds(tree: ast.AST | None, name: str) -> bool:
    """Tell whether anything in a module binds a name."""
    return any(
        (isinstance(node, ast.alias) and (node.asname or node.name) == name)
        or (isinstance(node, ast.arg) and node.arg == name)
        or (isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store))
        for node in (ast.walk(tree) if tree is not None else ())
    )


class _Finder:
    """Finds modules in folders, as Python's path finder does; each is read once."""

    def __init__(self, roots: Sequence[Path]) -> None:
        self._roots = roots
        self._known: dict[str, LocalModule | None] = {}

    def modules_of(self, name: str) -> list[LocalModule]:
        """Give the module of a name and the packages it is in, as far as they are of the folders.

        The last part of a name may be no module: ``from package import name``.
        """
        return [text for part in _with_packages(name) if (text := self._read(part)) is not None]

    def _read(self, name: str) -> LocalModule | None:
        if name not in self._known:
            path = self._file(name)
            try:
                text = path.read_text(encoding="utf-8", errors="surrogateescape") if path is not None else ""
            except OSError:  # the notebook cannot import it either
                path = None
            self._known[name] = LocalModule(name, path, text) if path is not None else None
        return self._known[name]

    def _file(self, name: str) -> Path | None:
        parts = name.split(".")
        for root in self._roots:
            base = root.joinpath(*parts)
            for path in (base / "__init__.py", base.with_name(f"{base.name}.py")):
                if path.is_file():
                    return path
        return None
