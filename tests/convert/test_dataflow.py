"""What each step takes and gives, found without running anything."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from nbpipe.analysis import analyze
from nbpipe.convert.dataflow import DataFlow, StepFlow
from nbpipe.convert.hazards import refuse_static
from nbpipe.convert.layout import lay_out
from nbpipe.convert.refusal import TiedStepsError
from nbpipe.convert.source import read_source
from nbpipe.errors import ConversionError
from nbpipe.steps import plan_steps
from tests.convert.snippets import notebook, snippets

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "convert"


def solve(text: str, changed: dict[str, set[str]] | None = None) -> dict[str, StepFlow]:
    document = notebook(text)
    source = read_source(analyze(document), plan_steps(document))
    layout = lay_out(source)
    refuse_static(source, layout, any_order=False)
    return DataFlow(source, layout).solve(changed)


def shown(flows: dict[str, StepFlow]) -> str:
    lines = []
    for flow in flows.values():
        arguments = ", ".join([*flow.inputs, *(["*", *flow.parameters] if flow.parameters else [])])
        lines.append(f"{flow.name}({arguments}) -> {', '.join(flow.outputs) or '-'}")
    return "; ".join(lines)


def cases() -> list[Any]:
    return [
        pytest.param(code, expected, id=f"{path.stem}: {title}")
        for path in sorted(FIXTURES.glob("*.md"))
        for title, code, expected in snippets(path)
    ]


def test_there_are_at_least_two_hundred_snippets() -> None:
    assert len({case.id for case in cases()}) == len(cases()) >= 200


@pytest.mark.parametrize(("code", "expected"), cases())
def test_what_flows_between_steps(code: str, expected: str) -> None:
    assert read(code, expected) == expected


def read(code: str, expected: str) -> str:
    """Give the flow of the steps, or how it is refused, as far as what is expected goes."""
    try:
        return shown(solve(code))
    except TiedStepsError as error:
        return f"tied {error.first}, {error.last}: {error}"[: len(expected)]
    except ConversionError as error:
        return f"refused: {error}"[: len(expected)]


def test_a_change_that_only_a_run_shows_makes_the_value_an_output() -> None:
    code = "# step:a\nx = object()\n# step:b\nprint(x)\n# step:c\ny = x\n"
    assert shown(solve(code)) == "a() -> x; b(x) -> -; c(x) -> -"
    assert shown(solve(code, {"b": {"x"}})) == "a() -> x; b(x) -> x; c(x) -> -"


def test_every_input_output_and_parameter_has_a_reason() -> None:
    flows = solve("# parameters\nk = 2\n# step:a\nx = k\n# step:b\nx = x + k\n# step:c\ny = x\n")
    for flow in flows.values():
        assert set(flow.why) == {*flow.inputs, *flow.outputs, *flow.parameters}
    assert (
        flows["b"].why["x"] == "input: cell 3 reads it; step 'a' gives it; output: it makes it, and step 'c' needs it"
    )
    assert flows["a"].why["k"] == "parameter: cell 2 ('x = k') reads it"


def test_functions_that_read_a_step_are_defined_inside_the_steps_that_use_them() -> None:
    flows = solve(
        "# definitions\ndef f(a):\n    return g(a)\n\n\ndef g(a):\n    return a + base\n\n\ndef h(a):\n    return a\n"
        "# step:a\nbase = 1\n# step:b\ny = f(h(2))\n"
    )
    assert flows["a"].nested == []
    assert flows["b"].nested == ["f", "g"]
    assert flows["b"].reads == {"h"}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (
            "# parameters\nflag = True\n# step:a\nif flag:\n    x = 1\n# step:b\nif flag:\n    y = x\n",
            "cell 3: 'x' is bound on some paths only before step 'b' needs it",
        ),
        (
            "# parameters\nk = 1\n# step:a\nif k:\n    k = 2\n# step:b\ny = k\n",
            "cell 3: 'k' is either a parameter or what a step made",
        ),
        (
            "# skip\nz = 2\n# step:a\nx = 1\n# step:b\ny = x + z\n",
            "cell 1: is tagged skip, but makes 'z', which cell 3 uses, and no step before it could keep it",
        ),
        ("# definitions\nx = compute()\n# step:a\ny = x\n", "cell 1: 'x = compute()' is neither import, definition"),
        ("#\nx = [1].copy()\n# step:a\ny = x\n", "cell 1: 'x = [1].copy()' comes before the first step"),
        ("# step:a\nx = 1\n# imports\nimport warnings\nwarnings.simplefilter('error')\n# step:b\ny = x\n", "cell 2: "),
        ("# definitions\nclass A:\n    k = base\n# step:a\nbase = 1\na = A()\n", "cell 1: class A reads 'base'"),
        (
            "# definitions\ndef f(a, k=base):\n    return a\n# step:a\nbase = 1\na = f(1)\n",
            "cell 1: function f needs 'base' when it is defined",
        ),
    ],
)
def test_what_cannot_be_passed_is_refused(code: str, reason: str) -> None:
    with pytest.raises(ConversionError, match="^" + re.escape(reason)):
        solve(code)
