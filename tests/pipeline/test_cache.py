from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from nbpipe.pipeline.decision import Decider, encoded
from nbpipe.pipeline.project import load_project
from nbpipe.pipeline.values import load_output
from nbpipe.records import RunStatus
from tests.pipeline.projects import Told, copied, ran, written

if TYPE_CHECKING:
    from pathlib import Path

STEPS = """
Step('load', 'shop.steps:load', outputs=('rows',), parameters=('path',)),
Step('total', 'shop.steps:total', inputs=('rows',), outputs=('sum',), parameters=('factor',)),
Step('other', 'shop.steps:other', outputs=('text',), metrics=('size',)),
"""
CODE = '''
import pathlib
import sys
import random

UNIT = 1

def parse(line):
    """Read a number."""
    return int(line) * UNIT  # in units

def unused():
    return 1

def load(*, path):
    return [parse(line) for line in open(path)]

def total(rows, *, factor):
    return sum(rows) * factor

def other():
    print("hello")
    pathlib.Path("out").mkdir(exist_ok=True)
    pathlib.Path("out/text.txt").write_text("written")
    return "text", 4
'''


class Shop:
    """A project, and which of its steps really run."""

    def __init__(self, folder: Path) -> None:
        self.rows = folder / "rows.txt"
        self.rows.write_text("1\n2\n")
        self.root = written(folder, STEPS, CODE, f"path: {self.rows}\nfactor: 3\n")
        self.module = self.root / "shop" / "steps.py"

    def runs(self, **options: Any) -> list[str]:
        """Run, and name the steps that really ran."""
        self.told = Told()
        self.record = ran(self.root, self.told, **options)
        assert self.record.status is RunStatus.OK, self.record.error
        return [step.name for step in self.record.steps if step.status is RunStatus.OK]

    def edit(self, before: str, after: str) -> None:
        text = self.module.read_text()
        assert before in text
        self.module.write_text(text.replace(before, after))

    def value(self, step: str, name: str) -> Any:
        return load_output(load_project(self.root), self.record, step, name)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = Shop(tmp_path)
    assert shop.runs() == ["load", "total", "other"]
    return shop


def test_nothing_runs_twice(shop: Shop) -> None:
    first = shop.record
    assert shop.runs() == []
    assert [step.status for step in shop.record.steps] == [RunStatus.CACHED] * 3
    assert [step.outputs for step in shop.record.steps] == [step.outputs for step in first.steps]
    assert shop.record.steps[2].metrics == {"size": 4.0}
    assert shop.record.steps[0].reason == f"from run {first.id}"
    assert shop.runs(cache=False) == ["load", "total", "other"]


@pytest.mark.parametrize(
    ("before", "after", "steps"),
    [
        ("  # in units", "  # in other units\n\n", []),
        ('"""Read a number."""', '"""Read one."""', []),
        ("def unused():\n    return 1", "def unused():\n    return 2", []),
        ("UNIT = 1", "UNIT = 2", ["load", "total"]),
        ("UNIT = 1", "UNIT = 0 + 1", ["load"]),  # the rows are what they were: what takes them need not run
        ("return sum(rows) * factor", "return factor * sum(rows)", ["total"]),
        ('return "text", 4', 'return "text", 5', ["other"]),
        ("import random", "import random\nrandom.seed(1)", ["load", "total", "other"]),
    ],
)
def test_an_edit_runs_what_uses_the_edited_code(shop: Shop, before: str, after: str, steps: list[str]) -> None:
    shop.edit(before, after)
    assert shop.runs() == steps
    assert shop.runs() == []


def test_a_parameter_runs_what_depends_on_it(shop: Shop) -> None:
    assert shop.runs(parameters={"factor": 4}) == ["total"]
    assert shop.value("total", "sum") == 12
    assert shop.record.steps[1].reason == "the parameter factor changed from 3 to 4"
    assert shop.runs(parameters={"factor": 3}) == []
    assert shop.value("total", "sum") == 9


def test_one_byte_of_the_data_runs_what_read_it(shop: Shop) -> None:
    status = shop.rows.stat()
    shop.rows.write_text("1\n3\n")
    os.utime(shop.rows, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000))
    assert shop.runs() == ["load", "total"]
    assert shop.record.steps[0].reason == f"the file {shop.rows} changed"
    shop.rows.write_text("1\n3\n")  # the same content again
    assert shop.runs() == []


def test_a_hit_leaves_what_the_step_would_have_left(shop: Shop) -> None:
    text = shop.root / "out" / "text.txt"
    text.unlink()
    assert shop.runs() == []
    assert text.read_text() == "written"
    text.write_text("something else")
    assert shop.runs() == []
    assert text.read_text() == "written"
    assert (shop.root / ".nbpipe" / "runs" / shop.record.id / "other.log").read_text() == "hello\n"


def test_a_damaged_result_is_made_again(shop: Shop) -> None:
    store = shop.root / ".nbpipe" / "store" / "objects"
    for path in store.glob("*/*.json"):
        if path.read_text() == "[1, 2]":
            path.write_text("[1, 3]")
    assert shop.runs() == ["load"]
    assert "its output 'rows' is damaged in the store" in shop.record.steps[0].reason
    assert shop.value("load", "rows") == [1, 2]


def test_a_dry_decision_says_why(shop: Shop) -> None:
    project = load_project(shop.root)
    shop.edit("UNIT = 1", "UNIT = 2")
    decider = Decider(project, encoded(project.settle({})))
    decision = decider.decide(project.pipeline.steps[0], {}, None)
    assert decision.answer is None
    assert decision.why == "the code of shop.steps.UNIT changed"


UNSEEN = {
    "now": ("str(datetime.datetime.now())", "it asks the clock (shop.steps, line 2: datetime.datetime.now())"),
    "clock": ("time.time()", "it asks the clock"),
    "new": ("uuid.uuid4().hex", "it asks a new UUID"),
    "unseeded": ("np.random.default_rng().random()", "it asks a generator without a seed"),
    "program": ("subprocess.run([sys.executable, '-c', '1']).returncode", "it starts python"),
    "shell": ("os.system('cd /tmp && sort /dev/null')", "it starts sort"),
    "network": ("len(socket.getaddrinfo('localhost', 1))", "it connects to the network"),
    "process": ("os.waitpid(os.fork() or os._exit(0), 0)[1]", "it starts processes of its own"),
}
IMPORTS = "import datetime, os, random, socket, subprocess, sys, time, uuid, numpy as np\n"


def test_what_depends_on_something_unseen_is_not_kept_unless_told_to(tmp_path: Path) -> None:
    steps = "".join(f"Step({name!r}, 'shop.steps:{name}', outputs=({name + '_out'!r},))," for name in UNSEEN)
    code = IMPORTS + "".join(f"def {name}(): return {call}\n" for name, (call, _) in UNSEEN.items())
    root = written(tmp_path, steps, code)
    ran(root)
    record = ran(root)
    for step in record.steps:
        assert step.status is RunStatus.OK, step.error
        assert step.reason.startswith("its result is not kept: ")
        assert UNSEEN[step.name][1] in step.reason
    pipeline = root / "shop" / "pipeline.py"
    pipeline.write_text(pipeline.read_text().replace("outputs=", "cache=True, outputs="))
    ran(root)
    assert {step.status for step in ran(root).steps} == {RunStatus.CACHED}


MET = {
    "variable": "os.environ.get('SHOP_MODE')",
    "listing": "sorted(os.listdir('data'))",
    "probe": "os.path.exists('data/new.txt')",
    "fallback": "next(open(path).read() for path in ('data/new.txt', 'data/a.txt') if os.access(path, os.R_OK))",
    "absent": "read('data/new.txt')",
    "shown": "subprocess.check_output('cat data/*.txt | wc -l', shell=True)",
    "names": "subprocess.check_output(['ls', 'data'])",
}


def test_what_a_step_met_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = "".join(f"Step({name!r}, 'shop.steps:{name}', outputs=({name + '_out'!r},))," for name in MET)
    code = IMPORTS + "".join(f"def {name}(): return {call}\n" for name, call in MET.items())
    code += "def read(path):\n    try:\n        return open(path).read()\n    except OSError:\n        return None\n"
    root = written(tmp_path, steps, code)
    (root / "data").mkdir()
    (root / "data" / "a.txt").write_text("a")
    assert {step.status for step in ran(root).steps} == {RunStatus.OK}
    assert {step.status for step in ran(root).steps} == {RunStatus.CACHED}

    def again() -> list[str]:
        return [step.name for step in ran(root).steps if step.status is RunStatus.OK]

    (root / "data" / "a.txt").write_text("b")
    assert again() == ["fallback", "shown"]
    monkeypatch.setenv("SHOP_MODE", "new")
    assert again() == ["variable"]
    (root / "data" / "new.txt").write_text("new")
    assert again() == ["listing", "probe", "fallback", "absent", "shown", "names"]
    assert again() == []


BESIDE = """
import subprocess

def start():
    # As far as can be seen, any of these may be somebody else's.
    line = "printf 1 > made.txt; printf theirs > notes.txt; printf theirs > work.ipynb"
    return subprocess.run(line, shell=True).returncode
"""


def test_a_folder_that_goes_is_an_effect_unless_the_step_made_it(tmp_path: Path) -> None:
    code = """
        import os, shutil, subprocess, tempfile
        def old():
            shutil.rmtree("old")
            return 1
        def own():
            os.makedirs("own/deep")
            open("own/deep/a.txt", "w").close()
            shutil.rmtree("own")
            with tempfile.TemporaryDirectory() as folder:
                open(os.path.join(folder, "a.txt"), "w").close()
            return 1
    """
    root = written(
        tmp_path, "Step('old', 'shop.steps:old', outputs=('x',)), Step('own', 'shop.steps:own', outputs=('y',)),", code
    )
    for _ in range(2):
        (root / "old" / "deep").mkdir(parents=True)
        (root / "old" / "deep" / "a.txt").write_text("there before")
        record = ran(root)
    assert [step.status for step in record.steps] == [RunStatus.OK, RunStatus.CACHED]
    assert "its result is not kept: it removes " in record.steps[0].reason
    assert not (root / "old").exists()


def test_what_changed_beside_a_program_is_never_written_over(tmp_path: Path) -> None:
    root = written(tmp_path, "Step('start', 'shop.steps:start', outputs=('code',), cache=True),", BESIDE)
    (step,) = ran(root).steps
    assert step.status is RunStatus.OK
    assert {path.rpartition("/")[2] for path in step.written} == {"made.txt", "notes.txt"}
    (root / "made.txt").unlink()
    assert [step.status for step in ran(root).steps] == [RunStatus.CACHED]
    assert (root / "made.txt").read_text() == "1"
    (root / "notes.txt").write_text("mine, and longer")
    (root / "made.txt").write_text("1")
    told = Told()
    (step,) = ran(root, told, fork=False).steps
    assert step.status is RunStatus.OK
    assert "notes.txt has changed, which a program that it started seems to have written" in step.reason


def test_beside_other_steps_what_programs_write_is_not_known(tmp_path: Path) -> None:
    root = written(tmp_path, "Step('start', 'shop.steps:start', outputs=('code',), cache=True),", BESIDE)
    (step,) = ran(root, jobs=2).steps
    assert step.status is RunStatus.OK
    assert step.written == {}


def test_a_duration_is_not_the_clock(tmp_path: Path) -> None:
    code = "import time\ndef a():\n    start = time.time()\n    print(time.time() - start)\n    return 1"
    root = written(tmp_path, "Step('a', 'shop.steps:a', outputs=('x',)),", code)
    ran(root)
    assert ran(root).steps[0].status is RunStatus.CACHED


READERS = {
    "csv": "pd.read_csv('data.csv')",
    "pandas_parquet": "pd.read_parquet('data.parquet')",
    "pyarrow_parquet": "pq.read_table('data.parquet').to_pandas()",
    "pyarrow_csv": "pc.read_csv('data.csv').to_pandas()",
    "folder": "pd.read_parquet('data')",
}


def test_a_changed_data_file_is_seen_whoever_reads_it(tmp_path: Path) -> None:
    steps = "".join(f"Step({name!r}, 'shop.steps:{name}', outputs=({name + '_df'!r},))," for name in READERS)
    code = "import pandas as pd, pyarrow.parquet as pq, pyarrow.csv as pc\n"
    code += "".join(f"def {name}(): return {call}\n" for name, call in READERS.items())
    root = written(tmp_path, steps, code)
    (root / "data").mkdir()

    def write(frame: pd.DataFrame) -> None:
        frame.to_csv(root / "data.csv", index=False)
        for path in ("data.parquet", "data/part.parquet"):
            frame.to_parquet(root / path)

    write(pd.DataFrame({"n": [1, 2]}))
    assert [step.status for step in ran(root).steps] == [RunStatus.OK] * 5
    assert [step.status for step in ran(root).steps] == [RunStatus.CACHED] * 5
    write(pd.DataFrame({"n": [1, 3]}))
    record = ran(root)
    assert [step.status for step in record.steps] == [RunStatus.OK] * 5
    for name in READERS:
        assert load_output(load_project(root), record, name, name + "_df")["n"].tolist() == [1, 3]


def test_generator_states_are_part_of_the_key_and_are_replayed(tmp_path: Path) -> None:
    root = copied("plain", tmp_path)
    first = ran(root)
    assert [step.status for step in ran(root).steps] == [RunStatus.CACHED] * 5
    again = ran(root, parameters={"seed": 8})
    status = {step.name: step.status for step in again.steps}
    assert status["seed"] is status["sample"] is RunStatus.OK
    assert status["load"] is status["scale"] is RunStatus.CACHED
    assert "the state of random is another" in again.steps[3].reason or "changed" in again.steps[3].reason
    back = ran(root)
    assert [step.status for step in back.steps] == [RunStatus.CACHED] * 5
    assert back.steps[4].metrics == first.steps[4].metrics


def test_an_unseeded_draw_runs_again_each_time(tmp_path: Path) -> None:
    code = "import random\ndef a(): return random.random()\ndef b(): random.seed(3); return random.random()"
    steps = "Step('a', 'shop.steps:a', outputs=('x',)), Step('b', 'shop.steps:b', outputs=('y',)),"
    root = written(tmp_path, steps, code)
    ran(root)
    record = ran(root)
    assert [step.status for step in record.steps] == [RunStatus.OK, RunStatus.CACHED]
    assert record.steps[0].reason == "it draws from random, which no step has seeded"


def test_a_class_that_an_input_is_made_of_counts(tmp_path: Path) -> None:
    steps = """
    Step('make', 'shop.steps:make', outputs=('model',)),
    Step('ask', 'shop.ask:ask', inputs=('model',), outputs=('answer',)),
    """
    code = """
    class Model:
        def predict(self):
            return 1
    def make():
        return Model()
    """
    root = written(tmp_path, steps, code)
    (root / "shop" / "ask.py").write_text("def ask(model):\n    return model.predict()\n")
    ran(root)
    assert [step.status for step in ran(root).steps] == [RunStatus.CACHED] * 2
    module = root / "shop" / "steps.py"
    module.write_text(module.read_text().replace("return 1", "return 2"))
    record = ran(root)
    assert [step.status for step in record.steps] == [RunStatus.OK] * 2
    assert load_output(load_project(root), record, "ask", "answer") == 2


def test_the_store_can_be_lost_and_the_cache_be_broken(shop: Shop) -> None:
    for path in (shop.root / ".nbpipe" / "store" / "cache").rglob("*.json"):
        path.write_text("{")
    for path in (shop.root / ".nbpipe" / "cache").rglob("*.json"):
        path.write_text("[")
    assert shop.runs() == ["load", "total", "other"]
    assert shop.runs() == []


def test_a_file_that_changed_a_moment_ago_is_hashed_again(shop: Shop) -> None:
    for number in range(3):
        shop.rows.write_text(f"1\n{number}\n")
        os.utime(shop.rows, (time.time(), time.time()))
        assert "load" in shop.runs() or number == 2
        assert shop.value("load", "rows") == [1, number]


def test_what_the_import_system_lists_is_no_input(tmp_path: Path) -> None:
    code = "import importlib.metadata\ndef load():\n    return importlib.metadata.version('pytest')\n"
    root = written(tmp_path, "Step('load', 'shop.steps:load', outputs=('found',)),", code)
    ran(root)
    (root / "another.txt").write_text("")

    assert [step.status.value for step in ran(root).steps] == ["cached"]
