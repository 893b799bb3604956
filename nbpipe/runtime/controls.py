"""Holds still what makes two runs of the same code differ: random states, the system's entropy, threads, the clock.

For runs that look for the cause of a difference, never for a verdict. The user's code may find out: time goes on by
ticks, and a pool has one thread.
"""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import json
import os
import platform
import random
import re
import sys
import threading
import time
import types
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import generators

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_METADATA_FOLDER = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(?:-py\d[^-]*)?\.(?:dist|egg)-info")
_JOIN_SECONDS = 1.0  # that a thread of the notebook may take before its starter goes on
_LEVEL = 3  # place of the level among the arguments of __import__ behind the name
_TICK = 0.001  # seconds that pass between two looks at the held clock
_PROCESS = 4242  # the id that the notebook's process has while the clock is held
_START = 1_700_000_000.0  # what it shows first: 2023-11-14 22:13:20 UTC


def begin(request: str) -> None:
    """Prepare this process for the cells to come.

    Args:
        request: JSON: ``report`` (file to write `_report` to), ``modules`` (top-level modules that the notebook
            imports), ``inputs`` (file to write what the run depends on to, or null), ``seed`` (or null), ``threads``
            (whether to run one after the other), ``clock`` (whether to hold).
    """
    wanted = json.loads(request)
    Path(wanted["report"]).write_text(json.dumps(_report(wanted["modules"])), encoding="utf-8")
    if wanted["inputs"] is not None:
        from .inputs import observe

        observe(wanted["inputs"])
    if wanted["seed"] is not None:
        _seed(int(wanted["seed"]), wanted["modules"])
    if wanted["threads"]:
        _hold_threads()
    if wanted["clock"]:
        _hold_clock()


def _report(modules: Sequence[str]) -> dict[str, Any]:
    """Give ``python`` (its version), ``packages`` (name to version), and which modules are ``missing``."""
    return {"python": platform.python_version(), "packages": _packages(), "missing": sorted(filter(_missing, modules))}


def _missing(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is None
    except (ImportError, ValueError, AttributeError):
        return module not in sys.modules


def _packages() -> dict[str, str]:
    """Give the installed distributions by the names of their metadata folders, which is fast."""
    found: dict[str, str] = {}
    for entry in sys.path:
        with suppress(OSError):
            for name in os.listdir(entry or "."):  # noqa: PTH208 - names are all that is needed
                match = _METADATA_FOLDER.fullmatch(name)
                if match:
                    found.setdefault(match["name"].replace("_", "-").lower(), match["version"])
    return dict(sorted(found.items()))


def _seed(seed: int, modules: Sequence[str]) -> None:
    """Seed the global generators, and make those without a seed of their own take theirs from the same source."""
    source = random.Random(seed)  # noqa: S311 - that everybody knows it is the point
    for name in ("numpy.random", "torch", "tensorflow", "polars"):
        if name.partition(".")[0] in modules or (name == "numpy.random" and _uses_numpy(modules)):
            with suppress(ImportError):
                importlib.import_module(name)
    _seed_generators(seed)
    _before_first_cell(lambda: _seed_generators(seed))

    def urandom(size: int) -> bytes:
        return source.randbytes(size)

    os.urandom = urandom
    random._urandom = urandom  # type: ignore[attr-defined]  # noqa: SLF001 - what SystemRandom and `secrets` read
    unseeded = random.Random.seed

    def seeded(self: random.Random, a: Any = None, version: int = 2) -> None:
        unseeded(self, source.getrandbits(64) if a is None else a, version)

    random.Random.seed = seeded  # type: ignore[method-assign]
    bits: Any = sys.modules.get("numpy.random.bit_generator")
    if bits is not None:
        # What default_rng() without a seed reads.
        bits.randbits = source.getrandbits


def _uses_numpy(modules: Sequence[str]) -> bool:
    on_numpy = {"numpy", "pandas", "scipy", "sklearn", "matplotlib", "seaborn", "statsmodels", "xgboost", "lightgbm"}
    return bool(on_numpy.intersection(modules))


def _before_first_cell(act: Callable[[], None]) -> None:
    """Act once more when the first cell begins: what the kernel itself draws until then is not the same each time."""
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return

    def once() -> None:
        shell.events.unregister("pre_execute", once)
        act()

    shell.events.register("pre_execute", once)


def _seed_generators(seed: int) -> None:
    generators.seed_all(seed)
    tensorflow: Any = sys.modules.get("tensorflow")
    if tensorflow is not None:
        tensorflow.random.set_seed(seed)
    polars: Any = sys.modules.get("polars")
    if polars is not None:
        polars.set_random_seed(seed)


def _hold_threads() -> None:
    """Let threads that the notebook starts run one after the other; one that takes long goes on beside the others."""
    from concurrent import futures

    started = threading.Thread.start
    made = futures.ThreadPoolExecutor.__init__

    def start(self: threading.Thread) -> None:
        started(self)
        if _is_notebook(sys._getframe(1)):  # noqa: SLF001 - who asks decides
            self.join(_JOIN_SECONDS)

    def make(self: futures.ThreadPoolExecutor, max_workers: int | None = None, *rest: Any, **named: Any) -> None:
        made(self, 1 if _is_notebook(sys._getframe(1)) else max_workers, *rest, **named)  # noqa: SLF001

    threading.Thread.start = start  # type: ignore[method-assign]
    futures.ThreadPoolExecutor.__init__ = make  # type: ignore[method-assign]


def _is_notebook(frame: Any) -> bool:
    """Tell whether code of the notebook itself is running, not that of a library."""
    return bool(frame.f_globals.get("__name__") == "__main__")


def _hold_clock() -> None:
    """Let the clocks that the notebook's own code reads go on by ticks; libraries and the kernel see the real ones."""
    ticks = [0]

    def now() -> float:
        ticks[0] += 1
        return _START + ticks[0] * _TICK

    def held(real: Callable[..., Any], answer: Callable[[float], Any]) -> Callable[..., Any]:
        def read(*arguments: Any) -> Any:
            if arguments or not _is_notebook(sys._getframe(1)):  # noqa: SLF001 - as above
                return real(*arguments)
            return answer(now())

        return read

    for name in ("time", "perf_counter", "monotonic", "process_time"):
        setattr(time, name, held(getattr(time, name), lambda moment: moment))
        setattr(time, f"{name}_ns", held(getattr(time, f"{name}_ns"), lambda moment: int(moment * 1e9)))
    for name in ("getpid", "getppid"):
        if hasattr(os, name):
            setattr(os, name, held(getattr(os, name), lambda _: _PROCESS))
    gmtime, ctime = time.gmtime, time.ctime
    time.localtime = held(time.localtime, gmtime)
    time.gmtime = held(time.gmtime, gmtime)
    time.ctime = held(time.ctime, ctime)
    strftime = time.strftime
    time.strftime = lambda form, *rest: (
        strftime(form, *rest) if rest or not _is_notebook(sys._getframe(1)) else strftime(form, gmtime(now()))  # noqa: SLF001
    )
    _hold_datetime(now)


def _hold_datetime(now: Callable[[], float]) -> None:
    """Give the notebook's own imports a module whose `datetime` and `date` read the held clock."""
    import datetime as dt

    # Any: mypy knows no classes made from values.
    whole: Any = dt.datetime
    day: Any = dt.date
    utc = dt.timezone.utc  # noqa: UP017 - the kernel's Python may be older than 3.11

    def asked(answer: Callable[..., Any], real: Callable[..., Any]) -> Callable[..., Any]:
        def read(_: type, *arguments: Any, **named: Any) -> Any:
            return (answer if _is_notebook(sys._getframe(1)) else real)(*arguments, **named)  # noqa: SLF001 - as above

        return read

    def kind_of(real: Any) -> type:
        # A moment that a library made is one of the held class, too.
        return type("Held", (type,), {"__instancecheck__": lambda _, value: isinstance(value, real)})

    def held(real: Any, name: str, methods: dict[str, Any]) -> Any:
        members: dict[str, Any] = {method: classmethod(body) for method, body in methods.items()}
        return kind_of(real)(name, (real,), {**members, "__module__": "datetime"})

    module: Any = types.ModuleType("datetime", dt.__doc__)
    vars(module).update(vars(dt))
    module.datetime = held(
        whole,
        "datetime",
        {
            "now": asked(lambda tz=None: whole.fromtimestamp(now(), tz), whole.now),
            "today": asked(lambda: whole.fromtimestamp(now()), whole.today),
            "utcnow": asked(lambda: whole.fromtimestamp(now(), utc).replace(tzinfo=None), whole.utcnow),
        },
    )
    module.date = held(day, "date", {"today": asked(lambda: day.fromtimestamp(now()), day.today)})
    # Libraries get the real one: those written in C do not take another class in its place.
    imported: Any = builtins.__import__

    def importing(name: str, *rest: Any, **named: Any) -> Any:
        # By position as the import statement calls it, by name as people do: namespace, ..., level.
        namespace = rest[0] if rest else named.get("globals")
        level = rest[3] if len(rest) > _LEVEL else named.get("level", 0)
        if name == "datetime" and level == 0 and namespace is not None and namespace.get("__name__") == "__main__":
            return module
        return imported(name, *rest, **named)

    builtins.__dict__["__import__"] = importing
