"""What a notebook says about itself."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from nbpipe.notebook import Cell, Notebook, Range


def notebook(**metadata: Any) -> Notebook:
    return Notebook((), metadata)


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({}, "python"),
        ({"kernelspec": {"language": "R"}}, "r"),
        ({"language_info": {"name": "Julia"}}, "julia"),
        ({"kernelspec": {"language": "python"}, "language_info": {"name": "R"}}, "r"),
        ({"language_info": {"name": "ipython"}}, "python"),
        ({"language_info": {"name": "pyspark"}}, "python"),
        ({"language_info": {"name": "python3"}}, "python"),
        ({"kernelspec": {"name": "ir"}}, "r"),
        ({"kernelspec": {"name": "julia-1.10"}}, "julia"),
        ({"kernelspec": {"name": "my-env"}}, "python"),
        ({"kernelspec": "python3", "language_info": 3}, "python"),
        ({"kernelspec": {"language": " ", "name": 4}}, "python"),
    ],
)
def test_the_language_comes_from_the_metadata_and_is_python_by_default(metadata: dict[str, Any], language: str) -> None:
    assert notebook(**metadata).language == language
    assert notebook(**metadata).is_python == (language == "python")


@pytest.mark.parametrize(
    ("info", "version"),
    [
        ({"name": "python", "version": "3.11.7"}, (3, 11)),
        ({"version": "2.7"}, (2, 7)),
        ({"name": "python", "version": "3.11rc1"}, None),
        ({"name": "python", "version": "3"}, None),
        ({"name": "R", "version": "4.1.0"}, None),
        ({"name": "python", "version": 3.11}, None),
        ({}, None),
    ],
)
def test_the_python_version_is_known_only_where_it_is_recorded(info: Any, version: tuple[int, int] | None) -> None:
    assert notebook(language_info=info).python_version == version


def test_a_notebook_not_from_text_has_no_file_lines() -> None:
    assert Notebook((Cell(0, "code", "x"),), {}).json_line(0, 0) is None


def test_ranges_sort_as_they_are_read_and_compare_by_value() -> None:
    first, second = Range(0, 2, 0, 2, 5), Range(1, 0, 0, 0, 1)

    assert sorted([second, first], key=Range.key) == [first, second]
    assert first == Range(0, 2, 0, 2, 5)
    assert first != second
    assert len({first, Range(0, 2, 0, 2, 5)}) == 1


def test_reading_notebooks_imports_nothing_heavy() -> None:
    code = "import sys, nbpipe.notebook; print(*sys.modules)"
    bare = "import sys, json; print(*sys.modules)"

    def modules(program: str) -> set[str]:
        return set(
            subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
        )

    new = {name for name in modules(code) - modules(bare) if not name.startswith(("nbpipe", "_nbpipe"))}
    assert new & {"ast", "dataclasses", "inspect", "nbformat", "pathlib", "IPython", "click", "tokenize"} == set()
