from __future__ import annotations

import errno
import json
import os
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from nbpipe.errors import ExecutionError
from nbpipe.execute.saving import check_writable, notebook_bytes, write_atomically

if TYPE_CHECKING:
    from pathlib import Path

from_dict: Any = nbformat.from_dict


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExecutionError, match="a: cannot be written: No space left on device"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupt_while_writing_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def interrupted(_handle: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_a_new_file_gets_the_permissions_that_new_files_get(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a", b"")
    (tmp_path / "b").touch()
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_looking_whether_a_folder_can_be_written_leaves_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_a_notebook_is_written_byte_for_byte_as_nbformat_does() -> None:
    data = {
        "text/plain": "a\nb",
        "text/html": ["<p>", "</p>"],
        "image/svg+xml": "<svg>\n</svg>",
        "image/png": "iVBO\nRw==",
    }
    cells = [
        {"cell_type": "markdown", "id": "a", "source": "# ü\n\ntext", "metadata": {}, "attachments": {"x": dict(data)}},
        {"cell_type": "raw", "id": "b", "source": "", "metadata": {"trusted": True}},
        {
            "cell_type": "code",
            "id": "c",
            "source": "x\ny\n",
            "metadata": {"tags": ["z", "a"]},
            "execution_count": 3,
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": "1\n2\r3"},
                {
                    "output_type": "execute_result",
                    "execution_count": 3,
                    "data": data,
                    "metadata": {"w": {"b": 1, "a": 2}},
                },
                {"output_type": "display_data", "data": {"application/json": {"b": [1], "a": "x\ny"}}, "metadata": {}},
                {"output_type": "error", "ename": "E", "evalue": "v\n", "traceback": ["t\nu"]},
            ],
        },
    ]
    metadata = {"signature": "x", "kernelspec": {"name": "python3"}, "a": 1.5}
    node = from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})
    write: Any = nbformat.v4.writes
    before = write(node)
    assert notebook_bytes(node).decode() == before + "\n"
    assert write(node) == before


def test_what_json_has_no_place_for_is_written_so_that_every_reader_takes_it() -> None:
    outputs = [{"output_type": "display_data", "data": {"application/json": {"x": [float("nan"), 1]}}, "metadata": {}}]
    cell = {"cell_type": "code", "source": "'\ud800'", "metadata": {}, "execution_count": 1, "outputs": outputs}
    node = from_dict({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]})
    data = notebook_bytes(node)
    read = json.loads(data, parse_constant=pytest.fail)
    assert read["cells"][0]["outputs"][0]["data"]["application/json"] == {"x": [None, 1]}
    assert read["cells"][0]["source"] == ["'\ud800'"]
