"""The code that a step consists of: its function and all definitions, constants and local modules it uses, normalised.

What a name stands for is followed through the project's own modules, from statement to statement; comments, layout,
docstrings and what the step does not use make no difference. Where a name cannot be followed (a star import, `eval`,
`globals`), the whole module counts.
"""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from nbpipe.pipeline.clocks import unrepeatable_calls
from nbpipe.pipeline.modules import LocalModule, digest_of, uses_of

if TYPE_CHECKING:
    from pathlib import Path

_DYNAMIC = frozenset({"eval", "exec", "globals", "vars", "locals", "__import__"})


@dataclass(slots=True)
class StepCode:
    """What a function's code consists of.

    Attributes:
        parts: ``module.name`` to a digest of what it says.
        files: those of the local modules that were read.
        imports: top-level modules from elsewhere that it imports.
        loads: all of them, ``module``, or ``module:name`` where the name may be a module of its own.
        unrepeatable: calls whose answer is another each time, each with its place.
    """

    parts: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    imports: set[str] = field(default_factory=set)
    loads: set[str] = field(default_factory=set)
    unrepeatable: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        """One digest of all parts."""
        text = "\n".join(f"{name} {digest}" for name, digest in sorted(self.parts.items()))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class CodeReader:
    """Reads the code of a project's functions; each module is parsed once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._modules: dict[str, LocalModule | None] = {}
        self._known: dict[str, StepCode] = {}

    def of(self, function: str) -> StepCode:
        """Give the code of ``package.module:name`` (a function or a class); of ``package.module:``, all of it."""
        if function not in self._known:
            module, _, name = function.partition(":")
            walk = _Walk(self)
            walk.module(module)
            local = self.module(module)
            if local is not None:
                walk.name(local, name.partition(".")[0]) if name else walk.whole(local)
            self._known[function] = walk.code
        return self._known[function]

    def is_local(self, module: str) -> bool:
        """Tell whether a module belongs to the project."""
        return self.module(module) is not None

    def module(self, name: str) -> LocalModule | None:
        """Give a module of the project, None for any other."""
        if name not in self._modules:
            self._modules[name] = self._load(name)
        return self._modules[name]

    def _load(self, name: str) -> LocalModule | None:
        parts = name.split(".")
        if not all(part.isidentifier() for part in parts):
            return None
        base = self._folder.joinpath(*parts)
        for path in (base / "__init__.py", base.with_name(base.name + ".py")):
            try:
                return LocalModule(name, path, path.read_text(encoding="utf-8", errors="surrogateescape"))
            except OSError:
                continue
        return None


class _Walk:
    """From one name to all that it uses."""

    def __init__(self, reader: CodeReader) -> None:
        self._reader = reader
        self.code = StepCode()
        self._names: set[tuple[str, str]] = set()
        self._loaded: set[str] = set()
        self._statements: set[int] = set()

    def module(self, name: str) -> None:
        """Count what importing a module runs, and so importing the packages it is in."""
        parts = name.split(".")
        for length in range(1, len(parts) + 1):
            package = ".".join(parts[:length])
            local = self._reader.module(package)
            if local is None or package in self._loaded:
                continue
            self._loaded.add(package)
            self.code.files.add(local.file)
            if local.tree is None:
                self.code.parts[package] = hashlib.sha256(local.source.encode("utf-8", "surrogatepass")).hexdigest()
                continue
            for statement in local.effects:
                self._statement(local, statement, f"{package} (line {statement.lineno})")
            for statement in local.tree.body:
                if isinstance(statement, (ast.Import, ast.ImportFrom)):
                    self._import(local, statement)

    def whole(self, local: LocalModule) -> None:
        """Count everything that a module says."""
        self.module(local.name)
        for name in local.bindings:
            self.name(local, name)

    def name(self, local: LocalModule, name: str) -> None:
        """Count what binds a name in a module."""
        if (local.name, name) in self._names:
            return
        self._names.add((local.name, name))
        self.module(local.name)
        found = local.bindings.get(name)
        if found is None:
            submodule = self._reader.module(f"{local.name}.{name}")
            if submodule is not None:
                self.whole(submodule)
            else:
                self._stars(local, name)
            return
        for statement in found:
            self._statement(local, statement, f"{local.name}.{name}", name)

    def _stars(self, local: LocalModule, name: str) -> None:
        for statement in local.tree.body if local.tree else ():
            if isinstance(statement, ast.ImportFrom) and any(alias.name == "*" for alias in statement.names):
                source = self._reader.module(local.absolute(statement))
                if source is not None and source is not local:
                    self.name(source, name)

    def _statement(self, local: LocalModule, statement: ast.stmt, part: str, name: str = "") -> None:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            self._import(local, statement)
            self._imported(local, statement, name, {()})
            return
        if id(statement) in self._statements:
            return
        self._statements.add(id(statement))
        known = self.code.parts.get(part)
        digest = digest_of(statement)
        self.code.parts[part] = digest if known is None else hashlib.sha256((known + digest).encode()).hexdigest()
        self._uses(local, statement)

    def _uses(self, local: LocalModule, statement: ast.stmt) -> None:
        uses = uses_of(statement)
        self.code.unrepeatable += unrepeatable_calls(statement, uses, local)
        inner: dict[str, ast.Import | ast.ImportFrom] = {}
        for node in uses.imports:
            self._import(local, node)
            inner.update({alias.asname or alias.name.partition(".")[0]: node for alias in node.names})
        if _DYNAMIC & uses.names.keys():
            self.whole(local)
        for name, chains in uses.names.items():
            if name in inner:
                self._imported(local, inner[name], name, chains)
                continue
            imports = [node for node in local.bindings.get(name, ()) if isinstance(node, (ast.Import, ast.ImportFrom))]
            for node in imports:
                self._imported(local, node, name, chains)
            if len(imports) < len(local.bindings.get(name, ())) or not imports:
                self.name(local, name)

    def _import(self, local: LocalModule, node: ast.Import | ast.ImportFrom) -> None:
        """Count what an import statement runs."""
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [local.absolute(node)]
        for name in names:
            if self._reader.module(name.partition(".")[0]) is None:
                self.code.imports.add(name.partition(".")[0])
                taken = [alias.name for alias in node.names] if isinstance(node, ast.ImportFrom) else ["*"]
                self.code.loads.update(name if each == "*" else f"{name}:{each}" for each in taken)
            else:
                self.module(name)
                for alias in node.names if isinstance(node, ast.ImportFrom) else ():
                    self.module(f"{name}.{alias.name}")

    def _imported(
        self, local: LocalModule, node: ast.Import | ast.ImportFrom, name: str, chains: set[tuple[str, ...]]
    ) -> None:
        """Count what a name that an import binds is used for."""
        for alias in node.names:
            if (alias.asname or alias.name.partition(".")[0]) != name:
                continue
            if isinstance(node, ast.ImportFrom):
                source = self._reader.module(local.absolute(node))
                submodule = self._reader.module(f"{local.absolute(node)}.{alias.name}")
                if submodule is not None and (source is None or alias.name not in source.bindings):
                    self._members(submodule, chains)
                elif source is not None:
                    self.name(source, alias.name)
            else:
                target = self._reader.module(alias.name if alias.asname else name)
                if target is not None:
                    self._members(target, chains)

    def _members(self, module: LocalModule, chains: set[tuple[str, ...]]) -> None:
        """Count the members of a module that attributes name; a module used by itself counts whole."""
        for chain in chains:
            at, rest = module, chain
            while rest and rest[0] not in at.bindings and (inner := self._reader.module(f"{at.name}.{rest[0]}")):
                at, rest = inner, rest[1:]
            if rest:
                self.name(at, rest[0])
            else:
                self.whole(at)


def changed_parts(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Name the parts of two codes that differ."""
    return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
