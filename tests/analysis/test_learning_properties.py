"""What is said of leaks equals what running the pipeline shows, on random pipelines whose rows are numbered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from tests.analysis.pipelines import generated, run
from tests.analysis.programs import notebooks
from tests.analysis.test_properties import RELAXED, analysis_of

if TYPE_CHECKING:
    from collections import Counter

    from nbpipe.analysis import Analysis


@given(generated())
@RELAXED
def test_what_is_found_is_so(cells: list[str]) -> None:
    learning = analysis_of(cells).learning
    world = run(cells)

    assert {leak.learned.place[0] for leak in learning.leaks} <= world.knowing
    assert world.shared or not learning.overlaps


@given(generated(plain=True))
@RELAXED
def test_with_one_plain_split_every_leak_is_found(cells: list[str]) -> None:
    learning = analysis_of(cells).learning
    world = run(cells)

    assert {leak.learned.place[0] for leak in learning.leaks} == world.leaking


@given(generated())
@RELAXED
def test_the_same_is_found_again(cells: list[str]) -> None:
    def places() -> list[tuple[str, int]]:
        learning = analysis_of(cells).learning
        found = [(leak.learned.name, leak.learned.place[0]) for leak in learning.leaks]
        return found + [(str(overlap.duplication and overlap.duplication.name), overlap.place[0])
                        for overlap in learning.overlaps]  # fmt: skip

    assert places() == places()


@given(notebooks(branches=True))
@RELAXED
def test_watching_changes_nothing(notebook: tuple[list[str], Counter[str]]) -> None:
    cells = [*notebook[0], "class Model: ...\nModel().fit = 1"]
    watched, alone = analysis_of(cells), analysis_of(cells)
    _ = watched.learning

    assert seen(watched) == seen(alone)


def seen(analysis: Analysis) -> list[tuple[int, str, bool, bool, bool, list[str]]]:
    """Give what the top-down simulation found of each use, in order."""
    return [
        (
            use.cell,
            use.name,
            bool(use.missing),
            bool(use.maybe_missing),
            use.certain,
            sorted({repr(each) for each in use.definitions}),
        )
        for use in analysis.top_down.uses.values()
    ]


def test_the_stand_ins_see_a_leak_and_shared_rows() -> None:
    leaking = ["", "t = StandardScaler().fit_transform(df)", "a, b = train_test_split(t)",
               "model = LogisticRegression().fit(a, 0)\nmodel.score(b, 0)"]  # fmt: skip
    sharing = ["", "t = resample(df)", *leaking[2:]]

    assert run(leaking).leaking == {1}
    assert not run(leaking).shared
    assert run(sharing).shared


@pytest.mark.parametrize("step", ["t = StandardScaler().fit_transform(df)", "t = resample(df)"])
def test_the_analysis_sees_them_too(step: str) -> None:
    from tests.analysis.pipelines import IMPORTS

    cells = [IMPORTS, step, "a, b = train_test_split(t)", "model = LogisticRegression().fit(a, 0)\nmodel.score(b, 0)"]
    learning = analysis_of(cells).learning

    assert len(learning.leaks) + len(learning.overlaps) == 1
