"""L0: what holds for processes that are nbpipe's own, and not for those that use it as a library."""

from __future__ import annotations

import gc
import os
import sys
from typing import Any

# So many new objects set off the first search for reference cycles: the imports of a command make fewer.
_OBJECTS = 100_000


def spare_imports() -> None:
    """Keep out of this process what libraries would import, at length, for nothing that nbpipe does.

    nbformat imports jsonschema, and that, where it finds it (every environment with JupyterLab), the package
    rfc3987_syntax, for checking the format of IRIs: building its grammar takes 2 to 4 seconds of CPU at every start.
    jsonschema does without where the import fails, and notebooks have no IRIs to check.
    """
    modules: dict[str, Any] = sys.modules
    modules.setdefault("rfc3987_syntax", None)  # how the import system is told that there is none


def spare_collections() -> None:
    """Let Python search for reference cycles more rarely: what a start imports stays, so searching it finds nothing."""
    gc.set_threshold(_OBJECTS, *gc.get_threshold()[1:])


def leave(code: int) -> int:
    """End this process at once where nobody has asked for anything to be done at its end; else give the code back.

    Taking modules and values apart one by one costs an eighth of the time of a check of a small notebook; the system
    takes back all memory in one go. (mypy ends its process so, too.)
    """
    if "atexit" not in sys.modules:  # then nobody has; threads and loggers would have
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:  # closed by who started this process
                stream.flush()
        os._exit(code)
    return code
