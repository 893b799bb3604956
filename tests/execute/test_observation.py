"""What a run read, wrote, looked for and did, observed in a kernel whose environment has no nbpipe."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from nbpipe.execute import run_notebook
from nbpipe.records import RunRecord, RunStatus
from tests.execute.making import outputs, write_notebook

MAKE = """
import duckdb, h5py, pandas as pd, polars as pl
frame = pd.DataFrame({'a': range(5)})
for name in ('pandas', 'arrow', 'dataset', 'duck', 'duck_function', 'polars', 'lazy'):
    frame.to_parquet(f'{name}.parquet')
for name in ('arrow', 'duck', 'polars', 'plain', 'twice', 'glob_1', 'glob_2', 'handle'):
    frame.to_csv(f'{name}.csv')
frame.to_feather('frame.feather')
with h5py.File('numbers.h5', 'w') as file:
    file['x'] = [1, 2]
with duckdb.connect('shop.duckdb') as shop:
    shop.execute('create table t as select 1 as a')
"""
CELLS = {
    "pandas Parquet": ("pd.read_parquet('pandas.parquet')", {"pandas.parquet"}),
    "pandas Feather": ("pd.read_feather('frame.feather')", {"frame.feather"}),
    "pandas CSV": ("pd.read_csv('plain.csv')", {"plain.csv"}),
    "pyarrow Parquet": ("import pyarrow.parquet as pq\npq.read_table('arrow.parquet')", {"arrow.parquet"}),
    "pyarrow data set": ("import pyarrow.dataset as ds\nds.dataset('dataset.parquet').to_table()", {"dataset.parquet"}),
    "pyarrow CSV": ("from pyarrow import csv\ncsv.read_csv('arrow.csv')", {"arrow.csv"}),
    "h5py": ("import h5py\nwith h5py.File('numbers.h5') as file:\n    file['x'][:]", {"numbers.h5"}),
    "duckdb SQL": (
        "import duckdb\nduckdb.sql(\"select count(*) from 'duck.csv', 'duck.parquet'\").fetchall()",
        {"duck.csv", "duck.parquet"},
    ),
    "duckdb function": ("duckdb.read_parquet('duck_function.parquet').fetchall()", {"duck_function.parquet"}),
    "duckdb pattern": (
        "duckdb.connect().execute(\"select * from read_csv('glob_*.csv')\").fetchall()",
        {"glob_1.csv", "glob_2.csv"},
    ),
    "duckdb database": ("duckdb.connect('shop.duckdb', read_only=True).sql('from t').fetchall()", {"shop.duckdb"}),
    "polars": ("import polars as pl\npl.read_csv('polars.csv')\npl.read_parquet('polars.parquet')",
               {"polars.csv", "polars.parquet"}),
    "polars lazy": ("pl.scan_parquet('lazy.parquet').collect()", {"lazy.parquet"}),
    "an open file": ("with open('handle.csv', 'rb') as file:\n    csv.read_csv(file)", {"handle.csv"}),
    "changed afterwards": ("text = open('twice.csv').read()\nopen('twice.csv', 'w').write(text * 2)", {"twice.csv"}),
    "the project's module": ("import helper\nhelper.answer()", {"by_helper.txt"}),
}  # fmt: skip
WRITES = """
frame.to_parquet('w_pandas.parquet'); frame.to_feather('w.feather')
pq.write_table(pq.read_table('arrow.parquet'), 'w_arrow.parquet')
csv.write_csv(pq.read_table('arrow.parquet'), 'w_arrow.csv')
with h5py.File('w.h5', 'w') as file: file['x'] = [1]
duckdb.sql("copy (select 1 as a) to 'w_duck.csv'")
duckdb.sql('select 1 as a').write_parquet('w_duck.parquet')
pl.DataFrame({'a': [1]}).write_parquet('w_polars.parquet')
open('w_draft.txt', 'w').close(); os.replace('w_draft.txt', 'w_final.txt')
pd.read_parquet('w_pandas.parquet')
"""
EFFECTS = """
import glob, os, random, socket, subprocess
from pathlib import Path
import numpy as np
os.listdir('listed'); glob.glob('*.csv'); list(Path('listed').iterdir())
os.path.exists('never'); Path('missing.toml').is_file()
try:
    open('gone.txt')
except OSError:
    pass
subprocess.run(['true'])
try:
    socket.create_connection(('127.0.0.1', 9), timeout=1)
except OSError:
    pass
random.seed(3); np.random.seed(4); generator = np.random.default_rng(5)
"""
WRITTEN = {
    "w_pandas.parquet", "w.feather", "w_arrow.parquet", "w_arrow.csv", "w.h5", "w_duck.csv", "w_duck.parquet",
    "w_polars.parquet", "w_final.txt", "twice.csv",
}  # fmt: skip


def other_environment(folder: Path) -> Path:
    """Make an environment that has what this one has, but for nbpipe; give the folder of its kernelspecs."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder / "env")], check=True)
    (site,) = (folder / "env").glob("lib/python*/site-packages")
    # What stands in other .pth files, as that of an editable nbpipe, is not followed from here.
    (site / "rest.pth").write_text(sysconfig.get_path("purelib") + "\n")
    python = folder / "env" / "bin" / "python"
    done = subprocess.run([python, "-c", "import nbpipe"], cwd=folder, env={}, capture_output=True, check=False)
    assert b"No module named 'nbpipe'" in done.stderr
    kernel = folder / "share" / "kernels" / "other"
    kernel.mkdir(parents=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "Other", "language": "python"}))
    return folder / "share"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("observed")
    subprocess.run([sys.executable, "-c", MAKE], cwd=folder, check=True)
    (folder / "listed").mkdir()
    (folder / "listed" / "one").touch()
    (folder / "helper.py").write_text("def answer():\n    return open('by_helper.txt').read()\n")
    (folder / "by_helper.txt").write_text("x")
    return folder


@pytest.fixture(scope="module")
def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.is_file()}


@pytest.fixture(scope="module")
def record(folder: Path, hashes: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> RunRecord:
    place = tmp_path_factory.mktemp("other")
    cells = [
        "import os\nimport pandas as pd\nframe = pd.DataFrame({'a': [1]})",
        *(source for source, _ in CELLS.values()),
    ]
    path = write_notebook(folder / "a.ipynb", *cells, WRITES, EFFECTS, "import nbpipe", kernel="other")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(other_environment(place)))
        env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        record = run_notebook(path, place / "out.ipynb", env=env)
    assert record.status is RunStatus.FAILED
    assert record.error is not None
    assert record.error.message == "No module named 'nbpipe'"
    assert [cell.status.value for cell in record.cells] == ["ok"] * (len(record.cells) - 1) + ["failed"]
    return record


def by_name(entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {Path(entry["path"]).name: entry["sha256"] for entry in entries}


@pytest.mark.parametrize("name", CELLS)
def test_what_a_library_reads_is_observed_with_its_hash(name: str, record: RunRecord, hashes: dict[str, str]) -> None:
    found = by_name(record.observed["read"])
    for file in CELLS[name][1]:
        assert found[file] == hashes[file]


def test_nothing_else_counts_as_read(record: RunRecord) -> None:
    assert set(by_name(record.observed["read"])) == {file for _, files in CELLS.values() for file in files}


def test_what_is_written_is_observed_as_it_is_at_the_end(record: RunRecord, folder: Path) -> None:
    found = by_name(record.observed["written"])
    assert set(found) == WRITTEN
    for file, digest in found.items():
        assert digest == hashlib.sha256((folder / file).read_bytes()).hexdigest()


def test_listings_and_absent_files_are_inputs(record: RunRecord, folder: Path) -> None:
    listed = {entry["path"]: entry["sha256"] for entry in record.observed["listed"]}
    assert listed[str(folder / "listed")] == hashlib.sha256(b"one").hexdigest()
    assert str(folder) in listed
    assert {str(folder / name) for name in ("never", "missing.toml", "gone.txt")} <= set(record.observed["absent"])


def test_what_cannot_be_observed_is_named(record: RunRecord) -> None:
    effects = {(effect["kind"], effect["name"]) for effect in record.observed["effects"]}
    assert ("subprocess", "true") in effects
    assert ("network", "127.0.0.1:9") in effects


def test_seeds_modules_and_the_kernels_environment_are_known(record: RunRecord, folder: Path) -> None:
    assert record.observed["seeds"] == [
        {"generator": "random.seed", "seed": 3},
        {"generator": "numpy.random.seed", "seed": 4},
        {"generator": "numpy.random.default_rng", "seed": 5},
    ]
    assert by_name(record.observed["modules"]) == {
        "helper.py": hashlib.sha256((folder / "helper.py").read_bytes()).hexdigest()
    }
    assert record.provenance["python"]["executable"].endswith("/env/bin/python")
    assert "pandas" in record.provenance["packages"]


def test_a_wrapped_reader_is_the_function_it_was(tmp_path: Path) -> None:
    look = (
        "import inspect, pickle, random\nimport numpy as np, pandas as pd\n"
        "print(pd.read_parquet.__name__, list(inspect.signature(pd.read_parquet).parameters)[0])\n"
        "print(pickle.loads(pickle.dumps(pd.read_parquet)) is pd.read_parquet)\n"
        "print(pickle.loads(pickle.dumps(np.random.default_rng)) is np.random.default_rng)\n"
        "print(sorted(name for name in globals() if 'nbpipe' in name))"
    )
    record = run_notebook(write_notebook(tmp_path / "a.ipynb", look, "pd.read_parquet('none.parquet')"))
    (first, second) = outputs(tmp_path / "a.executed.ipynb")
    assert first[0]["text"] == ["read_parquet path\n", "True\n", "True\n", "[]\n"]
    assert "skipping hidden" not in "".join(second[0]["traceback"])
    assert "_nbpipe" not in "".join(second[0]["traceback"])
    assert record.observed["absent"] == [str(tmp_path / "none.parquet")]


def test_a_kernel_that_died_is_not_asked(tmp_path: Path) -> None:
    record = run_notebook(write_notebook(tmp_path / "a.ipynb", "import os\nos._exit(1)"))
    assert record.observed == {"version": 1, "missing": "the kernel could not be asked at the end"}
