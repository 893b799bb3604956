"""What several runs tell, by runs made by hand; `test_verify_notebook` has real ones."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from jupyter_client.kernelspec import KernelSpec

from nbpipe.errors import ExecutionError
from nbpipe.execute.kernels import KernelChoice
from nbpipe.records import RunStatus
from nbpipe.verify.cause import CauseKind
from nbpipe.verify.context import Tolerance
from nbpipe.verify.controls import Controls
from nbpipe.verify.prediction import Prediction
from nbpipe.verify.repeat import Repeated, repeat
from tests.verify.making import notebook, printing, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbpipe.verify.fresh import Fresh


class Lab:
    """Runs a notebook of one printing cell; what it prints depends on what is held still and on the number of the run.

    Attributes:
        asked: what was held still in each run, and up to which cell it went.
    """

    def __init__(self, shows: Callable[[Controls, int], str], source: str = "print(f())") -> None:
        self.asked: list[tuple[Controls, int]] = []
        self.shows = shows
        self.source = source

    def fresh(self, controls: Controls, number: int) -> Fresh:
        return run(printing(self.source, self.shows(controls, number)))

    def runner(self, controls: Controls, until: int) -> Fresh:
        self.asked.append((controls, until))
        return self.fresh(controls, 10 + len(self.asked))

    def repeat(self, off: frozenset[str] = frozenset()) -> Repeated:
        stored = notebook(self.source)
        plain = [self.fresh(Controls(), number) for number in range(2)]
        return repeat(stored, plain, self.runner, Tolerance(), off, {}, Prediction(stored, "a.ipynb"))


@pytest.mark.parametrize(
    ("held", "kind"),
    [
        ("hashes", CauseKind.HASH),
        ("seeds", CauseKind.RANDOM),
        ("threads", CauseKind.THREADS),
        ("clock", CauseKind.CLOCK),
        ("addresses", CauseKind.ADDRESS),
    ],
)
def test_what_makes_runs_agree_is_the_cause(held: str, kind: CauseKind) -> None:
    lab = Lab(lambda controls, number: "same" if getattr(controls, held) else f"other {number}")
    found = lab.repeat()
    assert found.causes[0].kind is kind
    assert found.causes[0].shown
    assert found.differences[0].difference == "stdout:\n- other 0\n+ other 1\n  (1 apart, relative)"
    # No more is held still than is needed, and each step was tried twice.
    assert [getattr(controls, held) for controls, _ in lab.asked] == [False] * (len(lab.asked) - 2) + [True] * 2
    assert found.runs == 2 + len(lab.asked)


def test_runs_that_agree_need_no_more_runs() -> None:
    lab = Lab(lambda *_: "same")
    assert lab.repeat() == Repeated(runs=2)
    assert lab.asked == []


def test_what_may_be_looked_past_names_its_cause_without_more_runs() -> None:
    lab = Lab(lambda _, number: f"<Foo at 0x7f3a8766{number:04}>")
    found = lab.repeat()
    assert (found.causes[0].kind, found.differences, lab.asked) == (CauseKind.ADDRESS, {}, [])
    strict = lab.repeat(frozenset({"memory addresses"}))
    assert 0 in strict.differences


def test_numbers_that_nothing_makes_agree_differ_by_rounding() -> None:
    lab = Lab(lambda _, number: f"loss 0.12{number}")
    assert lab.repeat().causes[0].kind is CauseKind.UNEXPLAINED
    lab = Lab(lambda _, number: f"loss 1.{2340 + 7 * number}")
    found = lab.repeat()
    assert (found.causes[0].kind, list(found.differences)) == (CauseKind.FLOAT, [0])
    lab = Lab(lambda _, number: f"loss 1.2345678{number}")
    assert (lab.repeat().causes[0].kind, lab.asked) == (CauseKind.FLOAT, [])


def test_the_order_of_lines_has_a_cause_though_it_is_looked_past() -> None:
    lab = Lab(lambda controls, number: "a\nb\n" if controls.hashes or number % 2 else "b\na\n")
    found = lab.repeat()
    assert (found.causes[0].kind, found.differences) == (CauseKind.HASH, {})
    lab = Lab(lambda _, number: "a\nb\n" if number % 2 else "b\na\n")
    assert lab.repeat().causes[0].kind is CauseKind.THREADS


def test_a_process_id_is_told_from_the_clock_by_the_code() -> None:
    lab = Lab(lambda controls, number: "1" if controls.clock else str(number), "import os\nprint(os.getpid())")
    assert lab.repeat().causes[0].kind is CauseKind.PROCESS


def test_an_address_is_known_by_id_where_the_system_cannot_hold_it() -> None:
    lab = Lab(lambda _, number: f"number {number}", "print(id(f))")
    cause = lab.repeat().causes[0]
    assert (cause.kind, cause.shown) == (CauseKind.ADDRESS, False)


def test_a_cause_that_runs_show_is_joined_to_the_finding_that_predicts_it() -> None:
    source = (
        "import numpy as np\nfrom sklearn.linear_model import LinearRegression\nX = np.random.rand(9, 2)\n"
        "print(LinearRegression().fit(X, X[:, 0]).coef_)"
    )
    lab = Lab(lambda controls, number: "0.5" if controls.seeds else f"0.{number + 3}", source)
    cause = lab.repeat().causes[0]
    assert (cause.kind, cause.code, cause.rule, cause.cell) == (CauseKind.RANDOM, "NB301", "unseeded-random", 0)


def test_what_cannot_be_held_still_here_is_left_out() -> None:
    lab = Lab(lambda controls, number: "same" if controls.clock else f"other {number}")

    def runner(controls: Controls, until: int) -> Fresh:
        if controls.threads and not controls.clock:
            raise ExecutionError("the kernel did not come up")
        return lab.runner(controls, until)

    plain = [lab.fresh(Controls(), number) for number in range(2)]
    stored = notebook("print(f())")
    found = repeat(stored, plain, runner, Tolerance(), frozenset(), {}, Prediction(stored, "a.ipynb"))
    assert found.causes[0].kind is CauseKind.CLOCK


def test_runs_that_fail_alike_because_something_is_held_still_say_nothing() -> None:
    lab = Lab(lambda controls, number: "same" if controls.hashes else f"other {number}")

    def runner(controls: Controls, until: int) -> Fresh:
        ran = lab.runner(controls, until)
        results = tuple(replace(result, status=RunStatus.FAILED) for result in ran.record.cells)
        return replace(ran, record=replace(ran.record, cells=results))

    plain = [lab.fresh(Controls(), number) for number in range(2)]
    stored = notebook("print(f())")
    found = repeat(stored, plain, runner, Tolerance(), frozenset(), {}, Prediction(stored, "a.ipynb"))
    assert found.causes[0].kind is CauseKind.UNEXPLAINED


def test_the_kernel_is_started_by_the_same_interpreter_where_addresses_are_held() -> None:
    argv = ["python", "-m", "ipykernel_launcher"]
    choice = KernelChoice("any", KernelSpec(argv=argv))
    assert choice.behind(Controls().prefix()).spec.argv == argv
    held = choice.behind(Controls(addresses=True).prefix()).spec.argv
    assert held == argv or held[-3:] == [sys.executable, *argv[1:]]
    assert choice.spec.argv == argv
    other = KernelChoice("r", KernelSpec(argv=["/usr/bin/R", "x"]))
    assert other.behind(("setarch", "-R")).spec.argv == ["setarch", "-R", "/usr/bin/R", "x"]


def test_only_the_cells_up_to_the_last_one_that_differs_are_run_again() -> None:
    asked = []

    def runner(controls: Controls, until: int) -> Fresh:
        asked.append(until)
        return run(printing("a", "same"), printing("b", "x"), "c")

    stored = notebook("a", "b", "c")
    plain = [run(printing("a", text), printing("b", "x"), printing("c", "y")) for text in ("one", "two")]
    found = repeat(stored, plain, runner, Tolerance(), frozenset(), {}, Prediction(stored, "a.ipynb"))
    assert asked == [0, 0]
    assert found.causes[0].kind is CauseKind.HASH
