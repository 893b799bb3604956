"""What a step is seen to read and write, also by libraries whose readers raise no audit event."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nbpipe.runtime.effects import EffectObserver
from nbpipe.runtime.environment_reads import digest_of

ROOT = Path(__file__).parents[2]

READS = {
    "open": ("open('a.csv').read()", {"a.csv"}),
    "pandas": ("pd.read_csv('a.csv')", {"a.csv"}),
    "Parquet by pandas": ("pd.read_parquet('a.parquet')", {"a.parquet"}),
    "Parquet by Arrow": ("pq.ParquetFile('a.parquet').read()", {"a.parquet"}),
    "a data set": ("ds.dataset('parts').to_table()", {"parts/1.parquet", "parts/2.parquet"}),
    "polars": ("pl.read_csv('a.csv')", {"a.csv"}),
    "polars, a pattern": ("pl.read_parquet('parts/*.parquet')", {"parts/1.parquet", "parts/2.parquet"}),
    "polars, lazily": ("pl.scan_parquet('a.parquet').collect()", {"a.parquet"}),
    "duckdb": ("duckdb.sql(\"select * from 'a.parquet'\").fetchall()", {"a.parquet"}),
    "duckdb, a connection": ("duckdb.connect().read_csv('a.csv').fetchall()", {"a.csv"}),
    "HDF": ("h5py.File('a.h5').close()", {"a.h5"}),
    "HDF, added to": ("h5py.File('a.h5', 'a').close()", {"a.h5"}),
    "overwritten": ("open('a.csv', 'w').close()", set()),
}
WRITES = {
    "polars": ("pl.DataFrame({'a': [1]}).write_parquet('w_polars.parquet')", {"w_polars.parquet"}),
    "duckdb": ("duckdb.sql(\"copy (select 1) to 'w_duck.csv'\")", {"w_duck.csv"}),
    "HDF": ("h5py.File('w.h5', 'w').close()", {"w.h5"}),
    "a folder": (
        "ds.write_dataset(pq.read_table('a.parquet'), 'w_parts', format='parquet')",
        {"w_parts/part-0.parquet"},
    ),
    "moved": ("open('w_1', 'w').close(); os.replace('w_1', 'w_2')", {"w_2"}),
}
PROGRAM = """
import json, os, sys, traceback
import duckdb, h5py, pandas as pd, polars as pl, pyarrow.dataset as ds, pyarrow.parquet as pq
from nbpipe.runtime.effects import EffectObserver
found = {}
for name, code in json.loads(sys.argv[1]).items():
    observer = EffectObserver()
    with observer.observing():
        exec(code)
    found[name] = observer.found()
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Observe each piece of code in turn, in one process."""
    folder = tmp_path_factory.mktemp("effects")
    frame = pd.DataFrame({"a": [1, 2]})
    (folder / "parts").mkdir()
    frame.to_csv(folder / "a.csv")
    for name in ("a.parquet", "parts/1.parquet", "parts/2.parquet"):
        frame.to_parquet(folder / name)
    code = {f"read {name}": code for name, (code, _) in READS.items()}
    code |= {f"write {name}": code for name, (code, _) in WRITES.items()}
    code |= {"elsewhere": "pl.scan_parquet('s3://bucket/x.parquet')"}
    make = "import h5py\nh5py.File('a.h5', 'w').close()\n"
    done = subprocess.run(
        [sys.executable, "-c", make + PROGRAM, json.dumps(code)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    found["folder"] = os.path.realpath(folder) + os.sep
    return found


def names(seen: dict[str, Any], paths: Any) -> set[str]:
    return {path.removeprefix(seen["folder"]) for path in paths}


@pytest.mark.parametrize("name", READS)
def test_what_is_read(seen: dict[str, Any], name: str) -> None:
    assert names(seen, seen[f"read {name}"]["read"]) == READS[name][1]
    assert not seen[f"read {name}"]["hidden"]


@pytest.mark.parametrize("name", WRITES)
def test_what_is_written(seen: dict[str, Any], name: str) -> None:
    assert names(seen, seen[f"write {name}"]["written"]) == WRITES[name][1]
    assert not seen[f"write {name}"]["hidden"]


def test_a_new_file_that_a_pattern_would_match_is_told_by_the_folder(seen: dict[str, Any]) -> None:
    assert names(seen, seen["read polars, a pattern"]["listed"]) == {"parts"}


def test_a_file_that_is_opened_to_be_changed_and_is_not_counts_as_read_only(seen: dict[str, Any]) -> None:
    assert seen["read HDF, added to"]["written"] == []


def test_what_is_elsewhere_cannot_be_seen(seen: dict[str, Any]) -> None:
    assert seen["elsewhere"]["hidden"] == ["it connects to the network (s3)"]


@pytest.mark.parametrize(
    ("code", "met"),
    [
        ("os.environ['NBPIPE_ONE']", {"NBPIPE_ONE"}),
        ("os.environ.get('NBPIPE_NONE')", {"NBPIPE_NONE"}),
        ("os.environ['NBPIPE_ONE'] = '2'; os.environ['NBPIPE_ONE']", set()),
        ("os.environ['NBPIPE_ONE']; os.environ['NBPIPE_ONE'] = '2'; os.environ['NBPIPE_ONE']", {"NBPIPE_ONE"}),
        ("os.environ.setdefault('NBPIPE_NONE', '2'); os.environ['NBPIPE_NONE']", {"NBPIPE_NONE"}),
        ("del os.environ['NBPIPE_ONE']; os.environ.get('NBPIPE_ONE')", set()),
    ],
)
def test_a_variable_counts_as_it_was_before_the_step_set_it(
    code: str, met: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBPIPE_ONE", "1")
    monkeypatch.setenv("NBPIPE_NONE", "")
    del os.environ["NBPIPE_NONE"]
    before = {"NBPIPE_ONE": digest_of("1"), "NBPIPE_NONE": None}
    observer = EffectObserver()
    with observer.observing():
        exec(code)
    assert observer.found()["environ"] == {name: before[name] for name in met}
