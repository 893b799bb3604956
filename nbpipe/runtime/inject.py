"""How this folder gets into an interpreter where nbpipe is not installed, and how it is talked to there."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

PACKAGE = "_nbpipe_runtime"
FOLDER = Path(__file__).resolve().parent

_BOOTSTRAP = """
import importlib.util, sys
if {package!r} not in sys.modules:
    spec = importlib.util.spec_from_file_location({package!r}, {init!r}, submodule_search_locations=[{folder!r}])
    module = importlib.util.module_from_spec(spec)
    sys.modules[{package!r}] = module
    spec.loader.exec_module(module)
"""


def bootstrap_source() -> str:
    """Give one line of Python that makes the folder importable as ``_nbpipe_runtime`` and binds no name."""
    source = _BOOTSTRAP.format(package=PACKAGE, init=str(FOLDER / "__init__.py"), folder=str(FOLDER))
    return f"exec({source!r}, {{'__name__': {PACKAGE!r}}})"


def request_source(command: str, *, path: str | None = None, **arguments: Any) -> str:
    """Give a Python expression whose value is the recorder's answer, as JSON text.

    Args:
        command: see `nbpipe.runtime.recorder.answer`.
        path: where to write the answer instead of returning it.
        arguments: those of the command, JSON-able.
    """
    request = json.dumps({"command": command, "path": path, **arguments})
    return f"__import__({PACKAGE + '.recorder'!r}, fromlist=['answer']).answer({request!r})"


def read_answer(shown: str) -> Any:
    """Give the content of an answer, from the ``text/plain`` that a kernel shows for it."""
    return json.loads(ast.literal_eval(shown))
