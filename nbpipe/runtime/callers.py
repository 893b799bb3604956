"""On whose behalf something is being done, told by the frames of the call."""

from __future__ import annotations

import os
import sys
from typing import Any

# Readers of source text for tracebacks and warnings: not of data.
_SOURCE_READERS = ("linecache.py", "tokenize.py", "inspect.py", "traceback.py")
_METADATA = (os.path.join("importlib", "metadata"), "importlib_metadata")  # noqa: PTH118
_MLFLOW = (os.path.join("mlflow", "utils", "rest_utils.py"), "own_calls.py")  # noqa: PTH118
_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep  # noqa: PTH100, PTH120 - compared with strings


def asking() -> str:
    """Give the file whose code does what is being told: the first on the stack that is not in this folder."""
    frame: Any = sys._getframe(1)  # noqa: SLF001 - the only way to the caller
    while frame is not None and frame.f_code.co_filename.startswith(_HERE):
        frame = frame.f_back
    return "" if frame is None else str(frame.f_code.co_filename)


def ask_for_source() -> bool:
    """Tell whether the import system, or who shows lines of source, asks."""
    name = asking()
    # It lists the folders of `sys.path`, the project's among them, for distributions.
    if any(part in name for part in _METADATA):
        return True
    return name.startswith("<frozen importlib") or os.path.basename(name) in _SOURCE_READERS  # noqa: PTH119


def log() -> bool:
    """Tell whether MLflow's client is calling its server."""
    frame = sys._getframe(1)  # noqa: SLF001 - the only way to the caller
    while frame is not None and not frame.f_code.co_filename.endswith(_MLFLOW):
        frame = frame.f_back  # type: ignore[assignment]
    return frame is not None
