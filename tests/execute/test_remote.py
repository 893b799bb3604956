"""A notebook that is read from a server, and a result that is written to one."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from nbpipe.api.run import run
from nbpipe.errors import ExecutionError
from nbpipe.execute.remote import is_remote, name_of
from tests.execute.making import code, shown, write_notebook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Serve the files of a folder, and take what is put there."""
    (tmp_path / "served").mkdir()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = tmp_path / "served" / self.path.strip("/")
            self.send_response(200 if path.is_file() else 404)
            self.end_headers()
            self.wfile.write(path.read_bytes() if path.is_file() else b"not here")

        def do_PUT(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"]))
            (tmp_path / "served" / self.path.strip("/")).write_bytes(data)
            self.send_response(201)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


def test_a_remote_notebook_runs_here_and_its_result_goes_there(
    server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    look = "import os\nprint(n, os.path.basename(os.getcwd()))"
    write_notebook(tmp_path / "served" / "a.ipynb", code("n = 1", "parameters"), look)
    record = run(f"{server}/a.ipynb", f"{server}/out.ipynb", parameters={"n": 2}, tracking=False)
    assert record.source == f"{server}/a.ipynb"
    assert shown(tmp_path / "served" / "out.ipynb")[2] == "2 here\n"
    assert json.loads((tmp_path / "served" / "out.run.json").read_text())["status"] == "ok"

    run(f"{server}/a.ipynb", tracking=False)
    assert shown(tmp_path / "here" / "a.executed.ipynb")[1] == "1 here\n"


def test_an_address_that_does_not_answer_is_one_line() -> None:
    with pytest.raises(ExecutionError, match=r"^http://127\.0\.0\.1:9/a\.ipynb: cannot be read: ") as raised:
        run("http://127.0.0.1:9/a.ipynb", tracking=False)
    assert "\n" not in str(raised.value)


def test_what_is_an_address() -> None:
    assert is_remote("s3://bucket/a.ipynb")
    assert not is_remote("a/b.ipynb")
    assert not is_remote("C:/a.ipynb")
    assert not is_remote("file:///a.ipynb")
    assert name_of("https://host/x/a.ipynb?token=1") == "a.ipynb"
