"""The statements outside steps: constants, settings of libraries, seeds."""

from __future__ import annotations

import ast
import builtins
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from nbpipe.convert.imports import Import, imports_of
from nbpipe.convert.refusal import refuse
from nbpipe.steps import Role

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbpipe.analysis.flow import GlobalState
    from nbpipe.convert.source import Source, Statement

# State of a process that a function called at the start of each step can set again.
SETTABLE: Final = frozenset([
    "warnings", "matplotlib.rcParams", "matplotlib.backend", "pandas.options", "numpy.printoptions",
    "numpy.seterr", "environ", "sklearn.config", "logging", "sys", "locale", "decimal",
])  # fmt: skip
_SETTING_CALLS: Final = (
    "logging.basicConfig", "logging.disable", "numpy.seterr", "numpy.set_printoptions", "pandas.set_option",
    "seaborn.set", "seaborn.set_theme", "seaborn.set_style", "seaborn.set_context", "seaborn.set_palette",
    "matplotlib.rc", "matplotlib.pyplot.rc", "matplotlib.style.use", "matplotlib.pyplot.style.use", "matplotlib.use",
    "warnings.filterwarnings", "warnings.simplefilter", "sklearn.set_config",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prelude:
    """What stands outside steps and is neither import, definition nor parameter.

    Attributes:
        constants: literals that nothing else binds, by name.
        settings: statements that every step needs first.
        first: statements that run once, at the start of the first step.
    """

    constants: dict[str, Statement] = field(default_factory=dict)
    settings: tuple[Statement, ...] = ()
    first: tuple[Statement, ...] = ()


def read_prelude(source: Source, bound: Mapping[str, Sequence[Statement]]) -> Prelude:
    """Sort the statements outside steps.

    Args:
        source: the notebook.
        bound: the statements that bind each name.

    Raises:
        ConversionError: a statement computes something: only a step can.
    """
    constants: dict[str, Statement] = {}
    settings: list[Statement] = []
    first: list[Statement] = []
    start = source.steps[0].cells[0]
    for statement in source.outside(Role.IMPORTS, Role.DEFINITIONS):
        if statement.is_dropped or _is_definition(statement.node) or _is_display(statement.node):
            continue
        name = _constant(statement.node)
        if name and len(bound[name]) == 1:
            constants[name] = statement
        elif is_setting(source, statement):
            _refuse_late(statement, start)
            _refuse_before_imports(source, statement)
            settings.append(statement)
        elif _is_seed(source, statement) or _only_reports(statement.node):
            _refuse_late(statement, start)
            first.append(statement)
        else:
            raise refuse(statement.cell, _advice(source, statement))
    return Prelude(constants, tuple(settings), tuple(first))


def _advice(source: Source, statement: Statement) -> str:
    if source.plan.roles[statement.cell].tagged:
        return f"'{statement.shown}' is neither import, definition, constant nor setting: move it to a step"
    return (
        f"'{statement.shown}' comes before the first step and is neither import, definition, constant nor setting: "
        "tag the cell step:<name>"
    )


def _refuse_late(statement: Statement, start: int) -> None:
    if statement.cell > start:
        raise refuse(
            statement.cell,
            f"'{statement.shown}' changes settings after the first step has begun: move it before the first step",
        )


def _refuse_before_imports(source: Source, statement: Statement) -> None:
    """Refuse an environment variable that libraries may read when they are imported: modules import them first."""
    if not any(access.kind == "environ" for access in state_in(source, statement)):
        return
    item = import_behind(source, statement.cell, statement.place)
    if item is not None:
        raise refuse(
            statement.cell,
            f"'{statement.shown}' comes before '{item.line}', which may read it, and a pipeline imports "
            "first: set it where the pipeline is started, or behind the imports",
        )


def import_behind(source: Source, cell: int, place: int) -> Import | None:
    """Give the first import of a library behind a statement, None where there is none."""
    for other in source.statements:
        if (other.cell, other.place) > (cell, place):
            for node in ast.walk(other.node):
                for item in imports_of(node, other.cell) if isinstance(node, ast.Import | ast.ImportFrom) else ():
                    if item.module.partition(".")[0] not in sys.stdlib_module_names:
                        return item
    return None


def _is_definition(node: ast.stmt) -> bool:
    return isinstance(
        node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Pass
    )


def _is_display(node: ast.stmt) -> bool:
    """Tell whether a statement only shows a name, an attribute or a literal."""
    if not isinstance(node, ast.Expr):
        return False
    return all(
        isinstance(inner, ast.Name | ast.Attribute | ast.Constant | ast.expr_context) for inner in ast.walk(node.value)
    )


def _constant(node: ast.stmt) -> str:
    """Give the name that a statement binds to a literal, "" where it does anything else."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
        name, value = node.target.id, node.value
    elif isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        name, value = node.targets[0].id, node.value
    else:
        return ""
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ""
    return name


def state_in(source: Source, statement: Statement) -> list[GlobalState]:
    """Give the accesses to state of the process that stand in a statement."""
    return [access for access in source.analysis.top_down.global_state if id(access.node) in statement.parts]


def is_setting(source: Source, statement: Statement) -> bool:
    """Tell whether a statement does nothing but set a library, and does the same wherever it stands."""
    if isinstance(statement.node, ast.Expr | ast.Assign | ast.Delete) and not statement.names.binds:
        kinds = {access.kind for access in state_in(source, statement) if access.effect == "set"}
        if kinds and kinds <= SETTABLE:
            return _is_constant_call(source, statement)
        if _called(source, statement) & set(_SETTING_CALLS):
            return _is_constant_call(source, statement)
        return _is_constant_patch(source, statement)
    return False


def _is_constant_patch(source: Source, statement: Statement) -> bool:
    """Tell whether a statement gives an attribute of a module what every process has: ``np.float = float``.

    An import behind it may read it, but for what `warnings` prints with; ``from module import attribute`` may have read
    it before.
    """
    node = statement.node
    if not isinstance(node, ast.Assign) or len(node.targets) != 1 or not isinstance(node.targets[0], ast.Attribute):
        return False
    attributes: list[str] = []
    owner: ast.expr = node.targets[0]
    while isinstance(owner, ast.Attribute):
        attributes.append(owner.attr)
        owner = owner.value
    imports = [
        item
        for other in source.statements
        if isinstance(other.node, ast.Import | ast.ImportFrom)
        for item in imports_of(other.node, other.cell)
    ]
    modules = {item.binds: item.module for item in imports if not item.name}
    if not isinstance(owner, ast.Name) or owner.id not in modules or not _is_fixed(node.value):
        return False
    if any(item.name == attributes[0] for item in imports):
        return False
    if modules[owner.id] != "warnings" and import_behind(source, statement.cell, statement.place) is not None:
        return False
    return statement.names.reads <= modules.keys() | vars(builtins).keys()


def _is_fixed(value: ast.expr) -> bool:
    """Tell whether an expression makes nothing that could change: constants, names, attributes, lambdas."""
    if isinstance(value, ast.Lambda):
        return not (value.args.defaults or any(value.args.kw_defaults))
    if isinstance(value, ast.Attribute):
        return _is_fixed(value.value)
    return isinstance(value, ast.Constant | ast.Name)


def _is_constant_call(source: Source, statement: Statement) -> bool:
    """Tell whether a statement reads nothing but modules, so that it does the same wherever it stands."""
    known = {name for other in source.statements if _is_definition(other.node) for name in other.names.binds}
    return all(name in known or hasattr(builtins, name) for name in statement.names.reads)


def _called(source: Source, statement: Statement) -> set[str]:
    return {name for call in source.analysis.calls if id(call.node) in statement.parts for name in call.names}


def _is_seed(source: Source, statement: Statement) -> bool:
    if not isinstance(statement.node, ast.Expr) or statement.names.binds:
        return False
    effects = {access.effect for access in state_in(source, statement)}
    return effects == {"seed"}


def _only_reports(node: ast.stmt) -> bool:
    """Tell whether a statement only prints or checks."""
    if isinstance(node, ast.Assert):
        return True
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("print", "display")
