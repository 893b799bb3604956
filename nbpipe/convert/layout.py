"""What each name of the notebook becomes: an import, a definition, a constant, a parameter, or a value of a step."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbpipe.analysis.builtin_names import is_builtin
from nbpipe.convert.imports import Import, table_of
from nbpipe.convert.prelude import Prelude, read_prelude
from nbpipe.convert.refusal import refuse
from nbpipe.convert.scopes import names_of, outer_statements
from nbpipe.settings.parameters import Parameter, parameters_of
from nbpipe.steps import Role

if TYPE_CHECKING:
    from nbpipe.convert.source import Source, Statement

DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the names of a notebook live in the package.

    Attributes:
        imports: by the name they bind.
        definitions: functions and classes that are defined once, by name.
        hoisted: names of the definitions that can stand in a module, since they read nothing that a step makes.
        constants: literals of the cells before the steps, by name.
        parameters: by name.
        prelude: what else stands outside steps.
        is_future: the notebook postpones the evaluation of annotations.
    """

    imports: dict[str, tuple[Import, ...]]
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
    imports = {
        name: items
        for name, items in table_of(_importing(source)).items()
        if all(isinstance(statement.node, ast.Import | ast.ImportFrom) for statement in bound[name])
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
    _check_nested(definitions, hoisted, variables)
    futures = [statement for statement in source.statements if _is_future(statement.node)]
    return Layout(imports, definitions, hoisted, constants, parameters, prelude, is_future=bool(futures))


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
    return [statement for statement in source.statements if isinstance(statement.node, ast.Import | ast.ImportFrom)]


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


def _check_nested(definitions: dict[str, Statement], hoisted: frozenset[str], variables: set[str]) -> None:
    """Refuse what cannot be bound inside the steps that use it.

    Raises:
        ConversionError: a class reads what a step makes, or a function needs it when it is defined.
    """
    for name in definitions.keys() - hoisted:
        statement = definitions[name]
        free = statement.names.reads & (variables | (definitions.keys() - hoisted)) - {name}
        shown = min(free)
        if isinstance(statement.node, ast.ClassDef):
            raise refuse(
                statement.cell,
                f"class {name} reads '{shown}', which is no constant: pass it to {name} as an argument",
            )
        early = _read_when_defined(statement.node) & free
        if early:
            raise refuse(
                statement.cell,
                f"function {name} needs '{min(early)}' when it is defined (a default or a decorator): "
                "pass it as an argument",
            )


def _read_when_defined(node: ast.stmt) -> frozenset[str]:
    nodes = list(outer_statements([node]))
    return frozenset(inner.id for inner in nodes if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load))


def global_reads(layout: Layout, statements: list[ast.stmt]) -> frozenset[str]:
    """Give the names of the package that statements need: imports, hoisted definitions, constants."""
    return frozenset(name for name in names_of(statements).reads if layout.is_global(name))


def is_provided(name: str) -> bool:
    """Tell whether Python itself provides a name."""
    return is_builtin(name) and not name.startswith("_")
