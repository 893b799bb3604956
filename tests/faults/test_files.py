"""Odd notebooks, places that cannot be written, and many notebooks at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nbpipe.api.run_each import run_each
from nbpipe.cli import main
from nbpipe.errors import NbpipeError
from nbpipe.records import RunRecord, RunStatus
from tests.execute.making import shown, write_notebook

ROOT = Path(__file__).parents[2]


def notebook(
    cells: list[dict[str, Any]], minor: int = 5, major: int = 4, metadata: dict[str, Any] | None = None
) -> bytes:
    document = {"nbformat": major, "nbformat_minor": minor, "metadata": metadata or {}, "cells": cells}
    return json.dumps(document).encode()


def cell(source: Any, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None, **more}


def old(major: int) -> bytes:
    code = {"cell_type": "code", "input": "print('here')", "language": "python", "outputs": [], "metadata": {}}
    sheet = {"worksheets": [{"cells": [code]}], "metadata": {"name": "x"}, "nbformat": major, "nbformat_minor": 0}
    return json.dumps(sheet).encode()


HERE = "print('here')"
SPEC = {"kernelspec": {"name": "no-such-kernel", "display_name": "x", "language": "python"}}
RUN = {
    "nbformat-2": old(2),
    "nbformat-3": old(3),
    "nbformat-4.0": notebook([cell(HERE)], 0),
    "nbformat-4.9": notebook([cell(HERE, id="a")], 9),
    "bom": b"\xef\xbb\xbf" + notebook([cell(HERE, id="a")]),
    "ids": notebook([cell(HERE, id="a"), cell("1", id="a"), cell("2", id="a")]),
    "no-ids": notebook([cell(HERE)]),
    "unknown-kernel": notebook([cell(HERE, id="a")], metadata=SPEC),
    "no-kernel": notebook([cell(HERE, id="a")]),
    "nan": notebook([cell(HERE, id="a")], metadata={"x": float("nan")}),
    "source-lines": notebook([cell([HERE], id="a")]),
    "surrogate-text": notebook([{"cell_type": "markdown", "metadata": {}, "source": "\ud800"}, cell(HERE, id="a")]),
    **{f"plain-{number}": notebook([cell(HERE, id="a")]) for number in range(8)},
}
REFUSED = {
    "empty": (b"", "empty"),
    "truncated": (notebook([cell(HERE)])[:-20], "line 1"),
    "latin-1": notebook([cell("x = 'y'")]).replace(b"'y'", b"'\xe9'"),
    "list": (b"[]", ""),
}


def test_twenty_notebooks_started_at_once_odd_ones_among_them(place: Path) -> None:
    for name, data in RUN.items():
        (place / f"{name}.ipynb").write_bytes(data)
    paths = [place / f"{name}.ipynb" for name in RUN]
    assert len(paths) == 20
    ended = dict(run_each(paths, jobs=20, output_folder=place / "out", tracking=False))
    assert {path.stem: getattr(record, "status", record) for path, record in ended.items()} == dict.fromkeys(
        RUN, RunStatus.OK
    )
    for path in paths:
        assert "here\n" in shown(place / "out" / path.name)
        assert path.read_bytes() == RUN[path.stem]
        json.loads((place / "out" / path.name).read_text(), parse_constant=pytest.fail)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_notebook_is_refused_in_one_line(name: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = REFUSED[name]
    data, message = found if isinstance(found, tuple) else (found, "UTF-8")
    (place / "a.ipynb").write_bytes(data)
    assert main(["run", "a.ipynb", "--no-tracking"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: a.ipynb: ")
    assert err.count("\n") == 1
    assert message in err
    assert [path.name for path in place.iterdir()] == ["a.ipynb"]


def test_a_newer_major_format_is_refused_or_run_but_never_a_crash(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (place / "a.ipynb").write_bytes(notebook([cell(HERE, id="a")], 0, 5))
    code = main(["run", "a.ipynb", "--no-tracking", "-q"])
    err = capsys.readouterr().err
    assert (code == 0 and shown(place / "a.executed.ipynb") == ["here\n"]) or (code == 1 and err.count("\n") == 1)
    assert "internal error" not in err


def test_a_cell_that_cannot_be_sent_fails(place: Path) -> None:
    (place / "a.ipynb").write_bytes(notebook([cell("print(1)", id="a"), cell("'\ud800'", id="b")]))
    assert main(["run", "a.ipynb", "--no-tracking", "-q"]) == 1
    record = json.loads((place / "a.executed.run.json").read_text())
    assert [item["status"] for item in record["cells"]] == ["ok", "failed"]
    assert record["error"]["name"] == "UnicodeEncodeError"
    assert shown(place / "a.executed.ipynb")[0] == "1\n"


def test_an_unknown_kernel_of_another_language_is_one_line(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = {"kernelspec": {"name": "nowhere", "display_name": "x", "language": "R"}, "language_info": {"name": "R"}}
    (place / "a.ipynb").write_bytes(notebook([cell("1", id="a")], metadata=spec))
    assert main(["run", "a.ipynb", "--no-tracking"]) == 1
    err = capsys.readouterr().err
    assert "kernel 'nowhere' is not installed" in err
    assert "choose one with --kernel NAME" in err


def test_a_full_disk_leaves_the_old_result_and_says_so(place: Path) -> None:
    write_notebook(place / "a.ipynb", "print('x' * 60_000)")
    (place / "out.ipynb").write_text("old")
    limited = (
        "import resource, sys\nresource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))\n"
        "from nbpipe.cli import main\nsys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", limited, "run", "a.ipynb", "out.ipynb", "--no-tracking", "-q"],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "error: out.ipynb: cannot be written: File too large; give another place for the result\n"
    assert (place / "out.ipynb").read_text() == "old"
    assert list(place.glob("*.tmp")) + list(place.glob(".*.tmp")) == []


def test_a_place_that_is_gone_at_the_end_costs_no_result(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_notebook(place / "a.ipynb", "import shutil\nprint('long work')\nshutil.rmtree('out')")
    (place / "out").mkdir()
    assert main(["run", "a.ipynb", "out/b.ipynb", "--no-tracking", "-q"]) == 1
    err = capsys.readouterr().err
    assert "out/b.ipynb: cannot be written: No such file or directory" in err
    rescued = Path(err.strip().rpartition("this result is in ")[2])
    assert shown(rescued) == ["long work\n"]


def test_a_folder_that_cannot_be_written_is_refused_before_anything_runs(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_notebook(place / "a.ipynb", "open('ran', 'w')")
    # Also for the superuser, whom no mode keeps out.
    assert main(["run", "a.ipynb", "/proc/b.ipynb", "--no-tracking"]) == 1
    assert capsys.readouterr().err.startswith("error: /proc/b.ipynb: cannot be written: ")
    assert not (place / "ran").exists()


def test_an_edit_during_the_run_is_kept(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write_notebook(place / "a.ipynb", "text = open('a.ipynb').read()\nopen('a.ipynb', 'w').write(text + ' ')")
    before = source.read_bytes()
    assert main(["run", "a.ipynb", "--no-tracking", "-q", "--in-place"]) == 0
    assert source.read_bytes() == before + b" "
    assert "was edited during the run; the result is in" in capsys.readouterr().err
    assert (place / "a.executed.ipynb").is_file()


def test_one_failure_among_several_is_told_and_the_others_run(place: Path) -> None:
    (place / "bad.ipynb").write_text("")
    write_notebook(place / "fails.ipynb", "1 / 0")
    write_notebook(place / "good.ipynb", "print(1)")
    paths = [place / name for name in ("bad.ipynb", "fails.ipynb", "good.ipynb")]
    ended = {path.stem: end for path, end in run_each(paths, jobs=2, tracking=False)}
    assert isinstance(ended["bad"], NbpipeError)
    statuses = [end.status for end in ended.values() if isinstance(end, RunRecord)]
    assert sorted(status.value for status in statuses) == ["failed", "ok"]
    assert main(["run", *map(str, paths), "--no-tracking", "-q"]) == 1
