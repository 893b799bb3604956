"""The pytest plugin: ``pytest --nbpipe`` verifies notebooks as tests, one test a notebook.

A notebook is one test, not each of its cells: cells need those before them, so that only whole notebooks can be spread
over the processes of pytest-xdist. What verifying needs is imported when the first notebook is, so that other test runs
pay nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nbpipe.verify.verdict import CellVerdict, NotebookVerdict

SUFFIX = ".ipynb"
_CHECKPOINTS = ".ipynb_checkpoints"
# Option, type, what stands for the value, help; the names are those of `nbpipe verify` and of `nbpipe.verify`.
_VALUES: tuple[tuple[str, type, str, str], ...] = (
    ("rtol", float, "NUMBER", "relative tolerance of numbers"),
    ("atol", float, "NUMBER", "absolute tolerance of numbers"),
    ("image-threshold", float, "SHARE", "how much a picture may differ"),
    ("runs", int, "N", "run each notebook so often; from 2 on, find why runs differ"),
    ("cell-timeout", float, "SECONDS", "give up when one cell takes longer"),
    ("timeout", float, "SECONDS", "give up when a notebook takes longer"),
    ("kernel", str, "NAME", "use this kernel, not the one that each notebook names"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("nbpipe", "verifying notebooks with nbpipe")
    group.addoption("--nbpipe", action="store_true", help="collect notebooks as tests: run fresh, compare outputs")
    for name, kind, metavar, text in _VALUES:
        group.addoption(f"--nbpipe-{name}", type=kind, metavar=metavar, default=None, help=text)
    group.addoption(
        "--nbpipe-no-normalize",
        action="append",
        default=[],
        metavar="NAME",
        help="do not look past differences of this kind, such as timestamps; all: look past none",
    )
    group.addoption("--nbpipe-update", action="store_true", help="write the fresh outputs into the notebooks")
    group.addoption("--nbpipe-no-cache", action="store_true", help="run all notebooks, and keep no verdicts")
    parser.addini("nbpipe", "collect notebooks as tests, as --nbpipe does", type="bool", default=False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> NotebookFile | None:
    """Take notebooks, where that is asked for."""
    if file_path.suffix != SUFFIX or _CHECKPOINTS in file_path.parts:
        return None
    if not (parent.config.getoption("nbpipe") or parent.config.getini("nbpipe")):
        return None
    return NotebookFile.from_parent(parent, path=file_path)


class NotebookFile(pytest.File):
    """A notebook."""

    def collect(self) -> Iterable[NotebookItem]:
        """Give its one test."""
        yield NotebookItem.from_parent(self, name="verify")


class NotReproducibleError(Exception):
    """A notebook does not give what is stored in it.

    Attributes:
        verdict: the verdict on it.
    """

    def __init__(self, verdict: NotebookVerdict) -> None:
        super().__init__(f"{verdict.verdict.value}: {verdict.reason}")
        self.verdict = verdict


class NotebookItem(pytest.Item):
    """The test of a notebook."""

    def runtest(self) -> None:
        """Verify it; one that has nothing to compare is skipped."""
        from nbpipe.api.verify import Request, verify_each
        from nbpipe.errors import NbpipeError
        from nbpipe.verify.verdict import Verdict

        try:
            (verdict,) = verify_each([str(self.path)], Request(**self._options()))
        except NbpipeError as error:
            pytest.fail(str(error), pytrace=False)
        self.add_report_section("call", "nbpipe", f"{verdict.verdict.value}: {verdict.reason}")
        if verdict.verdict is Verdict.NOTHING and not verdict.updated:
            pytest.skip(verdict.reason)
        if not (verdict.is_good or verdict.updated):
            raise NotReproducibleError(verdict)

    def _options(self) -> dict[str, Any]:
        """Give the options by the names of `nbpipe.api.verify.Request`."""
        option = self.config.getoption
        given = {name.replace("-", "_"): option(f"nbpipe_{name.replace('-', '_')}") for name, *_ in _VALUES}
        found = {name: value for name, value in given.items() if value is not None}
        return {
            **found,
            "no_normalize": tuple(option("nbpipe_no_normalize")),
            "update": option("nbpipe_update"),
            "cached": not option("nbpipe_no_cache"),
            "outputs": False,
        }

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show the cells that differ, not where in nbpipe that was found."""
        if isinstance(excinfo.value, NotReproducibleError):
            return "\n".join(_told(excinfo.value.verdict))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Give what stands above a failure."""
        return self.path, None, f"notebook {self.path.name}"


def _told(verdict: NotebookVerdict) -> Iterable[str]:
    from nbpipe.verify.verdict import GOOD, Outcome

    yield f"{verdict.path}: {verdict.verdict.value}: {verdict.reason}"
    for cell in verdict.cells:
        if cell.outcome not in (*GOOD, Outcome.NOT_RUN):
            yield from _told_cell(cell)
    if verdict.note:
        yield f"note: {verdict.note}"


def _told_cell(cell: CellVerdict) -> Iterable[str]:
    yield f"cell {cell.index + 1} ({cell.title}): {cell.outcome.value}"
    yield from (f"  {line}" for line in cell.difference.splitlines())
    if cell.cause is not None:
        yield f"  cause: {cell.cause}"
