"""tests/ of the generated project: each step still gives what it gave when the pipeline was made.

What is kept are fingerprints, never values: no row of anybody's data gets into the repository.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nbpipe.convert.texts import literal

if TYPE_CHECKING:
    from nbpipe.convert.conversion import Conversion


def write_tests(conversion: Conversion, package: str) -> dict[str, str]:
    """Give the files of the folder tests by path."""
    golden = {
        "version": 1,
        "parameters": {name: parameter.text for name, parameter in conversion.layout.parameters.items()},
        # The kinds of generators that are seeded before the first step.
        "generators": sorted(conversion.recording.generators),
        "outputs": {
            flow.name: {name: conversion.recording.after[flow.name].digest(name) for name in flow.outputs}
            for flow in conversion.flows.values()
        },
    }
    files = {
        "tests/golden.json": json.dumps(golden, indent=1) + "\n",
        "tests/test_outputs.py": _OUTPUTS.format(
            title=literal(f"Each step gives what it gave when this pipeline was made from {conversion.path.name}."),
        ),
    }
    if conversion.layout.parameters:
        files["tests/test_params.py"] = _PARAMS.format(package=package)
    return files


_OUTPUTS = '''{title}

from pathlib import Path

from nbpipe.verify.golden import differences

PROJECT = Path(__file__).resolve().parents[1]


def test_each_step_gives_its_recorded_outputs() -> None:
    """Run the pipeline; fingerprints are compared, since no values are kept here."""
    assert differences(PROJECT) == []
'''

_PARAMS = '''"""params.yaml fits params.py."""

from pathlib import Path

from {package}.params import Params, load

PROJECT = Path(__file__).resolve().parents[1]


def test_params_yaml_sets_known_parameters_with_the_right_types() -> None:
    assert isinstance(load(PROJECT / "params.yaml"), Params)
'''
