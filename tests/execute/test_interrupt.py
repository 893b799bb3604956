"""INT and TERM to a process that runs a notebook: foreground or background, the result is kept and nobody is left."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.execute.making import SAVE_PID, shown, write_notebook

PROGRAM = """
import signal, sys
if sys.argv[2] == "background":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
from nbpipe.api.run import run
from nbpipe.errors import Interrupted
try:
    run(sys.argv[1], tracking=False)
except Interrupted as stop:
    sys.exit(stop.exit_code)
"""


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("number", "mode", "exit_code"),
    [(signal.SIGINT, "foreground", 130), (signal.SIGINT, "background", 130), (signal.SIGTERM, "foreground", 143)],
)
def test_a_request_to_stop(tmp_path: Path, number: signal.Signals, mode: str, exit_code: int) -> None:
    slow = "import time\nprint('slow', flush=True)\nopen('ready', 'w')\ntime.sleep(60)"
    source = write_notebook(tmp_path / "a.ipynb", SAVE_PID + "\nprint('before')", slow, "print('after')")
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(source), mode])
    wait_for(tmp_path / "ready")
    process.send_signal(number)
    assert process.wait(timeout=30) == exit_code
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text()}").exists()
    assert shown(tmp_path / "a.executed.ipynb") == ["before\n", "slow\n", ""]
    record = json.loads((tmp_path / "a.executed.run.json").read_text())
    assert record["status"] == "interrupted"
    assert record["error"]["name"] == number.name
    assert [cell["status"] for cell in record["cells"]] == ["ok", "interrupted", "not run"]
