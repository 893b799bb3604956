"""The order of steps for the sake of files, and of programs whose files nobody sees."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest

from nbpipe.analysis import analyze
from nbpipe.convert.division import Division
from nbpipe.errors import ConversionError
from nbpipe.runtime.files import TICK_NS
from nbpipe.steps import plan_steps
from tests.convert import in_process
from tests.convert.snippets import notebook

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.convert.conversion import Conversion

IMPORTS = "# imports\nimport os\nimport subprocess\nimport sys\n"
# Cells; what each step comes after for the sake of files.
ORDERS: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "a program writes what is read": (
        """\
# step:a
subprocess.run('echo 3 > a.txt', shell=True)
# step:b
n = int(open('a.txt').read())
""",
        {"b": ("a",)},
    ),
    "a program writes over what was read": (
        """\
# step:a
open('x.txt', 'w').close()
# step:b
n = len(open('x.txt').read())
# step:c
subprocess.run('echo 3 > x.txt', shell=True)
# step:d
m = len(open('x.txt').read())
""",
        {"b": ("a",), "c": ("a", "b"), "d": ("c",)},
    ),
    "a program may read what was written": (
        """\
# step:a
open('a.txt', 'w').close()
# step:b
open('b.txt', 'w').close()
# step:c
n = 1
# step:d
subprocess.run('sort a.txt b.txt', shell=True)
""",
        {"d": ("a", "b")},
    ),
    "a program comes directly after the last one and what was written since": (
        """\
# step:a
open('a.txt', 'w').close()
# step:b
subprocess.run('true; true', shell=True)
# step:c
open('c.txt', 'w').close()
# step:d
os.system('true; true')
# step:e
n = 1
""",
        {"b": ("a",), "c": ("b",), "d": ("b", "c")},
    ),
    "a program that only shows comes after who wrote what it shows": (
        """\
# step:a
open('a.txt', 'w').close()
# step:b
open('b.txt', 'w').close()
# step:c
subprocess.run('cat b.txt', shell=True)
# step:d
open('d.txt', 'w').close()
""",
        {"c": ("b",)},
    ),
    "what a program may have written unseen": (
        """\
# step:a
subprocess.run('mkdir -p .kept; echo 3 > .kept/a.txt', shell=True)
# step:b
k = 1
# step:c
n = int(open('.kept/a.txt').read()) + k
""",
        {"c": ("a",)},
    ),
    "what was there before any program": (
        """\
# step:a
subprocess.run('true; true', shell=True)
# step:b
n = len(open('before.txt').read())
""",
        {},
    ),
    "what goes, after who read it": (
        """\
# step:a
open('a.txt', 'w').close()
# step:b
n = len(open('a.txt').read())
# step:c
os.remove('a.txt')
""",
        {"b": ("a",), "c": ("a", "b")},
    ),
}
TOLD = """\
# step:a
open('a.txt', 'w').close()
open('b.txt', 'w').close()
# step:b
subprocess.run('sort a.txt; uniq b.txt', shell=True)
os.system('mkdir .kept; echo 3 > .kept/c.txt')
# step:c
open('c.txt', 'w').close()
# step:d
n = int(open('.kept/c.txt').read())
# step:e
subprocess.run([sys.executable, '-c', 'pass'])
"""


def converted(code: str, folder: Path) -> Conversion:
    path = folder / "notebook.ipynb"
    path.write_text("{}", encoding="utf-8")
    for each in ("recorded0", "plain"):
        (folder / each).mkdir()
        before = folder / each / "before.txt"
        before.write_text("there")
        while time.time_ns() - before.stat().st_ctime_ns <= TICK_NS:
            continue
    document = notebook(code, path)
    return in_process.convert(path, analyze(document), Division(plan_steps(document)), folder)[0]


@pytest.mark.parametrize("name", ORDERS)
def test_steps_come_after_those_whose_files_they_may_use(name: str, tmp_path: Path) -> None:
    code, expected = ORDERS[name]
    steps = converted(IMPORTS + code, tmp_path).pipeline.steps
    assert {step.name: step.after for step in steps if step.after} == expected


def test_each_is_told_once_in_plain_words(tmp_path: Path) -> None:
    found = [(note.cell, note.message) for note in converted(IMPORTS + TOLD, tmp_path).notes if "step" in note.message]
    python = next(iter(re.findall(r"starts (python\S*),", found[-1][1])))
    assert found == [
        (2, "step 'b' starts mkdir, sort, and what that reads is not known: it runs after step 'a'"),
        (3, "step 'c' writes files, which mkdir, sort in step 'b' may read: it runs after that one"),
        (4, "step 'd' reads the file c.txt, which mkdir, sort in step 'b' may have written: it runs after that one"),
        (5, f"step 'e' starts {python}, and what that reads is not known: it runs after steps 'b' and 'c'"),
    ]


@pytest.mark.parametrize(
    ("skipped", "reason"),
    [
        ("subprocess.run('echo 3 > a.txt', shell=True)", "writes the file a.txt, which step 'b' reads"),
        (
            "subprocess.run('mkdir .kept; echo 3 > .kept/a.txt', shell=True)",
            "may write the file a.txt, which step 'b' reads",
        ),
    ],
)
def test_programs_of_cells_that_are_left_out(skipped: str, reason: str, tmp_path: Path) -> None:
    place = ".kept/a.txt" if ".kept" in skipped else "a.txt"
    read = f"n = int(open({place!r}).read())\n"
    with pytest.raises(ConversionError, match=re.escape(reason)):
        converted(f"{IMPORTS}# skip\n{skipped}\n# step:b\n{read}", tmp_path)


def test_a_cell_that_is_left_out_is_kept_where_a_step_may_need_its_program(tmp_path: Path) -> None:
    skipped = "subprocess.run('mkdir .kept; echo 3 > .kept/a.txt', shell=True)"
    code = f"# step:a\nk = 1\n# skip\n{skipped}\n# step:b\nn = int(open('.kept/a.txt').read()) + k\n"
    conversion = converted(IMPORTS + code, tmp_path)
    assert {step.name: step.after for step in conversion.pipeline.steps} == {"a": (), "b": ("a",)}
    (note,) = (note.message for note in conversion.notes if "skip" in note.message)
    assert "may write the file a.txt, which step 'b' reads" in note
