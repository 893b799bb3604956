"""A prompt in which a step's inputs are loaded, as they were when it ran."""

from __future__ import annotations

import code
import importlib
import json
import os
import pdb  # noqa: T100 - it is what this is for
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from . import generators
from .parameters import decode
from .profiles import profile
from .serializers import load_values
from .store import CorruptedArtifact, Store


def debug(request: str) -> None:
    """Load what a step takes, and let somebody try things.

    Args:
        request: a JSON file with ``project``, ``folder``, ``store``, ``function``, ``inputs``, ``parameters`` and
            ``generators`` of `nbpipe.runtime.worker.run_step`, ``step`` (its name), ``run`` (an id) and ``pdb``
            (whether to step through the call at once).

    Raises:
        SystemExit: an input cannot be read, or the step's module not be imported.
    """
    spec = json.loads(Path(request).read_text(encoding="utf-8"))
    sys.path.insert(0, spec["project"])
    os.chdir(spec["folder"])
    module_name, _, name = spec["function"].partition(":")
    try:
        inputs = load_values(Store(spec["store"]), spec["inputs"])
        module = importlib.import_module(module_name)
    except CorruptedArtifact as error:
        raise SystemExit(f"error: {error}") from None
    except Exception as error:  # noqa: BLE001 - a module may raise anything
        traceback.print_exc()
        raise SystemExit(f"error: step '{spec['step']}' cannot be loaded: {type(error).__name__}: {error}") from None
    arguments = {**inputs, **decode(spec["parameters"])}
    function = getattr(module, name)
    if spec["generators"]:
        generators.set_states(spec["generators"])
    if spec["pdb"]:
        _step_through(function, arguments)
        return

    def run_step() -> Any:
        """Call the step with what is here under the names of its inputs and parameters."""
        return function(**{each: space[each] for each in arguments})

    space = {**vars(module), **arguments, "run_step": run_step}
    _prompt(space, _banner(spec, arguments))


def _step_through(function: Any, arguments: dict[str, Any]) -> None:
    debugger = pdb.Pdb()
    try:
        debugger.runcall(function, **arguments)
    except Exception:  # noqa: BLE001 - whatever the step raises is what somebody wants to look at
        traceback.print_exc()
        pdb.post_mortem(sys.exc_info()[2])


def _prompt(space: dict[str, Any], banner: str) -> None:
    """Ask by IPython where it is installed and somebody sits there, else by Python's own prompt."""
    if sys.stdin.isatty():
        with suppress(ImportError):
            from IPython import start_ipython

            print(banner)  # noqa: T201 - a prompt
            start_ipython(argv=["--no-banner"], user_ns=space)
            return
    code.interact(banner, local=space, exitmsg="")


def _banner(spec: dict[str, Any], arguments: dict[str, Any]) -> str:
    lines = [f"step {spec['step']} of run {spec['run']}: run_step() calls it; its inputs and parameters:"]
    lines += [f"  {name}: {_described(value)}" for name, value in arguments.items()]
    return "\n".join(lines)


def _described(value: Any) -> str:
    known = profile(value)
    kind = type(value).__name__
    if known is None:
        shown = repr(value)
        return f"{kind} {shown}" if len(shown) < 60 and "\n" not in shown else kind  # noqa: PLR2004 - part of a line
    if known["kind"] == "table":
        return f"{kind}, {known['rows']} rows, {len(known['columns']) + known.get('omitted', 0)} columns"
    return f"{kind}, {' x '.join(map(str, known['shape']))} of {known['type']}"
