"""A script that a notebook runs: what keeps it from standing in a cell, and its text for there."""

from __future__ import annotations

import ast
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from nbpipe.analysis.scopes import import_name
from nbpipe.convert.scopes import names_of
from nbpipe.notebook.parsing import parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# What tells code which namespace it is in.
_NAMESPACE: Final = frozenset(["dir", "eval", "exec", "globals", "locals", "vars", "NameError"])
_GIVEN: Final = frozenset(["__file__", "__name__", "__doc__"])
_EXITING: Final = frozenset(["absl", "click", "fire", "typer"])
_FUTURE: Final = frozenset(
    ["absolute_import", "division", "generator_stop", "generators", "nested_scopes", "print_function",
     "unicode_literals", "with_statement"]
)  # fmt: skip
_EXITS: Final = ("sys.exit", "exit", "quit")
_DEFINITIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SCOPES: Final = (*_DEFINITIONS, ast.Lambda)


class Script:
    """A script.

    Attributes:
        text: its source, lines ended by line feeds.
        path: of the file, as the notebook writes it.
        name: what ``__name__`` is in it.
        tree: of its source.
    """

    def __init__(self, text: str, path: str, name: str) -> None:
        """Read it.

        Raises:
            SyntaxError: it is no Python.
        """
        self.text = text.replace("\r\n", "\n")
        self.path = path
        self.name = name
        tree = parsed(self.text)
        if tree is None:
            raise SyntaxError("invalid syntax")
        self.tree = tree

    @property
    def definitions(self) -> list[str]:
        """The names of its functions and classes."""
        return [node.name for node in self.tree.body if isinstance(node, _DEFINITIONS)]

    @cached_property
    def binds(self) -> frozenset[str]:
        """The names that it leaves in the notebook."""
        return names_of(self.tree.body).binds

    @property
    def modules(self) -> set[str]:
        """Top-level names of the modules that it imports."""
        return {name.partition(".")[0] for name in _imported(self.tree)}

    def inlined(self, *, shares_names: bool = False, again: bool = False) -> str:
        """Give its text for a cell: without its main guard, with its path and name written out; it may use `os`.

        Args:
            shares_names: it runs in the notebook's namespace (``-i``).
            again: a cell above holds it, so that imports and plain functions are there.
        """
        import libcst

        path = ast.unparse(ast.Constant(self.path))
        told = {"__file__": path if shares_names else f"os.path.abspath({path})"}
        told["__name__"] = ast.unparse(ast.Constant(self.name))
        text = _replaced(self.text, self.tree, told)
        module = libcst.parse_module(_without_plain(text, self.tree) if again else text)
        body = [inner for statement in module.body for inner in _unguarded(statement) if not _is_left_out(inner)]
        if body:
            body[-1:] = _without_exit(body[-1])
        lines = [line for line in module.header if line.comment is None or not _is_for_machines(line.comment.value)]
        return module.with_changes(header=lines, body=body).code.strip("\n") or "pass"


def _without_plain(text: str, tree: ast.Module) -> str:
    """Take away the statements whose bindings are there already, with the comments right above them."""
    lines = text.split("\n")
    taken = [statement.lineno for statement in tree.body]
    for statement in reversed(tree.body):
        first, end = statement.lineno - 1, statement.end_lineno or statement.lineno
        if _is_plain(statement) and taken.count(statement.lineno) == 1:
            while first and lines[first - 1].startswith("#"):
                first -= 1
            del lines[first:end]
    return "\n".join(lines)


def _is_plain(statement: ast.stmt) -> bool:
    """Tell whether making a statement's binding once more makes no difference."""
    if isinstance(statement, ast.FunctionDef):
        defaults = [*statement.args.defaults, *filter(None, statement.args.kw_defaults)]
        return not statement.decorator_list and all(isinstance(default, ast.Constant) for default in defaults)
    return isinstance(statement, ast.Import | ast.ImportFrom)


def _is_for_machines(comment: str) -> bool:
    """Tell whether a comment says how to run or to read a file."""
    return comment.startswith("#!") or "coding:" in comment or "coding=" in comment


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
    return Script(_replaced(script.text, script.tree, names), script.path, script.name) if names else script


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
        clash(script, trees, [other.tree for other in others]),
        *(clash(other, trees, [script.tree]) for other in others),
    )
    return next(filter(None, met), "")


def clash(script: Script, trees: Sequence[ast.Module], others: Sequence[ast.Module]) -> str:
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
    made = {node.name for node in script.tree.body if isinstance(node, _DEFINITIONS)}
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    held = any(isinstance(node, ast.Name) and node.id in made and id(node) not in called for node in nodes)
    given = any(node.decorator_list for node in script.tree.body if isinstance(node, _DEFINITIONS))
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


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module


def _replaced(text: str, tree: ast.Module, names: Mapping[str, str]) -> str:
    """Write something else for names, and for functions and classes of such names."""
    lines = [line.encode() for line in text.split("\n")]
    places: list[tuple[int, int, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in names:
            places.append((node.lineno - 1, node.col_offset, node.id))
        elif isinstance(node, _DEFINITIONS) and node.name in names:
            line = lines[node.lineno - 1]
            start = line.index(b"class" if isinstance(node, ast.ClassDef) else b"def", node.col_offset)
            places.append((node.lineno - 1, line.index(node.name.encode(), start + 3), node.name))
    for at, column, name in sorted(places, reverse=True):
        line = lines[at]
        lines[at] = line[:column] + names[name].encode() + line[column + len(name.encode()) :]
    return b"\n".join(lines).decode()


def _unguarded(statement: Any) -> list[Any]:
    """Give the statements of a main guard, whose condition is known; any other statement as it is."""
    import libcst

    test = statement.test if isinstance(statement, libcst.If) else None
    if not isinstance(test, libcst.Comparison) or len(test.comparisons) != 1:
        return [statement]
    left, right = test.left, test.comparisons[0].comparator
    if not isinstance(left, libcst.SimpleString) or not isinstance(right, libcst.SimpleString):
        return [statement]
    if not isinstance(test.comparisons[0].operator, libcst.Equal):
        return [statement]
    block = statement.body if left.evaluated_value == right.evaluated_value else statement.orelse
    if block is None:
        return []
    if isinstance(block, libcst.If):
        return _unguarded(block)
    suite = block.body if isinstance(block, libcst.Else) else block
    if isinstance(suite, libcst.SimpleStatementSuite):
        inner: list[Any] = [libcst.SimpleStatementLine(suite.body)]
    else:
        inner = list(suite.body)
    lines = [line for line in statement.leading_lines if line.comment is not None]
    return [inner[0].with_changes(leading_lines=[*lines, *inner[0].leading_lines]), *inner[1:]]


def _is_left_out(statement: Any) -> bool:
    """Tell whether a statement is a text by itself, or says how to read the script."""
    import libcst

    if not isinstance(statement, libcst.SimpleStatementLine) or len(statement.body) != 1:
        return False
    small = statement.body[0]
    if isinstance(small, libcst.ImportFrom):
        return isinstance(small.module, libcst.Name) and small.module.value == "__future__"
    return isinstance(small, libcst.Expr) and isinstance(small.value, libcst.SimpleString | libcst.ConcatenatedString)


def _without_exit(statement: Any) -> list[Any]:
    """Give what is left of the last statement, as nothing is to be ended: ``sys.exit(main())`` as ``main()``."""
    import libcst

    small = statement.body[0] if isinstance(statement, libcst.SimpleStatementLine) and statement.body else None
    call = small.value if isinstance(small, libcst.Expr) else None
    if not isinstance(call, libcst.Call) or libcst.Module([]).code_for_node(call.func) not in _EXITS:
        return [statement]
    value = call.args[0].value if call.args else None
    return [statement.with_changes(body=[libcst.Expr(value)])] if isinstance(value, libcst.Call) else []
