"""What one cell can do to a run: each has its status and exit code, what ran before is saved, no process is left."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nbpipe.cli import main
from tests.execute.making import shown, write_notebook

DEAF = "import signal\nfor number in (signal.SIGINT, signal.SIGTERM): signal.signal(number, signal.SIG_IGN)\n"
SWALLOWS = "while True:\n    try:\n        while True: pass\n    except KeyboardInterrupt: pass"
FAULTS = {
    "killed": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", [], "died", "killed by SIGKILL"),
    "segfault": ("import ctypes\nctypes.string_at(0)", [], "died", "killed by SIGSEGV"),
    "os._exit": ("import os\nos._exit(0)", [], "died", "ended with exit code 0"),
    "sys.exit": ("import sys\nsys.exit(0)", [], "failed", "called sys.exit(0)"),
    "input": ("input('name?')", [], "failed", "make the value a parameter"),
    "infinite loop": ("while True: pass", ["--cell-timeout", "0.5"], "timed out", "longer than 0.5 s"),
    "deaf loop": (SWALLOWS, ["--cell-timeout", "0.5"], "timed out", "longer than 0.5 s"),
    "deaf sleep": (DEAF + "import time\ntime.sleep(99)", ["--timeout", "0.5"], "timed out", "notebook took longer"),
    "idle": (
        "import time\ntime.sleep(99)",
        ["--idle-timeout", "1"],
        "timed out",
        "showed nothing and computed nothing",
    ),
    "memory": (
        "import time\nx = bytearray(300_000_000)\nx[::4096] = bytes(len(x[::4096]))\ntime.sleep(99)",
        ["--max-memory", "250MB"],
        "died",
        "more than 250 MB (--max-memory)",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_cell_that_ends_badly(name: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, options, status, message = FAULTS[name]
    write_notebook(place / "a.ipynb", "print('before')", source, "print('after')")
    assert main(["run", "a.ipynb", "--no-tracking", "-q", *options]) == 1
    err = capsys.readouterr().err
    assert f"a.ipynb: cell 2 {status}" in err
    assert message in err
    record = json.loads((place / "a.executed.run.json").read_text())
    assert record["status"] == status
    assert [cell["status"] for cell in record["cells"]] == ["ok", status, "not run"]
    assert shown(place / "a.executed.ipynb")[0] == "before\n"


def test_an_endless_print_is_cut_and_said_to_be(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_notebook(place / "a.ipynb", "while True: print('x' * 99)")
    options = ["--cell-timeout", "2", "--max-output", "100kB"]
    assert main(["run", "a.ipynb", "--no-tracking", *options]) == 1
    assert "more than the 100 kB that a cell may show (--max-output)" in capsys.readouterr().err
    (text,) = shown(place / "a.executed.ipynb")
    assert text.startswith("x" * 99)
    assert 100_000 < len(text) < 101_000
    assert text.rstrip().endswith("(--max-output)]")


def test_a_huge_output_is_cut_and_the_run_goes_on(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show = "from IPython.display import HTML, display\ndisplay(HTML('z' * 2_000_000), HTML('<b>small</b>'))"
    write_notebook(place / "a.ipynb", "print('y' * 100_000_000)", show, "print('after')")
    assert main(["run", "a.ipynb", "--no-tracking", "-q", "--max-output", "100kB"]) == 0
    assert "output cut: 99.9 MB more" in capsys.readouterr().err
    assert (place / "a.executed.ipynb").stat().st_size < 200_000
    cells = json.loads((place / "a.executed.ipynb").read_text())["cells"]
    shown_data = [output["data"] for output in cells[1]["outputs"] if "data" in output]
    assert shown_data[0] == {"text/plain": ["[nbpipe: an output of 2 MB is left out: --max-output]"]}
    assert shown_data[1]["text/html"] == ["<b>small</b>"]
    assert shown(place / "a.executed.ipynb")[2] == "after\n"


def test_a_child_in_a_session_of_its_own_ends_with_the_run(place: Path) -> None:
    child = (
        "import subprocess\n"
        "child = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        "open('child', 'w').write(str(child.pid))"
    )
    write_notebook(place / "a.ipynb", child)
    assert main(["run", "a.ipynb", "--no-tracking", "-q"]) == 0
    status = Path(f"/proc/{(place / 'child').read_text()}/status")
    assert not status.exists() or "\nState:\tZ" in status.read_text()


def test_threads_coroutines_and_widgets_run_as_in_a_notebook(place: Path) -> None:
    threads = (
        "import threading, time\n"
        "def work(n):\n    for i in range(3):\n        print(f'thread {n}'); time.sleep(0.01)\n"
        "threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()"
    )
    coroutine = "import asyncio\nasync def f():\n    await asyncio.sleep(0.01)\n    return 7\nprint(await f())"
    lagging = "task = asyncio.ensure_future(f())\nawait asyncio.sleep(0.1)\nprint(task.result())"
    widget = "import ipywidgets\nipywidgets.IntSlider(value=3)"
    write_notebook(place / "a.ipynb", threads, coroutine, lagging, widget)
    assert main(["run", "a.ipynb", "--no-tracking", "-q"]) == 0
    printed = shown(place / "a.executed.ipynb")
    assert sorted(printed[0].split("\n")) == ["", *sorted(f"thread {n}" for n in range(3) for _ in range(3))]
    assert printed[1:3] == ["7\n", "7\n"]
    document = json.loads((place / "a.executed.ipynb").read_text())
    states = document["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert any(state["model_name"] == "IntSliderModel" and state["state"]["value"] == 3 for state in states.values())
    shown_data = document["cells"][3]["outputs"][0]["data"]
    assert shown_data["application/vnd.jupyter.widget-view+json"]["model_id"] in states
