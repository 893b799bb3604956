from __future__ import annotations

import hashlib
import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from nbpipe.errors import ConfigError, ExecutionError, NotebookError
from nbpipe.execute import Limits, run_notebook
from nbpipe.records import RunStatus
from tests.execute.making import Heard, code, outputs, shown, stream, text, write_notebook

if TYPE_CHECKING:
    from pathlib import Path


def test_runs_from_top_to_bottom_and_tells_what_happened(tmp_path: Path) -> None:
    stale = code("x + 1", outputs=[stream("stale")], count=7)
    source = write_notebook(
        tmp_path / "a.ipynb", text("# Load\nthe data"), "x = 41", text("## Show"), stale, "print(x)"
    )
    before, heard = source.read_bytes(), Heard()

    record = run_notebook(source, listener=heard)

    assert source.read_bytes() == before
    assert record.status is RunStatus.OK
    assert [(cell.index, cell.status) for cell in record.cells] == [
        (1, RunStatus.OK),
        (3, RunStatus.OK),
        (4, RunStatus.OK),
    ]
    executed = tmp_path / "a.executed.ipynb"
    assert outputs(executed)[1][0]["data"] == {"text/plain": ["42"]}
    assert shown(executed) == ["", "", "41\n"]
    assert heard.events == [
        "run a.ipynb 5",
        "start 1 Load",
        "end 1 ok",
        "start 3 Show",
        "end 3 ok",
        "start 4 Show",
        "end 4 ok",
        "ok a.executed.ipynb a.executed.run.json",
    ]
    assert heard.warnings == []


def test_the_record_beside_the_output_tells_what_ran(tmp_path: Path) -> None:
    source = write_notebook(tmp_path / "a.ipynb", "1")
    record = run_notebook(source, tmp_path / "b.ipynb")
    saved = json.loads((tmp_path / "b.run.json").read_text())
    assert saved["version"] == 1
    assert saved["id"] == record.id
    assert saved["source"] == str(source)
    assert saved["status"] == "ok"
    assert saved["cells"][0]["seconds"] > 0
    assert saved["provenance"]["sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    version = sys.version.split()[0]
    assert saved["provenance"]["kernel"] == {"name": "python3", "language": "python", "version": version}
    assert saved["provenance"]["packages"]["ipykernel"]


def test_a_failed_cell_is_data_and_ends_the_run(tmp_path: Path) -> None:
    source = write_notebook(tmp_path / "a.ipynb", "print('before')", "1 / 0", "print('after')")
    record = run_notebook(source)
    assert record.status is RunStatus.FAILED
    assert [cell.status for cell in record.cells] == [RunStatus.OK, RunStatus.FAILED, RunStatus.NOT_RUN]
    assert record.error is not None
    assert (record.error.name, record.error.message) == ("ZeroDivisionError", "division by zero")
    assert "\x1b" not in record.error.traceback
    assert "1 / 0" in record.error.traceback
    executed = tmp_path / "a.executed.ipynb"
    assert shown(executed)[0] == "before\n"
    assert outputs(executed)[1][0]["ename"] == "ZeroDivisionError"
    assert outputs(executed)[2] == []
    statuses = [cell["metadata"]["papermill"]["status"] for cell in json.loads(executed.read_text())["cells"]]
    assert statuses == ["completed", "failed", "pending"]


def test_a_display_that_fails_is_named(tmp_path: Path) -> None:
    bad = "class Bad:\n    def __repr__(self):\n        raise LookupError('no repr')\nBad()"
    record = run_notebook(write_notebook(tmp_path / "a.ipynb", bad))
    assert record.status is RunStatus.FAILED
    assert record.error is not None
    assert (record.error.name, record.error.message) == ("LookupError", "no repr")


def test_the_kernel_works_in_the_notebooks_folder_and_this_process_stays_where_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "with {braces} and space"
    folder.mkdir()
    here = os.getcwd()  # noqa: PTH109 - compared as the kernel prints it
    run_notebook(write_notebook(folder / "a.ipynb", "import os\nprint(os.getcwd())"), tmp_path / "out.ipynb")
    assert shown(tmp_path / "out.ipynb") == [f"{folder}\n"]
    assert os.getcwd() == here  # noqa: PTH109


def test_parameters_are_typed_injected_and_recorded(tmp_path: Path) -> None:
    cell = code("n: int = 5\nrate = 0.5\nname = 'x'\nshape = (1, 2)", "parameters")
    source = write_notebook(tmp_path / "a.ipynb", cell, "print(repr((n, rate, name, shape)))")
    record = run_notebook(source, parameters={"n": "7", "rate": 2, "shape": "[3, 4]"})
    assert record.parameters == {"n": 7, "rate": 2.0, "name": "x", "shape": (3, 4)}
    # Places in the record are places in the source, though a cell was added.
    assert [(cell.index, cell.status) for cell in record.cells] == [(0, RunStatus.OK), (1, RunStatus.OK)]
    executed = json.loads((tmp_path / "a.executed.ipynb").read_text())
    assert executed["cells"][1]["metadata"]["tags"] == ["injected-parameters"]
    assert shown(tmp_path / "a.executed.ipynb")[2] == "(7, 2.0, 'x', (3, 4))\n"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"nn": 1}, "unknown parameter 'nn'; the parameters are: n: int = 5. Did you mean 'n'?"),
        ({"n": "x"}, "parameter 'n' must be int, not 'x'; the parameters are: n: int = 5"),
    ],
)
def test_wrong_parameters_are_refused_before_anything_runs(
    tmp_path: Path, parameters: dict[str, object], message: str
) -> None:
    source = write_notebook(tmp_path / "a.ipynb", code("n: int = 5", "parameters"))
    with pytest.raises(ConfigError, match=r".") as raised:
        run_notebook(source, parameters=parameters)
    assert str(raised.value) == message
    assert [path.name for path in tmp_path.iterdir()] == ["a.ipynb"]


def test_parameters_for_a_notebook_without_a_parameters_cell_are_refused_with_advice(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no cell tagged 'parameters'.*give it that tag"):
        run_notebook(write_notebook(tmp_path / "a.ipynb", "n = 5"), parameters={"n": 1})


def test_tags_allow_errors_and_skip_cells(tmp_path: Path) -> None:
    source = write_notebook(
        tmp_path / "a.ipynb",
        code("1 / 0", "raises-exception"),
        code("raise SystemError", "skip-execution", outputs=[stream("kept")], count=3),
        "   \n",
        "print('end')",
    )
    record = run_notebook(source)
    assert record.status is RunStatus.OK
    assert [cell.status for cell in record.cells] == [
        RunStatus.OK,
        RunStatus.SKIPPED,
        RunStatus.SKIPPED,
        RunStatus.OK,
    ]
    executed = tmp_path / "a.executed.ipynb"
    assert outputs(executed)[0][0]["ename"] == "ZeroDivisionError"
    assert shown(executed)[1:] == ["kept", "", "end\n"]
    assert len(json.loads(executed.read_text())["cells"]) == 4


def test_pieces_of_a_stream_are_joined_and_overwritten_lines_shown_once(tmp_path: Path) -> None:
    pieces = "import sys\nfor i in range(3):\n    print(i, flush=True)\nsys.stdout.write('10 %\\r50 %\\r100 %\\n')"
    mixed = "from IPython.display import display\nprint('a', flush=True)\ndisplay(1)\nprint('b', flush=True)"
    run_notebook(write_notebook(tmp_path / "a.ipynb", pieces, mixed))
    found = outputs(tmp_path / "a.executed.ipynb")
    assert ["".join(item["text"]) for item in found[0] if item["output_type"] == "stream"] == ["0\n1\n2\n100 %\n"]
    assert [item["output_type"] for item in found[1]] == ["stream", "display_data", "stream"]


def test_a_display_that_is_updated_later_is_updated_where_it_stands(tmp_path: Path) -> None:
    update = (
        "from IPython.display import display\nprint('a', flush=True)\nprint('b', flush=True)\n"
        "handle = display('old', display_id=True)\nhandle.update('new')"
    )
    run_notebook(write_notebook(tmp_path / "a.ipynb", update))
    found = outputs(tmp_path / "a.executed.ipynb")[0]
    assert [item.get("data") or item["text"] for item in found] == [["a\n", "b\n"], {"text/plain": ["'new'"]}]


def test_the_source_is_not_overwritten_unless_asked(tmp_path: Path) -> None:
    source = write_notebook(tmp_path / "a.ipynb", "print(1)")
    (tmp_path / "link.ipynb").symlink_to(source)
    before = source.read_bytes()
    for output in (source, tmp_path / "link.ipynb"):
        with pytest.raises(ConfigError, match=r"is the notebook itself.*--in-place"):
            run_notebook(source, output)
    assert source.read_bytes() == before
    run_notebook(source, in_place=True)
    assert shown(source) == ["1\n"]


def test_an_edit_made_during_the_run_is_not_overwritten(tmp_path: Path) -> None:
    source = write_notebook(tmp_path / "a.ipynb", "open('a.ipynb', 'a').write(' ')\nprint(1)")
    heard = Heard()
    run_notebook(source, in_place=True, listener=heard)
    assert source.read_text().endswith("} ")
    assert shown(tmp_path / "a.executed.ipynb") == ["1\n"]
    assert "was edited during the run" in heard.warnings[0]


def test_an_output_that_is_there_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    output = tmp_path / "out.ipynb"
    output.write_text("old")
    output.chmod(0o640)
    run_notebook(write_notebook(tmp_path / "a.ipynb", "print(1)"), output)
    assert shown(output) == ["1\n"]
    assert output.stat().st_mode & 0o777 == 0o640


def test_a_place_that_cannot_be_written_is_refused_before_anything_runs(tmp_path: Path) -> None:
    source = write_notebook(tmp_path / "a.ipynb", "open('ran', 'w')")
    (tmp_path / "file").write_text("")
    for output in (tmp_path / "missing" / "b.ipynb", tmp_path / "file" / "b.ipynb", tmp_path):
        with pytest.raises(ExecutionError, match=r"b\.ipynb: cannot be written|is a folder"):
            run_notebook(source, output)
    assert not (tmp_path / "ran").exists()


def test_files_that_are_no_notebooks_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text('{"cells": [')
    with pytest.raises(NotebookError, match=r"a\.ipynb: .*line 1"):
        run_notebook(tmp_path / "a.ipynb")
    with pytest.raises(ConfigError, match="does not exist"):
        run_notebook(tmp_path / "none.ipynb")


def test_the_unfinished_result_is_saved_while_cells_run(tmp_path: Path) -> None:
    waits = (
        "import os, json, time\nprint('second', flush=True)\n"
        "def seen():\n    return 'second' in str(json.load(open('out.ipynb'))['cells'][1]['outputs'])\n"
        "while not (os.path.exists('out.ipynb') and seen()):\n    time.sleep(0.01)\n"
        "print('seen')"
    )
    source = write_notebook(tmp_path / "a.ipynb", "print('first')", waits)
    record = run_notebook(source, tmp_path / "out.ipynb", limits=Limits(cell=30), autosave_seconds=0.05)
    assert record.status is RunStatus.OK
    assert shown(tmp_path / "out.ipynb") == ["first\n", "second\nseen\n"]


def test_older_and_odd_notebooks_run(tmp_path: Path) -> None:
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "heading", "level": 1, "metadata": {}, "source": ["Title"]},
                    {
                        "cell_type": "code",
                        "collapsed": False,
                        "input": ["print('v3')"],
                        "language": "python",
                        "metadata": {},
                        "outputs": [],
                        "prompt_number": 1,
                    },
                ]
            }
        ],
    }
    source = tmp_path / "old.ipynb"
    source.write_text(json.dumps(old))
    assert run_notebook(source).status is RunStatus.OK
    executed = json.loads((tmp_path / "old.executed.ipynb").read_text())
    assert executed["nbformat"] == 4
    assert shown(tmp_path / "old.executed.ipynb") == ["v3\n"]


def test_attachments_survive_and_so_do_lone_surrogates_which_no_kernel_takes(tmp_path: Path) -> None:
    picture = text("![a](attachment:a.png) \ud800")
    picture["attachments"] = {"a.png": {"image/png": "aGVsbG8="}}
    source = write_notebook(tmp_path / "a.ipynb", picture, "1", "x = '\ud800'")
    record = run_notebook(source)
    assert [cell.status for cell in record.cells] == [RunStatus.OK, RunStatus.FAILED]
    assert record.error is not None
    assert "cannot be sent to the kernel" in record.error.message
    executed = json.loads((tmp_path / "a.executed.ipynb").read_text())
    assert executed["cells"][0]["attachments"] == picture["attachments"]
    assert executed["cells"][2]["source"] == ["x = '\ud800'"]
