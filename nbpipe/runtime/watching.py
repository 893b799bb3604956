"""What else a converter asks of a kernel between two steps: files, types by their public names, numbers, libraries."""

from __future__ import annotations

import importlib
import sys
from contextlib import suppress
from importlib import metadata
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from . import generators, module_state
from .observing import FileObserver
from .of_ipython import plain, plain_type
from .storing import unstorable
from .written import contents

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .programs import Programs

_watch: dict[str, Any] = {}


def begin(
    _: Mapping[str, object],
    seed: int,
    libraries: Sequence[str],
    ignored: Sequence[str],
    local: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Seed the generators of these modules, where they are installed; observe files, and own modules, from now on.

    Returns:
        ``generators``: their states, to start another process from.
    """
    for name in libraries:
        with suppress(ImportError):
            importlib.import_module(name)
    generators.seed_all(seed)
    generators.fix_system(seed)
    _watch["ignored"] = tuple(ignored)
    module_state.watch(local)
    _observe_anew()
    return {"generators": generators.get_states()}


def _observe_anew(programs: Programs | None = None) -> None:
    session = _watch.pop("session", None)
    if session is not None:
        session.__exit__(None, None, None)
    _watch["files"] = FileObserver(ignored=_watch["ignored"], programs=programs)
    _watch["session"] = _watch["files"].observing()
    _watch["session"].__enter__()


def pause(namespace: Mapping[str, object], names: Sequence[str], stored: Sequence[str] = ()) -> dict[str, Any]:
    """Give what the files, types and numbers are at this moment; files count from the last pause.

    Returns:
        ``files`` (see `FileObserver.found`); ``contents``: digests of those that were written (see
        `nbpipe.runtime.written.contents`); ``types``: name to ``[module, name]`` to import the value's type from, or
        null (a list that IPython made of lines is a ``list[str]``); ``numbers``: name to the number it is, or to key to
        number where it is a dict of them; ``unstorable``: those of `stored` that cannot be stored, with the reason.
    """
    files = _watch["files"].found()
    bound = [name for name in names if name in namespace]
    values = plain(namespace)
    numbers = {name: _number(values[name]) for name in bound}
    answer = {
        "files": files,
        "contents": contents(files["written"]),
        "types": {name: plain_type(namespace[name]) or public_type(type(namespace[name])) for name in bound},
        "numbers": {name: number for name, number in numbers.items() if number is not None},
        "unstorable": unstorable(values, stored),
    }
    _observe_anew(_watch["files"].programs.following(files["read"], files["written"]))
    return answer


def public_type(kind: type) -> list[str] | None:
    """Give the shortest ``[module, name]`` that a class can be imported by; null where there is none."""
    name = kind.__qualname__
    if "." in name or not kind.__module__:
        return None
    parts = kind.__module__.split(".")
    for length in range(1, len(parts) + 1):
        module = ".".join(parts[:length])
        if getattr(sys.modules.get(module), name, None) is kind:
            return [module, name]
    return None


def _number(value: Any) -> Any:
    if isinstance(value, dict):
        found = {str(key): _number(item) for key, item in list(value.items())[:100]}
        return found if found and all(isinstance(item, float) for item in found.values()) else None
    if isinstance(value, (int, float)) or type(value).__module__ == "numpy":
        try:
            return float(value) if getattr(value, "ndim", 0) == 0 else None
        except (TypeError, ValueError, OverflowError):
            return None
    return None


def libraries(_: Mapping[str, object], modules: Sequence[str]) -> dict[str, Any]:
    """Say which distributions these top-level modules come from.

    Returns:
        ``python`` (version), ``executable``, ``distributions``: module to ``{name: version}``; a module of the standard
        library has none, one that no distribution owns maps to null. ``others``: see `nbpipe.runtime.module_state`.
    """
    owners = metadata.packages_distributions() if sys.version_info >= (3, 10) else {}
    found: dict[str, Any] = {}
    for module in modules:
        if module in sys.builtin_module_names or module in getattr(sys, "stdlib_module_names", ()):
            continue
        names = sorted(set(owners.get(module, ())))
        found[module] = {name: metadata.version(name) for name in names} or None
    python = "{}.{}.{}".format(*sys.version_info[:3])
    return {
        "python": python,
        "executable": sys.executable,
        "distributions": found,
        "others": module_state.others(),
    }


COMMANDS: dict[str, Callable[..., Any]] = {"begin": begin, "pause": pause, "libraries": libraries}
