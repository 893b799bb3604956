"""Runs a notebook that lies elsewhere, or whose result goes elsewhere."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.execute.record import record_path
from nbpipe.execute.remote import fetch, is_remote, name_of, store

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from nbpipe.records import RunRecord


def run_remote(
    run: Callable[..., RunRecord],
    path: str | os.PathLike[str],
    output: str | os.PathLike[str] | None,
    *arguments: Any,
) -> RunRecord:
    """Run a notebook that is fetched first, and send the result and its record where they are to go.

    The kernel works in the current folder, where the result of a remote notebook is by default.

    Args:
        run: runs a local notebook; see `nbpipe.api.run.run_one`.
        path: of the notebook, or its address.
        output: of the result.
        arguments: the further ones of `run`.

    Raises:
        ExecutionError: something cannot be read or written there.
    """
    with tempfile.TemporaryDirectory(prefix="nbpipe-remote-") as folder:
        source = Path(path)
        more: dict[str, Any] = {}
        if is_remote(path):
            source = Path(folder) / name_of(str(path))
            source.write_bytes(fetch(str(path)))
            more = {"folder": Path.cwd(), "address": str(path)}
        target = Path(f"{source.stem}.executed.ipynb") if output is None else Path(output)
        if is_remote(output):
            target = Path(folder) / "out" / name_of(str(output))
            target.parent.mkdir()
        record = run(source, target, *arguments, **more)
        if is_remote(output):
            store(target.read_bytes(), str(output))
            store(record_path(target).read_bytes(), f"{str(output).removesuffix('.ipynb')}.run.json")
    return record
