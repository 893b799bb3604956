"""Cells moved into an order that runs: on random notebooks, checked by executing them."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nbpipe.analysis.rearranging import rearranged
from nbpipe.config import Settings
from nbpipe.lint.diagnostic import CellEdit
from nbpipe.lint.engine import Linter
from nbpipe.lint.fixing import fix_notebook
from nbpipe.lint.reordering import _applied, reordering
from nbpipe.lint.selection import Selection
from nbpipe.notebook import parse_notebook
from tests.analysis.programs import Run, notebooks
from tests.analysis.test_properties import EXAMPLES, RELAXED, analysis_of
from tests.conftest import GENERATED
from tests.lint.notation import notebook_file

if TYPE_CHECKING:
    from nbpipe.analysis import Analysis

FEWER = EXAMPLES // 4  # each analyses a notebook several times
SOME = settings(RELAXED, max_examples=FEWER)
ORDER = ("out-of-order-execution", "use-before-definition", "undefined-name", "stale-state", "possibly-undefined")


def new_order(analysis: Analysis) -> list[int] | None:
    fix = reordering(analysis, Settings())
    if fix is None:
        return None
    edits = [edit for edit in fix.edits if isinstance(edit, CellEdit)]
    assert len(edits) == len(fix.edits)
    return _applied(len(analysis.notebook.cells), edits)


def wants_fix(analysis: Analysis) -> bool:
    """Tell whether NB101 or NB103 surely find something that moving cells could mend."""
    certain = any(finding.grade == "certain" for finding in analysis.order_findings)
    return certain or any(found.kind == "later" and not found.use.local for found in analysis.undefined_uses)


def test_after_the_moves_a_run_from_the_top_gives_what_the_recorded_run_gave(pytestconfig: pytest.Config) -> None:
    outcomes: Counter[str] = Counter()

    anything = notebooks(branches=False).map(lambda program: program[0])
    running = shuffled().map(lambda program: [program[0][index] for index in program[1]])  # few of the others run

    @SOME
    @given(anything | running, st.data())
    def prove(cells: list[str], data: st.DataObject) -> None:
        history = [0, *data.draw(st.permutations(range(1, len(cells))))]
        if not Run(cells, range(len(cells)), stop=True).error:  # then what was run is good, and the document shuffled
            cells = [cells[history.index(index)] for index in range(len(cells))]
        recorded = Run(cells, history, stop=False)
        assume(recorded.unexpected is None)
        analysis = analysis_of(cells, {index: number for number, index in enumerate(history, 1)}, recorded.error)
        order = new_order(analysis)
        if order is None:
            ended = "that failed" if recorded.error else "that ran through"
            wanted = "none offered" if wants_fix(analysis) else "none needed"
            outcomes[f"order of a run {ended}: {wanted}"] += 1
            return
        straight = Run(cells, order, stop=True)
        shown = "\n---\n".join(cells) + f"\n{history} {order}"
        assert not straight.error, shown
        if not recorded.error:
            assert straight.seen == recorded.seen, shown
        outcomes[f"order of a run that {'failed' if recorded.error else 'ran through'}: offered"] += 1

    prove()
    pytestconfig.stash[GENERATED].update({f"outcome: {name}": count for name, count in outcomes.items()})
    assert outcomes["order of a run that ran through: offered"], outcomes


@st.composite
def shuffled(draw: st.DrawFn) -> tuple[list[str], list[int], bool]:
    """Give cells that each define a name from those before, shuffled; how to sort them; whether any changes another."""
    count = draw(st.integers(2, 7))
    cells, changing = ["a0 = ['t0']"], False
    for number in range(1, count):
        used = draw(st.lists(st.integers(0, number - 1), max_size=2))
        kind = draw(st.sampled_from(["list", "list", "function", "change"]))
        parts = ", ".join([f"'t{number}'", *(f"a{other}" for other in used)])
        if kind == "function":
            lines = [f"def f{number}():", f"    return [{parts}]", f"a{number} = f{number}()"]
        else:
            lines = [f"a{number} = [{parts}]"]
        if kind == "change" and used:
            lines.append(f"a{used[0]}.append('m{number}')")
            changing = True
        cells.append("\n".join(lines))
    order = draw(st.permutations(range(count)))
    return [cells[number] for number in order], [order.index(number) for number in range(count)], changing


def test_without_counts_an_offered_order_runs(pytestconfig: pytest.Config) -> None:
    outcomes: Counter[str] = Counter()

    @SOME
    @given(shuffled())
    def prove(program: tuple[list[str], list[int], bool]) -> None:
        cells, meant, changing = program
        analysis = analysis_of(cells)
        order = new_order(analysis)
        if order is None:
            assert not wants_fix(analysis) or changing, cells
            outcomes["none offered" if wants_fix(analysis) else "none needed"] += 1
            return
        done = Run(cells, order, stop=True)
        assert not done.error, (cells, order)
        if not changing:
            assert done.seen == Run(cells, meant, stop=True).seen
        outcomes["offered"] += 1

    prove()
    pytestconfig.stash[GENERATED].update({f"outcome: order without counts: {name}": n for name, n in outcomes.items()})
    assert outcomes["offered"] > FEWER / 4, outcomes


def test_with_a_complete_record_what_changes_objects_keeps_its_order_too(pytestconfig: pytest.Config) -> None:
    outcomes: Counter[str] = Counter()

    @SOME
    @given(shuffled())
    def prove(program: tuple[list[str], list[int], bool]) -> None:
        cells, meant, _ = program
        recorded = Run(cells, meant, stop=True)
        analysis = analysis_of(cells, {index: number for number, index in enumerate(meant, 1)})
        order = new_order(analysis)
        if order is None:
            assert not wants_fix(analysis), (cells, meant)
            outcomes["none needed"] += 1
            return
        done = Run(cells, order, stop=True)
        assert (done.error, done.seen) == ({}, recorded.seen), (cells, meant, order)
        outcomes["offered"] += 1

    prove()
    pytestconfig.stash[GENERATED].update(
        {f"outcome: order of a full record: {name}": n for name, n in outcomes.items()}
    )
    assert outcomes["offered"] > FEWER / 4, outcomes


PAIRS = st.integers(1, 6).flatmap(
    lambda count: st.tuples(
        st.just(count), st.sets(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=8)
    )
)


@settings(deadline=None)
@given(PAIRS)
def test_as_few_cells_as_possible_are_moved(drawn: tuple[int, set[tuple[int, int]]]) -> None:
    count, pairs = drawn
    before = {cell: {first for first, second in pairs if second == cell and first != cell} for cell in range(count)}
    valid = [
        order
        for order in itertools.permutations(range(count))
        if all(order.index(first) < order.index(cell) for cell, firsts in before.items() for first in firsts)
    ]

    found = rearranged(range(count), before)

    if found is None:
        assert not valid
        return
    order, moved = found
    assert tuple(order) in valid
    kept = [cell for cell in order if cell not in moved]
    assert kept == sorted(kept)
    assert len(kept) == max(longest_run(each) for each in valid)


def longest_run(order: tuple[int, ...]) -> int:
    best = [1] * len(order)
    for place, cell in enumerate(order):
        best[place] += max((best[earlier] for earlier in range(place) if order[earlier] < cell), default=0)
    return max(best)


def fixed(percent: str) -> list[str]:
    chosen = Settings({"select": ORDER})
    before = parse_notebook(notebook_file(percent), "a.ipynb")
    done = fix_notebook(Linter(chosen, Selection(chosen)), before, "a.ipynb", unsafe=True)
    assert not done.result.failures
    if done.applied:
        assert not done.result.diagnostics
    return [cell.source for cell in done.after.cells]


def test_the_text_that_introduces_a_cell_moves_with_it() -> None:
    assert fixed(
        "# %% [markdown]\n# # Title\n\n# %% [markdown]\n# Use it.\n\n# %%\nprint(x)\n\n"
        "# %% [markdown]\n# ## Make it\n\n# %% [markdown]\n# It is one.\n\n# %%\nx = 1\n"
    ) == ["# Title", "## Make it", "It is one.", "x = 1", "Use it.", "print(x)"]


def test_a_heading_over_several_cells_stays_with_the_others() -> None:
    assert fixed(
        "# %%\nprint(x)\n\n# %% [markdown]\n# ## Section\n\n# %% [markdown]\n# About x.\n\n# %%\nx = 1\n\n# %%\ny = 2\n"
    ) == ["About x.", "x = 1", "print(x)", "## Section", "y = 2"]


def test_outputs_and_counts_move_with_their_cell() -> None:
    chosen = Settings({"select": ORDER})
    text = notebook_file("# %% In [2]\nprint(x)\n# Stream: 1\n\n# %% In [1]\nx = 1\n")
    done = fix_notebook(Linter(chosen, Selection(chosen)), parse_notebook(text, "a.ipynb"), "a.ipynb", unsafe=True)

    assert [(cell.execution_count, len(cell.raw_outputs)) for cell in done.after.cells] == [(1, 0), (2, 1)]


@pytest.mark.parametrize(
    "percent",
    [
        # Two cells define it: which was meant is not known.
        "# %%\nprint(x)\n\n# %%\nx = 1\n\n# %%\nx = 2\n",
        # A circle.
        "# %%\ny = 1\nprint(x)\n\n# %%\nx = y\n",
        # Two sessions, or a gap between the runs.
        "# %% In [1]\nrate = 1\n\n# %% In [4]\nrate = 2\n\n# %% In [2]\nprint(rate)\n",
        # A cell that may define anything.
        "# %%\nprint(x)\n\n# %%\n%run -i setup.py\n\n# %%\nx = 1\n",
    ],
)
def test_where_the_order_is_not_known_nothing_is_moved(percent: str) -> None:
    before = [cell.source for cell in parse_notebook(notebook_file(percent)).cells]

    assert fixed(percent) == before


def test_files_are_written_and_read_in_the_recorded_order() -> None:
    # By names alone the last cell could stay where it is.
    reading, other = "# %% In [3]\nopen('a').read()\nx = 1\n\n", "# %% In [1]\nx = 0\n\n# %% In [4]\nprint(x)\n\n"

    assert fixed(f"{reading}{other}# %% In [2]\nopen('a', 'w')\n") == [
        "x = 0",
        "open('a', 'w')",
        "open('a').read()\nx = 1",
        "print(x)",
    ]
