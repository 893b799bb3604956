"""Which statements of a step begin a new figure, since the notebook has closed the one before."""

from __future__ import annotations

import pytest

from nbpipe.analysis import analyze
from nbpipe.convert.division import Division
from nbpipe.convert.figures import new_figures
from nbpipe.convert.reading import read_statically
from nbpipe.steps import plan_steps
from tests.convert.snippets import notebook

IMPORTS = "# imports\nimport matplotlib.pyplot as plt\nimport pandas as pd\nimport seaborn as sns\n# step:draw\n"
CASES = {
    "two cells": ("plt.plot([1])\n#\nplt.plot([2])", ["plt.plot([2])"]),
    "one cell": ("plt.plot([1])\nplt.plot([2])", []),
    "shown between": ("plt.plot([1])\nplt.show()\nplt.plot([2])", ["plt.plot([2])"]),
    "nothing drawn before": ("n = 1\n#\nplt.plot([n])", []),
    "a figure of its own": ("plt.plot([1])\n#\nfig, ax = plt.subplots()\nax.plot([2])", []),
    "axes that are given": ("fig, ax = plt.subplots()\n#\nsns.scatterplot(x=[1], y=[2], ax=ax)", []),
    "seaborn": ("sns.histplot([1])\n#\nsns.histplot([2])\nplt.title('t')", ["sns.histplot([2])"]),
    "seaborn's own figures": ("sns.histplot([1])\n#\nsns.displot([2])", []),
    "a series": ("plt.plot([1])\n#\npd.Series([1]).plot()", ["pd.Series([1]).plot()"]),
    "in a loop": ("plt.plot([1])\n#\nfor n in range(2):\n    plt.plot([n])", ["for n in range(2):"]),
    "settings draw nothing": ("sns.set_theme()\n#\nplt.plot([1])", []),
    "thrice": (
        "plt.plot([1])\n#\nn = 1\n#\nplt.plot([2])\nplt.plot([3])\n#\nplt.bar([1], [n])",
        ["plt.plot([2])", "plt.bar([1], [n])"],
    ),
}


def begun(code: str) -> list[str]:
    document = notebook(IMPORTS + code)
    source, layout, _ = read_statically(analyze(document), Division(plan_steps(document)))
    found, name = new_figures(source, layout, "draw")
    assert name in ("plt", "")
    return [statement.shown for statement in source.of_step("draw") if statement in found]


@pytest.mark.parametrize(("code", "expected"), CASES.values(), ids=CASES)
def test_what_begins_a_new_figure(code: str, expected: list[str]) -> None:
    assert begun(code) == expected


def test_a_function_of_the_notebook_draws_as_its_body_does() -> None:
    assert begun("def draw(n):\n    plt.plot([n])\n#\nplt.plot([1])\n#\ndraw(2)") == ["draw(2)"]


@pytest.mark.parametrize(("backend", "expected"), [("inline", ["plt.plot([2])"]), ("widget", [])])
def test_other_backends_leave_figures_open(backend: str, expected: list[str]) -> None:
    assert begun(f"%matplotlib {backend}\nplt.plot([1])\n#\nplt.plot([2])") == expected
