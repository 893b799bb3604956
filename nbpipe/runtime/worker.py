"""One step in a process of its own: fresh inputs from the store, the call, outputs into the store, what it took."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
import time
from contextlib import suppress
from typing import Any

from . import generators, native, usage
from .aliasing import find_aliases
from .drawing import Figures
from .effects import EffectObserver
from .faults import StepFault, describe, plain
from .fingerprints import fingerprint
from .hearing import unheard
from .keeping import keep_files, keep_outputs, numbers
from .modules import own_modules
from .own_calls import landing
from .parameters import decode
from .profiles import profile_files, profiles
from .seeding import Seeding
from .serializers import Unserializable, accepting, definitions_loaded, load_values
from .store import CorruptedArtifact, Store, StoreFault


def run_step(spec: dict[str, Any]) -> dict[str, Any]:
    """Run one step and give its result; what goes wrong in it is part of the result.

    Args:
        spec: ``project`` (goes on `sys.path`), ``folder`` (the current one while the step runs), ``store``,
            ``function`` (``module:name``), ``inputs`` (name to artifact key), ``parameters`` (encoded, see
            `nbpipe.runtime.parameters`), ``outputs`` and ``metrics`` (names), ``generators`` (states or null),
            ``watched`` (inputs that later steps read, too), ``local`` (top packages of the project), ``libraries``
            (modules to import before), ``key`` (of the cache; goes into the result), ``own_calls`` (see
            `nbpipe.runtime.own_calls`), ``unheard`` (files and folders whose reading and writing does not count) and
            ``alone`` (whether no other step runs at the same time).

    Returns:
        ``status`` (``ok`` or ``failed``), ``error``, ``outputs`` (name to artifact), ``metrics``, ``figures``,
        ``generators`` (states after), ``before`` (states before), ``touched`` (generators that the step used),
        ``seeded`` (those that it seeded before it drew), ``seeds`` (that it gave them), ``met`` (see
        `nbpipe.runtime.effects`), ``kept`` (files that it wrote), ``files``, ``definitions`` (what inputs were made
        of), ``modules`` (files of loaded modules), ``pools`` (whether joblib started processes), ``changed_inputs``,
        ``aliases``, ``profiles`` (of ``outputs`` and ``files``), ``logged`` (by its own calls of MLflow),
        ``call_seconds``, ``profile_seconds``, ``cpu_seconds``, ``peak_memory`` (bytes), ``python``.
    """
    result: dict[str, Any] = {"status": "failed", "outputs": {}, "metrics": {}, "touched": [], "python": sys.version}
    result.update(key=spec.get("key"), figures=[], kept={}, profiles={}, logged={})
    try:
        _Step(spec, result).run()
        result["status"] = "ok"
    except CorruptedArtifact as error:
        result["error"] = plain(error)
        result["damaged"] = error.key
    except (StepFault, Unserializable, StoreFault) as error:
        result["error"] = plain(error)
    except BaseException as error:  # noqa: BLE001 - a step may raise anything, SystemExit too
        result["error"] = describe(error)
    result.update(usage.used())
    return result


def prepare() -> None:
    """Do what is the same for all steps, once in the process that theirs are forked from."""
    native.install(native.OF_FILES)
    warm()


def warm() -> None:
    """Do what every step does, with nothing: before it is known which step this process will do.

    The memory that it touches is copied for this process meanwhile, which takes longer than the rest.
    """
    with suppress(Exception):  # what is wrong will show, where it matters
        result: dict[str, Any] = {"metrics": {}}
        _Step(_NOTHING, result).rehearse()
        json.loads(json.dumps(result))


def _same(value: Any) -> Any:
    return value


_NOTHING: dict[str, Any] = {
    "store": "",
    "function": f"{__name__}:{_same.__name__}",
    "inputs": {},
    "parameters": {},
    "generators": None,
    "outputs": ("value",),
    "metrics": (),
    "local": (),
}


class _Step:
    """One step between its specification and its result."""

    def __init__(self, spec: dict[str, Any], result: dict[str, Any]) -> None:
        self.spec = spec
        self.result = result
        self.store = Store(spec["store"])
        ignored = (*self.store.folders, *_caches())
        self.effects = EffectObserver(ignored, spec.get("unheard", ()), alone=spec.get("alone", True))
        self.seeding = Seeding()
        self.figures = Figures()

    def run(self) -> None:
        sys.path.insert(0, self.spec["project"])
        os.chdir(self.spec["folder"])
        for name in self.spec.get("libraries", ()):
            with suppress(Exception):  # the step's own import tells what is wrong
                importlib.import_module(name)
        inputs = load_values(self.store, self.spec["inputs"])
        self.result["definitions"] = definitions_loaded()
        arguments = {**inputs, **decode(self.spec["parameters"])}
        value = self._observed(arguments)
        self.result["changed_inputs"] = self._changed(inputs)
        self._keep(self._named(value))

    def rehearse(self) -> None:
        """Do all that leaves nothing."""
        load_values(self.store, {})
        values = self._named(self._observed(decode({"value": 0})))
        find_aliases(values)
        fingerprint(values, local=())
        accepting(values)
        profiles(values)
        usage.used()

    def _observed(self, arguments: dict[str, Any]) -> Any:
        """Import the function and call it, heard in all it does."""
        try:
            with landing(self.spec.get("own_calls")) as calls, self.effects.observing(), self.seeding.noting():
                function = self._function()
                self._check_signature(function, arguments)
                before = self._restore_generators()
                try:
                    value = self._call(function, arguments)
                finally:
                    with unheard():
                        self.result["logged"] = calls.found()
        finally:
            met = self.result["met"] = self.effects.found()
            self.result["files"] = {"read": sorted(met["read"]), "written": met["written"]}
            self.result["modules"] = own_modules()
        after = generators.get_states()
        self.result["before"] = before
        self.result["generators"] = {**(self.spec["generators"] or {}), **after}
        self.result["touched"] = list(generators.changed(before, after))
        self.result["seeded"] = sorted(self.seeding.first)
        self.result["seeds"] = self.seeding.seeds
        self.result["pools"] = _has_pool()
        return value

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
        self.seeding.before = generators.get_states()
        return self.seeding.before

    def _call(self, function: Any, arguments: dict[str, Any]) -> Any:
        start = time.perf_counter()
        try:
            with self.figures.showing():
                return function(**arguments)
        finally:
            self.result["call_seconds"] = time.perf_counter() - start
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
        # Before figures are stored: reading one again to check it opens another.
        self.result["figures"] = self.figures.keep(values, self.store)
        self.result.update(keep_outputs(outputs, self.store, self.spec["local"]))
        met = self.result["met"]
        self.result["kept"] = keep_files(met["written"], self.store, met["compared"])
        start = time.perf_counter()
        self.result["profiles"] = {"outputs": profiles(outputs), "files": profile_files(met["read"])}
        self.result["profile_seconds"] = time.perf_counter() - start


def _has_pool() -> bool:
    """Tell whether joblib has started processes."""
    executor = sys.modules.get("joblib.externals.loky.reusable_executor")
    return getattr(executor, "_executor", None) is not None


def _caches() -> tuple[str, ...]:
    """Give the folders where libraries keep what they can make again."""
    home = os.path.expanduser("~")  # noqa: PTH111
    own = os.environ.get("MPLCONFIGDIR")
    places = (".cache/matplotlib", ".config/matplotlib", ".matplotlib", ".cache/fontconfig", ".nbpipe")
    return tuple(os.path.join(home, place) for place in places) + ((own,) if own else ())  # noqa: PTH118
