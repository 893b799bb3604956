"""What whoever inherits a generated project reads first: no empty steps, options that hold, a README that says how."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest

from nbpipe.analysis import analyze
from nbpipe.api.convert import ConversionResult, convert
from nbpipe.convert.division import Division
from nbpipe.convert.generation import package_files
from nbpipe.pipeline.project import load_project
from nbpipe.steps import plan_steps
from tests.convert import in_process
from tests.convert.snippets import notebook

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.convert.conversion import Conversion


def converted(code: str, folder: Path) -> Conversion:
    path = folder / "notebook.ipynb"
    path.write_text("{}", encoding="utf-8")
    document = notebook(code, path)
    return in_process.convert(path, analyze(document), Division(plan_steps(document)), folder)[0]


def test_a_step_that_only_imports_and_defines_is_no_step(tmp_path: Path) -> None:
    code = (
        "# step:setup\nimport math\n'''Text.'''\n# step:tools\ndef f(x):\n    return math.sqrt(x)\n# step:use\ny = f(4)"
    )
    conversion = converted(code, tmp_path)
    assert list(conversion.flows) == ["use"]
    assert [(note.cell, note.message) for note in conversion.notes] == [
        (0, "step 'setup' only imports and defines: it is no step"),
        (1, "step 'tools' only imports and defines: it is no step"),
    ]
    files = package_files(conversion)
    assert "import math\n\n\ndef f(x):" in files["notebook_pipeline/definitions.py"].replace("\n\n\n\n", "\n\n\n")


def test_steps_remain_where_there_would_be_none(tmp_path: Path) -> None:
    assert list(converted("# step:a\nimport math\n# step:b\nx = 1", tmp_path).flows) == ["b"]
    with pytest.raises(KeyError):
        converted("# step:a\nimport math", tmp_path).flows["b"]


@pytest.mark.parametrize("name", ["annotations", "print_function"])
def test_only_postponed_annotations_are_taken_over(name: str, tmp_path: Path) -> None:
    conversion = converted(f"# step:a\nfrom __future__ import {name}\nx = 1\n# step:b\ny = x", tmp_path)
    text = package_files(conversion)["notebook_pipeline/steps/a.py"]
    assert ("from __future__ import annotations" in text) == (name == "annotations")


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> ConversionResult:
    node = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    text = "# A walk\n\nWhat it is.\n\n## Load\n\nAll | of it. And more."
    node.cells.append(nbformat.v4.new_markdown_cell(text))  # type: ignore[no-untyped-call]
    for tags, source in (
        (["parameters"], "count = 2"),
        (["step:load", "option:retries=2", "option:memory=2G", "option:cpus=2"], "x = [count]"),
        (["step:use", "option:cache=off", "option:timeout=60"], "y = x + [1]"),
    ):
        node.cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": tags}))  # type: ignore[no-untyped-call]
    folder = tmp_path_factory.mktemp("reading")
    nbformat.write(node, folder / "walk.ipynb")  # type: ignore[no-untyped-call]
    return convert(folder / "walk.ipynb", verify=False)


def test_the_options_of_tags_hold_for_the_steps(result: ConversionResult) -> None:
    load, use = load_project(result.folder).pipeline.steps
    assert (load.retries, load.memory, load.cache) == (2, "2G", None)
    assert (use.cache, use.timeout, use.retries) == (False, 60.0, None)
    assert 'memory="2G",' in result.files["walk_pipeline/pipeline.py"]


def test_the_readme_says_what_the_steps_do_and_how_to_run_them(result: ConversionResult) -> None:
    readme = result.files["README.md"]
    assert "> A walk.\n>\n> What it is.\n" in readme
    assert "\n| [use](walk_pipeline/steps/use.py) | `x` | `y` | From cell 4 of walk.ipynb. |\n" in readme
    assert "nbpipe run . -p count=2  # a parameter for one run\n" in readme
    assert "`nbpipe verify walk.ipynb <this folder>`" in readme


def test_what_nbpipe_itself_writes_breaks_no_rule(result: ConversionResult) -> None:
    assert "ignore = " not in result.files["pyproject.toml"]
