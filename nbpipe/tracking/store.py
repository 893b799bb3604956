"""Where runs are recorded: MLflow's tracking store of a project."""

from __future__ import annotations

import hashlib
import os
import tempfile
import urllib.error
import urllib.request
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nbpipe.errors import MissingExtraError, TrackingError
from nbpipe.tracking.quiet import quiet_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROJECT_FILES: Final = ("pyproject.toml", "nbpipe.toml")
_PING_SECONDS = 3.0


def check_installed() -> None:
    """Raise unless MLflow is installed.

    Raises:
        MissingExtraError: it is not.
    """
    if find_spec("mlflow") is None:
        raise MissingExtraError("recording runs in MLflow (or --no-tracking)", "mlflow")


def project_folder(path: Path) -> Path:
    """Give the nearest folder at or above `path` with a pyproject.toml or nbpipe.toml, else the current folder."""
    path = path.resolve()
    for folder in (path, *path.parents):
        if any((folder / name).is_file() for name in _PROJECT_FILES):
            return folder
    return Path.cwd()


class Store:
    """A tracking store that answers.

    Attributes:
        uri: MLflow's tracking URI.
        folder: of a store in files, where its database and artifacts lie; None for a server.
        client: MLflow's `MlflowClient`; call it within `quiet_calls`.
    """

    __slots__ = ("client", "folder", "uri")

    def __init__(self, uri: str, folder: Path | None, client: Any) -> None:
        self.uri = uri
        self.folder = folder
        self.client = client

    def experiment(self, name: str) -> str:
        """Give the id of the experiment of that name (MLFLOW_EXPERIMENT_NAME wins), made where there is none.

        Its artifacts go to ``mlartifacts/`` beside the database; MLflow's default would be the current folder.
        """
        from mlflow.exceptions import MlflowException

        name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or name
        found = self.client.get_experiment_by_name(name)
        if found is not None and found.lifecycle_stage == "active":
            return str(found.experiment_id)
        if found is not None:
            self.client.restore_experiment(found.experiment_id)
            return str(found.experiment_id)
        location = None if self.folder is None else (self.folder / "mlartifacts").as_uri()
        try:
            return str(self.client.create_experiment(name, artifact_location=location))
        except MlflowException:
            # Another run made it meanwhile.
            found = self.client.get_experiment_by_name(name)
            if found is None:
                raise
            return str(found.experiment_id)

    def hint(self) -> str:
        """Give the command that shows the store's runs in a browser, or the server's address."""
        return how_to_see(self.uri)


def how_to_see(uri: str) -> str:
    """Give the address of a tracking server, or the command that shows the runs of another store in a browser."""
    return uri if uri.startswith(("http://", "https://")) else f"mlflow ui --backend-store-uri {uri}"


def place_of(path: Path) -> tuple[str, Path | None]:
    """Give the tracking URI for runs of `path`, and the folder where its files lie, None for a server."""
    uri = os.environ.get("MLFLOW_TRACKING_URI")
    if uri:
        return uri, None
    folder = project_folder(path)
    return f"sqlite:///{(folder / 'mlflow.db').as_posix()}", folder


def files_of(uri: str, folder: Path | None) -> tuple[str, ...]:
    """Give the paths, or their beginnings, of the files of a store that lies in files."""
    found = () if folder is None else (str(folder / "mlartifacts"), str(folder / "mlruns"))
    prefix = "sqlite:///"
    return (*found, os.path.abspath(uri.removeprefix(prefix))) if uri.startswith(prefix) else found  # noqa: PTH100


def open_store(path: Path) -> Store:
    """Open the store for runs of `path`: MLFLOW_TRACKING_URI, else ``mlflow.db`` in the project's folder.

    Raises:
        TrackingError: it does not answer, or cannot be made.
    """
    uri, folder = place_of(path)
    check_alive(uri)
    with quiet_calls():
        from mlflow.tracking import MlflowClient

        try:
            with _one_at_a_time(uri):
                client = MlflowClient(uri)
                # The first call makes the tables.
                client.search_experiments(max_results=1)
        except Exception as error:
            # Any part of MLflow, SQLAlchemy or the driver may fail here, each with errors of its own.
            raise TrackingError(f"MLflow store {uri}: {first_line(error)}") from error
    return Store(uri, folder, client)


def first_line(error: BaseException) -> str:
    """Give the first line of an error's message, or its type."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def check_alive(uri: str) -> None:
    """Find out quickly whether a server is there; any answer will do, also a refusal. A store in files is always there.

    Raises:
        TrackingError: it does not answer in a few seconds.
    """
    if not uri.startswith(("http://", "https://")):
        return
    request = urllib.request.Request(f"{uri.rstrip('/')}/health")  # noqa: S310 - http or https, checked by the caller
    try:
        with urllib.request.urlopen(request, timeout=_PING_SECONDS):  # noqa: S310
            pass
    except urllib.error.HTTPError as error:
        error.close()
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise TrackingError(f"MLflow server {uri} does not answer: {reason}") from error


@contextmanager
def _one_at_a_time(uri: str) -> Iterator[None]:
    """Let no two processes make the tables of one SQLite store at once: MLflow does not guard against it."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    if not uri.startswith("sqlite:"):
        yield
        return
    user = os.getuid()
    name = f"nbpipe-{user}-{hashlib.sha256(uri.encode()).hexdigest()[:16]}.lock"
    with (Path(tempfile.gettempdir()) / name).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
