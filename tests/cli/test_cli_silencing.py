"""`nbpipe check --add-ignores`, `--write-baseline` and `--baseline`, as people call them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from nbpipe.cli import main

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, *sources: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in sources]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.ipynb", "print(x)", "y = = 1")
    write(tmp_path / "sub" / "b.ipynb", "z = 1")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["check", "--select", "NB002,NB004,NB102", *arguments])
    written = capsys.readouterr()
    return code, written.out, written.err


def test_a_baseline_is_written_and_kept_quiet(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert run(capsys)[0] == 1

    assert run(capsys, "--write-baseline", "base.json") == (0, "", "Wrote 4 findings of 2 notebooks to base.json.\n")
    assert run(capsys, "--baseline", "base.json") == (
        0,
        "Checked 2 notebooks: nothing found.\n",
        "4 findings not reported: in the baseline base.json.\n",
    )

    write(folder / "a.ipynb", "print(w)", "y = = 1")
    code, out, err = run(capsys, "--baseline", "base.json", "--output-format", "concise")
    assert (code, out.count("NB"), "NB102 [error]" in out) == (1, 1, True)
    assert "1 finding in the baseline is gone: `nbpipe check --write-baseline base.json` removes it.\n" in err


def test_the_configured_baseline_is_beside_the_configuration(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "nbpipe.toml").write_text('baseline = "base.json"\n')
    code, out, err = run(capsys)
    assert (code, out) == (2, "")
    assert f"error: {folder}/nbpipe.toml: no baseline file '{folder}/base.json'" in err

    assert run(capsys, "--write-baseline", "base.json")[0] == 0
    assert run(capsys)[0] == 0
    monkeypatch.chdir(folder / "sub")
    assert run(capsys, "-q", "..") == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--baseline", "no.json"), "command line: no baseline file 'no.json'"),
        (("--write-baseline", "a.ipynb"), "--write-baseline: 'a.ipynb' is not a baseline of nbpipe"),
        (("--write-baseline", "no/base.json"), "'no/base.json' cannot be written"),
        (("--write-baseline", "base.json", "-"), "standard input (-) cannot be silenced"),
        (("--add-ignores", "--write-baseline", "base.json"), "cannot be used together"),
        (("--add-ignores", "--baseline", "no.json"), "no baseline file 'no.json'"),
    ],
)
def test_wrong_calls_are_one_line_and_2(
    capsys: pytest.CaptureFixture[str], folder: Path, arguments: tuple[str, ...], message: str
) -> None:
    before = (folder / "a.ipynb").read_bytes()

    code, out, err = run(capsys, *arguments)

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err
    assert (folder / "a.ipynb").read_bytes() == before


def test_ignores_are_written_into_the_notebooks(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert run(capsys, "--add-ignores") == (0, "", "Silenced 4 findings in 2 notebooks.\n")

    assert run(capsys)[0] == 0
    cells = json.loads((folder / "a.ipynb").read_bytes())["cells"]
    assert cells[0]["source"] == "print(x)  # nbpipe: ignore[undefined-name]"
    assert cells[1]["metadata"] == {"tags": ["nbpipe-ignore:syntax-error"]}
    assert run(capsys, "--add-ignores") == (0, "", "Silenced 0 findings in 0 notebooks.\n")


def test_what_the_baseline_knows_needs_no_ignore(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    run(capsys, "--write-baseline", "base.json")
    before = (folder / "a.ipynb").read_bytes()
    write(folder / "c.ipynb", "print(x)")

    assert run(capsys, "--add-ignores", "--baseline", "base.json")[2] == "Silenced 2 findings in 1 notebook.\n"
    assert (folder / "a.ipynb").read_bytes() == before


def test_with_a_new_finding_the_old_ones_of_its_cell_are_silenced(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    # The comment for the new one changes the cell, and the baseline would not know the old one again.
    select = ("check", "--select", "NB102,NB115", "d.ipynb")
    write(folder / "d.ipynb", "x = 1\nprint(y)\nfail = x")
    assert main([*select, "--write-baseline", "base.json"]) == 0
    document = json.loads((folder / "d.ipynb").read_bytes())
    document["cells"][0]["outputs"] = [{"output_type": "error", "ename": "E", "evalue": "", "traceback": []}]
    (folder / "d.ipynb").write_text(json.dumps(document))
    assert main([*select, "--baseline", "base.json"]) == 1
    capsys.readouterr()

    assert main([*select, "--baseline", "base.json", "--add-ignores"]) == 0

    assert capsys.readouterr().err == "Silenced 2 findings in 1 notebook.\n"
    assert main([*select, "--baseline", "base.json"]) == 0


def test_a_file_that_cannot_be_read_cannot_be_silenced(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "c.ipynb").write_bytes(b"")

    code, out, err = main(["check", "--add-ignores", "c.ipynb"]), *capsys.readouterr()

    assert (code, out) == (1, "")
    assert err.startswith("error: c.ipynb:1: NB001 cannot be silenced: ")
    assert (folder / "c.ipynb").read_bytes() == b""


def test_the_python_api_keeps_to_the_baseline(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import nbpipe

    run(capsys, "--write-baseline", "base.json")

    assert nbpipe.check(".", select=["NB002", "NB102"], baseline="base.json").diagnostics == ()
    assert len(nbpipe.check(".", select=["NB002", "NB102"]).diagnostics) == 2
