"""What a cell shows as its value is printed by the step where the code computes it for that, and only there."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

import nbformat
import pytest

from nbpipe.analysis import analyze
from nbpipe.api.convert import convert
from nbpipe.convert.division import Division
from nbpipe.convert.generation import package_files
from nbpipe.steps import plan_steps
from tests.convert import in_process
from tests.convert.snippets import notebook

if TYPE_CHECKING:
    from pathlib import Path

IMPORTS = "# imports\nimport pandas as pd\nimport matplotlib.pyplot as plt\n# step:make\nx = [1, 2]\n"
# The step's cell, what it shows, and the lines that the step has for it.
CASES = {
    "a computed value": ("y = 1\nmax(x)", "2", ["y = 1", "print(max(x))"]),
    "with its comment": ("y = 1\nmax(x)  # the most", "2", ["y = 1", "print(max(x))"]),
    "of a function of one's own": ("y = 1\nf(x)", "2", ["y = 1", "print(f(x))"]),
    "over several lines": ("y = 1\nmax(\n    x,\n)", "2", ["y = 1", "print(max(x))"]),
    "nothing shown": ("y = 1\nmax(x)", "", ["y = 1", "max(x)"]),
    "an object without a text": ("y = 1\niter(x)", "<list_iterator at 0x7f00>", ["y = 1", "iter(x)"]),
    "a drawing": ("y = 1\nplt.xlim()", "(0.0, 1.0)", ["y = 1", "plt.xlim()"]),
    "bars": ("y = 1\nplt.hist(x)", "(array([1.]), array([0.]), <BarContainer object>)", ["y = 1", "plt.hist(x)"]),
    "what is called for what it does": ("y = [3]\ny.pop()", "3", ["y = [3]", "y.pop()"]),
    "not the last of a cell": ("max(x)\ny = 1", "", ["max(x)", "y = 1"]),
    "a table that is only looked at": ("y = pd.Series(x)\ny.head()", "0  1", ["y = pd.Series(x)"]),
    "a table that is made to be looked at": (
        "y = 1\nt = pd.Series(x)\nu = t + 1\nu.head()\n# step:end\nz = y + 1",
        "0  1",
        ["y = 1", "t = pd.Series(x)", "u = t + 1", "print(u.head())"],
    ),
    "a name that a later step takes": ("y = sum(x)\ny\n# step:end\nz = y + 1", "3", ["y = sum(x)"]),
    "where print is another": ("print = str\ny = 1\nmax(x)", "2", ["print = str", "y = 1", "max(x)"]),
}


@pytest.mark.parametrize(("code", "shown", "lines"), CASES.values(), ids=CASES)
def test_what_is_printed(code: str, shown: str, lines: list[str], tmp_path: Path) -> None:
    path = tmp_path / "notebook.ipynb"
    path.write_text("{}", encoding="utf-8")
    definition = "# definitions\ndef f(items):\n    return max(items)\n"
    document = notebook(f"{definition}{IMPORTS}# step:use\n{code}", path)
    conversion, _ = in_process.convert(path, analyze(document), Division(plan_steps(document)), tmp_path)
    conversion = replace(conversion, recording=replace(conversion.recording, shown={3: shown} if shown else {}))
    text = package_files(conversion)["notebook_pipeline/steps/use.py"]
    function = ast.parse(text).body[-1]
    assert isinstance(function, ast.FunctionDef)
    assert [ast.unparse(node) for node in function.body[1:] if not isinstance(node, ast.Return)] == lines
    assert ("#" in code.partition("# step")[0]) == ("print(max(x))  # the most" in text)


def test_the_recorded_run_tells_what_is_shown(tmp_path: Path) -> None:
    node = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    for tag, source in (
        ("step:a", "x = [3, 1]\nsorted(x)"),
        ("step:a", "max(x);"),
        ("step:b", "y = x + [2]\nz = sum(y)\nz"),
        ("step:b", "print('seen')\nobject()"),
    ):
        node.cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": [tag]}))  # type: ignore[no-untyped-call]
    nbformat.write(node, tmp_path / "nb.ipynb")  # type: ignore[no-untyped-call]
    result = convert(tmp_path / "nb.ipynb")
    first, second = (result.files[f"nb_pipeline/steps/{name}.py"] for name in "ab")
    assert "    print(sorted(x))\n" in first
    assert "    max(x)\n" in first
    assert second.count("print(") == 1
