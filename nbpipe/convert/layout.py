"""What each name of the notebook becomes: an import, a definition, a constant, a parameter, or a value of a step."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbpipe.analysis.builtin_names import is_builtin
from nbpipe.convert.imports import Import, table_of
from nbpipe.convert.prelude import Prelude, read_prelude
from nbpipe.convert.refusal import TiedStepsError, refuse
from nbpipe.convert.scopes import names_of, outer_statements
from nbpipe.settings.parameters import Parameter, parameters_of
from nbpipe.steps import Role

if TYPE_CHECKING:
    from nbpipe.convert.source import Source, Statement
    from nbpipe.errors import ConversionError

DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_COMPOUND = (ast.For, ast.AsyncFor, ast.While, ast.If, ast.Try, ast.With, ast.AsyncWith, ast.Match, ast.AugAssign)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the names of a notebook live in the package.

    Attributes:
        imports: by the name they bind.
        rebound: imports of cells outside the steps whose names steps bind to something else, by name.
        definitions: functions and classes that are defined once, by name.
        hoisted: names of the definitions that can stand in a module, since they read nothing that a step makes.
        constants: literals of the cells before the steps, by name.
        parameters: by name.
        prelude: what else stands outside steps.
        is_future: the notebook postpones the evaluation of annotations.
    """

    imports: dict[str, tuple[Import, ...]]
    rebound: dict[str, tuple[Import, ...]]
    definitions: dict[str, Statement]
    hoisted: frozenset[str]
    constants: dict[str, Statement]
    parameters: dict[str, Parameter]
    prelude: Prelude
    is_future: bool

    def is_global(self, name: str) -> bool:
        """Tell whether a module can have this name at its top, so that no step passes it."""
        return name in self.imports or name in self.hoisted or name in self.constants


def lay_out(source: Source) -> Layout:
    """Find out what each name is.

    Raises:
        ConversionError: a cell outside the steps holds what only a step can do, or a name has two meanings.
    """
    bound: dict[str, list[Statement]] = {}
    for statement in source.statements:
        for name in statement.names.binds:
            bound.setdefault(name, []).append(statement)
    table = table_of(_importing(source))
    imports = {name: items for name, items in table.items() if all(map(_imports, bound[name]))}
    rebound = {
        name: items
        for name, items in table.items()
        if name not in imports
        and all(statement.step or _imports(statement) for statement in bound[name])
        and not all(statement.step for statement in bound[name])
    }
    definitions = {
        name: places[0] for name, places in bound.items() if len(places) == 1 and isinstance(places[0].node, DEFINITION)
    }
    _refuse_two_meanings(source, bound)
    parameters = _parameters(source)
    prelude = read_prelude(source, bound)
    constants = {name: statement for name, statement in prelude.constants.items() if name not in parameters}
    variables = set(bound) - set(imports) - set(definitions) - set(constants) | set(parameters)
    hoisted = _hoistable(definitions, variables)
    nested = {name: statement for name, statement in definitions.items() if name not in hoisted}
    inside = _used_where_they_stand(source, nested)
    others = {name: statement for name, statement in nested.items() if name not in inside}
    _check_nested(source, others, variables | nested.keys(), bound)
    futures = [statement for statement in source.statements if _is_future(statement.node)]
    return Layout(imports, rebound, definitions, hoisted, constants, parameters, prelude, is_future=bool(futures))


def _refuse_two_meanings(source: Source, bound: dict[str, list[Statement]]) -> None:
    """Refuse a function of a cell outside the steps whose name means something else elsewhere: a module has one."""
    for statement in source.outside(Role.IMPORTS, Role.DEFINITIONS):
        if isinstance(statement.node, DEFINITION) and len(bound[statement.node.name]) > 1:
            other = next(item for item in bound[statement.node.name] if item is not statement)
            raise refuse(
                statement.cell,
                f"defines '{statement.node.name}', which cell {other.cell + 1} binds to something else: rename one, or "
                "tag the cell as part of the step that uses it",
            )


def _importing(source: Source) -> list[Statement]:
    return list(filter(_imports, source.statements))


def _imports(statement: Statement) -> bool:
    return isinstance(statement.node, ast.Import | ast.ImportFrom)


def _is_future(node: ast.stmt) -> bool:
    """Tell whether a statement postpones the evaluation of annotations."""
    if not isinstance(node, ast.ImportFrom) or node.module != "__future__":
        return False
    return any(alias.name == "annotations" for alias in node.names)


def _parameters(source: Source) -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    cells: dict[str, int] = {}
    for index in source.plan.cells_of(Role.PARAMETERS):
        for parameter in parameters_of(source.analysis.codes[index].code.text):
            if not parameter.has_value:
                raise refuse(
                    index,
                    f"parameter '{parameter.name}' is not a literal ({parameter.text or 'no value'}): "
                    "compute it in the step that uses it",
                )
            if parameter.name in found and _has_step_between(source, cells[parameter.name], index):
                raise refuse(index, f"sets parameter '{parameter.name}' again after a step has used it: keep one")
            found[parameter.name] = parameter
            cells[parameter.name] = index
    for statement in source.outside(Role.PARAMETERS):
        if not isinstance(statement.node, ast.Assign | ast.AnnAssign | ast.Import | ast.ImportFrom | ast.Pass) and not (
            isinstance(statement.node, ast.Expr) and isinstance(statement.node.value, ast.Constant)
        ):
            raise refuse(statement.cell, f"'{statement.shown}' is no parameter: move it to a step")
    return found | {parameter.name: parameter for parameter in source.declared}


def _has_step_between(source: Source, first: int, second: int) -> bool:
    return any(first < cell < second for step in source.steps for cell in step.cells)


def _hoistable(definitions: dict[str, Statement], variables: set[str]) -> frozenset[str]:
    """Give the definitions that read no value of a step, neither themselves nor through others."""
    hoisted = set(definitions)
    while True:
        tied = {
            name
            for name in hoisted
            if not definitions[name].names.reads.isdisjoint((variables | set(definitions)) - hoisted - {name})
        }
        if not tied:
            return frozenset(hoisted)
        hoisted -= tied


def _used_where_they_stand(source: Source, nested: dict[str, Statement]) -> set[str]:
    """Give the definitions that only their own step needs: they can stay where they are, whatever they read."""
    found = {name for name, statement in nested.items() if statement.step}
    while True:
        needed = {
            name
            for reader in source.statements
            for name in reader.names.reads & found
            if reader.step != nested[name].step or not reader.names.binds.isdisjoint(nested.keys() - found)
        }
        if not needed:
            return found
        found -= needed


def _check_nested(
    source: Source, nested: dict[str, Statement], names: set[str], bound: dict[str, list[Statement]]
) -> None:
    """Refuse what cannot be bound inside several steps that use it.

    Args:
        source: the notebook.
        nested: the definitions.
        names: those that no module has at its top.
        bound: the statements that bind each name.

    Raises:
        ConversionError: a class reads what a step makes, or a function needs it when it is defined.
        TiedStepsError: it would not matter if some steps were one.
    """
    for name, statement in nested.items():
        free = statement.names.reads & names - {name}
        if isinstance(statement.node, ast.ClassDef):
            reason = f"class {name} reads '{min(free)}', which is no constant: pass it to {name} as an argument"
            raise _tied(source, name, statement, reason)
        early = _read_when_defined(statement.node) & free
        early -= {item for item in early if _is_kept_default(item, statement, bound.get(item, []))}
        if early:
            reason = (
                f"function {name} needs '{min(early)}' when it is defined (a default or a decorator): "
                "pass it as an argument"
            )
            raise _tied(source, name, statement, reason)


def _tied(source: Source, name: str, statement: Statement, reason: str) -> ConversionError:
    """Give the error that makes one step of those that need a definition, where it stands in the first of them."""
    readers = {reader.step for reader in source.statements if name in reader.names.reads} - {statement.step}
    last = next((step.name for step in reversed(source.steps) if step.name in readers), "")
    if not statement.step or not last:
        return refuse(statement.cell, reason)
    return TiedStepsError(statement.cell, reason, statement.step, last)


def _is_kept_default(name: str, function: Statement, bound: list[Statement]) -> bool:
    """Tell whether a function reads a name for a default and nothing else, and it holds one object from there on."""
    node = function.node
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or len(bound) != 1:
        return False
    if (bound[0].cell, bound[0].place) > (function.cell, function.place) or isinstance(bound[0].node, _COMPOUND):
        return False
    defaults = {id(item) for item in (*node.args.defaults, *node.args.kw_defaults) if isinstance(item, ast.Name)}
    nodes = (item for item in outer_statements([node]) if isinstance(item, ast.Name) and item.id == name)
    return all(id(item) in defaults for item in nodes)


def _read_when_defined(node: ast.stmt) -> frozenset[str]:
    nodes = list(outer_statements([node]))
    return frozenset(inner.id for inner in nodes if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load))


def global_reads(layout: Layout, statements: list[ast.stmt]) -> frozenset[str]:
    """Give the names of the package that statements need: imports, hoisted definitions, constants."""
    return frozenset(name for name in names_of(statements).reads if layout.is_global(name))


def is_provided(name: str) -> bool:
    """Tell whether Python itself provides a name."""
    return is_builtin(name) and not name.startswith("_")
