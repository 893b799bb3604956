"""Settings of libraries that a step makes, and that every later step makes again at its start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nbpipe.convert.prelude import import_behind, is_setting, state_in

if TYPE_CHECKING:
    from nbpipe.convert.source import Source, Statement

_OF_IMPORTS: Final = frozenset(["sys.path", "sys"])


def settings_of(source: Source, step: str) -> tuple[Statement, ...]:
    """Give the statements of a step that set libraries, surely and always in the same way.

    Later steps, in processes of their own, find what the notebook found when they make these settings again, in order.
    """
    return tuple(
        statement
        for statement in source.of_step(step)
        if not statement.is_dropped and is_setting(source, statement) and not _is_for_imports(source, statement)
    )


def _is_for_imports(source: Source, statement: Statement) -> bool:
    """Tell whether an import behind it may read what a statement sets: a module imports first."""
    kinds = {access.kind for access in state_in(source, statement)}
    if kinds & _OF_IMPORTS:
        return True
    return "environ" in kinds and import_behind(source, statement.cell, statement.place) is not None


def settings_before(source: Source, step: str) -> dict[str, tuple[Statement, ...]]:
    """Give, by the steps before one, the settings that it makes again; steps without any are left out."""
    found = {}
    for other in source.steps:
        if other.name == step:
            break
        if statements := settings_of(source, other.name):
            found[other.name] = statements
    return found


def setup_name(step: str) -> str:
    """Give the name of the function that makes the settings of a step again."""
    return f"setup_of_{step}"
