"""Two runs of one project, in the command line and on MLflow's SQLite store: what is recorded, listed and compared."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import nbpipe
from nbpipe.cli import main
from nbpipe.tracking.quiet import quiet_calls
from tests.tracking.shop import OWN_CALLS, make_shop

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "kT9vQz7LmX2pR4"
MORE = OWN_CALLS.replace("def fit(train, *, ridge: float)", "def fit(train, *, ridge: float, password: str)")


class Shop:
    """The project, the ids of its runs in order, and by id its MLflow runs: those of steps, and ``""`` of the whole."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ids: list[str] = []
        self.runs: dict[str, dict[str, Any]] = {}
        self.artifacts: dict[str, list[str]] = {}

    def run(self, *arguments: str) -> None:
        """Run it."""
        assert main(["run", "-q", str(self.root), *arguments]) == 0
        self.ids += [path.stem for path in self.folder.glob("*.json") if path.stem not in self.ids]

    @property
    def folder(self) -> Path:
        return self.root / ".nbpipe" / "runs"

    def record(self, number: int) -> dict[str, Any]:
        """Give a run's record as it is on disk."""
        content: dict[str, Any] = json.loads((self.folder / f"{self.ids[number]}.json").read_text())
        content["steps"] = {step["name"]: step for step in content["steps"]}
        return content

    def load(self) -> None:
        """Read what MLflow has."""
        with quiet_calls():
            from mlflow.tracking import MlflowClient

            client = MlflowClient(f"sqlite:///{self.root / 'mlflow.db'}")
            experiments = {each.name: each.experiment_id for each in client.search_experiments()}
            assert set(experiments) == {"Default", "shop"}
            for run in client.search_runs([experiments["shop"]]):
                tags = run.data.tags
                self.runs.setdefault(tags["nbpipe.run"], {})[tags.get("nbpipe.step", "")] = run
                found = client.list_artifacts(run.info.run_id)
                nested = [each for each in found if each.is_dir]
                found += [inner for each in nested for inner in client.list_artifacts(run.info.run_id, each.path)]
                self.artifacts[run.info.run_id] = [each.path for each in found]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> Iterator[Shop]:
    """Run it three times: from nothing, with nothing changed, with one parameter and one row changed."""
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME", "NBPIPE_STORE"):
            patch.delenv(variable, raising=False)
        root = make_shop(tmp_path_factory.mktemp("shop"), MORE)
        steps = root / "shop" / "pipeline.py"
        steps.write_text(steps.read_text().replace('("ridge",)', '("ridge", "password")'))
        (root / "params.yaml").write_text((root / "params.yaml").read_text() + f"password: {SECRET}\n")
        shutil.copy(empty_store, root / "mlflow.db")
        patch.chdir(root)
        found = Shop(root)
        found.run("--tag", "who=me", "--tag", "quick", "--note", "the first")
        found.run()
        orders = root / "orders.csv"
        orders.write_text(orders.read_text().replace("Bo,2,8.00", "Bo,2,99.50"))
        found.run("-p", "ridge=2")
        found.load()
        yield found


def test_a_record_holds_data_lineage_seeds_code_and_environment(shop: Shop) -> None:
    record = shop.record(0)
    steps = record["steps"]
    orders = str(shop.root / "orders.csv")
    assert set(steps["load"]["read"]) == {orders}
    assert [item["path"] for item in record["observed"]["read"]] == [orders]
    assert [item["path"] for item in record["observed"]["written"]] == [str(shop.root / "scored.csv")]
    assert steps["fit"]["inputs"] == {"train": {"step": "split", "key": steps["split"]["outputs"]["train"]}}
    profiles = steps["load"]["profiles"]
    assert (profiles["files"][orders]["rows"], profiles["outputs"]["orders"]["rows"]) == (60, 60)
    price = profiles["outputs"]["orders"]["columns"][2]
    assert (price["name"], price["mean"], len(price["histogram"]["counts"])) == ("price", 92.5, 12)
    assert steps["split"]["generators"] == {"numpy.random": "seeded"}
    assert record["observed"]["seeds"] == [{"generator": "numpy.random", "seed": 3}]
    assert steps["fit"]["fingerprints"]["slope"]["proves"]
    assert list(steps["score"]["figures"]) == ["chart"]
    origin = record["provenance"]
    assert set(origin["code"]["files"]) >= {"shop/steps.py", "shop/pipeline.py", "params.yaml", ".nbpipe/project.json"}
    assert set(origin["steps"]) == set(steps)
    assert "pandas" in origin["packages"]
    assert (record["tags"], record["note"]) == ({"who": "me", "quick": ""}, "the first")


def test_no_row_no_text_and_no_secret_is_in_what_is_recorded(shop: Shop) -> None:
    for number, run in enumerate(shop.ids):
        text = (shop.folder / f"{run}.json").read_text()
        report = (shop.folder / f"{run}.html").read_text()
        for content in (text, report):
            assert "Ann" not in content
            assert SECRET not in content
        assert shop.record(number)["parameters"]["password"] == "[redacted]"
    for runs in shop.runs.values():
        assert all(SECRET not in str(run.to_dictionary()) for run in runs.values())


def test_mlflow_has_all_of_it_in_nested_runs(shop: Shop) -> None:
    assert set(shop.runs) == set(shop.ids)
    runs, record = shop.runs[shop.ids[0]], shop.record(0)
    whole = runs.pop("")
    assert set(runs) == {"load", "split", "fit", "score"}
    assert {run.data.tags["mlflow.parentRunId"] for run in runs.values()} == {whole.info.run_id}
    assert {run.info.status for run in (whole, *runs.values())} == {"FINISHED"}
    tags = whole.data.tags
    assert (tags["who"], tags["quick"], tags["mlflow.note.content"]) == ("me", "true", "the first")
    assert (tags["nbpipe.seeds"], tags["nbpipe.code.sha256"]) == (
        "numpy.random(3)",
        record["provenance"]["code"]["sha256"],
    )
    assert whole.data.metrics["mse"] == record["steps"]["score"]["metrics"]["mse"]
    assert set(shop.artifacts[whole.info.run_id]) == {f"{shop.ids[0]}.json", "report.html", "requirements.txt"}
    assert shop.artifacts[runs["score"].info.run_id] == ["figures", "figures/chart.png"]
    assert runs["split"].data.params == {"seed": "3"}
    assert runs["split"].data.tags["nbpipe.generators"] == "numpy.random (seeded)"
    runs[""] = whole


def test_data_sets_have_schema_sizes_and_hashes(shop: Shop) -> None:
    runs, record = shop.runs[shop.ids[0]], shop.record(0)
    (read,) = runs["load"].inputs.dataset_inputs
    assert read.dataset.name == "orders.csv"
    assert record["steps"]["load"]["read"][str(shop.root / "orders.csv")].startswith(read.dataset.digest)
    schema = json.loads(read.dataset.schema)["mlflow_colspec"]
    assert schema == [
        {"type": "string", "name": "name"},
        {"type": "long", "name": "units"},
        {"type": "double", "name": "price"},
    ]
    assert json.loads(read.dataset.profile)["columns"]["price"]["histogram"]["high"] == 180.0
    assert [each.value for each in read.tags] == ["read"]
    (taken,) = runs["fit"].inputs.dataset_inputs
    assert (taken.dataset.name, taken.tags[0].value) == ("split.train", "input")
    assert json.loads(taken.dataset.source)["key"] == record["steps"]["split"]["outputs"]["train"]
    assert [each.dataset.name for each in runs[""].inputs.dataset_inputs] == ["orders.csv"]


def test_what_a_step_logs_itself_is_in_its_run_and_again_when_its_result_is_taken(shop: Shop) -> None:
    first, second = (shop.runs[run]["fit"] for run in shop.ids[:2])
    rows = shop.record(0)["steps"]["fit"]["metrics"]["rows"]
    for run in (first, second):
        assert run.data.params["ridge"] == "0.5"
        assert run.data.metrics["rows"] == rows
        assert (run.data.tags["kind"], run.info.run_name) == ("linear", "fit")
    assert shop.artifacts[first.info.run_id] == ["own.json"]
    assert second.data.tags["nbpipe.status"] == "cached"
    assert second.data.tags["nbpipe.logged.run_id"] == first.info.run_id
    log = (shop.folder / shop.ids[0] / "fit.log").read_text()
    assert "not to the experiment 'another'" in log


def test_a_second_run_takes_all_and_is_told_as_fully(shop: Shop) -> None:
    one, two = shop.record(0)["steps"], shop.record(1)["steps"]
    assert {step["status"] for step in two.values()} == {"cached"}
    for name, step in one.items():
        for field in (
            "outputs",
            "metrics",
            "figures",
            "inputs",
            "read",
            "written",
            "profiles",
            "fingerprints",
            "seeds",
        ):
            assert two[name][field] == step[field], (name, field)


def test_diff_names_the_parameter_the_data_and_the_metric_that_moved(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main(["runs", "diff", shop.ids[0], shop.ids[2], "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["differences"]
    by_kind: dict[str, dict[str, Any]] = {}
    for item in found:
        by_kind.setdefault(item["what"], {})[item["name"]] = (item["first"], item["second"])
    assert by_kind["parameters"] == {"ridge": (0.5, 2.0)}
    assert list(by_kind["files read"]) == [str(shop.root / "orders.csv")]
    assert "mean 92.5" in by_kind["data"]["load.orders: price"][0]
    assert list(by_kind["metrics"]) == ["mse"]
    assert "load.orders" in by_kind["outputs"]
    assert set(by_kind) == {"parameters", "files read", "files written", "data", "outputs", "metrics"}
    assert main(["runs", "diff", shop.ids[0], shop.ids[2]]) == 1
    text = capsys.readouterr().out
    assert "ridge: 0.5 -> 2.0" in text
    assert "%)" in text
    assert main(["runs", "diff", shop.ids[0], shop.ids[1]]) == 0


def test_runs_are_listed_and_shown(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["runs", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["runs"]
    assert [run["id"] for run in listed] == shop.ids[::-1]
    assert [run["mlflow"]["run_id"] for run in listed] == [shop.runs[run][""].info.run_id for run in shop.ids[::-1]]
    assert main(["runs", "show", shop.ids[2]]) == 0
    text = capsys.readouterr().out
    for part in ("load.orders", "60 rows, 3 columns", "mse", "the file orders.csv changed", "numpy.random  3"):
        assert part in text
    assert main(["runs", "push"]) == 0
    assert "nothing to send" in capsys.readouterr().err


def test_a_value_is_given_back(shop: Shop) -> None:
    before = nbpipe.load(shop.ids[0], "load", "orders", folder=shop.root)
    after = nbpipe.load("latest", "load", "orders", folder=shop.root)
    assert (before["price"][1], after["price"][1]) == (8.0, 99.5)


def test_the_report_shows_the_run_and_can_be_made_again(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    written = (shop.folder / f"{shop.ids[0]}.html").read_text()
    for part in (
        "split.train",
        "data:image/png;base64,",
        "the first",
        "who=me",
        "60 rows, 3 columns",
        "<svg",
        "pandas==",
    ):
        assert part in written
    assert "<script" not in written
    capsys.readouterr()
    assert main(["runs", "report", shop.ids[0], "-o", "again.html"]) == 0
    assert Path("again.html").read_text() == written
