"""Verdicts on real notebooks: stored by a real run, changed, and run again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.api.verify import Request, verify, verify_each
from nbpipe.config import load_settings
from nbpipe.errors import ConfigError
from nbpipe.execute import run_notebook
from nbpipe.verify.cause import CauseKind
from nbpipe.verify.verdict import NotebookVerdict, Outcome, Verdict
from tests.execute.making import code, kernels_left, stream, text, write_notebook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _no_kernel_left() -> Iterator[None]:
    yield
    assert kernels_left() == []


def one(path: Path, **options: Any) -> NotebookVerdict:
    before = path.read_bytes()
    names = {item.name for item in path.parent.iterdir()}
    (verdict,) = verify(str(path), **options).notebooks
    assert path.read_bytes() == before
    assert {item.name for item in path.parent.iterdir()} == names
    return verdict


def stored(path: Path, *cells: str | dict[str, Any]) -> Path:
    run_notebook(write_notebook(path, *cells), in_place=True)
    path.with_name(f"{path.stem}.run.json").unlink()
    return path


def change(path: Path, old: str, new: str) -> None:
    content = path.read_text()
    assert old in content
    path.write_text(content.replace(old, new))


def test_what_a_run_stored_is_reproducible(tmp_path: Path) -> None:
    frame = "import pandas as pd\npd.DataFrame({'a': [1.5, 9 / 4]})"
    path = stored(tmp_path / "a.ipynb", text("# Data"), "print(1)", frame, "x = 1")
    verdict = one(path)
    assert verdict.verdict is Verdict.REPRODUCIBLE
    assert [cell.outcome for cell in verdict.cells] == [Outcome.IDENTICAL] * 3
    assert [cell.title for cell in verdict.cells] == ["Data"] * 3
    assert verdict.first_divergence is None

    change(path, "2.25", "2.251")
    verdict = one(path)
    assert verdict.verdict is Verdict.NOT_REPRODUCIBLE
    assert verdict.first_divergence is not None
    assert verdict.first_divergence.index == 2
    assert verdict.first_divergence.difference.splitlines()[:3] == [
        "output 1:",
        "- row 1, column a: 2.251",
        "+ row 1, column a: 2.25  (0.00044 apart, relative)",
    ]
    assert one(path, rtol=1e-2).verdict is Verdict.EQUIVALENT


def test_what_changes_from_run_to_run_is_named(tmp_path: Path) -> None:
    clock = "import time, datetime\nprint(datetime.datetime.now())\nprint(f'took {time.time() % 7:.2f} s')"
    path = stored(tmp_path / "a.ipynb", "print(object())", clock, "import tempfile\nprint(tempfile.mkdtemp())")
    verdict = one(path)
    assert verdict.verdict is Verdict.EQUIVALENT
    assert verdict.reason == "memory addresses, timestamps, durations, temporary paths"
    assert [cell.outcome for cell in verdict.cells] == [Outcome.EQUIVALENT] * 3


def test_randomness_is_found_at_its_first_cell(tmp_path: Path) -> None:
    path = stored(tmp_path / "a.ipynb", "import random", "x = random.random()", "print(x)", "print(x > 2)")
    verdict = one(path)
    assert verdict.verdict is Verdict.NOT_REPRODUCIBLE
    assert verdict.reason == "cell 3 (print(x)): different"
    assert [cell.outcome for cell in verdict.cells] == [
        Outcome.IDENTICAL,
        Outcome.IDENTICAL,
        Outcome.DIFFERENT,
        Outcome.IDENTICAL,
    ]


def test_a_notebook_that_fails_has_failed_whatever_is_stored(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", code("print(1)", outputs=[stream("1\n")], count=1), "1 / 0", "print(2)")
    verdict = one(path)
    assert verdict.verdict is Verdict.FAILED
    assert verdict.reason == "cell 2 (1 / 0) failed: ZeroDivisionError: division by zero"
    assert [cell.outcome for cell in verdict.cells] == [Outcome.IDENTICAL, Outcome.ERROR, Outcome.NOT_RUN]


def test_nothing_stored_is_nothing_proved(tmp_path: Path) -> None:
    verdict = one(write_notebook(tmp_path / "a.ipynb", "print(1)"))
    assert verdict.verdict is Verdict.NOTHING
    assert verdict.reason.startswith("it runs to the end, but no output is stored in it")
    assert not verdict.is_good
    assert one(write_notebook(tmp_path / "b.ipynb", code("x = 1", count=1))).verdict is Verdict.NOTHING


def test_a_text_notebook_has_nothing_to_compare(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("# %%\nprint(1)\n")
    verdict = one(path)
    assert (verdict.verdict, verdict.reason) == (Verdict.NOTHING, "it is a text notebook, which stores no outputs")


def test_output_that_is_not_stored_is_a_difference(tmp_path: Path) -> None:
    cells = [code("print(1)", outputs=[stream("1\n")], count=1), code("print(2)", count=2)]
    verdict = one(write_notebook(tmp_path / "a.ipynb", *cells, code("x = 3", outputs=[stream("3")], count=3)))
    assert verdict.verdict is Verdict.NOT_REPRODUCIBLE
    assert [cell.outcome for cell in verdict.cells] == [Outcome.IDENTICAL, Outcome.NEW, Outcome.MISSING]
    assert verdict.reason == "2 cells differ; first cell 2 (print(2)): new output"


def test_marks_of_an_earlier_failed_papermill_run_are_no_cells(tmp_path: Path) -> None:
    mark = text("An exception was encountered")
    mark["metadata"] = {"tags": ["papermill-error-cell-tag"]}
    path = write_notebook(tmp_path / "a.ipynb", mark, code("print(1)", outputs=[stream("1\n")], count=1))
    assert one(path).verdict is Verdict.REPRODUCIBLE


def test_several_notebooks_and_bad_ones(tmp_path: Path) -> None:
    write_notebook(tmp_path / "a.ipynb", code("print(1)", outputs=[stream("1\n")], count=1))
    (tmp_path / "b.ipynb").write_text("{")
    result = verify([str(tmp_path)])
    assert [item.verdict for item in result.notebooks] == [Verdict.REPRODUCIBLE, Verdict.FAILED]
    assert result.exit_code == 1
    report = json.loads(json.dumps(result.as_json()))
    assert report["version"] == 1
    assert report["summary"] == {
        "notebooks": 2,
        "reproducible": 1,
        "reproducible but for": 0,
        "not reproducible": 0,
        "failed": 1,
        "nothing to compare": 0,
    }
    (cell,) = report["notebooks"][0]["cells"]
    assert cell == {
        "number": 1,
        "title": "print(1)",
        "outcome": "identical",
        "looked_past": [],
        "difference": "",
        "cause": None,
    }
    assert report["funnel"]["stages"] == {
        "found": 2,
        "read": 1,
        "parses": 1,
        "kernel found": 1,
        "imports resolve": 1,
        "runs to the end": 1,
        "equivalent": 1,
        "identical": 1,
    }
    with pytest.raises(ConfigError):
        verify(str(tmp_path / "none.ipynb"))


def test_runs_name_the_cause_of_each_cell(tmp_path: Path) -> None:
    words = "words = {'alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta'}"
    path = stored(
        tmp_path / "a.ipynb",
        f"{words}\nprint(list(words))",
        "import random\nx = random.random()",
        "print(x)",
        "print(object())",
        "print('stable')",
    )
    change(path, '"stable\\n"', '"stale\\n"')
    verdict = one(path, runs=2)
    causes = [cell.cause and cell.cause.kind for cell in verdict.cells]
    assert causes == [CauseKind.HASH, None, CauseKind.RANDOM, CauseKind.ADDRESS, CauseKind.STALE_OR_DRIFT]
    random = verdict.cells[2].cause
    assert random is not None
    assert (random.code, random.cell, random.shown) == ("", 1, True)
    assert verdict.runs == 6


def test_an_updated_notebook_is_reproducible_and_the_next_difference_is_stale(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "a.ipynb", code("import numpy\nprint(1)", outputs=[stream("2\n")], count=7))
    result = verify(str(path), update=True)
    assert result.exit_code == 0
    assert result.notebooks[0].updated
    change(path, '"1\\n"', '"3\\n"')
    verdict = one(path)
    assert verdict.cells[0].cause is not None
    assert verdict.cells[0].cause.kind is CauseKind.STALE
    assert [item.name for item in tmp_path.iterdir()] == ["a.ipynb"]


def test_several_at_a_time_and_kept_verdicts(tmp_path: Path) -> None:
    for name in "ab":
        write_notebook(tmp_path / f"{name}.ipynb", code("print(1)", outputs=[stream("1\n")], count=1))
    settings = load_settings(str(tmp_path), overrides={"cache-dir": str(tmp_path / "cache")})
    request = Request(jobs=2, cached=True)
    first = list(verify_each([str(tmp_path)], request, settings=settings))
    assert [(item.verdict, item.cached) for item in first] == [(Verdict.REPRODUCIBLE, False)] * 2
    change(tmp_path / "b.ipynb", '"1\\n"', '"2\\n"')
    second = list(verify_each([str(tmp_path)], request, settings=settings))
    assert [(item.verdict, item.cached) for item in second] == [
        (Verdict.REPRODUCIBLE, True),
        (Verdict.NOT_REPRODUCIBLE, False),
    ]


def test_the_configuration_says_what_counts_as_the_same(tmp_path: Path) -> None:
    (tmp_path / "nbpipe.toml").write_text("verify-rtol = 0.1\nverify-no-normalize = ['memory-addresses']\n")
    cells = [
        code("print(0.5)", outputs=[stream("0.51\n")]),
        code("print(object())", outputs=[stream("<object at 0x1>")]),
    ]
    verdict = one(write_notebook(tmp_path / "a.ipynb", *cells))
    assert [cell.outcome for cell in verdict.cells] == [Outcome.EQUIVALENT, Outcome.DIFFERENT]


def test_what_a_notebook_takes_is_limited_and_so_is_its_network(tmp_path: Path) -> None:
    greedy = write_notebook(tmp_path / "greedy.ipynb", "held = bytearray(600_000_000)\nwhile True: pass")
    asking = write_notebook(
        tmp_path / "asking.ipynb", "import socket\nraise SystemError([name for _, name in socket.if_nameindex()])"
    )
    request = Request(jobs=2, max_memory=400_000_000, network=False)
    verdicts = {item.path: item for item in verify_each([str(greedy), str(asking)], request)}
    assert "400 MB (--max-memory)" in verdicts[str(greedy)].reason
    assert "SystemError: ['lo']" in verdicts[str(asking)].reason
