"""What goes wrong in a step, as data."""

from __future__ import annotations

import importlib
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

_HERE = Path(__file__).resolve().parent


class StepFault(Exception):  # noqa: N818 - the parent names it to the user by its message
    """A step does not keep to what the pipeline says about it."""


def plain(error: BaseException) -> dict[str, Any]:
    """Give an error of ours, whose message says it all."""
    return {"name": type(error).__name__, "message": str(error), "traceback": "", "frames": []}


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
