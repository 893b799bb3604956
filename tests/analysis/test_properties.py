"""What the simulations say equals what executing the notebook gives, on random notebooks."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from nbpipe.analysis import Analysis
from nbpipe.analysis.bound import surely_bound
from nbpipe.analysis.order import CERTAIN, CONCEIVABLE
from nbpipe.analysis.undefined import undefined_uses
from nbpipe.notebook import Cell, Notebook
from tests.analysis.programs import Run, notebooks
from tests.conftest import GENERATED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.flow import Use

# More in a longer search: NBPIPE_TEST_EXAMPLES=5000 python -m pytest tests/analysis
EXAMPLES = int(os.environ.get("NBPIPE_TEST_EXAMPLES", "400"))
RELAXED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


def analysis_of(
    cells: list[str], counts: dict[int, int] | None = None, failed: dict[int, str] | None = None
) -> Analysis:
    errors = {
        index: {
            "output_type": "error",
            "ename": "NameError",
            "evalue": f"name '{name}' is not defined",
            "traceback": [],
        }
        for index, name in (failed or {}).items()
    }
    made = [
        Cell(index, "code", source, execution_count=(counts or {}).get(index),
             raw_outputs=[errors[index]] if index in errors else [])
        for index, source in enumerate(cells)
    ]  # fmt: skip
    notebook = Notebook(tuple(made), {})
    return Analysis(notebook)


def undefined(analysis: Analysis) -> Iterator[Use]:
    """Give the uses that may raise NameError, in order of execution."""
    for use in sorted(analysis.top_down.uses.values(), key=lambda use: use.trouble):
        if (use.missing or use.maybe_missing) and not use.uncalled and not use.guarded and use.name.isidentifier():
            yield use


@pytest.fixture(scope="module")
def report(pytestconfig: pytest.Config) -> Iterator[Counter[str]]:
    """Counts what was generated; a generator that avoids the hard programs proves nothing."""
    counts: Counter[str] = Counter()
    yield counts
    pytestconfig.stash[GENERATED].update(counts)


def test_straight_line_notebooks_raise_exactly_where_top_down_says(report: Counter[str]) -> None:
    @RELAXED
    @given(notebooks(branches=False))
    def prove(program: tuple[list[str], Counter[str]]) -> None:
        cells, used = program
        run = Run(cells, range(len(cells)), stop=True)
        assume(run.unexpected is None)
        first = next(undefined(analysis_of(cells)), None)
        said = (first.cell, first.name) if first is not None else None
        real = next(iter(run.error.items()), None)
        assert said == real, "\n---\n".join(cells)
        plain = surely_bound(analysis_of(cells).codes.values(), frozenset())
        assert not (plain and real), "\n---\n".join(cells)
        report["plain at a glance"] += plain
        report.update(used)
        report["outcome: NameError" if real else "outcome: runs through"] += 1

    prove()
    assert report["outcome: NameError"] > EXAMPLES / 10
    assert report["outcome: runs through"] > EXAMPLES / 10


def test_with_branches_certain_findings_happen_and_what_happens_is_found(report: Counter[str]) -> None:
    outcomes: Counter[str] = Counter()

    @RELAXED
    @given(notebooks(branches=True))
    def prove(program: tuple[list[str], Counter[str]]) -> None:
        cells, used = program
        run = Run(cells, range(len(cells)), stop=True)
        assume(run.unexpected is None)
        analysis = analysis_of(cells)
        found = list(undefined(analysis))
        real = next(iter(run.error.items()), None)
        if surely_bound(analysis.codes.values(), frozenset()):
            assert real is None, "\n---\n".join(cells)
            assert not undefined_uses(analysis), "\n---\n".join(cells)
            outcomes["plain at a glance"] += 1
        certain = next((use for use in found if use.surely_missing), None)
        if real is None:
            assert certain is None, "\n---\n".join(cells)
            outcomes["runs through, with possible findings" if found else "runs through"] += 1
        else:
            named = [use for use in found if (use.cell, use.name) == real]
            assert named, "\n---\n".join(cells)
            if certain is not None:
                assert min(use.trouble for use in named) <= certain.trouble, "\n---\n".join(cells)
            outcomes["NameError, certain" if certain is not None else "NameError, possible"] += 1
        report.update(used)

    prove()
    report.update({f"outcome with branches: {name}": count for name, count in outcomes.items()})
    assert all(outcomes[name] > EXAMPLES / 50 for name in ("NameError, certain", "NameError, possible")), outcomes


def test_recorded_order_certain_means_another_result_and_another_result_is_found(report: Counter[str]) -> None:
    outcomes: Counter[str] = Counter()

    @RELAXED
    @given(notebooks(branches=False), st.data())
    def prove(program: tuple[list[str], Counter[str]], data: st.DataObject) -> None:
        cells, used = program
        history = [0, *data.draw(st.permutations(range(1, len(cells))))]
        for _ in range(data.draw(st.integers(0, 3))):
            history.insert(data.draw(st.integers(1, len(history))), data.draw(st.sampled_from(range(len(cells)))))
        straight = Run(cells, range(len(cells)), stop=True)
        recorded = Run(cells, history, stop=False)
        assume(straight.unexpected is None and recorded.unexpected is None)
        counts = {index: number for number, index in enumerate(history, start=1)}
        analysis = analysis_of(cells, counts, recorded.error)
        findings = analysis.order_findings
        shown_by_rule = analysis_of(cells, counts, recorded.error).disorder
        assert len(shown_by_rule) == sum(finding.grade != CONCEIVABLE for finding in findings), "\n---\n".join(cells)
        shown = "\n---\n".join(cells) + f"\n{history}\n{straight.error} {recorded.error}"
        for finding in findings:
            if finding.grade == CERTAIN:
                cell = finding.use.cell
                assert straight.seen.get(cell) != recorded.seen[cell] or cell in recorded.error, (finding.use, shown)
        differing = [cell for cell in counts if straight.seen.get(cell) != recorded.seen[cell]]
        broken = next(undefined(analysis), None) is not None
        if differing and not broken:
            assert findings, shown
        report.update(used)
        missed = "undefined top-down" if broken else "nothing"
        grade = next((f.grade for f in findings if f.grade == CERTAIN), findings[0].grade if findings else missed)
        outcomes[f"{'differs' if differing else 'equal'}, found {grade}"] += 1

    prove()
    report.update({f"outcome reordered: {name}": count for name, count in outcomes.items()})
    assert outcomes["differs, found certain"] > EXAMPLES / 20, outcomes
    assert outcomes["equal, found nothing"] + outcomes["equal, found conceivable"] > EXAMPLES / 50, outcomes
