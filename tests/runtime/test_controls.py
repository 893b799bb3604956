"""What is held still in the user's process: the same code gives the same twice."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl

ROOT = Path(__file__).parents[2]

RANDOM = """
import random, secrets, uuid, os
import numpy as np
found = [random.random(), random.Random().random(), random.SystemRandom().random(), secrets.token_hex(4)]
found += [str(uuid.uuid4()), os.urandom(4).hex(), np.random.rand(), np.random.default_rng().random()]
found += [np.random.RandomState().rand(), random.Random(3).random()]
"""
CLOCK = """
import time, datetime, os
from datetime import datetime as when
found = [time.time(), time.perf_counter_ns(), when.now().isoformat(), datetime.date.today().isoformat()]
found += [time.strftime('%H:%M:%S'), time.localtime().tm_year, os.getpid(), isinstance(when.now(), datetime.datetime)]
found += [isinstance(datetime.date(2020, 1, 2), datetime.date), when(2020, 1, 2).year, when.utcnow().tzinfo]
import pandas as pd  # whose C code knows the real class only
found.append(str(pd.Series([when.now() - datetime.timedelta(days=1)])[0].date()))
"""
THREADS = """
import threading, time
from concurrent.futures import ThreadPoolExecutor, as_completed
found = []
def work(n):
    time.sleep(0.002 * (5 - n))
    found.append(n)
threads = [threading.Thread(target=work, args=(n,)) for n in range(5)]
for thread in threads: thread.start()
for thread in threads: thread.join()
with ThreadPoolExecutor(4) as pool:
    list(as_completed([pool.submit(work, n) for n in range(5)]))
"""


def held(tmp_path: Path, code: str, **request: Any) -> Any:
    """Run code as a notebook's own, with some things held still, and give what it found."""
    report = tmp_path / "report.json"
    asked = {"report": str(report), "modules": ["numpy", "no_such_module"], "inputs": None, "seed": None}
    text = json.dumps({**asked, "threads": False, "clock": False, **request})
    program = (
        f"from nbpipe.runtime.controls import begin\nbegin({text!r})\n{code}\nimport json\nprint(json.dumps(found))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_everything_random_is_the_same_and_a_seed_still_counts(tmp_path: Path) -> None:
    first = held(tmp_path, RANDOM, seed=0)
    assert held(tmp_path, RANDOM, seed=0) == first
    assert len(set(map(str, first))) == len(first)
    assert held(tmp_path, RANDOM, seed=1)[:-1] != first[:-1]
    assert held(tmp_path, RANDOM)[-1] == first[-1]


def test_the_clock_goes_on_by_ticks(tmp_path: Path) -> None:
    first = held(tmp_path, CLOCK, clock=True)
    assert held(tmp_path, CLOCK, clock=True) == first
    assert first[-5:] == [True, True, 2020, None, "2023-11-13"]
    assert first[5] == 2023


def test_what_libraries_read_of_the_clock_is_real_and_costs_no_tick(tmp_path: Path) -> None:
    (tmp_path / "lib.py").write_text(
        "import datetime, time\ndef read():\n    return datetime.datetime.now(), time.time()"
    )
    path = f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\n"
    ask = "import lib, time, datetime\nstart = time.time()\n{}\nfound = [time.time() - start, lib.read()[0].year]"
    plain = held(tmp_path, path + ask.format(""), clock=True)
    assert held(tmp_path, path + ask.format("lib.read(); lib.read()"), clock=True) == plain
    assert plain[1] > 2023


def test_imports_that_name_their_arguments_go_on(tmp_path: Path) -> None:
    code = "found = [__import__('os.path', fromlist=['join']).__name__, __import__('datetime').__name__]"
    assert held(tmp_path, code, clock=True) == ["posixpath" if os.name == "posix" else "ntpath", "datetime"]


def test_threads_work_one_after_the_other(tmp_path: Path) -> None:
    assert held(tmp_path, THREADS, threads=True) == [*range(5), *range(5)]


def test_what_is_missing_and_which_versions_there_are(tmp_path: Path) -> None:
    held(tmp_path, "found = 0")
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["missing"] == ["no_such_module"]
    assert report["packages"]["numpy"]
    assert report["python"] == ".".join(map(str, sys.version_info[:3]))


def test_what_a_run_depends_on(tmp_path: Path) -> None:
    data, own, absent = tmp_path / "x.csv", tmp_path / "own.py", tmp_path / "absent"
    data.write_text("1")
    own.write_text("X = 1")
    inputs = tmp_path / "talk" / "inputs.json"
    inputs.parent.mkdir()
    code = f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport own\nfound = open({str(data)!r}).read()"
    held(tmp_path, code, inputs=str(inputs))
    seen = json.loads(inputs.read_text())
    assert seen["read"] == {str(data): hashlib.sha256(b"1").hexdigest()}
    assert seen["modules"][str(own)] == hashlib.sha256(b"X = 1").hexdigest()
    assert seen["unknown"] == []
    code = f"import os\nfound = len(os.listdir({str(tmp_path)!r})), os.path.exists({str(absent)!r})\nos.system('true')"
    held(tmp_path, code, inputs=str(inputs))
    seen = json.loads(inputs.read_text())
    assert str(tmp_path) in seen["listed"]
    assert seen["absent"] == [str(absent)]
    assert seen["unknown"] == ["os.system"]


def test_what_a_run_depends_on_where_no_event_tells(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1]}).write_csv(tmp_path / "x.csv")
    inputs = tmp_path / "talk" / "inputs.json"
    inputs.parent.mkdir()
    code = f"import polars\nfound = polars.read_csv({str(tmp_path / 'x.csv')!r}).height"
    held(tmp_path, code, inputs=str(inputs))
    seen = json.loads(inputs.read_text())
    assert list(seen["read"]) == [str(tmp_path / "x.csv")]
    assert seen["unknown"] == []
