"""`nbpipe demo` for real, once: every command of it, in processes and kernels of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import warnings
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from nbpipe.api.check import check
from nbpipe.cli import frame
from nbpipe.cli.demo import command
from nbpipe.demo import chapters, project, write_project
from nbpipe.errors import ConfigError, MissingExtraError
from nbpipe.tracking.quiet import quiet_calls

ROOT = Path(__file__).parents[2]
STEPS = ["load", "split", "preprocess", "train", "evaluate"]
MESSY = {"NB101", "NB104", "NB201", "NB205", "NB301", "NB302", "NB501"}


def demo(folder: Path) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("NBPIPE_", "MLFLOW_"))}
    return subprocess.run(
        [sys.executable, "-m", "nbpipe", "demo"],
        cwd=folder,
        env={**environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def told(story: str, command: str) -> str:
    """Give what the demo wrote after one of its commands, up to the next."""
    found = re.search(rf"^\$ nbpipe {re.escape(command)}\n(.*?)(?:^\$ nbpipe |\Z)", story, re.DOTALL | re.MULTILINE)
    assert found is not None, story
    return found[1]


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def accuracy(notebook: Path) -> float:
    """Give the accuracy that a notebook's last cell printed."""
    text = "".join(json.loads(notebook.read_text(encoding="utf-8"))["cells"][-1]["outputs"][0]["text"])
    found = re.search(r"accuracy (\d\.\d+)", text)
    assert found is not None
    return float(found[1])


def pipeline_run(uri: str) -> tuple[Any, list[Any]]:
    """Give the one run of the pipeline, and those nested in it in the order of their beginning."""
    with quiet_calls(), warnings.catch_warnings():
        from mlflow.tracking import MlflowClient

        client = MlflowClient(uri)
        experiment = client.get_experiment_by_name("clean")
        assert experiment is not None
        runs = client.search_runs([experiment.experiment_id], order_by=["start_time"])
    (parent,) = (run for run in runs if "mlflow.parentRunId" not in run.data.tags)
    return parent, [run for run in runs if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]


def test_the_demo_shows_what_nbpipe_does_and_leaves_it_to_look_at(tmp_path: Path) -> None:
    done = demo(tmp_path)
    folder = tmp_path / "nbpipe-demo"

    assert done.returncode == 0, done.stdout + done.stderr
    assert "cell 3 of" not in done.stderr
    findings = told(done.stdout, "check nbpipe-demo/messy.ipynb --output-format concise")
    assert set(re.findall(r"NB\d{3}", findings)) == MESSY
    assert "nbpipe-demo/messy.ipynb: failed: cell 3 " in told(done.stdout, "verify nbpipe-demo/messy.ipynb")
    assert "Checked 1 notebook: nothing found." in told(done.stdout, "check nbpipe-demo/clean.ipynb")
    assert told(done.stdout, "verify nbpipe-demo/clean.ipynb").startswith("nbpipe-demo/clean.ipynb: reproducible\n")
    proof = told(done.stdout, "convert nbpipe-demo/clean.ipynb")
    assert re.search(r"^(\d+) of \1 step outputs equal$", proof, re.MULTILINE)
    ending = told(done.stdout, "run nbpipe-demo/clean_pipeline")
    assert "nbpipe-demo/clean_pipeline: ok, 5 steps in " in ending

    hint = ending.splitlines()[-1]
    assert hint.startswith("  mlflow ui --backend-store-uri sqlite:///")
    parent, nested = pipeline_run(hint.rpartition(" ")[2])
    assert [run.data.tags["nbpipe.step"] for run in nested] == STEPS
    assert parent.data.params["n_estimators"] == "50"
    assert round(parent.data.metrics["accuracy"], 3) == accuracy(folder / "clean.ipynb")

    before = files(folder)
    again = demo(tmp_path)
    assert again.returncode == 2
    assert again.stdout == ""
    assert again.stderr.startswith("error: nbpipe-demo: is not empty")
    assert again.stderr.count("\n") == 1
    assert files(folder) == before


def test_messy_was_really_run_out_of_order_and_clean_was_not_run(tmp_path: Path) -> None:
    written = write_project(tmp_path / "demo")

    found = {item.code for item in check(str(written.messy)).diagnostics}
    assert found == MESSY
    assert check(str(written.clean)).diagnostics == ()
    cells = json.loads(written.clean.read_text(encoding="utf-8"))["cells"]
    assert all(not cell["outputs"] for cell in cells if cell["cell_type"] == "code")
    tags = [tag for cell in cells for tag in cell["metadata"].get("tags", ())]
    assert tags == ["parameters", "imports", *(f"step:{step}" for step in STEPS), "metrics"]


def test_the_data_is_what_the_notebooks_say(tmp_path: Path) -> None:
    written = write_project(tmp_path / "demo")

    header, *rows = written.data.read_text(encoding="utf-8").splitlines()
    assert (len(rows), len(header.split(","))) == (written.rows, written.columns) == (569, 31)
    assert header.endswith(",benign")
    assert {row.rpartition(",")[2] for row in rows} == {"0", "1"}


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    assert write_project(tmp_path).messy.is_file()


def test_a_folder_with_something_in_it_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(ConfigError, match="is not empty, and nothing in it was touched"):
        write_project(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_is_not_taken_for_a_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    for path in (tmp_path / "mine.txt", tmp_path / "mine.txt" / "demo"):
        with pytest.raises(ConfigError, match="Not a directory; name a new folder"):
            write_project(path)
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_nothing_is_written_where_an_extra_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project, "find_spec", lambda name: None if name == "mlflow" else object())

    with pytest.raises(MissingExtraError, match=r"the demo needs the extra 'all'"):
        write_project(tmp_path / "demo")
    assert not (tmp_path / "demo").exists()


@pytest.mark.parametrize(("code", "ending"), [(0, 1), (2, 2), (130, 130)])
def test_the_demo_stops_where_a_command_does_not_end_as_told(
    code: int, ending: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(frame, "dispatch", lambda arguments: code)

    assert command.main([str(tmp_path / "demo")], standalone_mode=False) == ending
    written = capsys.readouterr()
    assert written.out.count("$ nbpipe") == 1
    stopped = f"error: the demo stops: this was to exit with 1, and it did with {code}\n"
    assert written.err == ("" if code == 130 else stopped)


@pytest.mark.parametrize("page", ["docs/images/demo.svg", "docs/pages/getting-started.md"])
def test_picture_and_page_show_the_demo_as_it_is(page: str, tmp_path: Path) -> None:
    def words(text: str) -> str:
        return "".join(re.sub(r"<[^>]*>", "", unescape(text)).split())

    shown = words((ROOT / page).read_text(encoding="utf-8"))
    for chapter in chapters(write_project(tmp_path / "nbpipe-demo")):
        line = " ".join(chapter.arguments).replace(f"{tmp_path}{os.sep}", "")
        assert words(f"$ nbpipe {line}") in shown
    for finding in check(str(tmp_path / "nbpipe-demo" / "messy.ipynb")).diagnostics:
        assert words(finding.message) in shown
