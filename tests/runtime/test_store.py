from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from nbpipe.runtime.serializers import load_value, save_value
from nbpipe.runtime.store import Artifact, CorruptedArtifact, Store

if TYPE_CHECKING:
    from pathlib import Path


def test_equal_content_is_one_artifact(tmp_path: Path) -> None:
    store = Store(tmp_path)
    first, second = save_value([1, 2], store), save_value([1, 2], store)
    assert first == second
    assert save_value([1, 3], store).key != first.key
    assert not list((tmp_path / "staging").iterdir())


def test_a_reference_survives_json_and_is_found_by_its_key(tmp_path: Path) -> None:
    artifact = save_value({"a": 1}, Store(tmp_path))
    assert Artifact.from_json(artifact.to_json()) == artifact
    assert Store(tmp_path).artifact(artifact.key) == artifact
    assert artifact.key == f"{artifact.sha256}.json"
    assert artifact.size == len(b'{"a": 1}')


def test_damage_is_found_before_anything_is_loaded(tmp_path: Path) -> None:
    store = Store(tmp_path)
    artifact = save_value((1, 2), store)
    path = store.path(artifact.key)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(CorruptedArtifact, match="is damaged"):
        load_value(store, artifact.key)
    save_value((1, 2), store)
    assert load_value(store, artifact.key) == (1, 2)


def test_what_is_gone_is_said(tmp_path: Path) -> None:
    store = Store(tmp_path)
    artifact = save_value([1], store)
    store.path(artifact.key).unlink()
    with pytest.raises(CorruptedArtifact, match="is not in the store"):
        load_value(store, artifact.key)
    with pytest.raises(CorruptedArtifact, match="is not in the store"):
        store.artifact("0" * 64 + ".json")


def test_many_writers_of_one_value_do_not_disturb_each_other(tmp_path: Path) -> None:
    store = Store(tmp_path)
    value = list(range(1000))

    def write_and_read(_: int) -> bool:
        return bool(load_value(store, save_value(value, store).key) == value)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(write_and_read, range(40)))
    assert len(list((tmp_path / "objects").rglob("*.json"))) == 2  # the content (JSON) and its description
