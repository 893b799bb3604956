"""`nbpipe run` with its options about parameters and labels, and `nbpipe runs` on what it left."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from mlflow.tracking import MlflowClient

from nbpipe.cli import main
from nbpipe.tracking.quiet import quiet_calls
from tests.execute.making import code, shown, write_notebook

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a project in which a notebook has run three times: well, well with other data, and badly."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "pyproject.toml").touch()
    (folder / "data.csv").write_text("a\n1\n")
    cell = code("n = 5\nrate = 0.5\nname = ''\nseed = 1", "parameters")
    read = "import random\nrandom.seed(seed)\nprint(n, rate, name, open('data.csv').read())\nassert n < 9"
    write_notebook(folder / "a.ipynb", cell, read)
    (folder / "p.yaml").write_text("n: 6\nrate: 1e-3\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for variable in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"):
            patch.delenv(variable, raising=False)
        given = ["-f", "p.yaml", "--params-json", '{"n": 7, "name": "x"}', "-p", "n=8"]
        labels = ["--tag", "quick", "--tag", "stage=test", "--note", "first"]
        assert main(["run", "a.ipynb", "one.ipynb", "--no-tracking", "-q", *given, *labels]) == 0
        (folder / "data.csv").write_text("a\n2\n")
        assert main(["run", "a.ipynb", "two.ipynb", "--no-tracking", "-q"]) == 0
        assert main(["run", "a.ipynb", "three.ipynb", "--no-tracking", "-q", "-p", "n=9"]) == 1
        yield folder


@pytest.fixture
def ids(project: Path) -> list[str]:
    return sorted(path.stem for path in (project / ".nbpipe_runs").glob("*.json"))


def as_json(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert main(["runs", *arguments, "--json"]) in {0, 1}
    return json.loads(capsys.readouterr().out)


def test_parameters_of_files_and_texts_are_typed_and_the_last_wins(project: Path) -> None:
    assert shown(project / "one.ipynb")[2].startswith("8 0.001 x a\n1")


def test_runs_are_listed_newest_first(project: Path, ids: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["runs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ids[::-1]
    assert [line.split()[5] for line in lines] == ["failed", "ok", "ok"]
    assert "n=8, rate=0.001, name='x'" in lines[2]
    assert [run["id"] for run in as_json(capsys, "-n", "1")["runs"]] == ids[-1:]
    assert [run["id"] for run in as_json(capsys, "list", "-n", "1")["runs"]] == ids[-1:]


def test_one_run_is_shown_with_all_that_is_known(
    project: Path, ids: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["runs", "show", ids[0]]) == 0
    text = capsys.readouterr().out
    for part in ("ok", "tags      quick, stage=test", "note      first", "data.csv", "random.seed", "n     8", "CPU"):
        assert part in text
    run = as_json(capsys, "show", "latest")
    assert run["id"] == ids[-1]
    assert run["error"]["name"] == "AssertionError"
    assert [cell["status"] for cell in run["cells"]] == ["ok", "failed"]
    assert run["cells"][1]["cpu_seconds"] >= 0
    assert run["cells"][1]["peak_memory"] > 10_000_000


def test_two_runs_differ_in_parameters_and_data(ids: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    found = as_json(capsys, "diff", ids[0], ids[1])["differences"]
    differs = {(item["what"], Path(item["name"]).name): (item["first"], item["second"]) for item in found}
    assert differs["parameters", "n"] == (8, 5)
    assert differs["parameters", "rate"] == (0.001, 0.5)
    first, second = differs["files read", "data.csv"]
    assert first != second
    assert {what for what, _ in differs} == {"parameters", "files read"}
    assert main(["runs", "diff", ids[0], ids[0]]) == 0
    assert capsys.readouterr().out == "nothing that is recorded differs\n"


def test_a_run_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "show", "20200101"]) == 2
    assert capsys.readouterr().err.startswith("error: no run '20200101' in ")


def test_runs_are_sent_to_mlflow_once(project: Path, ids: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["runs", "push"]) == 0
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == ids
    assert main(["runs", "push", "-q"]) == 0
    assert capsys.readouterr().out == ""
    with quiet_calls():
        client = MlflowClient(f"sqlite:///{project}/mlflow.db")
        experiment = client.get_experiment_by_name("a")
        assert experiment is not None
        tracked = {run.data.tags["nbpipe.run"]: run for run in client.search_runs([experiment.experiment_id])}
        first = tracked[ids[0]]
        assert first.data.params == {"n": "8", "rate": "0.001", "name": "x", "seed": "1"}
        assert first.data.tags["quick"] == "true"
        assert first.data.tags["stage"] == "test"
        assert first.data.tags["mlflow.note.content"] == "first"
        assert first.data.tags["nbpipe.seeds"] == "random.seed(1)"
        assert first.inputs is not None
        (data,) = first.inputs.dataset_inputs
        record = json.loads((project / ".nbpipe_runs" / f"{ids[0]}.json").read_text())
        assert (data.dataset.name, data.dataset.digest) == ("data.csv", record["observed"]["read"][0]["sha256"][:36])
        assert [tracked[name].info.status for name in ids] == ["FINISHED", "FINISHED", "FAILED"]
        times = client.get_metric_history(first.info.run_id, "cell_peak_memory_bytes")
        assert [point.step for point in times] == [1, 2]
        names = {item.path for item in client.list_artifacts(first.info.run_id)}
    assert names == {"one.ipynb", f"{ids[0]}.json", "requirements.txt"}
    assert as_json(capsys, "show", ids[0])["mlflow"]["run_id"] == first.info.run_id


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-f", "none.yaml"], "none.yaml: does not exist"),
        (["--params-json", "[1]"], 'parameters as JSON: must be an object as {"name": value}, not a list'),
        (["--params-json", '{"n": "x"}'], "parameter 'n' must be int, not 'x'"),
        (["--params-json", '{"rat": 1}'], "Did you mean 'rate'?"),
        (["--max-memory", "lots"], "'lots' is no size; write it as 500MB or 2GiB"),
        (["--tag", "=x"], "--tag =x: write it as NAME or NAME=VALUE"),
        (["-j", "2", "--python", "python"], "--python is for the steps of a pipeline"),
    ],
)
def test_wrong_options_are_one_line(
    project: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["run", "a.ipynb", "--no-tracking", *arguments]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_notebooks_of_the_same_name_do_not_overwrite_each_other(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(project / "a.ipynb", tmp_path / "a.ipynb")
    assert main(["run", "a.ipynb", str(tmp_path / "a.ipynb"), "--output-dir", str(tmp_path / "out")]) == 2
    assert "would both be saved as" in capsys.readouterr().err


def test_several_notebooks_run_side_by_side_with_logs_and_pages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in "bc":
        write_notebook(tmp_path / f"{name}.ipynb", code("n = 1", "parameters"), f"print('from {name}', n)")
    paths = [str(tmp_path / f"{name}.ipynb") for name in "bc"]
    options = ["-j", "2", "-p", "n=3", "--log-output", "--html", "--output-dir", str(tmp_path / "out"), "--no-tracking"]
    assert main(["run", *paths, *options]) == 0
    out, err = capsys.readouterr()
    assert sorted(line.split(": ")[1][:10] for line in out.splitlines()) == ["ok, 2 cells"[:10]] * 2
    assert {"b.ipynb: from b 3", "c.ipynb: from c 3"} <= set(err.splitlines())
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {f"{name}.{end}" for name in "bc" for end in ("ipynb", "html", "run.json")}
