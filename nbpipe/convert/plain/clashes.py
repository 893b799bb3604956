"""Where the names of a script meet those of the notebook that runs it, and of other scripts."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from nbpipe.analysis.scopes import import_name
from nbpipe.convert.plain.scripts import DEFINITIONS, Script, replaced
from nbpipe.convert.scopes import names_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# What tells code which namespace it is in.
_NAMESPACE: Final = frozenset(["dir", "eval", "exec", "globals", "locals", "vars", "NameError"])
_GIVEN: Final = frozenset(["__file__", "__name__", "__doc__"])
_EXITING: Final = frozenset(["absl", "click", "fire", "typer"])
_FUTURE: Final = frozenset(
    ["absolute_import", "division", "generator_stop", "generators", "nested_scopes", "print_function",
     "unicode_literals", "with_statement"]
)  # fmt: skip
_SCOPES: Final = (*DEFINITIONS, ast.Lambda)


def renamed(script: Script, trees: Sequence[ast.Module], others: Sequence[Script]) -> Script:
    """Rename functions and classes of a script that nothing else names, where others have their names.

    Args:
        script: it.
        trees: of the notebook's cells.
        others: the scripts that stand in cells as well.
    """
    nodes = list(ast.walk(script.tree))
    # What is not a name of the syntax tree is not renamed.
    other = {node.arg for node in nodes if isinstance(node, ast.arg | ast.keyword)}
    other |= {import_name(node) for node in nodes if isinstance(node, ast.alias)}
    other |= {str(node.name) for node in nodes if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar)}
    used = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    bound = {name for tree in (*trees, *(other.tree for other in others)) for name, _ in _bindings(tree)}
    ending = re.sub(r"\W+", "_", script.path.removesuffix(".py")).strip("_").lower()
    names = {name: f"{name}_of_{ending}" for name in script.definitions if name in bound - used - other}
    return Script(replaced(script.text, script.tree, names), script.path, script.name) if names else script


def obstacle(script: Script, trees: Sequence[ast.Module], others: Sequence[Script], *, shares_names: bool) -> str:
    """Say why a script in a namespace of its own would do something else inside a cell, "" where it would not.

    Args:
        script: it.
        trees: of the notebook's cells.
        others: the scripts that stand in cells as well.
        shares_names: it runs in the notebook's namespace (``-i``).
    """
    if seen := _NAMESPACE.intersection(node.id for node in ast.walk(script.tree) if isinstance(node, ast.Name)):
        return f"{script.path} uses {min(seen)}"
    if named := script.modules & _EXITING:
        return f"{script.path} uses {min(named)}, which ends the program"
    imported = {alias.name for node in script.tree.body if isinstance(node, ast.ImportFrom)
                if node.module == "__future__" for alias in node.names}  # fmt: skip
    if not imported <= _FUTURE:
        return f"{script.path} imports {min(imported - _FUTURE)} from __future__"
    if shares_names:
        return ""
    met = (
        _clash(script, trees, [other.tree for other in others]),
        *(_clash(other, trees, [script.tree]) for other in others),
    )
    return next(filter(None, met), "")


def _clash(script: Script, trees: Sequence[ast.Module], others: Sequence[ast.Module]) -> str:
    """Say which name of the script would meet one of the notebook, "" where none would.

    IPython runs a script in a module of its own and copies what it bound into the notebook: its functions go on to
    read the names of that module.

    Args:
        script: it.
        trees: of the notebook's cells.
        others: of scripts that it runs, too.
    """
    names = names_of(script.tree.body)
    if names.declared:
        return f"a function of {script.path} binds the global '{min(names.declared)}', which the notebook does not see"
    bound: dict[str, set[str]] = {}
    for name, what in (pair for tree in (*trees, *others) for pair in _bindings(tree)):
        bound.setdefault(name, set()).add(what)
    if taken := bound.keys() & (names.reads - names.binds - _GIVEN):
        return f"{script.path} would read '{min(taken)}' of the notebook"
    nodes = [node for node in ast.walk(script.tree) if isinstance(node, ast.Name)]
    if deleted := bound.keys() & {node.id for node in nodes if isinstance(node.ctx, ast.Del)}:
        return f"{script.path} deletes '{min(deleted)}', which the notebook has, too"
    if not _lives_on(script, trees):
        return ""
    own: dict[str, set[str]] = {}
    for name, what in _bindings(script.tree):
        own.setdefault(name, set()).add(what)
    for name in sorted(_read_within(script.tree) & names.binds & bound.keys()):
        if len(own[name] | bound[name]) > 1 or "" in own[name]:
            return f"functions of {script.path} read '{name}', which the notebook binds, too"
    return ""


def _lives_on(script: Script, trees: Sequence[ast.Module]) -> bool:
    """Tell whether code of the script may be called when it has ended: by its name, or through a value."""
    nodes = list(ast.walk(script.tree))
    made = {node.name for node in script.tree.body if isinstance(node, DEFINITIONS)}
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    held = any(isinstance(node, ast.Name) and node.id in made and id(node) not in called for node in nodes)
    given = any(node.decorator_list for node in script.tree.body if isinstance(node, DEFINITIONS))
    inner = any(
        isinstance(node, _SCOPES) for node in nodes if node not in script.tree.body or isinstance(node, ast.ClassDef)
    )
    told = {name for name, what in _bindings(script.tree) if not what} if held or inner or given else made
    used = {node.id for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return not used.isdisjoint(told)


def _bindings(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each name that code binds at its top level, and what it imports under it, "" for anything else."""
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            for alias in statement.names:
                module = f"{'.' * statement.level}{statement.module}." if isinstance(statement, ast.ImportFrom) else ""
                name = alias.asname or (alias.name if module else alias.name.partition(".")[0])
                yield name, module + alias.name
        else:
            yield from ((name, "") for name in names_of([statement]).binds)


def _read_within(tree: ast.Module) -> set[str]:
    """Give the global names that functions, lambdas and classes read."""
    found: set[str] = set()
    for statement in tree.body:
        if any(isinstance(node, _SCOPES) for node in ast.walk(statement)):
            found |= names_of([statement]).reads
    return found
