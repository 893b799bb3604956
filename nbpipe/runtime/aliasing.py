"""Which values share mutable parts: what pickling them apart would cut.

Two names (or a name and a part of another value) that reach one mutable object stop being one object when each value
becomes an artifact of its own. Arrays that share memory stop sharing it even inside one artifact.

Not counted: what cannot change (numbers, texts, timestamps, pandas indexes but for their names), definitions (modules,
classes, functions; what a closure holds does count), and frames that share buffers under pandas' copy-on-write.
"""

from __future__ import annotations

import gc
import sys
import types
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

MAX_ITEMS = 1_000_000
_OVERLAP_WORK = 100_000
_MEMORY = "share memory"
_FIXED = (
    type(None),
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    range,
    slice,
    type(Ellipsis),
    type,
    types.ModuleType,
    types.BuiltinFunctionType,
    types.CodeType,
)
# Parts of a frame: what it stores is asked of the frame, by `_blocks`.
_INTERNAL = frozenset({"BlockManager", "SingleBlockManager", "DataManager", "Flags"})
# Attributes of frames that are no part of their values: pandas before 3 keeps the columns that were asked for.
_CACHES = frozenset({"_item_cache"})
# Base classes whose instances cannot change, by top package and name.
_FIXED_NAMES = frozenset(
    {
        ("datetime", "date"),
        ("datetime", "time"),
        ("datetime", "timedelta"),
        ("datetime", "tzinfo"),
        ("decimal", "Decimal"),
        ("enum", "Enum"),
        ("fractions", "Fraction"),
        ("logging", "Logger"),
        ("numpy", "dtype"),
        ("numpy", "generic"),
        ("numpy", "ufunc"),
        ("pandas", "ExtensionDtype"),
        ("pandas", "Index"),
        ("pathlib", "PurePath"),
        ("re", "Pattern"),
        ("uuid", "UUID"),
        ("weakref", "ReferenceType"),
        ("builtins", "weakref"),
        ("_thread", "lock"),
    }
)


class AliasGroup(NamedTuple):
    """Names whose values share something that can change.

    Attributes:
        names: sorted; one name alone when parts inside its value share memory.
        reason: what they share, and where it is.
        inside: those of which parts share memory among themselves, which no copy of the value alone keeps.
    """

    names: tuple[str, ...]
    reason: str
    inside: tuple[str, ...] = ()


class _Memory(NamedTuple):
    """A stretch of memory that an array or a frame reads."""

    name: str
    where: str
    array: Any
    of_frame: bool


def find_aliases(values: Mapping[str, object]) -> tuple[AliasGroup, ...]:
    """Group the names whose values reach one mutable object, or memory in common; () when none do."""
    owners: dict[int, tuple[str, str]] = {}
    memories: list[_Memory] = []
    kept: list[object] = []
    links: list[tuple[str, str, str]] = []
    for name, value in values.items():
        for part, where in _parts(value, name):
            kept.append(part)
            owner, place = owners.setdefault(id(part), (name, where))
            if owner != name:
                links.append((owner, name, f"{place} and {where} are one {type(part).__name__}"))
            memories.extend(_memories(part, name, where))
    links.extend(_shared_memory(memories))
    return _groups(links)


def _parts(value: object, name: str) -> Iterator[tuple[object, str]]:
    """Give every mutable object that a value reaches, once, with where it was found."""
    met: set[int] = set()
    todo: list[tuple[object, str]] = [(value, name)]
    keep = []
    while todo:
        part, where = todo.pop()
        if _is_fixed(part) or id(part) in met:
            continue
        met.add(id(part))
        keep.append(part)
        if not isinstance(part, _TRANSPARENT) and _family(part) != "internal":
            yield part, where
        todo.extend((child, where + step) for child, step in _children(part))


_TRANSPARENT = (tuple, frozenset, types.FunctionType, types.CellType, types.MethodType)
_fixed_types: dict[type, bool] = {}


def _is_fixed(part: object) -> bool:
    kind = type(part)
    known = _fixed_types.get(kind)
    if known is None:
        names = {(base.__module__.partition(".")[0], base.__name__) for base in kind.__mro__}
        known = isinstance(part, _FIXED) or not names.isdisjoint(_FIXED_NAMES)
        _fixed_types[kind] = known
    return known


def _children(part: Any) -> Iterable[tuple[object, str]]:
    """Give the objects that a part refers to directly, each with how it is reached."""
    if isinstance(part, dict):
        yield from ((item, f"[{key!r}]") for key, item in list(part.items())[:MAX_ITEMS])
        yield from ((key, " (key)") for key in part if not isinstance(key, _FIXED))
    elif isinstance(part, (list, tuple)):
        yield from ((item, f"[{place}]") for place, item in enumerate(part[:MAX_ITEMS]))
    elif isinstance(part, (set, frozenset)):
        yield from ((item, " (member)") for item in part)
    elif isinstance(part, types.FunctionType):
        yield from _closure(part)
    else:
        yield from _elements(part)
    if not isinstance(part, types.FunctionType) and _family(part) != "artist":
        yield from ((item, f".{name}") for name, item in _attributes(part) if not isinstance(item, _FIXED))


def _attributes(part: Any) -> list[tuple[str, object]]:
    family = _family(part)
    items = list(getattr(part, "__dict__", {}).items()) if family != "internal" else []
    return items if family != "frame" else [(name, item) for name, item in items if name not in _CACHES]


def _closure(function: types.FunctionType) -> Iterable[tuple[object, str]]:
    yield from ((item, f".__defaults__[{place}]") for place, item in enumerate(function.__defaults__ or ()))
    yield from ((item, f".__kwdefaults__[{name!r}]") for name, item in (function.__kwdefaults__ or {}).items())
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents, ".__closure__"
        except ValueError:  # an empty cell
            continue


def _elements(part: Any) -> Iterable[tuple[object, str]]:
    family = _family(part)
    if family == "internal":
        return
    if family == "array":
        if part.dtype.hasobject:
            yield from ((item, "[...]") for item in part.ravel()[:MAX_ITEMS].tolist())
    elif family == "frame":
        for array in _blocks(part):
            if getattr(getattr(array, "dtype", None), "hasobject", False):
                yield from ((item, "[...]") for item in array.ravel()[:MAX_ITEMS].tolist())
        yield part.attrs, ".attrs"
    elif family == "artist":
        # A figure and all that is drawn in it are one thing; what they refer to besides is matplotlib's own.
        yield getattr(part, "figure", None), ".figure"
    else:
        # Slots, containers of C extensions: whatever the garbage collector sees, but the class and the globals.
        owned = getattr(part, "__dict__", None)
        yield from ((item, ".(part)") for item in gc.get_referents(part) if item is not owned)


def _family(part: object) -> str:
    for base in type(part).__mro__:
        package = base.__module__.partition(".")[0]
        if package == "numpy" and base.__name__ == "ndarray":
            return "array"
        if package == "pandas" and base.__name__ in ("DataFrame", "Series"):
            return "frame"
        if package == "pandas" and base.__name__ in _INTERNAL:
            return "internal"
        if package == "matplotlib" and base.__name__ == "Artist":
            return "artist"
    return ""


def _blocks(frame: Any) -> list[Any]:
    """Give the arrays that a frame stores its values in."""
    manager = frame._mgr  # noqa: SLF001 - there is no public way to what a frame stores
    return [getattr(block.values, "_ndarray", block.values) for block in manager.blocks]


def _memories(part: Any, name: str, where: str) -> Iterator[_Memory]:
    family = _family(part)
    if family == "array":
        yield _Memory(name, where, part, of_frame=False)
    elif family == "frame":
        array_type = sys.modules["numpy"].ndarray
        yield from (_Memory(name, where, block, of_frame=True) for block in _blocks(part) if type(block) is array_type)


def _shared_memory(memories: list[_Memory]) -> Iterator[tuple[str, str, str]]:
    if len(memories) < 2:  # noqa: PLR2004 - it takes two
        return
    by_root: dict[int, list[_Memory]] = {}
    for memory in memories:
        by_root.setdefault(id(_root(memory.array)), []).append(memory)
    frames_copy = _frames_copy_on_write()
    for group in by_root.values():
        for place, first in enumerate(group):
            for second in group[:place]:
                if _conflict(first, second, frames_copy=frames_copy):
                    yield second.name, first.name, f"{second.where} and {first.where} {_MEMORY}"


def _root(array: Any) -> Any:
    """Follow views to what owns the memory."""
    while getattr(array, "base", None) is not None:
        array = array.base
    return array.obj if isinstance(array, memoryview) else array


def _conflict(first: _Memory, second: _Memory, *, frames_copy: bool) -> bool:
    if first.of_frame and second.of_frame and (frames_copy or first.where == second.where):
        return False
    can_change = any(memory.of_frame or memory.array.flags.writeable for memory in (first, second))
    if not can_change:
        return False
    numpy = sys.modules["numpy"]
    try:
        return bool(numpy.shares_memory(first.array, second.array, max_work=_OVERLAP_WORK))
    except Exception:  # noqa: BLE001 - too hard to decide exactly (the class of the error moved between versions)
        return bool(numpy.may_share_memory(first.array, second.array))


def _frames_copy_on_write() -> bool:
    pandas: Any = sys.modules.get("pandas")
    if pandas is None:
        return False
    if int(pandas.__version__.split(".")[0]) >= 3:  # noqa: PLR2004 - the version in which it became the only mode
        return True
    try:
        return pandas.get_option("mode.copy_on_write") is True
    except KeyError:  # pandas before 1.5
        return False


def shares_memory(reason: str) -> bool:
    """Tell whether the reason of a group is memory in common, which no artifact keeps."""
    return reason.endswith(_MEMORY)


def _groups(links: Iterable[tuple[str, str, str]]) -> tuple[AliasGroup, ...]:
    """Join the links into groups; the first reason found speaks for a group, shared memory before all others."""
    groups: list[tuple[set[str], str]] = []
    inside: set[str] = set()
    for first, second, reason in links:
        names, why = {first, second}, reason
        inside |= names if len(names) == 1 else set()
        rest = []
        for group, known in groups:
            if group.isdisjoint(names):
                rest.append((group, known))
            else:
                names, why = names | group, why if shares_memory(why) else known
        groups = [*rest, (names, why)]
    return tuple(sorted(AliasGroup(tuple(sorted(names)), why, tuple(sorted(names & inside))) for names, why in groups))
