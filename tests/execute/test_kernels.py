from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from nbpipe.errors import ExecutionError
from nbpipe.execute import run_notebook
from nbpipe.execute.kernels import choose_kernel
from nbpipe.notebook import parse_notebook
from nbpipe.records import RunStatus
from tests.execute.making import Heard, shown, write_notebook

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.notebook import Notebook


def notebook(**metadata: object) -> Notebook:
    return parse_notebook(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": []}), "a.ipynb"
    )


@pytest.mark.parametrize(
    ("kernel", "reason"), [("py27-gone", "kernel 'py27-gone' is not installed"), (None, "the notebook names no kernel")]
)
def test_a_python_notebook_falls_back_to_this_python_and_says_so_once(
    tmp_path: Path, kernel: str | None, reason: str
) -> None:
    source = write_notebook(tmp_path / "a.ipynb", "import sys\nprint(sys.executable)", "1", kernel=kernel)
    heard = Heard()
    assert run_notebook(source, listener=heard).status is RunStatus.OK
    assert shown(tmp_path / "a.executed.ipynb")[0] == f"{sys.executable}\n"
    assert heard.warnings == [f"{reason}: using this environment's Python ({sys.executable})"]


def test_the_packages_are_those_of_the_kernels_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another environment: an interpreter elsewhere, with a package that this one has not."""
    site = tmp_path / "site" / "only_there-1.5.dist-info"
    site.mkdir(parents=True)
    (site / "METADATA").write_text("Metadata-Version: 2.1\nName: Only_There\nVersion: 1.5\n")
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path}/site exec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    kernel = tmp_path / "share" / "kernels" / "elsewhere"
    kernel.mkdir(parents=True)
    spec = {"argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "x"}
    (kernel / "kernel.json").write_text(json.dumps({**spec, "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share"))
    record = run_notebook(write_notebook(tmp_path / "a.ipynb", "print(sorted(globals())[:1])", "1", kernel="elsewhere"))
    assert record.status is RunStatus.OK
    assert record.provenance["packages"]["only-there"] == "1.5"
    assert record.provenance["python"]["executable"] == sys.executable
    assert "only-there" not in run_notebook(write_notebook(tmp_path / "b.ipynb", "1")).provenance["packages"]
    counts = [cell["execution_count"] for cell in json.loads((tmp_path / "a.executed.ipynb").read_text())["cells"]]
    assert counts == [1, 2]


def test_another_language_is_not_run_as_python() -> None:
    unknown = {"kernelspec": {"name": "gone-ir", "language": "R"}}
    with pytest.raises(ExecutionError, match=r"a\.ipynb: kernel 'gone-ir' is not installed \(installed: .*python3"):
        choose_kernel(notebook(**unknown))
    with pytest.raises(ExecutionError, match="names no kernel for its language julia"):
        choose_kernel(notebook(language_info={"name": "julia"}))


def test_a_kernel_that_is_asked_for_must_be_there() -> None:
    with pytest.raises(ExecutionError, match="kernel 'other' is not installed"):
        choose_kernel(notebook(), "other")
    assert choose_kernel(notebook(kernelspec={"name": "gone"}), "python3").name == "python3"


@pytest.mark.parametrize("kernelspec", [{"name": "../etc"}, {"name": 3}, {"name": ""}, "python3", None])
def test_odd_kernelspecs_fall_back(kernelspec: object) -> None:
    assert choose_kernel(notebook(kernelspec=kernelspec)).note is not None


def test_where_paths_are_too_long_for_sockets_the_kernel_is_reached_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    look = "import ipykernel, json\nprint(json.load(open(ipykernel.connect.get_connection_file()))['transport'])"
    run_notebook(write_notebook(tmp_path / "a.ipynb", look))
    assert shown(tmp_path / "a.executed.ipynb") == ["tcp\n"]
    assert list(deep.glob("nbp-*")) == []
