"""Results kept between runs: equal to fresh ones, never stale, never in the way."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nbpipe.api.check import check_each
from nbpipe.config import Settings
from nbpipe.lint.batch import check_files
from nbpipe.lint.cache import Cache, open_cache
from nbpipe.lint.diagnostic import (
    Applicability,
    CellEdit,
    CellReference,
    Diagnostic,
    Edit,
    FieldEdit,
    FileResult,
    Fix,
    FormatEdit,
    Related,
    Severity,
)
from nbpipe.lint.encoding import decode, encode
from nbpipe.lint.engine import Linter
from nbpipe.lint.files import Found, signature
from nbpipe.lint.reporters.json import Reporter
from nbpipe.lint.reporting import Summary
from nbpipe.lint.selection import Selection
from nbpipe.notebook import Cell, Range

if TYPE_CHECKING:
    from collections.abc import Iterable

OLD = 1_600_000_000


def write(path: Path, *sources: str, old: bool = True) -> None:
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in sources]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}), encoding="utf-8")
    if old:
        os.utime(path, (OLD, OLD))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(10):
        write(tmp_path / f"n{number}.ipynb", "x = 1", "print(y)" if number % 2 else "print(x)")
    return tmp_path


def settings(folder: Path, **values: object) -> Settings:
    return Settings(values, root=str(folder))


def shown(results: Iterable[FileResult]) -> str:
    """Give all that reports can show of some results."""
    reporter, summary = Reporter(lambda text, _: text), Summary()
    for result in results:
        summary.add(result)
        list(reporter.file(result))
    return "\n".join(reporter.end(summary))


def check(folder: Path, *, cached: bool = True, **values: object) -> str:
    return shown(check_each([str(folder)], settings(folder, **values), locate=True, cached=cached))


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the names of the notebooks that are really checked."""
    names: list[str] = []
    original = Linter.check_file

    def check_file(self: Linter, path: str) -> FileResult:
        names.append(Path(path).name)
        return original(self, path)

    monkeypatch.setattr(Linter, "check_file", check_file)
    return names


def test_the_second_run_checks_nothing_and_says_the_same(folder: Path, checked: list[str]) -> None:
    first = check(folder)
    assert len(checked) == 10
    assert check(folder) == first == check(folder, cached=False)
    assert len(checked) == 20
    assert json.loads(first)["summary"]["errors"] == 5


def test_only_what_changed_is_checked_again(folder: Path, checked: list[str]) -> None:
    check(folder)
    checked.clear()
    (folder / "more").mkdir()
    check(folder)
    checked.clear()
    write(folder / "more/new.ipynb", "pass")
    check(folder)
    assert checked == ["new.ipynb"]

    checked.clear()
    write(folder / "n0.ipynb", "x = 1", "print(v)")
    assert "`v`" in check(folder)
    assert checked == ["n0.ipynb"]


def test_a_file_that_comes_or_goes_beside_a_notebook_may_matter_to_it(folder: Path, checked: list[str]) -> None:
    check(folder)
    checked.clear()
    (folder / "requirements.txt").write_text("numpy")
    check(folder)
    assert len(checked) == 10


def test_a_notebook_that_was_only_touched_is_not_checked_again(folder: Path, checked: list[str]) -> None:
    check(folder)
    checked.clear()
    os.utime(folder / "n0.ipynb", (OLD + 5, OLD + 5))
    check(folder)
    assert checked == []


def test_a_change_in_the_moment_of_writing_is_noticed_by_content(folder: Path, checked: list[str]) -> None:
    path = folder / "n0.ipynb"
    write(path, "x = 1", "print(x)", old=False)
    before = path.stat()
    check(folder)
    checked.clear()
    write(path, "x = 1", "print(q)", old=False)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_mtime_ns, path.stat().st_size) == (before.st_mtime_ns, before.st_size)

    assert "`q`" in check(folder)
    assert checked == ["n0.ipynb"]


def test_other_settings_have_results_of_their_own(folder: Path, checked: list[str]) -> None:
    check(folder)
    assert "NB102" not in check(folder, ignore=("NB102",))
    assert len(checked) == 20
    check(folder)
    assert len(checked) == 20


@pytest.mark.parametrize("spoil", ["", "\0\0\0", "half", "swapped"])
def test_a_spoilt_cache_is_made_again(folder: Path, checked: list[str], spoil: str) -> None:
    first = check(folder)
    (file,) = (folder / ".nbpipe_cache").glob("*.tsv")
    text = file.read_text(encoding="utf-8")
    spoilt = {"half": text[: len(text) // 2], "swapped": text.replace("NB102", "NB999")}.get(spoil, spoil)
    file.write_text(spoilt, encoding="utf-8")
    checked.clear()

    assert check(folder) == first
    assert checked
    checked.clear()
    assert check(folder) == first
    assert checked == []


def test_bytes_that_are_no_text_are_no_cache(folder: Path) -> None:
    first = check(folder)
    (file,) = (folder / ".nbpipe_cache").glob("*.tsv")
    file.write_bytes(b"\xff\xfe" * 100)
    assert check(folder) == first


def test_what_a_result_depends_on_outside_is_looked_at_again(tmp_path: Path) -> None:
    notebook, other = tmp_path / "a.ipynb", tmp_path / "requirements.txt"
    write(notebook, "pass")
    place = str(notebook)
    cache = Cache(str(tmp_path / "cache"), "key")
    cache.put(place, signature(place), FileResult(place, outside={str(other): signature(str(other))}))
    cache.save()
    assert Cache(str(tmp_path / "cache"), "key").get(place) is not None

    other.write_text("numpy")
    assert Cache(str(tmp_path / "cache"), "key").get(place) is None


def test_results_with_failures_are_not_kept(tmp_path: Path) -> None:
    notebook = tmp_path / "a.ipynb"
    write(notebook, "pass")
    cache = Cache(str(tmp_path / "cache"), "key")
    cache.put(str(notebook), signature(str(notebook)), FileResult(str(notebook), failures=(None,)))  # type: ignore[arg-type]
    assert cache.get(str(notebook)) is None


def test_a_folder_that_cannot_be_made_is_no_error(folder: Path) -> None:
    (folder / ".nbpipe_cache").write_text("a file")
    assert check(folder) == check(folder, cached=False)


def test_the_folder_keeps_itself_out_of_git(folder: Path) -> None:
    check(folder)
    assert (folder / ".nbpipe_cache/.gitignore").read_text().splitlines()[-1] == "*"


def test_a_result_comes_back_as_it_was() -> None:
    cell = CellReference(Cell(2, "code", "a\nb", id="x", execution_count=3))
    edits = (
        Edit(Range(2, 0, 0, 0, 1), "c"),
        FieldEdit(2, "outputs", []),
        FieldEdit(None, "metadata", {"a": 1}),
        CellEdit("insert-cell", after=1, tags=("parameters",), content="a = 1"),
        CellEdit("delete-cell", cell=2),
        FormatEdit(4),
    )
    item = Diagnostic(
        "NB102",
        "undefined-name",
        "m",
        Severity.WARNING,
        path="p",
        range=Range(2, 0, 0, 1, 1),
        related=(Related(Range(2, 1, 0, 1, 1), "there"),),
        fix=Fix("t", edits, Applicability.UNSAFE),
        json_line=7,
    )
    whole = Diagnostic("NB001", "invalid-notebook", "n", Severity.ERROR, path="p", range=None)
    result = FileResult("p", (item, whole), {2: cell}, fragments={"NB815": [["a", 1]]})

    again = decode("p", json.loads(json.dumps(encode(result))))
    assert encode(again) == encode(result)
    assert again.fragments == result.fragments  # else a cached notebook is compared with no other
    assert shown([again]) == shown([result])


def test_a_pool_gives_the_same_in_the_same_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbpipe.lint.batch.BREAK_EVEN", 4)
    for number in range(30):
        write(tmp_path / f"n{number}.ipynb", f"print(name_{number})")
    (tmp_path / "n7.ipynb").write_text("{")

    alone = check(tmp_path, cached=False, jobs=1)
    assert check(tmp_path, cached=False, jobs=3) == alone
    assert check(tmp_path, jobs=3) == alone  # fills the cache
    assert check(tmp_path, jobs=3) == alone


def test_a_pool_that_dies_leaves_the_rest_to_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbpipe.lint.batch.BREAK_EVEN", 4)
    for number in range(20):
        write(tmp_path / f"n{number}.ipynb", f"print(name_{number})")
    given = settings(tmp_path)
    linter = Linter(given, Selection(given), locate=True)
    found = [Found(str(path)) for path in sorted(tmp_path.glob("*.ipynb"))]
    alone = shown(check_files(found, linter, jobs=1, cache=None))
    here, original = os.getpid(), Linter.check_file

    def dies(self: Linter, path: str) -> FileResult:
        if path.endswith("n5.ipynb") and os.getpid() != here:
            os._exit(9)
        return original(self, path)

    monkeypatch.setattr(Linter, "check_file", dies)
    assert shown(check_files(found, linter, jobs=2, cache=None)) == alone


def test_an_opened_cache_knows_its_folder(tmp_path: Path) -> None:
    given = settings(tmp_path, **{"cache-dir": "kept"})
    open_cache(given, Selection(given), locate=False).save()
    assert not (tmp_path / "kept").exists()  # nothing to keep
