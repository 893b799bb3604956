"""Kernels without a network, and with a part of the environment only."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from nbpipe.cli import main
from nbpipe.errors import ConfigError
from nbpipe.execute import isolation
from nbpipe.execute.isolation import allowed_environment, without_network
from tests.execute.making import shown, write_notebook

if TYPE_CHECKING:
    from pathlib import Path

CONNECT = (
    "import socket\ntry:\n    socket.create_connection(('127.0.0.1', {port}), timeout=20).close()\n"
    "    print('connected')\nexcept OSError as error:\n    print('kept away')"
)


def can_isolate() -> bool:
    try:
        return bool(without_network())
    except ConfigError:
        return False


@pytest.mark.skipif(not can_isolate(), reason="this system does not let a program have a network of its own")
def test_a_kernel_without_network_reaches_no_server(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        notebook = write_notebook(tmp_path / "n.ipynb", CONNECT.format(port=server.getsockname()[1]))
        assert main(["-q", "run", str(notebook), "--no-tracking"]) == 0
        assert shown(tmp_path / "n.executed.ipynb") == ["connected\n"]
        assert main(["-q", "run", str(notebook), "--no-tracking", "--no-network"]) == 0
        assert shown(tmp_path / "n.executed.ipynb") == ["kept away\n"]


def test_where_it_cannot_be_it_is_refused_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(isolation, "_works", lambda _: False)
    without_network.cache_clear()
    notebook = write_notebook(tmp_path / "n.ipynb", "open('ran', 'w')")

    assert main(["run", str(notebook), "--no-tracking", "--no-network"]) == 2
    assert "this system cannot run a program without network" in capsys.readouterr().err
    assert not (tmp_path / "ran").exists()
    without_network.cache_clear()


def test_a_kernel_gets_the_variables_that_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_REGION", "north")
    monkeypatch.setenv("SHOP_PASSWORD", "hidden")
    notebook = write_notebook(
        tmp_path / "n.ipynb", "import os\nprint(os.environ.get('SHOP_REGION'), os.environ.get('SHOP_PASSWORD'))"
    )
    assert main(["-q", "run", str(notebook), "--no-tracking", "--pass-env", "SHOP_REGION"]) == 0
    assert shown(tmp_path / "n.executed.ipynb") == ["north None\n"]


def test_what_programs_need_is_always_passed() -> None:
    environ = {"PATH": "/bin", "LC_ALL": "C", "AWS_SECRET_ACCESS_KEY": "x", "MINE": "1"}

    assert allowed_environment(environ, None) == environ
    assert allowed_environment(environ, ["MINE"]) == {"PATH": "/bin", "LC_ALL": "C", "MINE": "1"}
