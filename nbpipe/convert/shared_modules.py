"""The modules that steps share: definitions.py and environment.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.convert.code import FunctionWriter, module_text
from nbpipe.convert.scopes import names_of, only_in_text
from nbpipe.convert.step_module import import_lines
from nbpipe.convert.step_settings import settings_before, setup_name
from nbpipe.convert.texts import literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbpipe.convert.imports import Import
    from nbpipe.convert.source import Statement
    from nbpipe.convert.step_module import Package


def used_definitions(package: Package) -> tuple[Statement, ...]:
    """Give the constants and definitions that steps use, directly or through others, in document order."""
    layout = package.layout
    known = {**layout.constants, **{name: layout.definitions[name] for name in layout.hoisted}}
    pending = [name for flow in package.flow.steps.values() for name in flow.reads if name in known]
    pending += _types_of_values(package)
    found: dict[str, Statement] = {}
    while pending:
        name = pending.pop()
        if name not in found:
            found[name] = known[name]
            pending += [other for other in known[name].names.reads if other in known]
    return tuple(statement for statement in package.source.statements if statement in set(found.values()))


def _types_of_values(package: Package) -> list[str]:
    """Name the notebook's classes whose instances pass between steps."""
    names = []
    for flow in package.flow.steps.values():
        types = package.recording.after[flow.name].types
        found = [types.get(name) for name in (*flow.inputs, *flow.outputs)]
        names += [
            kind[1]
            for kind in found
            if kind is not None and kind[0] == "__main__" and kind[1] in package.layout.hoisted
        ]
    return names


def write_definitions(package: Package) -> str:
    """Give definitions.py, "" where no step uses a definition or a constant."""
    used = used_definitions(package)
    if not used:
        return ""
    future = "from __future__ import annotations\n\n" if package.layout.is_future else ""
    title = literal(f"Functions, classes and constants of {package.notebook}.")
    imports = "\n".join(
        import_lines(package, _imports_of(package, used), only_in_text(statement.node for statement in used))
    )
    return f"{title}\n\n{future}{imports}\n\n\n{module_text(package.cells, used)}"


def write_environment(package: Package) -> str:
    """Give environment.py, "" where the notebook sets nothing that steps need."""
    source = package.source
    functions = [("setup", "Set up the libraries as the notebook does; every step calls it first.")]
    settings = [package.layout.prelude.settings]
    for step, statements in settings_before(source, source.steps[-1].name).items():
        functions.append((setup_name(step), f"Set up the libraries as step {step} does; every later step calls it."))
        settings.append(statements)
    bodies = []
    for (name, told), statements in zip(functions, settings, strict=True):
        writer = FunctionWriter(source, package.cells)
        for statement in statements:
            writer.add(statement, first_of_step=True)
        if statements:
            bodies.append(writer.function(f"def {name}() -> None:", told, ()))
    if not bodies:
        return ""
    imports = "\n".join(import_lines(package, _imports_of(package, [item for each in settings for item in each])))
    body = "\n\n".join(bodies)
    return f"{literal(f'Settings of libraries, from {package.notebook}.')}\n\n{imports}\n\n\n{body}"


def _imports_of(package: Package, statements: Iterable[Statement]) -> set[Import]:
    found: set[Import] = set()
    for name in names_of([statement.node for statement in statements]).reads:
        found.update(package.layout.imports.get(name, ()))
    return found
