"""A real JupyterLab with the extension as it is in the working tree, and a real Chromium."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 300.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage"]
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
NO_NEWS = {"fetchNews": "false", "checkForUpdates": False}


class Lab:
    """A JupyterLab that runs.

    Attributes:
        url: of the server, with a slash at the end.
        token: what lets in.
        root: the server's folder.
        log: the file that it writes its log to.
    """

    def __init__(self, url: str, token: str, root: Path, log: Path) -> None:
        self.log = log
        self.url = url
        self.token = token
        self.root = root

    def request(self, address: str, body: bytes | None = None, *, token: str | None = None, method: str = "") -> bytes:
        """Ask the server for something of nbpipe's; raises urllib's HTTPError."""
        return self._request(f"nbpipe/{address}", body, token, method or ("GET" if body is None else "POST"))

    def _request(self, address: str, body: bytes | None, token: str | None, method: str) -> bytes:
        headers = {"Authorization": f"token {self.token if token is None else token}"}
        request = urllib.request.Request(f"{self.url}{address}", data=body, headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as reply:
            data: bytes = reply.read()
        return data

    def end_kernels(self) -> None:
        """End the kernels of notebooks that were open: each takes its share of a small machine."""
        for session in json.loads(self._request("api/sessions", None, None, "GET")):
            with contextlib.suppress(urllib.error.HTTPError):  # it ended by itself
                self._request(f"api/sessions/{session['id']}", None, None, "DELETE")

    def json(self, address: str, body: bytes | None = None) -> Any:
        return json.loads(self.request(address, body))


def browser_path() -> str | None:
    """Give the Chromium of this machine, None where there is none."""
    return os.environ.get("NBPIPE_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)


@contextlib.contextmanager
def running_lab(home: Path) -> Iterator[Lab]:
    """Run JupyterLab, with all that it keeps in an empty folder; whether the extension is installed does not matter."""
    root = home / "notebooks"
    extension = home / "labextensions" / "@nbpipe" / "lab"
    extension.parent.mkdir(parents=True)
    root.mkdir()
    news = home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text(json.dumps(NO_NEWS))
    extension.symlink_to(ROOT / "nbpipe" / "lab" / "static")
    token = secrets.token_hex(16)
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("NBPIPE_", "JUPYTER", "MLFLOW"))},
        "PYTHONPATH": str(ROOT),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
    }
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root",
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={root}",
        "--ServerApp.jpserver_extensions={'nbpipe.lab': True, 'jupyterlab': True, 'notebook': True}",
        f"--LabApp.extra_labextensions_path={home / 'labextensions'}",
        f"--JupyterNotebookApp.extra_labextensions_path={home / 'labextensions'}",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    log = home / "log.txt"
    with log.open("w") as file:
        process = subprocess.Popen(command, cwd=home, env=environ, stdout=file, stderr=file)
    try:
        yield Lab(_address(process, log), token, root, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Wait until the server says where it is, and answers there."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+/", log.read_text(errors="replace"))
        if found is not None:
            try:
                with urllib.request.urlopen(f"{found[0]}api", timeout=5):
                    return found[0]
            except OSError:
                pass
        threading.Event().wait(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-3000:]}")


def heading(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": text}


def sums() -> dict[str, Any]:
    """Give a small notebook that a pipeline can be made of: a parameter, two headings, a cell below each."""
    return document(
        [
            heading("# Sums"),
            {"source": "limit = 3  # how many", "metadata": tagged("parameters")},
            heading("## Load"),
            {"source": "rows = [7, 5, 3, 1]"},
            heading("## Add up"),
            {"source": "total = sum(rows[:limit])\nprint(total)"},
        ]
    )


def document(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Give a notebook of these cells, each with what it lacks."""
    full = []
    for number, cell in enumerate(cells):
        kind = cell.get("cell_type", "code")
        code: dict[str, Any] = {"execution_count": None, "outputs": []} if kind == "code" else {}
        full.append({"cell_type": kind, "id": f"cell-{number + 1}", "metadata": {}, "source": "", **code, **cell})
    return {"cells": full, "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}


def tagged(*tags: str) -> dict[str, Any]:
    return {"tags": list(tags)}
