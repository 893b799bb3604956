"""What comparing notebooks gives, from folders of them to reports."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.api.check import check, check_each
from nbpipe.config import Settings
from nbpipe.lint.registry import find
from nbpipe.lint.rules.hygiene.repeated_logic import RepeatedLogic

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.lint.diagnostic import Diagnostic

CLEAN = """\
def {name}({frame}):
    {frame} = {frame}.dropna(subset=["{column}"])
    {frame}["{column}"] = {frame}["{column}"].str.replace(",", "").astype(float)
    {frame} = {frame}[{frame}["{column}"] > {limit}].reset_index(drop=True)
    {frame}["day"] = {frame}["time"].dt.floor("D")
    return {frame}.sort_values("day")"""


def clean(name: str = "clean", frame: str = "frame", column: str = "price", limit: int = 0) -> str:
    return CLEAN.format(name=name, frame=frame, column=column, limit=limit)


def write(path: Path, *sources: str, metadata: dict[str, Any] | None = None, tags: tuple[str, ...] = ()) -> None:
    cells = [
        {"cell_type": "code", "source": source, "metadata": {"tags": list(tags)}, "outputs": []} for source in sources
    ]
    document = {"cells": cells, "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 4}
    path.write_text(json.dumps(document), encoding="utf-8")


def found(folder: Path, **values: object) -> list[Diagnostic]:
    settings = Settings({"select": ["NB815"], **values}, root=str(folder))
    return [item for result in check_each([str(folder)], settings) for item in result.diagnostics]


def test_the_first_notebook_is_told_where_the_others_are(tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", "import pandas as pd", f"{clean()}\n\nclean(1)")
    write(tmp_path / "b.ipynb", "x = 1", "y = 2", clean("prepare", "rows", "cost", 7))
    write(tmp_path / "c.ipynb", "print(1)")

    (item,) = found(tmp_path)

    assert item.path.endswith("a.ipynb")
    assert item.range is not None
    assert item.range.key() == (1, 0, 0, 5, 35)
    assert item.message == (
        f"`clean` (6 lines) stands also in {tmp_path.as_posix()}/b.ipynb (cell 3): "
        "give it one home, such as a module that all import"
    )


def test_one_notebook_by_itself_is_not_compared(tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", clean(), clean())

    (result,) = check(str(tmp_path), select=["NB815"]).files

    assert not result.diagnostics
    assert not result.fragments


def test_many_places_are_counted(tmp_path: Path) -> None:
    for number in range(13):
        write(tmp_path / f"n{number:02}.ipynb", clean())

    (item,) = found(tmp_path)

    assert "n10.ipynb (cell 1) and 2 more notebooks: " in item.message
    assert "n11.ipynb" not in item.message


def test_notebooks_are_counted_once_and_findings_once(tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", clean())
    write(tmp_path / "b.ipynb", clean())

    result = check(str(tmp_path), select=["NB815"])

    assert result.summary.sentence() == "Checked 2 notebooks: 0 errors, 0 warnings, 1 info."
    assert [(each.compared, len(each.diagnostics)) for each in result.files] == [(False, 0), (False, 0), (True, 1)]
    assert result.files[2].cells[0].source == clean()
    assert result.diagnostics[0].json_line is not None


@pytest.mark.parametrize("name", ["a.ipynb", "b.ipynb"])
@pytest.mark.parametrize(
    "silence",
    [
        {"sources": (clean().replace(":\n", ":  # nbpipe: ignore[repeated-logic] on purpose\n", 1),)},
        {"sources": (clean().replace(":\n", ":  # noqa: NB815\n", 1),)},
        {"sources": (f"# nbpipe: ignore-cell[repeated-logic]\n{clean()}",)},
        {"tags": ("nbpipe-ignore:NB815",)},
        {"metadata": {"nbpipe": {"ignore": ["hygiene"]}}},
    ],
)
def test_either_notebook_may_say_not_to_report_it(tmp_path: Path, name: str, silence: dict[str, Any]) -> None:
    for each in ("a.ipynb", "b.ipynb"):
        write(tmp_path / each, clean())
    assert len(found(tmp_path)) == 1
    others = {key: value for key, value in silence.items() if key != "sources"}
    write(tmp_path / name, *silence.get("sources", (clean(),)), **others)

    assert not found(tmp_path)


def test_a_silenced_place_is_left_out_of_the_others(tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", clean())
    write(tmp_path / "b.ipynb", clean(), tags=("nbpipe-ignore",))
    write(tmp_path / "c.ipynb", clean())

    (item,) = found(tmp_path)

    assert "c.ipynb" in item.message
    assert "b.ipynb" not in item.message


@pytest.mark.parametrize(
    "values",
    [
        {"select": [], "ignore": ["repeated-logic"]},
        {"per-file-ignores": {"b.ipynb": ["NB815"]}},
        {"per-file-ignores": {"a.ipynb": ["hygiene"]}},
    ],
)
def test_it_may_be_ignored_as_any_rule(tmp_path: Path, values: dict[str, object]) -> None:
    write(tmp_path / "a.ipynb", clean())
    write(tmp_path / "b.ipynb", clean())

    assert not [item for item in found(tmp_path, **values) if item.code == "NB815"]


def test_its_severity_may_be_raised(tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", clean())
    write(tmp_path / "b.ipynb", clean())

    assert [item.severity.label for item in found(tmp_path, severity={"NB815": "error"})] == ["error"]


def test_results_from_the_cache_are_compared_as_fresh_ones(tmp_path: Path) -> None:
    for number in range(9):
        write(tmp_path / f"n{number}.ipynb", clean() if number % 4 == 0 else f"x = {number}")
    settings = Settings({"select": ["NB815"]}, root=str(tmp_path))

    messages = [
        [item.message for result in check_each([str(tmp_path)], settings, cached=True) for item in result.diagnostics]
        for _ in range(2)
    ]

    assert list(tmp_path.glob("**/check-*.tsv"))
    assert messages[0] == messages[1] == [item.message for item in found(tmp_path)]
    assert len(messages[0]) == 1


def test_several_processes_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbpipe.lint.batch.BREAK_EVEN", 1)
    for name in "abc":
        write(tmp_path / f"{name}.ipynb", clean())

    assert [item.message for item in found(tmp_path, jobs=2)] == [item.message for item in found(tmp_path, jobs=1)]


def test_a_notebook_that_is_gone_meanwhile_costs_only_its_findings(tmp_path: Path) -> None:
    write(tmp_path / "a.ipynb", clean())
    write(tmp_path / "b.ipynb", clean())
    settings = Settings({"select": ["NB815"]}, root=str(tmp_path))
    results = check_each([str(tmp_path)], settings)
    seen = list(islice(results, 2))
    (tmp_path / "a.ipynb").unlink()

    assert len(seen) == 2
    assert list(results) == []


def test_a_comparison_that_raises_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(RepeatedLogic, "compare", broken)
    write(tmp_path / "a.ipynb", clean())
    write(tmp_path / "b.ipynb", clean())

    result = check(str(tmp_path), select=["NB815"])

    assert [failure.rule for failure in result.failures] == ["NB815 (repeated-logic)"]
    assert result.exit_code == 2
    assert find("NB815").across
