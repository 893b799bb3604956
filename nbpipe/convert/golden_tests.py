"""tests/ of the generated project: each step still gives what it gave when the pipeline was made.

What is kept are fingerprints and metrics, never values: no row of anybody's data gets into the repository, and the
files stay small whatever the data is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nbpipe.convert.results import logged
from nbpipe.convert.texts import literal

if TYPE_CHECKING:
    from nbpipe.convert.conversion import Conversion


def write_tests(conversion: Conversion, package: str) -> dict[str, str]:
    """Give the files of the folder tests by path."""
    golden = {
        "version": 2,
        "parameters": {name: parameter.default for name, parameter in conversion.layout.parameters.items()},
        # The kinds of generators that are seeded before the first step.
        "generators": sorted(conversion.recording.generators),
        "outputs": {
            flow.name: {name: conversion.recording.after[flow.name].digest(name) for name in flow.outputs}
            for flow in conversion.flows.values()
        },
        "metrics": {
            step: found
            for step, names in conversion.metrics.items()
            if (found := _logged(names, conversion.recording.after[step].numbers))
        },
    }
    files = {
        "tests/golden.json": json.dumps(golden, indent=1) + "\n",
        "tests/test_outputs.py": literal(_TOLD.format(notebook=conversion.path.name)) + _OUTPUTS,
    }
    if conversion.layout.parameters:
        files["tests/test_params.py"] = _PARAMS.format(package=package)
    return files


def _logged(names: tuple[str, ...], numbers: dict[str, Any]) -> dict[str, float]:
    return {key: number for name in names for key, number in logged(name, numbers.get(name)).items()}


_TOLD = """Each step gives what it gave when this pipeline was made.

It was made from {notebook}.
golden.json has fingerprints of the outputs, no values, and the metrics. Steps run from the random
state and on the parameters that they were recorded with, whatever params.yaml says now: those whose
inputs are kept in golden/ each alone, the others in one run of the whole pipeline. Fingerprints are
exact: another machine or other versions of libraries may round otherwise.

To see what differs: nbpipe verify NOTEBOOK . --html report.html
Where a change is meant, record it: NBPIPE_UPDATE_GOLDEN=1 python -m pytest
"""

_OUTPUTS = '''

from pathlib import Path

import pytest
from nbpipe.verify.golden import GoldenRun, run_golden, steps_of

PROJECT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def golden() -> GoldenRun:
    """Give what the steps give now, each in a process of its own."""
    return run_golden(PROJECT)


@pytest.mark.parametrize("step", steps_of(PROJECT))
def test_the_step_gives_what_it_gave(golden: GoldenRun, step: str) -> None:
    problems = golden.differences(step)
    assert not problems, "\\n".join(problems)
'''

_PARAMS = '''"""params.yaml fits params.py."""

from pathlib import Path

from {package}.params import Params, load

PROJECT = Path(__file__).resolve().parents[1]


def test_params_yaml_sets_known_parameters_with_the_right_types() -> None:
    assert isinstance(load(PROJECT / "params.yaml"), Params)
'''
