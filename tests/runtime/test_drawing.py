"""The figures of a step are those that a notebook would show: ``show()`` ends one, the next begins anew."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import pytest

from nbpipe.runtime.drawing import Figures
from nbpipe.runtime.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

mpl.use("agg")
import matplotlib.pyplot as plt


def drawn(draw: Callable[[], dict[str, Any] | None], folder: Path) -> dict[str, bytes]:
    plt.close("all")
    figures = Figures()
    store = Store(folder / "store")
    with figures.showing():
        outputs = draw() or {}
    return {item["name"]: store.path(item["key"]).read_bytes() for item in figures.keep(outputs, store)}


def line(y: float) -> None:
    plt.plot([0, y])
    plt.show()


def test_each_shown_figure_is_by_itself(tmp_path: Path) -> None:
    def draw() -> None:
        line(1)
        line(2)
        plt.plot([3, 3])

    found = drawn(draw, tmp_path)
    alone = [drawn(partial(line, y), tmp_path)["figure_1"] for y in (1, 2)]
    assert list(found) == ["figure_1", "figure_2", "figure_3"]
    assert [found["figure_1"], found["figure_2"]] == alone


def test_a_figure_that_is_returned_is_kept_once_and_as_it_is_in_the_end(tmp_path: Path) -> None:
    def draw() -> dict[str, Any]:
        figure, axes = plt.subplots()
        plt.show()
        axes.set_title("late")
        return {"figure": figure}

    def plain() -> dict[str, Any]:
        figure, axes = plt.subplots()
        axes.set_title("late")
        return {"figure": figure}

    found = drawn(draw, tmp_path)
    assert list(found) == ["figure"]
    assert found == drawn(plain, tmp_path)


def test_empty_figures_and_those_that_cannot_be_drawn_are_left_out(tmp_path: Path) -> None:
    def draw() -> None:
        plt.figure()
        plt.show()
        plt.title("$\\nothing$")
        plt.show()
        plt.plot([1])

    assert list(drawn(draw, tmp_path)) == ["figure_2"]


def test_what_show_was_is_back_behind_the_step(tmp_path: Path) -> None:
    show = plt.show

    def draw() -> None:
        assert plt.show is not show
        plt.plot([1])
        raise ValueError("drawn")

    with pytest.raises(ValueError, match="drawn"):
        drawn(draw, tmp_path)
    assert plt.show is show
