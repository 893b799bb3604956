"""Which of the author's own modules a step uses, and which it imports only for what importing them does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.convert.definition_changes import reached_names, takes_objects

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from nbpipe.convert.dataflow import DataFlow, StepFlow
    from nbpipe.convert.layout import Layout
    from nbpipe.convert.recorded import Recording
    from nbpipe.convert.source import Source


def modules_imported(source: Source, layout: Layout, flow: DataFlow, step: StepFlow) -> frozenset[str]:
    """Give the own modules that the module of a step imports, itself or through others."""
    local = source.local
    if not local.modules:
        return frozenset()
    names = reached_names(layout, step)
    nodes: list[ast.AST] = [statement.node for statement in flow.body(step.name)]
    nodes += [layout.definitions[name].node for name in names if name in layout.definitions]
    imports = [item for name in names for item in layout.imports.get(name, ())]
    lines = [f"{item.module}.{item.name}" if item.name else item.module for item in imports]
    return local.imported_by(nodes) | local.reached([*lines, *(item.module for item in imports)])


def may_use(  # noqa: PLR0913 - a module and a step, with what is known of them
    source: Source, layout: Layout, flow: DataFlow, step: StepFlow, recording: Recording, module: str
) -> bool:
    """Tell whether a step may ask a module for what it holds, also through objects that it takes."""
    if module in modules_imported(source, layout, flow, step):
        return True
    types = recording.before[step.name].types
    kinds = [kind[0] if (kind := types.get(name)) else "" for name in step.inputs]
    return module in source.local.reached(kinds) or takes_objects(step, recording)


def for_effect(package: Any, step: StepFlow) -> Iterator[str]:
    """Give the own modules that a step has to import although it does not name them: importing them does something.

    In the notebook that is done for all cells behind the import.
    """
    source, recording = package.source, package.recording
    local = source.local
    names = [each.name for each in source.steps]
    effects = recording.after[names[-1]].effects
    have = set(modules_imported(source, package.layout, package.flow, step))
    for name, module in local.modules.items():
        begin = source.plan.step_of(module.cell)
        is_behind = not begin or names.index(begin) <= names.index(step.name)
        if is_behind and name not in have and (module.has_effects or effects.get(name)):
            have |= local.reached([name])
            yield name
