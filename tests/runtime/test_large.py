"""Large values: hashed once, by blocks, while they are written; checked when they are read."""

from __future__ import annotations

import hashlib
import io
import os
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpipe.runtime import blocks, files, serializers
from nbpipe.runtime.fingerprints import fingerprint
from nbpipe.runtime.serializers import load_value, save_value
from nbpipe.runtime.store import CorruptedArtifact, Store

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 700_000  # of eight doubles: 45 MB, three blocks


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is longer than one block count as large."""
    monkeypatch.setattr(serializers, "LARGE_BYTES", blocks.BLOCK)


@given(st.binary(max_size=100), st.lists(st.integers(1, 40), max_size=20), st.integers(1, 20))
def test_a_digest_of_blocks_does_not_depend_on_the_pieces(content: bytes, lengths: list[int], first: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", 16)
        taken, rest = blocks.Blocks(first=first), content
        for length in lengths:
            taken.update(rest[:length])
            rest = rest[length:]
        taken.update(rest)
        cut = [content[:first], *(content[start : start + 16] for start in range(first, len(content), 16))]
    assert taken.found() == [hashlib.sha256(block).digest() for block in cut if block]


@given(st.binary(max_size=100))
def test_what_is_hashed_while_it_is_written_is_what_is_read(content: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", 16)
        patch.setattr(blocks, "FIRST", 8)
        file = io.BytesIO()
        hashed = blocks.HashedFile(file)
        assert hashed.write(content) == len(content)
        digest = blocks.digest_of(hashed.found())
        assert blocks.digest_of_file(io.BytesIO(content)) == digest
    assert file.getvalue() == content


def _values() -> dict[str, Any]:
    rng = np.random.default_rng(0)
    numbers = rng.random((ROWS, 8))
    missing = numbers.copy()
    missing[::1000] = np.nan
    missing.view("u8")[1000, 0] |= 1  # another of the many bit patterns that are NaN
    return {
        "doubles": numbers,
        "in columns": np.asfortranarray(numbers),
        "with missing": missing,
        "complex": numbers.view("c16"),
        "dates": (numbers * 1e9).astype("M8[ns]"),
        "texts": np.array(["abc", "defg", "x"] * 2_000_000),
        "fields": np.zeros(3_000_000, dtype=[("a", "i4"), ("b", "f8")]),
        "long doubles": numbers[: ROWS // 2].astype("longdouble"),
        "frame": pd.DataFrame(numbers, columns=list("abcdefgh")),
    }


VALUES = _values()


@pytest.mark.parametrize("name", VALUES)
def test_a_large_value_comes_back_with_the_fingerprint_that_it_had(name: str, tmp_path: Path) -> None:
    value, store = VALUES[name], Store(tmp_path)
    artifact = save_value(value, store)
    assert artifact.key.partition(".")[0] == f"{artifact.sha256}-blocks"
    assert artifact.size > blocks.BLOCK
    assert artifact.fingerprint == fingerprint(value), "the digests that came with writing are those of its values"
    again = load_value(store, artifact.key)
    assert fingerprint(again) == artifact.fingerprint
    if name == "frame":
        pd.testing.assert_frame_equal(again, value)
    else:
        assert again.tobytes() == value.tobytes()
        assert (again.flags.f_contiguous, again.flags.writeable) == (value.flags.f_contiguous, True)
    assert store.is_whole(artifact.key)


def test_the_layout_in_memory_is_not_part_of_a_fingerprint_but_a_value_is() -> None:
    assert fingerprint(VALUES["doubles"]) == fingerprint(VALUES["in columns"])
    assert fingerprint(VALUES["doubles"]) == fingerprint(np.repeat(VALUES["doubles"], 2, axis=0)[::2])
    other = VALUES["with missing"].copy()
    other.view("u8")[1000, 0] ^= 1
    assert fingerprint(other) == fingerprint(VALUES["with missing"])
    other[-1, -1] += 1e-9
    assert fingerprint(other) != fingerprint(VALUES["with missing"])


def test_numpy_reads_what_is_stored(tmp_path: Path) -> None:
    store = Store(tmp_path)
    path = store.path(save_value(VALUES["doubles"], store).key)
    assert np.array_equal(np.load(path), VALUES["doubles"])


@pytest.mark.parametrize("name", ["doubles", "frame"])
def test_damage_to_a_large_value_is_found_even_where_its_time_is_set_back(name: str, tmp_path: Path) -> None:
    store = Store(tmp_path)
    key = save_value(VALUES[name], store).key
    path = store.path(key)
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(before.st_size // 2)
        byte = file.read(1)[0]
        file.seek(before.st_size // 2)
        file.write(bytes([byte ^ 1]))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(CorruptedArtifact, match="is damaged"):
        load_value(store, key)
    assert not store.is_whole(key)
    save_value(VALUES[name], store)
    assert store.is_whole(key)


def test_only_what_was_hashed_a_moment_ago_is_not_hashed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    opened: list[str] = []
    checking = Store.open

    def checked(self: Store, key: str) -> Any:
        opened.append(key)
        return checking(self, key)

    monkeypatch.setattr(Store, "open", checked)
    key = save_value(VALUES["doubles"], store).key
    stamp = files.fresh_stamp(str(store.path(key)))
    load_value(store, key)
    assert opened == [] or stamp is None
    later = time.time_ns() + 3600 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    load_value(store, key)
    assert opened[-1] == key
