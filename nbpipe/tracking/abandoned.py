"""Runs whose process was killed before it could end them: MLflow would show them as running for ever."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from nbpipe.tracking.steps import PARENT, read_run

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.tracking.store import Store

_ENDED = ".ended"


def end_abandoned(store: Store, runs: Path) -> None:
    """Mark the MLflow runs of killed processes as killed, once; call it within `quiet_calls`.

    Args:
        store: where they are.
        runs: the folder of a project's runs.
    """
    for parent in runs.glob(f"*/{PARENT}"):
        work = parent.parent
        if (runs / f"{work.name}.json").exists() or _is_alive(parent):
            continue
        for file in (*work.glob("?*.mlflow.json"), parent):
            found = read_run(file, store)
            if found is None:
                continue
            if store.client.get_run(found[1]).info.status == "RUNNING":
                store.client.set_tag(found[1], "nbpipe.status", "killed")
                store.client.set_terminated(found[1], "KILLED")
            with suppress(OSError):
                file.rename(file.with_suffix(_ENDED))


def _is_alive(file: Path) -> bool:
    """Tell whether the process that wrote a file of `write_run` is there; where nobody knows, it counts as there."""
    if os.name != "posix":  # elsewhere a signal of 0 is no question
        return True
    try:
        os.kill(int(json.loads(file.read_text(encoding="utf-8"))["process"]), 0)
    except ProcessLookupError:
        return False
    except (OSError, ValueError, KeyError, TypeError):
        return True
    return True
