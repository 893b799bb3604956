"""INT, TERM and KILL to `nbpipe run` itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.cli import main
from tests.execute.making import SAVE_PID, shown, write_notebook
from tests.faults.conftest import kernels_of

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
SLOW = "import time\nprint('slow', flush=True)\nopen('ready', 'w')\ntime.sleep(600)"
CHILD = "import subprocess\nsubprocess.Popen(['sleep', '600'], start_new_session=True)"


def wait_until(what: Callable[[], Any], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def start(place: Path, command: str) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, shell=True, cwd=place, env=env, stderr=subprocess.PIPE)


@pytest.mark.parametrize(
    ("number", "background", "exit_code"),
    [
        (signal.SIGINT, False, 130),
        (signal.SIGINT, True, 130),
        (signal.SIGTERM, False, 143),
        (signal.SIGTERM, True, 143),
    ],
)
def test_a_request_to_stop(place: Path, number: signal.Signals, exit_code: int, *, background: bool) -> None:
    write_notebook(place / "a.ipynb", CHILD + "\nprint('before')", SLOW, "print('after')")
    run = f"{sys.executable} -m nbpipe run a.ipynb --no-tracking -q"
    # A shell without job control has what it puts into the background ignore INT.
    process = start(place, f"{run} & echo $! > pid; wait $!" if background else f"echo $$ > pid; exec {run}")
    wait_until((place / "ready").exists)
    os.kill(int((place / "pid").read_text()), number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == exit_code
    assert err.decode().splitlines() == ["error: interrupted; what ran is in a.executed.ipynb"]
    assert shown(place / "a.executed.ipynb") == ["before\n", "slow\n", ""]
    record = json.loads((place / "a.executed.run.json").read_text())
    assert record["status"] == "interrupted"
    assert [cell["status"] for cell in record["cells"]] == ["ok", "interrupted", "not run"]


def test_kernels_end_soon_after_nbpipe_was_killed(place: Path) -> None:
    source = write_notebook(place / "a.ipynb", SAVE_PID + "\n" + CHILD, SLOW)
    before = source.read_bytes()
    process = start(place, f"exec {sys.executable} -m nbpipe run a.ipynb --no-tracking -q")
    wait_until((place / "ready").exists)
    assert len(kernels_of(place)) >= 2
    process.kill()
    process.communicate()
    wait_until(lambda: not kernels_of(place), 20)
    wait_until(lambda: not list(place.glob("nbp-*")), 20)
    assert source.read_bytes() == before


def test_the_next_run_sweeps_what_not_even_the_guard_could_end(place: Path) -> None:
    write_notebook(place / "a.ipynb", SLOW)
    process = start(place, f"exec {sys.executable} -m nbpipe run a.ipynb --no-tracking -q")
    wait_until((place / "ready").exists)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    (guard,) = [pid for pid in children if b"guard.py" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    kernels = kernels_of(place)
    for pid in kernels:
        os.kill(pid, signal.SIGSTOP)  # a kernel that cannot see that its parent has gone
    os.kill(int(guard), signal.SIGKILL)
    process.kill()
    process.communicate()
    assert kernels_of(place) == kernels
    write_notebook(place / "b.ipynb", "print(1)")
    done = subprocess.run(
        [sys.executable, "-m", "nbpipe", "run", "b.ipynb", "--no-tracking", "-q"],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0
    wait_until(lambda: not kernels_of(place), 20)


def test_a_running_kernel_of_another_run_is_not_swept(place: Path) -> None:
    waits = SAVE_PID + "\nimport time\nopen('ready', 'w')\nwhile not os.path.exists('go'): time.sleep(0.05)"
    write_notebook(place / "a.ipynb", waits)
    process = start(place, f"exec {sys.executable} -m nbpipe run a.ipynb --no-tracking -q")
    wait_until((place / "ready").exists)
    write_notebook(place / "b.ipynb", "print(1)")
    assert main(["run", "b.ipynb", "--no-tracking", "-q"]) == 0
    (place / "go").touch()
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_all_of_several_notebooks_are_stopped_and_saved(place: Path) -> None:
    for name in "abcd":
        write_notebook(place / f"{name}.ipynb", "print('before')", SLOW.replace("ready", f"ready-{name}"))
    process = start(place, f"exec {sys.executable} -m nbpipe run a.ipynb b.ipynb c.ipynb d.ipynb -j 2 --no-tracking -q")
    wait_until(lambda: len(list(place.glob("ready-*"))) == 2)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 143
    assert "interrupted; what ran is saved" in err.decode()
    ran = [path.name.removeprefix("ready-") for path in place.glob("ready-*")]
    for name in ran:
        record = json.loads((place / f"{name}.executed.run.json").read_text())
        assert [cell["status"] for cell in record["cells"]] == ["ok", "interrupted"]
        assert shown(place / f"{name}.executed.ipynb") == ["before\n", "slow\n"]
