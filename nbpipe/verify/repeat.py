"""Running a notebook several times: which cells differ from run to run, and what has to be held still until not.

First the plain runs are compared. Then one thing after the other is held still, and with each the notebook is run
twice: where the two runs of a cell agree, what was held still last is what made it differ. A cell that still differs
when all is held still is explained by what differs, as far as that tells, else it is unexplained.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from nbpipe.errors import ExecutionError
from nbpipe.verify.cause import Cause, CauseKind, of_normalisers
from nbpipe.verify.comparing import compare_runs, context_of, fresh_cells
from nbpipe.verify.controls import Controls
from nbpipe.verify.lines import ORDER
from nbpipe.verify.outputs import shown
from nbpipe.verify.text import distance
from nbpipe.verify.verdict import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nbpipe.notebook import Notebook
    from nbpipe.records import RunStatus
    from nbpipe.verify.cell_options import CellOptions
    from nbpipe.verify.context import Tolerance
    from nbpipe.verify.fresh import Fresh
    from nbpipe.verify.outputs import CellComparison, Shown
    from nbpipe.verify.prediction import Prediction

    Runner = Callable[[Controls, int], Fresh]

# What is held still, one more in each stage, and what that shows where it makes a cell's runs agree.
_STAGES: Final = (
    (Controls(hashes=True), CauseKind.HASH, "runs agree when Python's hash seed is fixed (PYTHONHASHSEED)"),
    (Controls(hashes=True, seeds=True), CauseKind.RANDOM, "runs agree when all random generators are seeded"),
    (
        Controls(hashes=True, seeds=True, threads=True),
        CauseKind.THREADS,
        "runs agree when one thread works after the other",
    ),
    (
        Controls(hashes=True, seeds=True, threads=True, clock=True),
        CauseKind.CLOCK,
        "runs agree when the clock is held, in UTC and C.UTF-8",
    ),
    (
        Controls(hashes=True, seeds=True, threads=True, clock=True, addresses=True),
        CauseKind.ADDRESS,
        "runs agree when the system puts memory at the same addresses",
    ),
)
_PROCESS_CALLS = frozenset({"getpid", "getppid"})
_GOOD = (Outcome.IDENTICAL, Outcome.EQUIVALENT)
_NOISE = 1e-3
"""Numbers that differ relatively by less, and that nothing held still makes agree, differ by rounding."""


@dataclass(slots=True)
class Repeated:
    """What several runs of a notebook show.

    Attributes:
        causes: by cell index, for the cells that differ from run to run, also where that may be looked past.
        differences: by cell index, how two runs differ, where that may not be looked past.
        runs: how many there were.
    """

    causes: dict[int, Cause] = field(default_factory=dict)
    differences: dict[int, CellComparison] = field(default_factory=dict)
    runs: int = 0


def repeat(  # noqa: PLR0913 - what an experiment needs
    stored: Notebook,
    plain: Sequence[Fresh],
    runner: Runner,
    tolerance: Tolerance,
    off: frozenset[str],
    options: Mapping[int, CellOptions],
    prediction: Prediction,
) -> Repeated:
    """Find the causes of differences between runs.

    Args:
        stored: the notebook.
        plain: its runs so far, two or more, with nothing held still.
        runner: runs it once more with some things held still, up to a cell.
        tolerance: of the comparisons.
        off: normalisers that may not be used.
        options: what cells ask for.
        prediction: what the code says.
    """
    ends = {result.index: result.status for result in plain[0].record.cells}
    experiment = _Experiment(stored, tolerance, off, options, ends)
    found = Repeated(runs=len(plain))
    open_cells = experiment.compare_plain(plain, found)
    for controls, kind, text in _STAGES:
        if not open_cells:
            break
        try:
            runs = [runner(controls, max(open_cells)) for _ in range(2)]
        except ExecutionError:
            continue  # a kernel that does not come up so tells nothing
        found.runs += 2
        for cell in experiment.agreeing(*runs) & open_cells:
            found.causes[cell] = _with_finding(_cause(kind, text, cell, prediction), cell, prediction)
            open_cells.remove(cell)
    for cell in open_cells:
        found.causes[cell] = experiment.explain(cell, plain[0], plain[1:], prediction)
    return found


@dataclass(frozen=True, slots=True)
class _Experiment:
    """The comparisons of one experiment."""

    stored: Notebook
    tolerance: Tolerance
    off: frozenset[str]
    options: Mapping[int, CellOptions]
    ends: Mapping[int, RunStatus]

    def compare(self, one: Fresh, other: Fresh, off: frozenset[str] = frozenset()) -> dict[int, CellComparison]:
        """Compare two runs."""
        context = context_of(other, self.tolerance, self.off | off)
        return compare_runs(self.stored, one, other, context, self.options)

    def compare_plain(self, plain: Sequence[Fresh], found: Repeated) -> set[int]:
        """Compare the first of some runs with each other one; give the cells whose cause has to be looked for."""
        open_cells: set[int] = set()
        for other in plain[1:]:
            for cell, comparison in self.compare(plain[0], other).items():
                if comparison.outcome not in _GOOD:
                    found.differences.setdefault(cell, comparison)
                    open_cells.add(cell)
                elif ORDER in comparison.needed:
                    open_cells.add(cell)  # it may be looked past, but has its cause
                elif cause := of_normalisers(comparison.needed):
                    found.causes.setdefault(cell, cause)
        return open_cells

    def agreeing(self, one: Fresh, other: Fresh) -> set[int]:
        """Give the cells of which two runs are the same, but for what differs anyway; the order of lines counts."""
        found = self.compare(one, other, frozenset({ORDER}))
        # What is held still may break a cell: then both runs fail alike, which says nothing.
        whole = {result.index for result in one.record.cells if result.status is self.ends.get(result.index)}
        return {cell for cell, comparison in found.items() if comparison.outcome in _GOOD and cell in whole}

    def explain(self, cell: int, first: Fresh, others: Sequence[Fresh], prediction: Prediction) -> Cause:
        """Give the cause of a difference that is there with all held still."""
        for other in others:
            left, right = (fresh_cells(self.stored, run)[cell].outputs for run in (first, other))
            noise = _noise(shown(left), shown(right))
            if noise is not None and 0 < noise < _NOISE:
                return Cause(CauseKind.FLOAT, f"numbers are up to {noise:.1g} apart, relative", shown=True)
            if ORDER in self.compare(first, other)[cell].needed:
                return Cause(CauseKind.THREADS, "lines come in another order, whatever is held still", shown=True)
        if "id" in prediction.calls(cell):
            return Cause(CauseKind.ADDRESS, "it uses id(), which is an address")
        predicted = prediction.cause(cell, (CauseKind.CLOCK, CauseKind.NETWORK))
        return predicted or Cause(CauseKind.UNEXPLAINED, "runs differ whatever is held still")


def _cause(kind: CauseKind, text: str, cell: int, prediction: Prediction) -> Cause:
    if kind is CauseKind.CLOCK and _PROCESS_CALLS & prediction.calls(cell):
        return Cause(CauseKind.PROCESS, "runs agree when the process id is held", shown=True)
    return Cause(kind, text, shown=True)


def _with_finding(cause: Cause, cell: int, prediction: Prediction) -> Cause:
    """Add the static finding that predicts a cause which runs have shown."""
    kinds = (cause.kind, CauseKind.LISTING) if cause.kind is CauseKind.HASH else (cause.kind,)
    predicted = prediction.cause(cell, kinds)
    if predicted is None:
        return cause
    return replace(cause, cell=predicted.cell, code=predicted.code, rule=predicted.rule)


def _noise(left: Mapping[str, Shown], right: Mapping[str, Shown]) -> float | None:
    """Give the largest relative distance between numbers, where all that differs are numbers; else None."""
    if left.keys() != right.keys():
        return None
    largest = 0.0
    for place, one in left.items():
        a, b = one.data, right[place].data
        if a.keys() != b.keys():
            return None
        for mime in a:
            if a[mime] != b[mime]:
                found = distance(a[mime], b[mime])
                if found is None:
                    return None
                largest = max(largest, found)
    return largest
