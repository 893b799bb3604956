"""Whatever lies in a folder, each file is checked or gives one finding, the others go on, and nothing is executed."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.api.check import check, check_source
from nbpipe.config import Settings
from nbpipe.errors import NotebookError
from nbpipe.notebook import read_notebook
from tests.lint.hostile import notebook_of, real_looking

if TYPE_CHECKING:
    from nbpipe.api.check import CheckResult
    from nbpipe.lint.diagnostic import FileResult
    from nbpipe.notebook.model import Range

FIXTURES = Path(__file__).parents[2] / "fixtures" / "hostile" / "notebooks"
ALL = Settings({"select": ("all",), "preview": True})


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("good.ipynb", real_looking())


def write(name: str, content: dict[str, Any] | bytes) -> None:
    Path(name).write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def codes(result: CheckResult) -> dict[str, list[str]]:
    """Give the codes found in each file; nothing may have failed."""
    assert result.failures == ()
    found: dict[str, list[str]] = {}
    for file in result.files:
        found.setdefault(file.path, []).extend(item.code for item in file.diagnostics)
    return found


def told(file: FileResult) -> list[tuple[str, str, Range | None]]:
    """Give what was found in a file, and where."""
    return [(item.code, item.message, item.range) for item in file.diagnostics]


def refused(*names: str) -> dict[str, list[str]]:
    """Check the folder; give what was found in each of these files.

    The good notebook among them must give what it gives alone.
    """
    alone = told(check("good.ipynb").files[0])
    result = check(".")
    (good,) = [file for file in result.files if file.path == "good.ipynb" and not file.compared]
    assert told(good) == alone != []
    found = codes(result)
    return {name: found[name] for name in names}


def message(name: str) -> str:
    """Give the one message about a file."""
    (item,) = check(name).diagnostics
    assert item.code == "NB001"
    assert "\n" not in item.message
    return item.message


@pytest.mark.parametrize("jobs", [1, 3])
def test_every_hostile_file_gives_one_finding_or_is_read(jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbpipe.lint.batch.BREAK_EVEN", 4)
    alone = told(check("good.ipynb", select=["all"]).files[0])
    unreadable = set()
    for path in sorted(FIXTURES.iterdir()):
        shutil.copy(path, path.name)
        try:
            read_notebook(path)
        except NotebookError:
            unreadable.add(path.name)

    result = check(".", select=["all"], jobs=jobs)

    found = codes(result)
    assert len(unreadable) > 15
    assert {name for name, each in found.items() if "NB001" in each} == unreadable
    assert all(found[name] == ["NB001"] for name in unreadable)
    assert [file.path for file in result.files if not file.compared] == sorted(path.name for path in Path().iterdir())
    (good,) = [file for file in result.files if file.path == "good.ipynb" and not file.compared]
    assert told(good) == alone != []


def test_copies_cut_off_anywhere_are_refused() -> None:
    data = json.dumps(real_looking(), indent=1).encode()
    chance = random.Random(3)
    names = [f"cut{number}.ipynb" for number in range(40)]
    for name in names:
        write(name, data[: chance.randrange(len(data))])

    assert refused(*names) == {name: ["NB001"] for name in names}


@pytest.mark.parametrize("source", [3, True, 4.5, {"a": 1}, [1], ["a", None], ["a", ["b"]]])
def test_sources_that_are_no_text_are_refused(source: object) -> None:
    document = real_looking()
    document["cells"][1]["source"] = source
    write("bad.ipynb", document)

    assert refused("bad.ipynb") == {"bad.ipynb": ["NB001"]}
    assert "cell 2 has" in message("bad.ipynb")


@pytest.mark.parametrize("piece", [b"\xff", b"\xe9", b"\xed\xa0\x80", b"\x00", b"\x80" * 9])
def test_bytes_that_no_text_has_are_refused(piece: bytes) -> None:
    data = json.dumps(real_looking()).encode()
    write("bad.ipynb", data.replace(b"total", piece, 1))

    assert refused("bad.ipynb") == {"bad.ipynb": ["NB001"]}


def test_values_a_thousand_deep_are_read_or_refused() -> None:
    names = []
    for depth in (100, 900, 1000, 100_000):
        for number, (opening, closing) in enumerate((("[", "]"), ('{"a":', "}"))):
            text = f'{{"cells": [], "nbformat": 4, "metadata": {{"deep": {opening * depth}1{closing * depth}}}}}'
            names.append(f"deep{depth}-{number}.ipynb")
            write(names[-1], text.encode())

    found = refused(*names)

    assert "NB001" not in found["deep100-0.ipynb"]
    assert found["deep100000-0.ipynb"] == found["deep100000-1.ipynb"] == ["NB001"]


def test_strange_texts_and_ids_are_read() -> None:
    document = real_looking()
    for cell in document["cells"]:
        cell["id"] = "same"
    document["cells"][1]["source"] = "a = '\ud800'\nb = '\x00\udfff'\rc\x0b\x0cd\u2028"
    document["cells"][0]["source"] = "# \ud800 \x00"
    write("strange.ipynb", document)

    assert "NB001" not in refused("strange.ipynb")["strange.ipynb"]
    assert codes(check("strange.ipynb", select=["all"]))


def test_ten_thousand_cells_are_checked() -> None:
    sources = ["import os", *(f"x{number} = {number}" for number in range(9998)), "print(x3, missing)"]
    write("long.ipynb", notebook_of(sources))

    assert "NB102" in refused("long.ipynb")["long.ipynb"]


def test_functions_that_hundreds_of_cells_define_are_compared_once() -> None:
    write("many.ipynb", notebook_of(["a = b\ndef f():\n    return a\nf()"] * 800))

    assert codes(check("many.ipynb", select=["NB114"])) == {"many.ipynb": []}


def test_links_in_a_circle_are_refused_and_folders_of_any_name_searched() -> None:
    Path("one.ipynb").symlink_to("two.ipynb")
    Path("two.ipynb").symlink_to("one.ipynb")
    Path("gone.ipynb").symlink_to("nowhere")
    Path("x.ipynb/again.ipynb").mkdir(parents=True)
    Path("x.ipynb/up.ipynb").symlink_to("..", target_is_directory=True)
    write("x.ipynb/inner.ipynb", notebook_of(["missing"]))

    found = refused("one.ipynb", "gone.ipynb", "x.ipynb/inner.ipynb")

    assert found["one.ipynb"] == found["gone.ipynb"] == ["NB001"]
    assert "NB102" in found["x.ipynb/inner.ipynb"]
    assert not any("up.ipynb" in name for name in codes(check(".")))


def test_what_may_not_be_read_is_named() -> None:
    write("shut.ipynb", notebook_of(["missing"]))
    Path("closed").mkdir()
    write("closed/inner.ipynb", notebook_of(["missing"]))
    Path("shut.ipynb").chmod(0)
    Path("closed").chmod(0)
    try:
        if os.access("shut.ipynb", os.R_OK):  # root may read everything
            found = refused("shut.ipynb", "closed/inner.ipynb")
            assert all("NB102" in each for each in found.values())
        else:
            assert refused("shut.ipynb", "closed") == {"shut.ipynb": ["NB001"], "closed": ["NB001"]}
    finally:
        Path("closed").chmod(0o700)


def test_pipes_sockets_and_devices_are_refused_without_waiting() -> None:
    os.mkfifo("pipe.ipynb")
    os.mkfifo("pipe.py")
    os.mkfifo("requirements.txt")
    os.mkfifo(".gitignore")
    Path("zero.ipynb").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.ipynb")

        found = refused("pipe.ipynb", "zero.ipynb", "socket.ipynb")

        assert found == {name: ["NB001"] for name in found}
        assert [message(name) for name in found] == [
            "the file is a pipe, not a notebook file",
            "the file is a device, not a notebook file",
            "the file is a socket, not a notebook file",
        ]
        assert codes(check(".", text_notebooks=["*.py"], select=["all"]))


def test_a_pipe_that_the_shell_hands_over_is_read() -> None:
    reading, writing = os.pipe()
    os.write(writing, notebook_of(["missing"]))
    os.close(writing)
    try:
        assert "NB102" in codes(check(f"/dev/fd/{reading}"))[f"/dev/fd/{reading}"]
    finally:
        os.close(reading)


def test_outputs_of_many_megabytes_are_passed_over() -> None:
    document = real_looking()
    document["cells"][3]["outputs"] = [
        {"output_type": "stream", "name": "stdout", "text": ["0123456789abcde\n"] * 600_000},
        {"output_type": "display_data", "metadata": {}, "data": {"image/png": "iVBORw0KGgo" + "A" * 10_000_000}},
    ]
    write("big.ipynb", document)

    assert "NB001" not in refused("big.ipynb")["big.ipynb"]


@pytest.mark.parametrize(
    "code",
    [
        "x = " + "+".join(["'a'"] * 500),
        "df" + ".fillna(0)" * 500,
        "a = 1\nif a:\n    pass\n" + "".join(f"elif a == {number}:\n    pass\n" for number in range(500)),
        "x = " + " and ".join(["a"] * 500),
    ],
)
def test_code_nested_too_deeply_is_named_and_the_other_cells_are_checked(code: str) -> None:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)  # Python's own: what other tests import (jedi, for one) raises it for the process
    try:
        result = check_source(notebook_of([code, "missing\nnp.zeros(3)", "x = = 1"]), "a.ipynb", ALL)
    finally:
        sys.setrecursionlimit(before)

    assert result.failures == ()
    found = [
        (item.severity.label, item.range.cell) for item in result.diagnostics if item.code == "NB002" and item.range
    ]
    assert found == [("info", 0), ("error", 2)]
    (deep, _) = [item.message for item in result.diagnostics if item.code == "NB002"]
    assert deep == "cell is nested too deeply to be looked at: the other rules pass it over"


def test_classes_with_two_to_the_power_of_thirty_paths_to_their_base_are_looked_into() -> None:
    lines = ["class A0: pass", "class B0: pass"]
    for number in range(30):
        parents = f"(A{number}, B{number})"
        lines += [f"class A{number + 1}{parents}: pass", f"class B{number + 1}{parents}: pass"]

    assert check_source(notebook_of(["\n".join([*lines, "A30().method()"])]), "a.ipynb", ALL).failures == ()


def test_nothing_is_executed(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    write("mine.py", f"open({str(marker)!r}, 'w').close()".encode())
    sources = [
        f"open({str(marker)!r}, 'w').close()",
        f"!touch {marker}",
        f"%system touch {marker}",
        f"%%bash\ntouch {marker}",
        f"%%writefile {marker}\nx",
        f"%%time\n!touch {marker}",
        "%run mine.py",
        "import mine\nfrom mine import *",
        f"x = !touch {marker}",
        f"@exec\n@str\ndef f(): pass\nexec(\"open({str(marker)!r}, 'w')\")",
        f"import os; os.system('touch {marker}')",
        f"class A(type(open({str(marker)!r}, 'w'))): pass",
        f"f\"{{open({str(marker)!r}, 'w')}}\"",
    ]
    write("acts.ipynb", notebook_of(sources))

    found = codes(check("acts.ipynb", select=["all"], preview=True))

    assert len(set(found["acts.ipynb"])) > 5
    assert not marker.exists()
