"""What the author's own modules hold, as a recorded run saw it at the boundaries of steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.runtime.module_state import SEPARATOR

if TYPE_CHECKING:
    from nbpipe.convert.recorded import Boundary


def module_of(name: str) -> str:
    """Give the module of a name such as ``helpers:CACHE``, "" for a name of the notebook."""
    return name.partition(SEPARATOR)[0] if SEPARATOR in name else ""


def changed_at_import(boundary: Boundary) -> set[str]:
    """Give what is no longer what it was when its module had been imported."""
    names = {name for name in boundary.values if SEPARATOR in name} | boundary.imported.keys()
    return {name for name in names if boundary.digest(name) != boundary.imported.get(name)}


def changed_inside(before: Boundary, after: Boundary) -> set[str]:
    """Give what changed in modules between two boundaries, but for what importing one of them did."""
    names = {name for each in (before, after) for name in each.values if SEPARATOR in name}
    return {name for name in names if _begin(name, before, after) != after.digest(name)}


def _begin(name: str, before: Boundary, after: Boundary) -> str:
    """Give the digest of what a module held at first: before, or when it was imported in between."""
    known = before.digest(name)
    was_changed = known != before.imported.get(name, "")
    return known if was_changed else after.imported.get(name, known)
