"""A real JupyterLab and a real Chromium, one each for the whole run, and a folder of notebooks for each test."""

from __future__ import annotations

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

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Page

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 180.0
WAIT_MILLISECONDS = 120_000  # for one thing to appear: the machine may be busy with other things
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
# What JupyterLab itself, or the browser, says in any session.
NOT_OURS = re.compile(
    r"Autofill|favicon|WebSocket|ERR_ABORTED|preload|third-party cookie|/lsp/|Deprecat|ResizeObserver|sourceMap",
    re.IGNORECASE,
)


class Lab:
    """A JupyterLab that runs.

    Attributes:
        url: of the server, with a slash at the end.
        token: what lets in.
        root: the server's folder.
    """

    def __init__(self, url: str, token: str, root: Path) -> None:
        self.url = url
        self.token = token
        self.root = root

    def request(self, address: str, body: bytes | None = None, *, token: str | None = None, method: str = "") -> bytes:
        """Ask the server for something of nbpipe's; raises urllib's HTTPError."""
        headers = {"Authorization": f"token {self.token if token is None else token}"}
        request = urllib.request.Request(
            f"{self.url}nbpipe/{address}", data=body, headers=headers, method=method or ("GET" if body is None else "POST")
        )
        with urllib.request.urlopen(request, timeout=60) as reply:
            data: bytes = reply.read()
        return data

    def json(self, address: str, body: bytes | None = None) -> Any:
        return json.loads(self.request(address, body))


def browser_path() -> str | None:
    """Give the Chromium of this machine, None where there is none."""
    return os.environ.get("NBPIPE_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start JupyterLab with the extension as it is in the working tree, whether or not that is installed."""
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    home = tmp_path_factory.mktemp("lab")
    root = home / "notebooks"
    extension = home / "labextensions" / "@nbpipe" / "lab"
    extension.parent.mkdir(parents=True)
    root.mkdir()
    extension.symlink_to(ROOT / "nbpipe" / "lab" / "static")
    token = secrets.token_hex(16)
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("NBPIPE_", "JUPYTER"))},
        "PYTHONPATH": str(ROOT),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "MLFLOW_TRACKING_URI": f"sqlite:///{(home / 'mlflow.db').as_posix()}",
    }
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--allow-root",
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={root}",
        "--ServerApp.jpserver_extensions={'nbpipe.lab': True, 'jupyterlab': True}",
        f"--LabApp.extra_labextensions_path={home / 'labextensions'}",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    log = home / "log.txt"
    with log.open("w") as file:
        process = subprocess.Popen(command, cwd=home, env=environ, stdout=file, stderr=file)
    try:
        yield Lab(_address(process, log), token, root)
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
    pytest.fail(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-3000:]}")


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start the machine's Chromium; where there is none, the tests of the browser's side are skipped."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = browser_path()
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed, and NBPIPE_BROWSER names none")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, lab: Lab) -> Iterator[Page]:
    """Give a page of its own, in which nothing may be written to the console as an error."""
    context = browser.new_context(viewport={"width": 1360, "height": 860})
    page = context.new_page()
    page.set_default_timeout(WAIT_MILLISECONDS)
    errors: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        text = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not NOT_OURS.search(text):
            errors.append(text)

    page.on("console", hear)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def document(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Give a notebook of these cells, each with what it lacks."""
    full = []
    for number, cell in enumerate(cells):
        kind = cell.get("cell_type", "code")
        code = {"execution_count": None, "outputs": []} if kind == "code" else {}
        full.append({"cell_type": kind, "id": f"cell-{number + 1}", "metadata": {}, "source": "", **code, **cell})
    return {"cells": full, "metadata": {"kernelspec": KERNEL}, "nbformat": 4, "nbformat_minor": 5}


def tagged(*tags: str) -> dict[str, Any]:
    return {"tags": list(tags)}
