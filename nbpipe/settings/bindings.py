"""Which names a notebook uses, and which of them one assignment of a literal holds for good."""

from __future__ import annotations

import ast
import keyword
from typing import TYPE_CHECKING, Final

from nbpipe.analysis.builtin_names import SPARK, is_builtin
from nbpipe.analysis.scopes import import_name, scope_of
from nbpipe.analysis.traversal import walk
from nbpipe.keeping import kept

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis

_SCOPES: Final = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Lambda,
    ast.ClassDef,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
_KNOWN: Final = frozenset(["bool", "int", "float", "str", "list", "tuple", "dict", "None"])


class Assignment:
    """A statement at the top level of a cell that gives a literal to one name, and stands on lines of its own.

    Attributes:
        lines: first line and the line behind the last one, in the cell's source, from 0.
        text: the statement, with the comment behind it; one line.
    """

    __slots__ = ("home", "lines", "name", "text", "value")

    def __init__(self, name: str, value: ast.expr, home: int, lines: tuple[int, int], text: str) -> None:
        self.name = name
        self.value = value
        self.home = home
        self.lines = lines
        self.text = text


class Bindings:
    """The names of one notebook.

    Attributes:
        mentioned: every name that its code uses or binds anywhere, of whatever scope.
        local: those that functions, classes or comprehensions bind for themselves.
    """

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._values = {
            id(statement.value): (home, statement)
            for home, code in analysis.codes.items()
            for statement in code.body
            if isinstance(statement, ast.Assign | ast.AnnAssign)
        }
        self._assignments: dict[int, Assignment | None] = {}
        self.mentioned = frozenset(_mentioned(analysis))
        self.local = frozenset(
            name
            for kind in _SCOPES
            for _, node in analysis.nodes(kind)
            for name in scope_of(node).locals  # type: ignore[arg-type]
        )

    def is_free(self, name: str) -> bool:
        """Tell whether a name may be bound for something new."""
        return not (name in self.mentioned or _is_given(name) or keyword.iskeyword(name))

    def assigned_name(self, node: ast.expr | None) -> str:
        """Give the name that a statement at the top level of a cell gives this very expression to, else nothing."""
        home_statement = self._values.get(id(node))
        return _target(home_statement[1]) if home_statement is not None else ""

    def assignment(self, node: ast.expr | None) -> Assignment | None:
        """Give the statement that gives this literal to a name, where it is as good at the top of the notebook.

        It is when nothing else binds the name, every use is surely reached by this assignment alone, and the
        statement shares no line with another one. None otherwise.
        """
        if id(node) not in self._assignments:
            self._assignments[id(node)] = self._assignment(node)
        return self._assignments[id(node)]

    def _assignment(self, node: ast.expr | None) -> Assignment | None:
        found = self._values.get(id(node))
        if found is None:
            return None
        home, statement = found
        name = _target(statement)
        if not name or _is_given(name) or not self.is_single(name, home):
            return None
        return self._alone(home, statement, name)

    def is_single(self, name: str, home: int) -> bool:
        """Tell whether a name is bound once in the notebook, in cell `home`, which surely reaches all its uses."""
        flow = self._analysis.top_down
        definitions = flow.definitions.get(name, ())
        if len(definitions) != 1 or name in self._elsewhere():
            return False
        definition = definitions[0]
        if definition.kind != "assignment" or not definition.certain or definition.home != home:
            return False
        return all(
            use.local or (use.definitions == (definition,) and not use.missing and not use.maybe_missing)
            for use in flow.uses.values()
            if use.name == name
        )

    @kept
    def _elsewhere(self) -> frozenset[str]:
        """Give the names that may be bound where no definition is seen: by commands, or by functions as globals."""
        names = {name for code in self._analysis.codes.values() for magic in code.code.magics for name in magic.binds}
        for _, node in self._analysis.nodes(ast.Global):
            names.update(node.names)
        for _, removal in self._analysis.nodes(ast.Delete):
            names.update(target.id for target in removal.targets if isinstance(target, ast.Name))
        return frozenset(names)

    def _alone(self, home: int, statement: ast.Assign | ast.AnnAssign, name: str) -> Assignment | None:
        code = self._analysis.codes[home]
        where = code.range(statement)
        lines = self._analysis.notebook.cells[home].source.split("\n")
        if where.start_column != 0 or not code.code.is_python or where.end_line >= len(lines):
            return None
        if any(magic.name.startswith("%%") for magic in code.code.magics):
            return None  # what the magic does is done to the statement, too
        before = lines[where.start_line - 1] if where.start_line else ""
        last = lines[where.end_line]
        behind = last[where.end_column :].strip()
        if not lines[where.start_line].startswith(name) or (behind and behind[0] != "#") or before.endswith("\\"):
            return None
        if isinstance(statement, ast.AnnAssign) and not _plain(statement.annotation):
            return None
        text = last.rstrip()
        if where.end_line > where.start_line:
            inside = lines[where.start_line : where.end_line]
            if any("#" in line for line in inside):
                return None
            text = f"{ast.unparse(statement)}  {behind}".rstrip()
        value = statement.value
        assert value is not None  # noqa: S101 - `_values` holds those with a value
        return Assignment(name, value, home, (where.start_line, where.end_line + 1), text)


def _is_given(name: str) -> bool:
    """Tell whether Python, IPython or a kernel has something of this name before the first cell."""
    return is_builtin(name) or name in SPARK


def _target(statement: ast.Assign | ast.AnnAssign) -> str:
    """Give the one plain name that a statement assigns to, else nothing."""
    if isinstance(statement, ast.Assign):
        if len(statement.targets) != 1:
            return ""
        target = statement.targets[0]
    else:
        target = statement.target
    return target.id if isinstance(target, ast.Name) else ""


def _plain(annotation: ast.expr) -> bool:
    """Tell whether an annotation means the same before anything was imported."""
    return all(node.id in _KNOWN for node in walk(annotation) if isinstance(node, ast.Name))


# Where names stand in syntax nodes: the attribute that holds one, or a list of them.
_NAMING: Final = (
    (ast.Name, "id"),
    (ast.arg, "arg"),
    (ast.FunctionDef, "name"),
    (ast.AsyncFunctionDef, "name"),
    (ast.ClassDef, "name"),
    (ast.ExceptHandler, "name"),
    (ast.MatchAs, "name"),
    (ast.MatchStar, "name"),
    (ast.MatchMapping, "rest"),
)


def _mentioned(analysis: Analysis) -> Iterator[str]:
    """Yield all names of the code."""
    for kind, attribute in _NAMING:
        for _, node in analysis.nodes(kind):
            yield getattr(node, attribute) or ""
    for _, alias in analysis.nodes(ast.alias):
        yield import_name(alias)
    for _, declared in analysis.nodes(ast.Global):
        yield from declared.names
    for _, nonlocal_ in analysis.nodes(ast.Nonlocal):
        yield from nonlocal_.names
    for code in analysis.codes.values():
        for magic in code.code.magics:
            yield from (*magic.reads, *magic.binds)


@kept
def bindings_of(analysis: Analysis) -> Bindings:
    """Give the names of a notebook, worked out once for all rules."""
    return Bindings(analysis)
