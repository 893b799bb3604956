from __future__ import annotations

from typing import Any

import pytest

from nbpipe.errors import PipelineError
from nbpipe.pipeline import Edge, Pipeline, Step


def _step(name: str, inputs: tuple[str, ...] = (), outputs: tuple[str, ...] = (), **fields: Any) -> Step:
    return Step(name=name, function=f"shop.steps:{name}", inputs=inputs, outputs=outputs, **fields)


PIPELINE = Pipeline(
    "shop",
    (
        _step("load", outputs=("df", "notes"), parameters=("path",)),
        _step("clean", inputs=("df",), outputs=("df",), parameters=("limit", "path")),
        _step("plot", inputs=("df",), after=("load",)),
        _step("fit", inputs=("df", "notes"), outputs=("model",), metrics=("mse",)),
    ),
)


def test_edges_lead_from_the_latest_version_of_a_name() -> None:
    assert PIPELINE.edges() == (
        Edge("load", "clean", "df"),
        Edge("clean", "plot", "df"),
        Edge("load", "plot"),
        Edge("clean", "fit", "df"),
        Edge("load", "fit", "notes"),
    )
    assert PIPELINE.sources(PIPELINE.step("fit")) == {"df": "clean", "notes": "load"}


def test_ancestors_are_transitive() -> None:
    assert PIPELINE.ancestors() == {
        "load": frozenset(),
        "clean": {"load"},
        "plot": {"load", "clean"},
        "fit": {"load", "clean"},
    }


def test_parameters_and_returns() -> None:
    assert PIPELINE.parameters == ("path", "limit")
    assert PIPELINE.step("fit").returns == ("model", "mse")
    assert _step("a", outputs=("x", "y"), metrics=("x",)).returns == ("x", "y")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Step("a b", "m:f"), "step: 'a b' is not a name"),
        (lambda: Step("class", "m:f"), "step: 'class' is not a name"),
        (lambda: Step("a", "m.f"), "function must be 'package.module:function', not 'm.f'"),
        (lambda: Step("a", "m:f", inputs=("b",), parameters=("b",)), "'b' is both an input and a parameter"),
        (lambda: Step("a", "m:f", outputs=("b", "b")), "outputs names something twice: b, b"),
        (lambda: Step("a", "m:f", outputs=("b-c",)), "outputs: 'b-c' is not a name"),
        (lambda: Step("a", "m:f", inputs="df"), "inputs must be a tuple of names, not 'df'"),  # type: ignore[arg-type]
        (lambda: Pipeline("p", [Step("a", "m:f")]), "steps must be a tuple of Step"),  # type: ignore[arg-type]
        (lambda: Pipeline("p", (_step("a"), _step("a"))), "two steps are named 'a'"),
        (
            lambda: Pipeline("p", (_step("a", outputs=("frame",)), _step("b", inputs=("frames",)))),
            "step 'b': no earlier step gives its input 'frames'. Did you mean 'frame'?",
        ),
        (
            lambda: Pipeline("p", (_step("b", inputs=("df",)), _step("a", outputs=("df",)))),
            "step 'b': its input 'df' is given only later, by step 'a'",
        ),
        (
            lambda: Pipeline("p", (_step("load"), _step("b", after=("loads",)))),
            "step 'b': after: no earlier step 'loads'. Did you mean 'load'?",
        ),
        (lambda: PIPELINE.step("cleen"), "has no step 'cleen'. Did you mean 'clean'?"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(make: Any, message: str) -> None:
    with pytest.raises(PipelineError) as caught:
        make()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
