"""Code frames: what is under the marks is what the range says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpipe.lint.frame import MOST_LINES, WIDEST, frame
from nbpipe.notebook.model import Range


def framed(source: str, *place: int) -> list[str]:
    return list(frame(source, Range(0, *place), "^", "red", lambda text, _: text))


def test_a_line_and_the_one_before() -> None:
    assert framed("a = 1\nb = c", 1, 4, 1, 5) == ["  |", "1 | a = 1", "2 | b = c", "  |     ^"]


def test_a_blank_line_before_is_not_shown() -> None:
    assert framed("\nb", 1, 0, 1, 1) == ["  |", "2 | b", "  | ^"]


def test_tabs_and_wide_and_combining_characters_keep_the_marks_in_place() -> None:
    assert framed("\tx = y", 0, 5, 0, 6) == ["  |", "1 |     x = y", "  |         ^"]
    assert framed("\u6f22\u5b57 = y", 0, 5, 0, 6)[-1] == "  |        ^"
    assert framed("e\u0301 = y", 0, 5, 0, 6)[-1] == "  |     ^"


def test_control_characters_are_made_harmless() -> None:
    assert framed("x = '\x1b[2J'", 0, 0, 0, 1)[1] == "1 | x = '\ufffd[2J'"


def test_many_lines_show_the_first_ones() -> None:
    lines = framed("\n".join("abcdefghij"), 1, 0, 8, 1)

    assert [line for line in lines if "^" not in line] == [
        "  |",
        "1 | a",
        "2 | b",
        "3 | c",
        "4 | d",
        "5 | e",
        "  | ...",
    ]


def test_a_long_line_shows_the_part_that_matters() -> None:
    lines = framed("x" * 5000 + "HERE" + "y" * 5000, 0, 5000, 0, 5004)

    start = lines[2].index("^")
    assert lines[1][start : start + 4] == "HERE"
    assert max(map(len, lines)) < WIDEST + 20


@pytest.mark.parametrize("place", [(0, 0, 0, 0), (5, 0, 9, 0), (0, 9, 0, 12), (0, 1, 5, 0)])
def test_ranges_beyond_the_source_do_no_harm(place: tuple[int, int, int, int]) -> None:
    assert any("^" in line for line in framed("ab\ncd", *place))
    assert any("^" in line for line in framed("", *place))


@given(st.text(), st.integers(0, 5), st.integers(0, 40), st.integers(0, 5), st.integers(0, 40))
def test_any_source_and_range_give_a_bounded_frame(source: str, line: int, column: int, more: int, end: int) -> None:
    lines = framed(source, line, column, line + more, end)

    assert len(lines) <= 3 + 2 * MOST_LINES
    assert all(text.isprintable() for text in lines)
