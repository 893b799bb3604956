"""What a cell can do to its kernel: each ending has its true status, and no process is left."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from nbpipe.errors import ExecutionError
from nbpipe.execute import Limits, run_notebook
from nbpipe.records import RunRecord, RunStatus
from tests.execute.making import SAVE_PID, Heard, shown, write_notebook

DIED, FAILED, OK, NOT_RUN, TIMED_OUT = (
    RunStatus.DIED,
    RunStatus.FAILED,
    RunStatus.OK,
    RunStatus.NOT_RUN,
    RunStatus.TIMED_OUT,
)


def run_three(folder: Path, middle: str, **limits: Any) -> RunRecord:
    source = write_notebook(folder / "a.ipynb", SAVE_PID + "\nprint('before')", middle, "print('after')")
    record = run_notebook(source, limits=Limits(**limits))
    assert shown(folder / "a.executed.ipynb")[0] == "before\n"
    assert not Path(f"/proc/{(folder / 'pid').read_text()}").exists()
    return record


@pytest.mark.parametrize(
    ("middle", "status", "message"),
    [
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", DIED, "the kernel was killed by SIGKILL"),
        ("import os\nos._exit(0)", DIED, "the kernel ended with exit code 0"),
        ("import sys\nsys.exit(0)", FAILED, "the cell called sys.exit(0)"),
        ("quit()", FAILED, "or exit(): the cells after it were not run"),
        ("input('name?')", FAILED, "make the value a parameter"),
    ],
)
def test_a_cell_that_ends_the_run(tmp_path: Path, middle: str, status: RunStatus, message: str) -> None:
    record = run_three(tmp_path, middle)
    assert [cell.status for cell in record.cells] == [OK, status, NOT_RUN]
    assert record.status is status
    assert record.error is not None
    assert message in record.error.message


def test_a_cell_that_takes_too_long_is_interrupted_and_keeps_what_it_printed(tmp_path: Path) -> None:
    record = run_three(tmp_path, "import time\nprint('slow', flush=True)\ntime.sleep(60)", cell=0.5)
    assert [cell.status for cell in record.cells] == [OK, TIMED_OUT, NOT_RUN]
    assert record.error is not None
    assert record.error.message == "the cell took longer than 0.5 s (--cell-timeout)"
    assert shown(tmp_path / "a.executed.ipynb")[1] == "slow\n"


def test_a_kernel_that_ignores_signals_is_killed(tmp_path: Path) -> None:
    deaf = "import signal, time\nfor s in (signal.SIGINT, signal.SIGTERM): signal.signal(s, signal.SIG_IGN)\n"
    record = run_three(tmp_path, deaf + "time.sleep(60)", total=0.5)
    assert record.status is TIMED_OUT
    assert record.error is not None
    assert record.error.message == "the notebook took longer than 0.5 s (--timeout)"


def test_children_of_the_kernel_end_with_it(tmp_path: Path) -> None:
    # A kernel that is shut down ends its children itself, one that dies does not.
    child = "import os, subprocess\nopen('child', 'w').write(str(subprocess.Popen(['sleep', '60']).pid))\nos._exit(1)"
    assert run_three(tmp_path, child).status is DIED
    assert not _lives(int((tmp_path / "child").read_text()))


def _lives(pid: int) -> bool:
    """Tell whether a process runs; one that is dead but not yet waited for does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def test_a_kernel_that_cannot_start_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernels = tmp_path / "share" / "kernels"
    for name, argv in (
        ("gone", '["/nowhere/python", "x"]'),
        ("broken", f'["{sys.executable}", "-c", "raise SystemExit(3)"]'),
    ):
        (kernels / name).mkdir(parents=True)
        (kernels / name / "kernel.json").write_text(f'{{"argv": {argv}, "display_name": "x", "language": "python"}}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share"))
    heard = Heard()
    with pytest.raises(ExecutionError, match="kernel 'gone' cannot be started: /nowhere/python: No such file"):
        run_notebook(write_notebook(tmp_path / "a.ipynb", "1", kernel="gone"), listener=heard)
    with pytest.raises(ExecutionError, match="kernel 'broken' did not come up"):
        run_notebook(write_notebook(tmp_path / "a.ipynb", "1", kernel="broken"))
    assert heard.events[-1].startswith("aborted kernel 'gone'")
    assert not (tmp_path / "a.executed.ipynb").exists()


def test_sockets_are_private_and_gone_afterwards(tmp_path: Path) -> None:
    look = (
        "import ipykernel, json, os\n"
        "path = ipykernel.connect.get_connection_file()\n"
        "print(json.load(open(path))['transport'], oct(os.stat(os.path.dirname(path)).st_mode & 0o777))\n"
        "print(os.path.dirname(path))"
    )
    run_notebook(write_notebook(tmp_path / "a.ipynb", look))
    first, folder = shown(tmp_path / "a.executed.ipynb")[0].splitlines()
    assert first == "ipc 0o700"
    assert not os.path.exists(folder)  # noqa: PTH110
