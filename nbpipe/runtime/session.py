"""Observes the run of a notebook from within its interpreter, from before the first cell to behind the last."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from . import native
from .contents import Contents
from .hearing import observers
from .modules import own_modules
from .observing import FileObserver

_session: dict[str, Any] = {}


def begin(ignored: list[str]) -> str:
    """Observe from now on.

    Args:
        ignored: folders whose files are not the notebook's.
    """
    observer = FileObserver([*ignored, os.path.dirname(os.path.abspath(__file__))], hashing=True)  # noqa: PTH100, PTH120
    session = observer.observing()
    session.__enter__()
    _session.update(observer=observer, session=session)
    native.install()
    return "{}"


def end() -> str:
    """Stop observing.

    Returns:
        As JSON what `FileObserver.report` gives, with ``modules`` (source files of modules that are not installed, with
        their hashes) and ``seeds`` (``[{"generator", "seed"}]``; null is a seed from entropy).
    """
    observer = _session.pop("observer", None)
    if observer is None or observer not in observers():
        return "null"
    _session.pop("session").__exit__(None, None, None)
    loaded = {name.partition(".")[0] for name in list(sys.modules)}
    for name in native.UNKNOWN:
        if name in loaded:
            observer.note_effect("native", name)
    report = observer.report()
    report["modules"] = [Contents.now(path) for path in sorted(set(own_modules().values()))]
    report["seeds"] = native.seeds[:]
    return json.dumps(report)
