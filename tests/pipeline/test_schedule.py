from __future__ import annotations

from typing import Any

import pytest

from nbpipe.pipeline import Pipeline, Step
from nbpipe.pipeline.history import Uses
from nbpipe.pipeline.schedule import Schedule, Verdict


def _step(name: str, inputs: tuple[str, ...] = (), **fields: Any) -> Step:
    return Step(name, f"shop.steps:{name}", inputs=inputs, outputs=(f"{name}_out",), **fields)


def _names(schedule: Schedule) -> list[str]:
    return [step.name for step in schedule.ready()]


def test_steps_wait_for_what_they_take_and_for_whom_they_name() -> None:
    steps = (_step("a", generators=()), _step("b", ("a_out",), generators=()), _step("c", after=("b",), generators=()))
    schedule = Schedule(Pipeline("p", (*steps, _step("d", generators=()))), None)
    assert _names(schedule) == ["a", "d"]
    schedule.start(steps[0])
    assert _names(schedule) == ["d"]
    schedule.end(steps[0], {})
    assert _names(schedule) == ["b", "d"]
    schedule.start(steps[1])
    schedule.end(steps[1], {})
    assert _names(schedule) == ["c", "d"]


def test_steps_that_may_share_a_generator_run_in_order() -> None:
    steps = (
        _step("a", generators=("random",)),
        _step("b", generators=("numpy.random",)),
        _step("c", generators=()),
        _step("d"),
        _step("e", generators=("random", "torch")),
        _step("f", generators=()),
    )
    schedule = Schedule(Pipeline("p", steps), None)
    assert _names(schedule) == ["a", "b", "c", "f"]
    for step in steps[:3]:
        schedule.start(step)
        schedule.end(step, {})
    assert _names(schedule) == ["d", "f"]
    schedule.start(steps[3])
    assert _names(schedule) == ["f"]


def test_states_pass_from_one_step_to_the_next() -> None:
    *steps, last = (_step("a"), _step("b", generators=()), _step("c"), _step("d"))
    schedule = Schedule(Pipeline("p", (*steps, last)), {"random": 0})
    answers: tuple[dict[str, Any], ...] = (
        {"generators": {"random": 1, "numpy.random": 5}, "touched": ["random"]},
        {"generators": {"random": 9, "numpy.random": 5}, "touched": []},
        {"generators": {"random": 1, "numpy.random": 6}, "touched": ["numpy.random"]},
    )
    seen = []
    for step, answer in zip(steps, answers, strict=True):
        schedule.start(step)
        assert schedule.end(step, answer) == Verdict()
        seen.append(schedule.states(last))
    first = {"random": 1, "numpy.random": 5}
    assert seen == [first, first, {"random": 1, "numpy.random": 6}]


def test_a_step_starts_from_what_those_before_it_left_and_not_from_what_later_ones_did() -> None:
    steps = (_step("a", generators=("random",)), _step("b", generators=()))
    schedule = Schedule(Pipeline("p", steps), {"random": 0})
    schedule.start(steps[1])
    schedule.end(steps[1], {"generators": {"random": 9}, "touched": ["random"]})
    assert schedule.states(steps[0]) == {"random": 0}


def test_a_generator_that_was_not_declared_is_found() -> None:
    step = _step("a", generators=("random",))
    schedule = Schedule(Pipeline("p", (step,)), None)
    schedule.start(step)
    assert "global generator numpy.random" in schedule.end(step, {"touched": ["numpy.random", "random"]}).doubt


def _conflict(first: dict[str, list[str]], second: dict[str, list[str]], order: str) -> list[Verdict]:
    """Run two steps in an order such as ``+b -b +a -a`` and give what their ends show."""
    steps = {"a": _step("a", generators=()), "b": _step("b", generators=())}
    schedule = Schedule(Pipeline("p", tuple(steps.values())), None)
    found = []
    for what, name in map(tuple, order.split()):
        if what == "+":
            schedule.start(steps[name])
        else:
            found.append(schedule.end(steps[name], {"files": first if name == "a" else second}))
    return found


WRITES, READS, CHANGES = (
    {"read": [], "written": ["/f"]},
    {"read": ["/f"], "written": []},
    {"read": ["/f"], "written": ["/f"]},
)


@pytest.mark.parametrize("order", ["+a +b -b -a", "+a +b -a -b", "+b +a -b -a", "+b -b +a -a"])
def test_a_step_that_used_a_file_before_an_earlier_one_wrote_it_runs_again(order: str) -> None:
    for second in (READS, WRITES):
        verdict = _conflict(WRITES, second, order)[-1]
        assert verdict == Verdict("", (("b", "it used the file /f before step 'a' wrote it"),))


@pytest.mark.parametrize("order", ["+a +b -b -a", "+a +b -a -b", "+b -b +a -a"])
def test_what_cannot_be_mended_is_doubtful(order: str) -> None:
    for first, second in ((READS, WRITES), (WRITES, CHANGES), (CHANGES, CHANGES)):
        verdict = _conflict(first, second, order)[-1]
        assert "/f" in verdict.doubt
        assert "give step 'b' after=(\"a\",)" in verdict.doubt


def test_steps_one_after_the_other_do_not_disturb_each_other() -> None:
    for first, second in ((READS, WRITES), (WRITES, READS), (CHANGES, CHANGES)):
        assert _conflict(first, second, "+a -a +b -b") == [Verdict(), Verdict()]
    assert _conflict(READS, READS, "+a +b -b -a") == [Verdict(), Verdict()]


def test_steps_that_were_seen_to_share_a_file_or_a_generator_run_in_order() -> None:
    steps = (_step("a", generators=()), _step("b", generators=()), _step("c"), _step("d"), _step("e"))
    known = {
        "a": Uses(frozenset(), written=frozenset({"/f"})),
        "b": Uses(frozenset(), read=frozenset({"/f"})),
        "c": Uses(frozenset()),
        "d": Uses(frozenset({"random"})),
        "e": Uses(frozenset({"random"})),
    }
    schedule = Schedule(Pipeline("p", steps), None, known)
    assert _names(schedule) == ["a", "c", "d"]


def test_a_generator_drawn_from_out_of_order_is_found() -> None:
    steps = (_step("a"), _step("b"))
    schedule = Schedule(Pipeline("p", steps), {"random": 0}, {name: Uses(frozenset()) for name in "ab"})
    for step in steps:
        schedule.start(step)
    answer = {"generators": {"random": 1}, "touched": ["random"]}
    assert schedule.end(steps[1], answer) == Verdict()
    assert schedule.is_provisional(steps[1])
    assert schedule.end(steps[0], answer).again == (("b", "it drew from random before step 'a' did"),)
    schedule.again({"b"})
    assert _names(schedule) == ["b"]
    assert schedule.states(steps[1]) == {"random": 1}
