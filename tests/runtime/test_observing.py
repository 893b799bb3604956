from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.runtime.observing import FileObserver

if TYPE_CHECKING:
    import pytest


def test_files_read_and_written_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text("a,b\n")
    before = tmp_path / "before.txt"
    before.write_text("x")
    observer = FileObserver(ignored=(str(tmp_path / "store"),))
    (tmp_path / "store").mkdir()
    with observer.observing():
        with open("in.csv") as file:  # noqa: PTH123 - as notebooks do
            list(csv.reader(file))
        (tmp_path / "out.txt").write_text("x")
        (tmp_path / "store" / "object").write_text("x")
        os.close(os.open(tmp_path / "low.bin", os.O_WRONLY | os.O_CREAT))
    before.read_text()
    assert observer.found() == {
        "read": [str(tmp_path / "in.csv")],
        "written": [str(tmp_path / "low.bin"), str(tmp_path / "out.txt")],
        "programs": [],
        "unexplained": [],
    }


def test_what_goes_counts_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.txt", "b.txt", "kept/a.txt", "tree/c.txt", "tree/deep/d.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    observer = FileObserver()
    with observer.observing():
        Path("a.txt").read_text()
        Path("a.txt").unlink()
        os.remove("b.txt")  # noqa: PTH107 - as notebooks do
        shutil.rmtree("tree")
    went = ["a.txt", "b.txt", "tree/c.txt", "tree/deep/d.txt"]
    assert observer.found()["written"] == [str(tmp_path / name) for name in went]
