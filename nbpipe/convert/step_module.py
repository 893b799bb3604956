"""The module of one step: its imports, and one plain function."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nbpipe.convert.annotations import Annotation, Annotator, returned
from nbpipe.convert.code import Cells, FunctionWriter
from nbpipe.convert.display import is_display
from nbpipe.convert.figures import new_figures
from nbpipe.convert.layout import DEFINITION
from nbpipe.convert.module_use import for_effect
from nbpipe.convert.printing import printed
from nbpipe.convert.scopes import names_of, only_in_text
from nbpipe.convert.step_settings import settings_before, setup_name
from nbpipe.convert.texts import docstring, literal

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from nbpipe.convert.dataflow import DataFlow, StepFlow
    from nbpipe.convert.imports import Import
    from nbpipe.convert.layout import Layout
    from nbpipe.convert.recorded import Recording
    from nbpipe.convert.source import Source, Statement


@dataclass(frozen=True, slots=True)
class StepModule:
    """A step's module.

    Attributes:
        name: of the step and of its file.
        function: name of its function.
        text: the module, not yet formatted.
        statements: those of the notebook that stand in the function, in order.
    """

    name: str
    function: str
    text: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """What all step modules have in common."""

    name: str
    notebook: str
    source: Source
    layout: Layout
    flow: DataFlow
    recording: Recording
    cells: Cells
    parameter_types: dict[str, str]


def write_step(package: Package, flow: StepFlow, metrics: Sequence[str]) -> StepModule:
    """Write the module of a step."""
    given = {*flow.outputs, *metrics}
    known = (package.source, package.layout, package.recording)
    kept, told = printed(*known, flow.name, _kept(package, flow), given)
    taken = _taken(package, flow, kept)
    function = (
        flow.name if flow.name not in names_of([statement.node for statement in kept]).reads else f"{flow.name}_step"
    )
    returns = [*flow.outputs, *(name for name in metrics if name not in flow.outputs)]
    annotator = Annotator(package.layout.imports, package.layout.hoisted, taken | {function})
    before, after = package.recording.before[flow.name], package.recording.after[flow.name]
    inputs = {name: annotator.of(before.types.get(name)) for name in flow.inputs}
    outputs = [annotator.of(after.types.get(name)) for name in returns]
    writer = FunctionWriter(package.source, package.cells)
    setups = _setups(package, flow.name, taken | {function})
    for setup in setups:
        writer.add_text(f"{setup.rpartition(' ')[2]}()\n")
    for item in (item for name in flow.imported for item in package.layout.rebound[name]):
        writer.add_text(f"{item.line}\n")
    fresh, pyplot = new_figures(package.source, package.layout, flow.name)
    fresh = set() if pyplot in taken else fresh.intersection(kept)
    first = next(step.cells[0] for step in package.source.steps if step.name == flow.name)
    for statement in kept:
        figure = f"{pyplot}.figure()\n" if statement in fresh else ""
        writer.add(statement, first_of_step=statement.cell <= first, before=figure, is_printed=statement in told)
    header = f"def {function}({_signature(inputs, flow, package)}) -> {returned(outputs)}:"
    body = writer.function(header, docstring(package.source, flow.name, package.notebook), returns)
    flow.reads |= {pyplot} if fresh else frozenset()
    imports = _imports(package, flow, [*inputs.values(), *outputs], setups, only_in_text(item.node for item in kept))
    title = literal(f"Step {flow.name} of {package.notebook}.")
    future = "from __future__ import annotations\n\n" if package.layout.is_future else ""
    text = f"{title}\n\n{future}{imports}\n\n{body}"
    return StepModule(flow.name, function, text, tuple(kept))


def _kept(package: Package, flow: StepFlow) -> list[Statement]:
    """Give the statements of the function: functions that read its values first, then the cells without what moved."""
    layout = package.layout
    own = [
        statement
        for statement in package.flow.body(flow.name)
        if not _has_moved(layout, statement) and not is_display(package.source, statement)
    ]
    present = {name for statement in own for name in statement.names.binds}
    nested = [layout.definitions[name] for name in flow.nested if name not in present]
    unused = {
        name
        for statement in own
        if isinstance(statement.node, DEFINITION)
        for name in statement.names.binds
        if name in layout.definitions and name not in flow.nested
    }
    return [
        *nested,
        *(statement for statement in own if statement.names.binds.isdisjoint(unused) or not statement.names.binds),
    ]


def _has_moved(layout: Layout, statement: Statement) -> bool:
    """Tell whether a statement stands elsewhere in the package: an import, a definition."""
    if isinstance(statement.node, ast.ImportFrom) and statement.node.module == "__future__":
        return True
    binds = statement.names.binds
    return bool(binds) and (
        all(name in layout.hoisted for name in binds) or all(name in layout.imports for name in binds)
    )


def _taken(package: Package, flow: StepFlow, kept: Sequence[Statement]) -> set[str]:
    """Give the names that mean something in the module already, but for its imports."""
    names = names_of([statement.node for statement in kept])
    layout = package.layout
    return {*names.binds, *flow.inputs, *flow.parameters, *layout.hoisted, *layout.constants} - layout.imports.keys()


def _signature(inputs: dict[str, Annotation], flow: StepFlow, package: Package) -> str:
    positional = [f"{name}: {annotation.text}" for name, annotation in inputs.items()]
    keywords = [f"{name}: {package.parameter_types[name]}" for name in flow.parameters]
    return ", ".join([*positional, *(["*", *keywords] if keywords else [])])


def _setups(package: Package, step: str, taken: set[str]) -> list[str]:
    """Give the names (or ``setup as other``) under which the module imports the functions that a step calls first."""
    names = ["setup"] if package.layout.prelude.settings else []
    names += [setup_name(other) for other in settings_before(package.source, step)]
    return [
        f"{name} as set_up_{'libraries' if name == 'setup' else name.removeprefix('setup_')}"
        if name in taken or name in package.layout.imports
        else name
        for name in names
    ]


def _imports(
    package: Package, flow: StepFlow, annotations: Sequence[Annotation], setups: list[str], told: set[str]
) -> str:
    found: set[Import] = set()
    for name in flow.reads:
        found.update(package.layout.imports.get(name, ()))
    found.update(annotation.needs for annotation in annotations if annotation.needs is not None)
    own = {name for name in flow.reads if name in package.layout.hoisted or name in package.layout.constants}
    own |= {annotation.definition for annotation in annotations if annotation.definition}
    lines = import_lines(package, found, told)
    lines.extend(f"from {package.name}.definitions import {name}{_mark(name, told)}" for name in sorted(own))
    lines.extend(f"from {package.name}.environment import {setup}" for setup in setups)
    lines.extend(f"import {module}{_KEPT}" for module in for_effect(package, flow))
    return "\n".join(lines)


def import_lines(package: Package, imports: set[Import], told: Collection[str] = ()) -> list[str]:
    """Give the import statements, with those of the notebook that the same libraries are imported for effect with.

    Args:
        package: the notebook.
        imports: those that a module needs.
        told: names that only texts of the module mention (``query("a > @limit")``).
    """
    libraries = {item.module.partition(".")[0] for item in imports}
    lines = [f"{item.line}{_mark(item.binds, told)}" for item in sorted(imports)]
    for items in package.layout.imports.values():
        for item in items:
            if item.is_for_effect and item not in imports and item.module.partition(".")[0] in libraries:
                lines.insert(0, f"{item.line}{_KEPT}")
    return lines


def _mark(name: str, told: Collection[str]) -> str:
    return _KEPT if name in told else ""


# Nothing in the code shows that the name is needed.
_KEPT: Final = "  # noqa: F401"
