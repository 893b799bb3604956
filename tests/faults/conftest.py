from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


def kernels_of(place: Path) -> list[int]:
    """Give the processes that carry the mark of a kernel whose private folder is in `place`."""
    mark = f"NBPIPE_KERNEL={place}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            dead = "\nState:\tZ" in (process / "status").read_text()
            if not dead and mark in (process / "environ").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found


@pytest.fixture(autouse=True)
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give a folder that is short enough for sockets, in which this test's kernels have theirs; none may be left."""
    folder = Path(tempfile.mkdtemp(prefix="nbf", dir="/tmp"))
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(folder)
    yield folder
    try:
        assert kernels_of(folder) == []
        assert list(folder.glob("nbp-*")) == []
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.chdir("/")
