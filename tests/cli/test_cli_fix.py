"""`nbpipe check --fix`, `--unsafe-fixes` and `--diff` as people call them."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any

import pytest

import nbpipe
from nbpipe.cli import main
from tests.lint import fix_rules

if TYPE_CHECKING:
    from pathlib import Path

OUTPUT = {"output_type": "stream", "name": "stdout", "text": ["1\n"]}


@pytest.fixture(autouse=True)
def _rules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    fix_rules.install(monkeypatch, *fix_rules.RULES)


def write(path: Path, *sources: str, count: int | None = None) -> bytes:
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "execution_count": count,
            "id": f"c{number}",
            "metadata": {},
            "outputs": [OUTPUT] if count else [],
            "source": source.splitlines(keepends=True),
        }
        for number, source in enumerate(sources)
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(document, indent=1) + "\n")
    return path.read_bytes()


def sources(data: bytes | str) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(data)["cells"]]


def test_safe_fixes_are_made_in_place_and_the_rest_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = write(tmp_path / "a.ipynb", "old = 1", "x = 12")
    kept = write(tmp_path / "b.ipynb", "fine")

    assert main(["check", "--fix", "--output-format=concise"]) == 1

    assert (tmp_path / "a.ipynb").read_bytes() == before.replace(b"old", b"new")
    assert (tmp_path / "b.ipynb").read_bytes() == kept
    assert capsys.readouterr().out.splitlines() == [
        "a.ipynb:cell 2:1:5: NB802 [warning] a number",
        "Fixed 1 in 1 notebook; 1 left, 1 of them fixable with --unsafe-fixes.",
    ]


def test_nothing_left_gives_0_unless_a_fix_shall_be_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.ipynb"
    write(path, "old", "x = 12")

    assert main(["check", "--fix", "--unsafe-fixes"]) == 0
    assert sources(path.read_bytes()) == ["N12 = 12", "new", "x = N12"]
    assert capsys.readouterr().out == "Fixed 2 in 1 notebook; 0 left.\n"

    write(path, "old")
    assert main(["check", "--fix", "--exit-non-zero-on-fix"]) == 1
    assert main(["check", "--fix", "--exit-non-zero-on-fix"]) == 0


def test_what_could_be_fixed_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = write(tmp_path / "a.ipynb", "old", "x = 12")

    main(["check", "-q"])
    assert "fixable" not in capsys.readouterr().out
    main(["check"])
    assert capsys.readouterr().out.endswith("1 fixable with --fix, 1 more with --fix --unsafe-fixes.\n")
    main(["check", "--unsafe-fixes"])
    assert capsys.readouterr().out.endswith("2 fixable with --fix --unsafe-fixes.\n")
    assert (tmp_path / "a.ipynb").read_bytes() == before


def test_the_difference_is_shown_by_cell_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = write(tmp_path / "a.ipynb", "a\nold = 1\nb\x1b", "", "x = 12", "import y", count=3)

    assert main(["check", "--diff", "--unsafe-fixes"]) == 1

    assert (tmp_path / "a.ipynb").read_bytes() == before
    written = capsys.readouterr()
    assert written.err == "Would fix 7 in 1 notebook.\n"
    assert written.out.splitlines() == [
        "a.ipynb, cell 2 (id c1): deleted",
        "a.ipynb, cell 4 (id c3): is now at the top",
        "a.ipynb, cell 4 (id c3): 1 output cleared",
        "a.ipynb, cell 4 (id c3): execution count cleared",
        "a.ipynb, new cell 2 (id 877eafd8): code, tagged parameters",
        "+N12 = 12",
        "a.ipynb, cell 1 (id c0): 1 output cleared",
        "a.ipynb, cell 1 (id c0): execution count cleared",
        "a.ipynb, cell 1 (id c0)",
        "@@ -1,3 +1,3 @@",
        " a",
        "-old = 1",
        "+new = 1",
        " b\\x1b",
        "a.ipynb, cell 3 (id c2): 1 output cleared",
        "a.ipynb, cell 3 (id c2): execution count cleared",
        "a.ipynb, cell 3 (id c2)",
        "@@ -1 +1 @@",
        "-x = 12",
        "+x = N12",
    ]


def test_no_difference_is_0_and_unsafe_ones_are_hinted_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "a.ipynb", "x = 12")

    assert main(["check", "--diff"]) == 0
    assert capsys.readouterr() == ("", "Would fix 0 in 0 notebooks; 1 more with --unsafe-fixes.\n")


def test_standard_input_is_fixed_to_standard_output(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = write(tmp_path / "a.ipynb", "old = 12")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    code = main(["check", "--fix", "-", "--stdin-filename=b.ipynb", "--output-format=concise"])

    written = capsysbinary.readouterr()
    assert (code, written.out) == (1, data.replace(b"old", b"new"))
    assert written.err.decode().splitlines()[0] == "b.ipynb:cell 1:1:7: NB802 [warning] a number"


def test_standard_input_that_is_no_notebook_comes_back_as_it_was(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the real rules, one of which says so
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff{")))

    assert main(["check", "--fix", "-"]) == 1
    written = capsysbinary.readouterr()
    assert written.out == b"\xff{"
    assert b"is not UTF-8" in written.err


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions of POSIX")
def test_a_file_that_cannot_be_written_is_one_line_and_the_others_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.ipynb", "old")
    write(tmp_path / "b.ipynb", "old")
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: not str(path).endswith("a.ipynb") and real(path, mode))

    assert main(["check", "--fix", "--output-format=concise"]) == 1

    written = capsys.readouterr()
    assert written.err == "error: a.ipynb: cannot be written: it is read-only\n"
    assert written.out.splitlines() == [
        "a.ipynb:cell 1:1:1: NB801 [warning] `old` is old",
        "Fixed 1 in 1 notebook; 1 left.",
    ]
    assert sources((tmp_path / "b.ipynb").read_bytes()) == ["new"]


def test_links_and_permissions_stay(tmp_path: Path) -> None:
    target = tmp_path / "folder" / "a.ipynb"
    target.parent.mkdir()
    write(target, "old")
    target.chmod(0o640)
    (tmp_path / "link.ipynb").symlink_to(target)

    assert main(["check", "--fix", "link.ipynb"]) == 0

    assert (tmp_path / "link.ipynb").is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert sources(target.read_bytes()) == ["new"]


def test_a_file_that_was_changed_meanwhile_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.ipynb", "old")
    monkeypatch.setattr("nbpipe.api.fix.read_bytes", lambda path: b"saved by somebody else")

    assert main(["check", "--fix"]) == 1
    assert capsys.readouterr().err == ("error: a.ipynb: was changed while it was being fixed: run the command again\n")


def test_fixes_without_an_end_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fix_rules.install(monkeypatch, fix_rules.Endless)
    before = write(tmp_path / "a.ipynb", "endless")

    assert main(["check", "--fix"]) == 1
    assert (tmp_path / "a.ipynb").read_bytes() == before
    assert re.match(
        r"warning: a.ipynb: left as it is: the fixes of NB807 do not come to an end", capsys.readouterr().err
    )


def test_an_unreadable_notebook_does_not_stop_the_others(tmp_path: Path) -> None:
    write(tmp_path / "b.ipynb", "old")
    (tmp_path / "a.ipynb").write_text("{")

    main(["check", "--fix"])

    assert sources((tmp_path / "b.ipynb").read_bytes()) == ["new"]
    assert (tmp_path / "a.ipynb").read_text() == "{"


def test_from_python(tmp_path: Path) -> None:
    before = write(tmp_path / "a.ipynb", "old", "x = 12")

    shown = nbpipe.fix(str(tmp_path), write=False)
    assert [item.code for item in shown.applied] == ["NB801"]
    assert [item.code for item in shown.diagnostics] == ["NB801", "NB802"]
    assert shown.files[0].text == before.decode().replace("old", "new")
    assert (tmp_path / "a.ipynb").read_bytes() == before

    done = nbpipe.fix(str(tmp_path), unsafe=True)
    assert (len(done.applied), done.diagnostics, done.summary.notebooks) == (2, (), 1)
    assert sources((tmp_path / "a.ipynb").read_bytes()) == ["N12 = 12", "new", "x = N12"]
