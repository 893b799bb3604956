"""Verdicts that are kept: when one counts, and when none is kept."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.runtime.files import listing_digest
from nbpipe.verify.cache import Cache
from nbpipe.verify.cause import Cause, CauseKind
from nbpipe.verify.context import Tolerance
from nbpipe.verify.notebook import Strictness, Verified
from nbpipe.verify.verdict import CellVerdict, NotebookVerdict, Outcome, Stage, Verdict
from tests.verify.making import document, run

if TYPE_CHECKING:
    from pathlib import Path

SEEN: dict[str, Any] = {"read": {}, "listed": {}, "absent": [], "modules": {}, "unknown": []}
STRICT = Strictness()


def verified(path: Path, kind: Verdict = Verdict.NOT_REPRODUCIBLE, **seen: Any) -> Verified:
    cause = Cause(CauseKind.RANDOM, "draws", 1, "NB301", "unseeded-random", shown=True)
    cells = (
        CellVerdict(0, "x", Outcome.EQUIVALENT, ("timestamps",)),
        CellVerdict(2, "y", Outcome.DIFFERENT, (), "- a\n+ b", cause),
    )
    verdict = NotebookVerdict(str(path), kind, "reason", cells, None, "note", Stage.RUNS)
    return Verified(verdict, None, run("x", inputs={**SEEN, **seen}))


def hashes(path: Path) -> dict[str, str]:
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest()}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.ipynb"
    path.write_bytes(document("x = 1", kernelspec={"name": "python3"}))
    return path


def put(cache: Cache, path: Path, done: Verified) -> str:
    key = cache.key(str(path), STRICT, None)
    assert key is not None
    cache.put(key, done)
    return key


def test_a_verdict_is_given_as_it_was(tmp_path: Path, path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    done = verified(path)
    known = cache.get(str(path), put(cache, path, done))
    assert known is not None
    assert known.cached
    assert known.cells == done.verdict.cells
    assert known.as_json() == {**done.verdict.as_json(), "cached": True}
    assert (tmp_path / "cache" / ".gitignore").is_file()


def test_a_file_that_was_read_counts(tmp_path: Path, path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    data, module = tmp_path / "x.csv", tmp_path / "own.py"
    data.write_text("a\n1\n")
    module.write_text("X = 1\n")
    key = put(cache, path, verified(path, read=hashes(data), modules=hashes(module)))
    assert cache.get(str(path), key) is not None
    data.write_text("a\n2\n")
    assert cache.get(str(path), key) is None
    data.write_text("a\n1\n")
    assert cache.get(str(path), key) is not None
    module.unlink()
    assert cache.get(str(path), key) is None


def test_a_folder_that_was_listed_and_a_file_that_was_missing_count(tmp_path: Path, path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    folder, absent = tmp_path / "parts", tmp_path / "settings.toml"
    folder.mkdir()
    key = put(cache, path, verified(path, listed={str(folder): listing_digest(str(folder))}, absent=[str(absent)]))
    assert cache.get(str(path), key) is not None
    (folder / "new.csv").touch()
    assert cache.get(str(path), key) is None
    (folder / "new.csv").unlink()
    assert cache.get(str(path), key) is not None
    absent.touch()
    assert cache.get(str(path), key) is None


def test_what_is_another_question_has_another_key(tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path / "cache")
    keys = [cache.key(str(path), STRICT, None)]
    keys.append(cache.key(str(path), Strictness(Tolerance(rtol=0.1)), None))
    keys.append(cache.key(str(path), STRICT, None, 1000))
    keys.append(cache.key(str(path), Strictness(off=frozenset({"timestamps"})), None))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    keys.append(cache.key(str(path), STRICT, None))
    monkeypatch.setattr("nbpipe.provenance.packages", lambda: {"numpy": "9"})
    keys.append(cache.key(str(path), STRICT, None))
    path.write_bytes(document("x = 2", kernelspec={"name": "python3"}))
    keys.append(cache.key(str(path), STRICT, None))
    assert None not in keys
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        (Verdict.FAILED, {}),
        (Verdict.REPRODUCIBLE, {"unknown": ["socket.connect"]}),
    ],
)
def test_what_may_be_otherwise_next_time_is_not_kept(
    tmp_path: Path, path: Path, kind: Verdict, seen: dict[str, Any]
) -> None:
    cache = Cache(tmp_path / "cache")
    key = put(cache, path, verified(path, kind, **seen))
    assert cache.get(str(path), key) is None


def test_code_that_looks_without_opening_and_repeated_runs_have_no_key(tmp_path: Path, path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    assert cache.key(str(path), Strictness(runs=2), None) is None
    path.write_bytes(document("import os\nos.path.exists('x.csv')", kernelspec={"name": "python3"}))
    assert cache.key(str(path), STRICT, None) is None
    path.write_text("{")
    assert cache.key(str(path), STRICT, None) is None


def test_a_broken_entry_is_none(tmp_path: Path, path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    key = put(cache, path, verified(path))
    (entry,) = (tmp_path / "cache" / "verify").iterdir()
    entry.write_text(entry.read_text()[:-20])
    assert cache.get(str(path), key) is None
