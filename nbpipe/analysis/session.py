"""The session that the stored execution counts tell of: which cells ran, in which order, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.notebook import Notebook

_NAME_ERROR = pattern(r"name '(\w+)' is not defined")


class Session:
    """What the execution counts tell.

    Attributes:
        counts: count by cell index, of the code cells that have one.
        order: cell indices by session and count.
        numbers: number of the kernel's session by cell index: where counts begin anew, it was started again.
        missing: counts from 1 to the last that no cell shows.
        mixed: a count stands twice: cells of several sessions.
        failed: cells whose last run ended with a stored error; the name, where it was a NameError.
    """

    __slots__ = ("counts", "failed", "missing", "mixed", "numbers", "order")

    def __init__(self, counts: dict[int, int], failed: dict[int, str]) -> None:
        self.counts = counts
        self.numbers = _sessions(counts)
        self.order = sorted(counts, key=lambda index: (self.numbers[index], counts[index], index))
        present = set(counts.values())
        self.missing = frozenset(range(1, max(present, default=0))) - present
        self.mixed = len(present) < len(counts)
        self.failed = failed

    def gap(self, after: int, before: int) -> int | None:
        """Give the last count that is missing strictly between two counts."""
        return max((count for count in self.missing if after < count < before), default=None)

    def mostly_seen(self, after: int, before: int) -> bool:
        """Tell whether more of the runs strictly between two counts are those of cells than are missing."""
        missing = sum(after < count < before for count in self.missing)
        return 2 * missing < before - after - 1


def _sessions(counts: Mapping[int, int]) -> dict[int, int]:
    """Tell sessions apart: a run of ascending counts that repeats one from before is of another session."""
    numbers: dict[int, int] = {}
    seen: set[int] = set()
    run: list[int] = []
    for index in [*sorted(counts), None]:
        if index is not None and (not run or counts[index] > counts[run[-1]]):
            run.append(index)
            continue
        repeated = seen & {counts[member] for member in run}
        number = max(numbers.values(), default=0) + bool(repeated)
        numbers.update(dict.fromkeys(run, number))
        seen = {counts[member] for member in numbers if numbers[member] == number}
        run = [] if index is None else [index]
    return numbers


def session_of(notebook: Notebook) -> Session:
    """Read the session from a notebook's counts and stored errors."""
    counts = {
        cell.index: cell.execution_count
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.execution_count and cell.source.strip()
    }
    failed = {
        cell.index: _missing_name(output)
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.has_error
        for output in cell.outputs
        if output.get("output_type") == "error"
    }
    return Session(counts, failed)


def _missing_name(output: Mapping[str, Any]) -> str:
    """Give the name that a stored NameError says is missing, else nothing."""
    found = _NAME_ERROR.search(str(output.get("evalue", "")))
    return found[1] if found and output.get("ename") in ("NameError", "UnboundLocalError") else ""
