"""The baseline: what was found before stays quiet wherever it moves; what is new, or in a changed cell, shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpipe.config import Settings
from nbpipe.errors import ConfigError
from nbpipe.lint.baseline import Baseline, read_baseline
from nbpipe.lint.engine import Linter
from nbpipe.lint.selection import Selection

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.lint.diagnostic import FileResult

RULES = ("NB102", "NB004", "NB115")
NAMES = frozenset({"undefined-name", "missing-kernelspec", "error-output"})


def check(*sources: str, path: str = "a.ipynb", **fields: Any) -> FileResult:
    cell: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], **fields}
    cells = [{**cell, "source": source} for source in sources]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    settings = Settings({"select": RULES})
    return Linter(settings, Selection(settings)).check_source(json.dumps(document).encode(), path)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    return "base.json"


def written(file: str, *results: FileResult) -> Baseline:
    with open(file, "w", encoding="utf-8") as stream:  # noqa: PTH123 - as the baseline itself
        stream.write(Baseline(file).updated(results, NAMES))
    return read_baseline(file, "test")


def shown(baseline: Baseline, result: FileResult) -> list[tuple[str, int]]:
    found = baseline.filtered(result).diagnostics
    return [(item.message, item.range.cell if item.range else -1) for item in found]


def test_what_was_there_is_quiet(file: str) -> None:
    baseline = written(file, check("print(x)", "y"))

    assert shown(baseline, check("print(x)", "y")) == []
    assert (baseline.hidden, baseline.stale(NAMES)) == (3, 0)


def test_it_stays_quiet_when_cells_move_and_others_change(file: str) -> None:
    baseline = written(file, check("print(x)", "y"))

    assert shown(baseline, check("z = 1", "y", "z = 2", "print(x)")) == []


def test_a_changed_cell_and_a_new_one_show(file: str) -> None:
    baseline = written(file, check("print(x)", "y"))

    found = shown(baseline, check("print(x, 1)", "y", "w"))

    assert [cell for _, cell in found] == [0, 2]
    assert baseline.stale(NAMES) == 1


def test_as_many_are_quiet_as_there_were(file: str) -> None:
    baseline = written(file, check("print(x)", "print(x)"))

    assert [cell for _, cell in shown(baseline, check("print(x)", "print(x)", "print(x)"))] == [2]


def test_numbers_of_cells_in_messages_do_not_matter_and_those_in_code_do(file: str) -> None:
    # The message names the cell that defines the name.
    settings = Settings({"select": ("NB103",)})

    def run(*sources: str) -> FileResult:
        cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in sources]
        data = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()
        return Linter(settings, Selection(settings)).check_source(data, "a.ipynb")

    before, after = run("print(x)", "x = 1"), run("print(x)", "y = 1", "x = 1")
    assert before.diagnostics[0].message != after.diagnostics[0].message

    assert written(file, before).filtered(after).diagnostics == ()


def test_paths_are_taken_from_the_files_folder(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(file, check("print(x)", path="sub/a.ipynb"))
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    baseline = read_baseline(f"../{file}", "test")

    assert shown(baseline, check("print(x)", path="a.ipynb")) == []
    assert shown(baseline, check("print(x)", path="b.ipynb")) != []


def test_the_file_is_sorted_with_a_line_a_finding(file: str, tmp_path: Path) -> None:
    written(file, check("print(x)", path="b.ipynb"), check("y", "x = 1", path="a.ipynb"), check("", path="c.ipynb"))

    text = (tmp_path / file).read_text()

    entries = [json.loads(line.strip().rstrip(",")) for line in text.splitlines() if '"rule"' in line]
    assert [entry["rule"] for entry in entries] == ["missing-kernelspec", "undefined-name"] * 2
    assert list(json.loads(text)["findings"]) == ["a.ipynb", "b.ipynb"]
    assert text.endswith("\n}\n")


def test_writing_again_keeps_what_was_not_looked_at(file: str, tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.ipynb").touch()
    baseline = written(file, *(check("print(x)", "y", path=f"{name}.ipynb") for name in "abcd"))

    # b is checked again and has changed, c is not checked, d is gone; only one rule is selected.
    text = baseline.updated([check("print(x)", "z = 1", path="b.ipynb")], {"undefined-name"})

    known = {
        path: sorted(entry["rule"] for entry in entries for _ in range(entry["count"]))
        for path, entries in json.loads(text)["findings"].items()
    }
    assert known == {
        "a.ipynb": ["missing-kernelspec", "undefined-name", "undefined-name"],
        "b.ipynb": ["missing-kernelspec", "undefined-name"],
        "c.ipynb": ["missing-kernelspec", "undefined-name", "undefined-name"],
    }


def test_stale_are_those_of_rules_and_notebooks_that_were_looked_at(file: str, tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.ipynb").touch()
    baseline = written(file, *(check("print(x)", path=f"{name}.ipynb") for name in "abc"))
    (tmp_path / "c.ipynb").unlink()

    baseline.filtered(check("x = 1", path="a.ipynb"))

    assert baseline.stale({"undefined-name"}) == 1 + 2  # in a; c is gone with both


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not valid JSON"),
        ("\x00", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "not a baseline of nbpipe: it is not an object"),
        ("{}", "not a baseline of nbpipe: it has no 'version'"),
        ('{"version": 2}', "its version is 2, and this nbpipe reads 1"),
        ('{"version": 1}', "it has no 'findings'"),
        ('{"version": 1, "findings": []}', "not a baseline"),
        ('{"version": 1, "findings": {"a": [3]}}', "not a baseline"),
        ('{"version": 1, "findings": {"a": [{"rule": "x"}]}}', "it has no 'cell'"),
    ],
)
def test_a_bad_file_is_one_clear_line(file: str, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / file).write_text(text)

    with pytest.raises(ConfigError) as caught:
        read_baseline(file, "command line")

    assert str(caught.value).startswith("command line: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_missing_says_how_to_write_it(file: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no baseline file 'base.json': write it with .*--write-baseline base.json"):
        read_baseline(file, "test")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_baseline(str(tmp_path), "test")
    assert shown(read_baseline(file, "test", missing_ok=True), check("x = 1")) != []


SOURCES = st.lists(st.sampled_from(["print(x)", "print(y)", "x, y", "a = 1", ""]), max_size=6)


@given(SOURCES, st.randoms())
def test_the_order_of_cells_does_not_matter(sources: list[str], chance: Any) -> None:
    before = check(*sources)
    baseline = Baseline("base.json")
    known = json.loads(baseline.updated([before], NAMES))
    moved = list(sources)
    chance.shuffle(moved)

    again = json.loads(baseline.updated([check(*moved)], NAMES))

    assert again == known
