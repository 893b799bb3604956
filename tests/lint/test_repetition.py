"""Runs of statements that several notebooks share, found over shapes alone."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nbpipe.lint.repetition import FUNCTION, LINES, RUN, Fragment, groups

Found = list[tuple[int, int, int, list[tuple[int, int, int]]]]


def notebook(*shapes: int, weight: int = RUN // 4, name: str = "", lines: int = 2) -> list[Fragment]:
    """Give a notebook whose statements have these shapes, one cell each."""
    return [Fragment(shape, weight, cell, 0, lines - 1, name) for cell, shape in enumerate(shapes)]


def found(*notebooks: list[Fragment]) -> Found:
    return [
        (
            group.largest.owner,
            group.largest.start,
            group.largest.end,
            [(match.other, match.other_start, match.other_end) for match in group.matches],
        )
        for group in groups(notebooks)
    ]


def test_a_run_is_found_as_long_as_it_is() -> None:
    assert found(notebook(9, 1, 2, 3, 4, 5, 8), notebook(1, 2, 3, 4, 5, 7)) == [(0, 1, 5, [(1, 0, 4)])]


def test_statements_around_a_long_one_belong_to_its_run() -> None:
    first = [*notebook(1), *notebook(2, weight=FUNCTION, name="f", lines=6), *notebook(3)]
    assert found(first, [*notebook(9), *first]) == [(0, 0, 2, [(1, 1, 3)])]


def test_too_little_is_no_run() -> None:
    assert not found(notebook(1, 2, 3), notebook(1, 2, 3))
    assert not found(notebook(1, 2, 3, 4, weight=RUN // 4 - 1), notebook(1, 2, 3, 4, weight=RUN // 4 - 1))
    assert not found(notebook(1, 1, 2, 2, 1, 2, 1), notebook(1, 1, 2, 2, 1, 2, 1))
    assert not found(notebook(1, 2, 3, 4, lines=1), notebook(1, 2, 3, 4, lines=1))


def test_a_function_may_stand_by_itself() -> None:
    long = notebook(1, weight=FUNCTION, name="f", lines=LINES)
    assert found(long, [*notebook(5), *long]) == [(0, 0, 0, [(1, 1, 1)])]
    assert not found(*[notebook(1, weight=FUNCTION - 1, name="f", lines=LINES)] * 2)
    assert not found(*[notebook(1, weight=FUNCTION, name="f", lines=LINES - 1)] * 2)
    assert not found(*[notebook(1, weight=FUNCTION, lines=LINES)] * 2)


def test_of_two_notebooks_only_the_longest_run_is_told() -> None:
    first, second = notebook(1, 2, 3, 4, 80, 5, 6, 7, 8, 9), notebook(5, 6, 7, 8, 9, 90, 1, 2, 3, 4)
    assert found(first, second) == [(0, 5, 9, [(1, 0, 4)])]


def test_copies_of_a_notebook_are_one_group() -> None:
    copies = [notebook(*range(20)) for _ in range(5)]
    assert found(*copies) == [(0, 0, 19, [(number, 0, 19) for number in range(1, 5)])]


def test_a_part_joins_the_group_of_the_whole() -> None:
    whole = notebook(*range(20))
    assert found(whole, whole, whole[3:9]) == [(0, 0, 19, [(1, 0, 19), (2, 0, 5)])]


def test_runs_in_different_places_are_groups_of_their_own() -> None:
    first = notebook(1, 2, 3, 4, 80, 5, 6, 7, 8)
    assert found(first, notebook(5, 6, 7, 8), notebook(1, 2, 3, 4)) == [
        (0, 0, 3, [(2, 0, 3)]),
        (0, 5, 8, [(1, 0, 3)]),
    ]


def test_what_the_first_notebook_lacks_is_told_in_the_second() -> None:
    assert found(notebook(50), notebook(1, 2, 3, 4), notebook(1, 2, 3, 4)) == [(1, 0, 3, [(2, 0, 3)])]


def test_repetition_within_one_notebook_is_none() -> None:
    assert not found(notebook(1, 2, 3, 4, 1, 2, 3, 4), notebook(9))


notebooks = st.lists(st.lists(st.integers(0, 9), max_size=14).map(lambda shapes: notebook(*shapes)), max_size=5)


@given(notebooks)
def test_what_is_told_is_the_same_in_both_places(several: list[list[Fragment]]) -> None:
    for group in groups(several):
        for match in group.matches:
            theirs = several[match.other][match.other_start : match.other_end + 1]
            ours = several[match.owner][match.start : match.end + 1]
            assert [each.shape for each in ours] == [each.shape for each in theirs]
            assert match.owner < match.other
            assert sum(each.lines for each in ours) >= LINES
            assert sum(each.weight for each in ours) >= RUN


@given(notebooks)
def test_two_notebooks_are_told_once_at_most(several: list[list[Fragment]]) -> None:
    pairs = [(match.owner, match.other) for group in groups(several) for match in group.matches]
    assert len(pairs) == len(set(pairs))


@given(notebooks, st.integers(0, 5))
def test_a_notebook_that_shares_nothing_changes_nothing(several: list[list[Fragment]], place: int) -> None:
    place = min(place, len(several))
    more = [*several[:place], notebook(*range(100, 115)), *several[place:]]
    moved = {number: number + (number >= place) for number in range(len(several))}

    assert found(*more) == [
        (moved[owner], start, end, [(moved[other], first, last) for other, first, last in others])
        for owner, start, end, others in found(*several)
    ]


@given(notebooks, st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(0, 3), st.integers(0, 3))
def test_a_run_that_two_notebooks_share_is_never_overlooked(
    several: list[list[Fragment]], around: list[int], first: int, second: int
) -> None:
    shared = [41, 42, 43, 44]
    ours = notebook(*around[:first], *shared, *around[first:])
    theirs = notebook(*around[:second], *shared, *around[second:])
    pairs = [(owner, other) for owner, _, _, others in found(ours, *several, theirs) for other, _, _ in others]

    assert (0, len(several) + 1) in pairs
