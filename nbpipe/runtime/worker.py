"""One step in a process of its own: fresh inputs from the store, the call, outputs into the store, what it took."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import os
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import generators, usage
from .aliasing import find_aliases
from .fingerprints import fingerprint
from .observing import FileObserver
from .parameters import decode
from .serializers import Unserializable, load_value, save_value
from .store import Artifact, CorruptedArtifact, Store

if TYPE_CHECKING:
    from types import TracebackType

_HERE = Path(__file__).resolve().parent


class StepFault(Exception):  # noqa: N818 - the parent names it to the user by its message
    """A step does not keep to what the pipeline says about it."""


def run_step(spec: dict[str, Any]) -> dict[str, Any]:
    """Run one step and give its result; what goes wrong in it is part of the result.

    Args:
        spec: ``project`` (goes on `sys.path`), ``folder`` (the current one while the step runs), ``store``,
            ``function`` (``module:name``), ``inputs`` (name to artifact key), ``parameters`` (encoded, see
            `nbpipe.runtime.parameters`), ``outputs`` and ``metrics`` (names), ``generators`` (states or null),
            ``watched`` (inputs that later steps read, too), ``local`` (top packages of the project).

    Returns:
        ``status`` (``ok`` or ``failed``), ``error``, ``outputs`` (name to artifact), ``metrics``, ``generators``
        (states after), ``touched`` (generators that the step used), ``files``, ``changed_inputs``, ``aliases``,
        ``call_seconds``, ``cpu_seconds``, ``peak_memory`` (bytes), ``python``.
    """
    result: dict[str, Any] = {"status": "failed", "outputs": {}, "metrics": {}, "touched": [], "python": sys.version}
    try:
        _Step(spec, result).run()
        result["status"] = "ok"
    except (StepFault, CorruptedArtifact, Unserializable) as error:
        result["error"] = {"name": type(error).__name__, "message": str(error), "traceback": "", "frames": []}
    except BaseException as error:  # noqa: BLE001 - a step may raise anything, SystemExit too
        result["error"] = describe(error)
    result.update(usage.used())
    return result


class _Step:
    """One step between its specification and its result."""

    def __init__(self, spec: dict[str, Any], result: dict[str, Any]) -> None:
        self.spec = spec
        self.result = result
        self.store = Store(Path(spec["store"]))
        self.files = FileObserver(ignored=(spec["store"],))

    def run(self) -> None:
        sys.path.insert(0, self.spec["project"])
        os.chdir(self.spec["folder"])
        function = self._function()
        inputs = {name: load_value(self.store, key) for name, key in self.spec["inputs"].items()}
        arguments = {**inputs, **decode(self.spec["parameters"])}
        self._check_signature(function, arguments)
        before = self._restore_generators()
        value = self._call(function, arguments)
        after = generators.get_states()
        self.result["generators"] = {**(self.spec["generators"] or {}), **after}
        self.result["touched"] = list(generators.changed(before, after))
        self.result["changed_inputs"] = self._changed(inputs)
        self._keep(self._named(value))

    def _function(self) -> Any:
        module, _, name = self.spec["function"].partition(":")
        found = importlib.import_module(module)
        function = getattr(found, name, None)
        if not callable(function):
            raise StepFault(f"{module} has no function '{name}'")
        return function

    def _check_signature(self, function: Any, arguments: dict[str, Any]) -> None:
        try:
            inspect.signature(function).bind(**arguments)
        except TypeError as error:
            given = ", ".join(arguments) or "nothing"
            function_name = self.spec["function"]
            raise StepFault(f"{function_name} does not take what the pipeline gives it ({given}): {error}") from None

    def _restore_generators(self) -> generators.States:
        if self.spec["generators"] is not None:
            generators.set_states(self.spec["generators"])
        return generators.get_states()

    def _call(self, function: Any, arguments: dict[str, Any]) -> Any:
        start = time.perf_counter()
        try:
            with self.files.observing():
                return function(**arguments)
        finally:
            self.result["call_seconds"] = time.perf_counter() - start
            self.result["files"] = self.files.found()
            sys.stdout.flush()
            sys.stderr.flush()

    def _changed(self, inputs: dict[str, Any]) -> list[str]:
        """Name the inputs that the step changed in place although a later step reads them as they were."""
        changed = []
        for name in self.spec["watched"]:
            known = self.store.artifact(self.spec["inputs"][name]).fingerprint
            if fingerprint(inputs[name], local=self.spec["local"]).digest != known.digest:
                changed.append(name)
        return changed

    def _named(self, value: Any) -> dict[str, Any]:
        """Give the returned values by name: the outputs, then the metrics that are not among them."""
        names = [*self.spec["outputs"], *(name for name in self.spec["metrics"] if name not in self.spec["outputs"])]
        function = self.spec["function"]
        if not names:
            if value is not None:
                raise StepFault(f"{function} returned a {type(value).__name__}, but the step declares no output")
            return {}
        if len(names) == 1:
            return {names[0]: value}
        if type(value) is not tuple or len(value) != len(names):
            got = f"{len(value)} values" if type(value) is tuple else f"one {type(value).__name__}"
            raise StepFault(f"{function} returned {got}, but the step declares {len(names)}: {', '.join(names)}")
        return dict(zip(names, value))  # noqa: B905 - `strict` is newer than Python 3.9

    def _keep(self, values: dict[str, Any]) -> None:
        for name in self.spec["metrics"]:
            self.result["metrics"].update(numbers(name, values[name]))
        outputs = {name: values[name] for name in self.spec["outputs"]}
        saved: dict[str, Artifact] = {}
        for name, value in outputs.items():
            try:
                saved[name] = save_value(value, self.store, local=self.spec["local"])
            except Unserializable as error:
                raise StepFault(f"output '{name}' cannot be stored: {error.reason}; {error.advice}") from None
        self.result["outputs"] = {name: artifact.to_json() for name, artifact in saved.items()}
        self.result["aliases"] = [group._asdict() for group in find_aliases(outputs)]


def numbers(name: str, value: Any) -> dict[str, float]:
    """Give the metrics in a value: a number, or a dict of numbers, whose keys are added to the name.

    Raises:
        StepFault: it is neither.
    """
    if isinstance(value, dict):
        found: dict[str, float] = {}
        for key, item in value.items():
            found.update(numbers(f"{name}.{key}", item))
        return found
    if not isinstance(value, (str, bytes)):
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            return {name: float(value)}
    raise StepFault(f"metric '{name}' is a {type(value).__name__}, not a number")


def describe(error: BaseException) -> dict[str, Any]:
    """Give an exception as data, its traceback from the step's own code on."""
    trace = error.__traceback__
    while trace is not None and _is_ours(trace):
        trace = trace.tb_next
    lines = traceback.TracebackException(type(error), error, trace).format()
    frames = [[frame.filename, frame.lineno, frame.name] for frame in traceback.extract_tb(trace)]
    if isinstance(error, SyntaxError) and error.filename is not None:
        frames.append([error.filename, error.lineno, "<module>"])
    message = f"exit code {error.code}" if isinstance(error, SystemExit) else str(error)
    return {"name": type(error).__name__, "message": message, "traceback": "".join(lines), "frames": frames}


def _is_ours(trace: TracebackType) -> bool:
    file = trace.tb_frame.f_code.co_filename
    return Path(file).parent == _HERE or file.startswith(("<frozen importlib", importlib.__file__))


def die_with_parent() -> None:
    """End this process, and what it started, when the parent is gone: its end of our standard input closes then."""
    watched = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    threading.Thread(target=_watch, args=(watched,), name="nbpipe-parent", daemon=True).start()


def _watch(watched: int) -> None:
    with contextlib.suppress(OSError):
        while os.read(watched, 1024):
            pass
    usage.end_group()
