"""A file is replaced in one step or left alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from nbpipe.errors import NotebookError
from nbpipe.notebook.save import save

if TYPE_CHECKING:
    from pathlib import Path


def test_the_text_is_written_as_utf8_with_its_own_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"

    save(path, "\ufeff{\r\n}é\n")

    assert path.read_bytes() == b"\xef\xbb\xbf{\r\n}\xc3\xa9\n"
    assert list(tmp_path.iterdir()) == [path]


def test_permissions_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)

    save(path, "new")

    assert path.read_text(encoding="utf-8") == "new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "a.ipynb", tmp_path / "link.ipynb"
    path.write_text("old", encoding="utf-8")
    link.symlink_to(path)

    save(link, "new")

    assert link.is_symlink()
    assert path.read_text(encoding="utf-8") == "new"


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text("old", encoding="utf-8")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)

    with pytest.raises(NotebookError, match="cannot be written: No space left on device"):
        save(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_read_only_file_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr(os, "access", lambda *_: False)  # the tests may run as root, who may write everything

    with pytest.raises(NotebookError, match="read-only"):
        save(path, "new")
    assert path.read_text(encoding="utf-8") == "old"


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotebookError, match="cannot be written"):
        save(tmp_path / "none" / "a.ipynb", "new")
