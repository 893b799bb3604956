from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.errors import PipelineError
from nbpipe.pipeline.project import load_project
from nbpipe.pipeline.values import artifact, compare_artifacts, load_output
from nbpipe.runtime.store import Store
from tests.pipeline.projects import ran, written

if TYPE_CHECKING:
    from pathlib import Path

CODE = """
class Item:
    def __init__(self, price): self.price = price
def a(): return Item(2.0), 1
"""
STEP = "Step('a', 'shop.steps:a', outputs=('item', 'count')),"


def test_outputs_are_found_by_step_and_name(tmp_path: Path) -> None:
    root = written(tmp_path, STEP, CODE)
    project, record = load_project(root), ran(root)
    assert load_output(project, record, "a", "count") == 1
    assert load_output(project, record, "a", "item").price == 2.0
    assert artifact(project, record, "a", "item").type == "shop.steps.Item"
    with pytest.raises(PipelineError, match=r"has no step 'aa'. Did you mean 'a'"):
        load_output(project, record, "aa", "count")
    with pytest.raises(PipelineError, match=r"step 'a' \(ok\) has no output 'counts'. Did you mean 'count'"):
        load_output(project, record, "a", "counts")
    Store(project.store).path(record.steps[0].outputs["count"]).write_text("2")
    with pytest.raises(PipelineError, match=r"output 'count' of step 'a': .* is damaged"):
        load_output(project, record, "a", "count")


def test_stored_values_are_compared_in_a_process_of_their_own(tmp_path: Path) -> None:
    first, second = written(tmp_path / "a", STEP, CODE), written(tmp_path / "b", STEP, CODE.replace("2.0", "2.0000001"))
    sides: list[dict[str, str]] = []
    for root in (first, second):
        key = ran(root).steps[0].outputs["item"]
        sides.append({"store": str(load_project(root).store), "key": key})
    pairs: list[dict[str, Any]] = [
        {"name": "item", "a": sides[0], "b": sides[1], "atol": 1e-6},
        {"name": "same", "a": sides[0], "b": sides[0]},
    ]
    found = compare_artifacts(pairs, path=[first], local=["shop"])
    assert found["item"].verdict == "close"
    assert found["item"].where == ".price"
    assert found["same"].verdict == "equal"


def test_an_interpreter_that_ends_without_an_answer_is_said(tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho no such library >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(PipelineError, match="comparing values failed: no such library"):
        compare_artifacts([], python=str(broken))
