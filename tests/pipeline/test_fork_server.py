from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.pipeline import fork_server
from nbpipe.pipeline.project import load_project
from nbpipe.pipeline.values import load_output
from nbpipe.records import RunStatus
from tests.pipeline.projects import Told, ran, written

if TYPE_CHECKING:
    from pathlib import Path

STEPS = "Step('a', 'shop.steps:a', outputs=('x',)), Step('b', 'shop.steps:b', inputs=('x',), outputs=('y',)),"
CODE = """
import os, signal, time, pathlib
def a():
    return os.getppid()
def b(x):
    first = not pathlib.Path('once').exists()
    pathlib.Path('once').touch()
    pathlib.Path('pid').write_text(str(os.getpid()))
    if first:
        os.kill(x, signal.SIGKILL)  # the process that this one was forked from
        time.sleep(600)
    return os.getppid() == x
"""


def test_when_the_server_dies_steps_start_afresh_and_its_forks_end(tmp_path: Path) -> None:
    told = Told()
    record = ran(written(tmp_path, STEPS, CODE), told)
    assert record.status is RunStatus.OK, record.error
    assert told.warnings == ["the process with the libraries loaded ended: steps start afresh from now on"]


def test_a_fork_ends_with_its_server(tmp_path: Path) -> None:
    code = (
        "import time, pathlib, os\ndef a():\n    pathlib.Path('pid').write_text(str(os.getpid()))\n    time.sleep(600)"
    )
    root = written(tmp_path, "Step('a', 'shop.steps:a'),", code)
    record = ran(root, timeout=4.0)
    assert record.status is RunStatus.TIMED_OUT
    if (root / "pid").exists():
        _gone(int((root / "pid").read_text()))


def _gone(pid: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_one_process_loads_the_libraries_for_all_steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    known = fork_server.ForkServer.__init__

    def counted(self: Any, python: str, libraries: Any, *more: Any) -> None:
        started.append(list(libraries))
        known(self, python, libraries, *more)

    monkeypatch.setattr(fork_server.ForkServer, "__init__", counted)
    code = "import decimal\ndef a(): return 1\ndef b(x):\n    import fractions\n    return x"
    assert ran(written(tmp_path, STEPS, code)).status is RunStatus.OK
    assert started == [["decimal", "fractions"]]


def test_a_request_to_end_that_comes_before_the_process_does_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = fork_server.ForkedStep("1", tmp_path / "answer.json", tmp_path / "log")
    sent: list[int] = []
    monkeypatch.setattr(step, "_send", sent.append)
    step.terminate()
    assert sent == []
    step.began(12345)
    assert sent == [signal.SIGTERM]
    step.ended(None)
    assert step.ending() == "the process that started it ended"


def test_the_parts_of_libraries_that_steps_import_are_loaded_as_they_import_them(tmp_path: Path) -> None:
    library = tmp_path / "library" / "depot"
    library.mkdir(parents=True)
    (library / "__init__.py").write_text("from depot.tools import tools\n")
    (library / "tools.py").write_text("def tools():\n    return 'a function'\n")
    (library / "parts.py").write_text("import os\nLOADED_BY = os.getpid()\n")
    code = """
    import os
    from depot import parts, tools
    def a():
        return parts.LOADED_BY == os.getppid()
    def b(x):
        from depot.parts import LOADED_BY
        return [x, LOADED_BY == os.getppid(), tools()]
    """
    root = written(tmp_path, STEPS, code)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(library.parent))
        record = ran(root)
    assert record.status is RunStatus.OK, record.error
    assert load_output(load_project(root), record, "b", "y") == [True, True, "a function"]


def test_a_waiting_process_that_is_killed_is_missed_by_nobody(tmp_path: Path) -> None:
    code = """
    import os, signal, time
    import psutil
    def a():
        deadline = time.monotonic() + 60
        while True:
            others = [child for child in psutil.Process(os.getppid()).children() if child.pid != os.getpid()]
            if others or time.monotonic() > deadline:
                break
            time.sleep(0.01)
        for other in others:
            os.kill(other.pid, signal.SIGKILL)
        return [other.pid for other in others]
    def b(x):
        return os.getpid()
    """
    root = written(tmp_path, STEPS, code)
    told = Told()
    record = ran(root, told)
    assert record.status is RunStatus.OK, record.error
    assert told.warnings == []
    project = load_project(root)
    waiting = load_output(project, record, "a", "x")
    assert len(waiting) == 1
    assert load_output(project, record, "b", "y") not in waiting


def test_a_step_has_ended_when_its_exit_functions_have_run(tmp_path: Path) -> None:
    code = """
    import atexit, os, time
    def late():
        time.sleep(0.3)
        open('late', 'w').close()
    def a():
        atexit.register(late)
    def b(x):
        return os.path.exists('late')
    """
    root = written(tmp_path, STEPS, code)
    record = ran(root)
    assert load_output(load_project(root), record, "b", "y") is True
