from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from nbpipe.errors import TrackingError
from nbpipe.tracking.store import check_alive, open_store, project_folder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_EXPERIMENT_NAME"):
        monkeypatch.delenv(name, raising=False)


def test_the_project_is_the_nearest_folder_with_a_project_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert project_folder(deep) == tmp_path
    (tmp_path / "a" / "nbpipe.toml").touch()
    assert project_folder(deep) == tmp_path / "a"
    (deep / "pyproject.toml").touch()
    assert project_folder(deep / "x.ipynb") == deep


def test_the_default_store_keeps_database_and_artifacts_in_the_project(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").touch()
    store = open_store(tmp_path)
    first = store.experiment("churn")
    assert store.experiment("churn") == first
    assert (tmp_path / "mlflow.db").is_file()
    experiment = store.client.get_experiment(first)
    assert experiment.artifact_location == (tmp_path / "mlartifacts").as_uri()
    store.client.delete_experiment(first)
    assert store.experiment("churn") == first
    assert store.client.get_experiment(first).lifecycle_stage == "active"
    assert store.hint() == f"mlflow ui --backend-store-uri sqlite:///{tmp_path}/mlflow.db"
    # Neither MLflow nor alembic talks to the user.
    assert capfd.readouterr() == ("", "")


def test_the_users_own_experiment_name_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/other.db")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "mine")
    store = open_store(tmp_path)
    assert store.client.get_experiment(store.experiment("churn")).name == "mine"
    assert (tmp_path / "other.db").is_file()


def test_a_server_that_is_down_is_known_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{port}")
    with pytest.raises(TrackingError, match=rf"server http://127.0.0.1:{port} does not answer: .*refused"):
        open_store(tmp_path)


def test_any_answer_of_a_server_will_do() -> None:
    class Refuses(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(401)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with HTTPServer(("127.0.0.1", 0), Refuses) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        check_alive(f"http://127.0.0.1:{server.server_port}")
        thread.join()


def test_a_store_that_cannot_be_made_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/file/mlflow.db")
    with pytest.raises(TrackingError) as raised:
        open_store(tmp_path)
    assert "\n" not in str(raised.value)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", str(tmp_path / "mlruns"))
    with pytest.raises(TrackingError, match="mlruns: "):
        open_store(tmp_path)
