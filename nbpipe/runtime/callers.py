"""On whose behalf something is being done, told by the frames of the call."""

from __future__ import annotations

import os
import sys

# Readers of source text for tracebacks and warnings: not of data.
_SOURCE_READERS = ("linecache.py", "tokenize.py", "inspect.py", "traceback.py")
_METADATA = (os.path.join("importlib", "metadata"), "importlib_metadata")  # noqa: PTH118
_MLFLOW = (os.path.join("mlflow", "utils", "rest_utils.py"), "own_calls.py")  # noqa: PTH118
_OURS = (__file__, os.path.join(os.path.dirname(__file__), "effects.py"))  # noqa: PTH118, PTH120


def ask_for_source() -> bool:
    """Tell whether the import system, or who shows lines of source, asks: the first frame that is not ours."""
    frame = sys._getframe(1)  # noqa: SLF001 - the only way to the caller
    while frame is not None and frame.f_code.co_filename in _OURS:
        frame = frame.f_back  # type: ignore[assignment]
    name = frame.f_code.co_filename if frame is not None else ""
    if any(
        part in name for part in _METADATA
    ):  # it lists the folders of `sys.path`, the project's among them, for distributions
        return True
    return name.startswith("<frozen importlib") or os.path.basename(name) in _SOURCE_READERS  # noqa: PTH119


def log() -> bool:
    """Tell whether MLflow's client is calling its server."""
    frame = sys._getframe(1)  # noqa: SLF001 - the only way to the caller
    while frame is not None and not frame.f_code.co_filename.endswith(_MLFLOW):
        frame = frame.f_back  # type: ignore[assignment]
    return frame is not None
