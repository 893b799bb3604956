"""`nbpipe run` and `nbpipe verify` as a person sees them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nbpipe.cli import main
from tests.execute.making import code, stream, write_notebook

ROOT = Path(__file__).parents[2]
HEAVY = {
    "IPython",
    "jupyter_client",
    "jupytext",
    "libcst",
    "mlflow",
    "nbclient",
    "nbformat",
    "numpy",
    "pandas",
    "papermill",
}


@pytest.fixture(autouse=True)
def _in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_run_tells_progress_and_where_the_result_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_notebook(tmp_path / "a.ipynb", code("n = 5", "parameters"), "print(n)")
    assert main(["run", "a.ipynb", "out.ipynb", "-p", "n=6", "--no-tracking"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("a.ipynb: ok, 2 cells in ")
    assert out.endswith(" s; out.ipynb\n")
    assert [line.rpartition(" (")[0] for line in err.splitlines()] == [
        "starting the kernel of a.ipynb",
        "cell 1 of 2: n = 5",
        "parameters",
        "cell 2 of 2: print(n)",
    ]


def test_a_failed_cell_is_one_line_and_its_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_notebook(tmp_path / "a.ipynb", "1 / 0", "2")
    assert main(["run", "a.ipynb", "--no-tracking"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert lines[-2:] == [
        "error: a.ipynb: cell 1 failed: ZeroDivisionError: division by zero",
        "1 cells ran, 1 did not; a.executed.ipynb",
    ]
    assert "----> 1 1 / 0" in lines
    assert main(["run", "a.ipynb", "--no-tracking", "-q"]) == 1
    assert capsys.readouterr() == ("", "error: a.ipynb: cell 1 failed: ZeroDivisionError: division by zero\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-p", "n"], "-p n: write it as NAME=VALUE"),
        (["-p", "n=1", "-p", "n=2"], "-p n=2: 'n' is set twice"),
        (["-p", "nn=1"], "unknown parameter 'nn'; the parameters are: n: int = 5. Did you mean 'n'?"),
        (["-p", "n=1.5"], "parameter 'n' must be int, not '1.5'; the parameters are: n: int = 5"),
        (
            ["a.ipynb"],
            "a.ipynb: is the notebook itself; give another name for the result, or --in-place to overwrite it",
        ),
        (["--timeout", "0"], "Invalid value for '--timeout': 0.0 is not in the range x>0 (see nbpipe run --help)"),
    ],
)
def test_wrong_calls_are_one_line(
    tmp_path: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_notebook(tmp_path / "a.ipynb", code("n = 5", "parameters"))
    assert main(["run", "a.ipynb", "--no-tracking", *arguments]) == 2
    assert capsys.readouterr() == ("", f"error: {message}\n")


def test_folders_that_are_no_pipelines_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(tmp_path)]) == 2
    assert "is not a pipeline" in capsys.readouterr().err
    assert main(["run", str(tmp_path), "--in-place"]) == 2
    assert "for notebooks" in capsys.readouterr().err


def test_parameters_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_notebook(tmp_path / "a.ipynb", code("n = 5  # how many\nname: str = 'x'", "parameters"))
    assert main(["run", "a.ipynb", "--show-parameters"]) == 0
    assert capsys.readouterr().out == "n: int = 5  # how many\nname: str = 'x'\n"


def test_a_report_that_cannot_be_written_is_told_before_notebooks_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_notebook(tmp_path / "a.ipynb", "open('ran', 'w')")
    assert main(["verify", "a.ipynb", "-q", "--html", "none/report.html"]) == 2
    assert capsys.readouterr().err.startswith("error: none/report.html: cannot be written: ")
    assert not (tmp_path / "ran").exists()


def test_verdicts_are_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = code("print(1)", outputs=[stream("1\n")], count=1)
    bad = code("print('accuracy', 0.84)", outputs=[stream("accuracy 0.8\n")], count=2)
    info = {"name": "python", "version": "3.6.1"}
    write_notebook(tmp_path / "a.ipynb", good, bad, language_info=info)
    assert main(["verify", "a.ipynb", "-q", "--json", "report.json"]) == 1
    version = sys.version.split()[0]
    assert capsys.readouterr().out.splitlines() == [
        "a.ipynb: not reproducible: cell 2 (print('accuracy', 0.84)): different",
        "  cell 2 (print('accuracy', 0.84)): different",
        "    stdout:",
        "    - accuracy 0.8",
        "    + accuracy 0.84",
        "      (0.048 apart, relative)",
        f"    cause: likely environment drift: stored with Python 3.6.1, run with Python {version}",
        f"  note: stored with Python 3.6.1, run with Python {version}",
    ]
    report = json.loads((tmp_path / "report.json").read_text())
    assert [cell["outcome"] for cell in report["notebooks"][0]["cells"]] == ["identical", "different"]

    write_notebook(tmp_path / "a.ipynb", good)
    assert main(["verify", "a.ipynb", "--rtol", "0", "--output-format", "json", "-q"]) == 0
    assert json.loads(capsys.readouterr().out)["notebooks"][0]["verdict"] == "reproducible"


def test_the_commands_import_nothing_heavy() -> None:
    program = "import sys, nbpipe.cli.run, nbpipe.cli.verify; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()
