from __future__ import annotations

from typing import Any

from nbpipe.pipeline import Pipeline, Step
from nbpipe.pipeline.schedule import Schedule


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
    steps = (_step("a"), _step("b", generators=()), _step("c"))
    schedule = Schedule(Pipeline("p", steps), {"random": 0})
    answers: tuple[dict[str, Any], ...] = (
        {"generators": {"random": 1, "numpy.random": 5}, "touched": ["random"]},
        {"generators": {"random": 9, "numpy.random": 5}, "touched": []},
        {"generators": {"random": 1, "numpy.random": 6}, "touched": ["numpy.random"]},
    )
    seen = []
    for step, answer in zip(steps, answers, strict=True):
        schedule.start(step)
        assert schedule.end(step, answer) == ""
        seen.append(schedule.generators)
    first = {"random": 1, "numpy.random": 5}
    assert seen == [first, first, {"random": 1, "numpy.random": 6}]


def test_a_generator_that_was_not_declared_is_found() -> None:
    step = _step("a", generators=("random",))
    schedule = Schedule(Pipeline("p", (step,)), None)
    schedule.start(step)
    assert "global generator numpy.random" in schedule.end(step, {"touched": ["numpy.random", "random"]})


def _conflict(first: dict[str, list[str]], second: dict[str, list[str]], *, overlap: bool) -> str:
    steps = (_step("a", generators=()), _step("b", generators=()))
    schedule = Schedule(Pipeline("p", steps), None)
    schedule.start(steps[0])
    if overlap:
        schedule.start(steps[1])
        return schedule.end(steps[1], {"files": second}) + schedule.end(steps[0], {"files": first})
    doubt = schedule.end(steps[0], {"files": first})
    schedule.start(steps[1])
    return doubt + schedule.end(steps[1], {"files": second})


def test_a_file_written_by_one_of_two_steps_side_by_side_is_found() -> None:
    writes, reads = {"read": [], "written": ["/f"]}, {"read": ["/f"], "written": []}
    for first, second in ((writes, reads), (reads, writes), (writes, writes)):
        found = _conflict(first, second, overlap=True)
        assert "/f" in found
        assert "give step 'b' after=(\"a\",)" in found
        assert _conflict(first, second, overlap=False) == ""
    assert _conflict(reads, reads, overlap=True) == ""
