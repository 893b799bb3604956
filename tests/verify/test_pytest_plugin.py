"""`pytest --nbpipe`, in processes of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tests.execute.making import code, stream, write_notebook

ROOT = Path(__file__).parents[2]
# An installed plugin must not be named a second time.
INSTALLED = any(point.value == "nbpipe.pytest_plugin" for point in entry_points(group="pytest11"))
PLUGIN = [] if INSTALLED else ["-p", "nbpipe.pytest_plugin"]


def run(folder: Path, *arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    program = ["-c", code] if code else ["-m", "pytest", *PLUGIN, "-p", "no:cacheprovider", *arguments]
    return subprocess.run(
        [sys.executable, *program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "test_x.py").write_text("def test_x():\n    pass\n")
    write_notebook(folder / "good.ipynb", code("print(1)", outputs=[stream("1\n")], count=1))
    write_notebook(folder / "other.ipynb", code("print(0.5)", outputs=[stream("0.51\n")], count=1))
    (folder / "broken.ipynb").write_text("{")
    return folder


def test_notebooks_are_tests_and_are_spread_over_processes(project: Path) -> None:
    done = run(project, "--nbpipe", "-n2", "-rf", "--nbpipe-cell-timeout", "300", "--nbpipe-no-cache")
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert "cell 1 (print(0.5)): different" in lines
    assert "  - 0.51" in lines
    assert any(line.startswith("FAILED other.ipynb::verify") for line in lines)
    assert any(line.startswith("FAILED broken.ipynb::verify") for line in lines)
    assert "2 failed, 2 passed" in lines[-1]
    assert "Traceback" not in done.stdout


def test_options_of_a_comparison_are_taken(project: Path) -> None:
    loose = run(project, "--nbpipe", "--nbpipe-rtol", "0.1", "--nbpipe-no-cache", "other.ipynb")
    assert loose.returncode == 0, loose.stdout + loose.stderr
    wrong = run(project, "--nbpipe", "--nbpipe-no-normalize", "nothing", "other.ipynb")
    assert "unknown normaliser 'nothing'" in wrong.stdout
    assert wrong.returncode == 1


def test_other_runs_do_not_pay(project: Path) -> None:
    program = (
        "import sys, pytest\n"
        f"code = pytest.main([*{PLUGIN!r}, '-q', '-p', 'no:cacheprovider', '.'])\n"
        "print(int(code), [name for name in sys.modules if name.startswith('nbpipe')])"
    )
    done = run(project, code=program)
    assert done.stdout.splitlines()[-1] == "0 ['nbpipe', 'nbpipe.pytest_plugin']"
    assert "1 passed" in done.stdout
