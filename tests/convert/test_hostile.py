"""Every hazard either gives the notebook's exact values, or is refused by cell and reason: never another number."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import pytest

from nbpipe.api.convert import convert
from nbpipe.convert.division import Division
from nbpipe.convert.reading import read_notebook, read_statically
from nbpipe.errors import ConversionError
from nbpipe.pipeline.project import load_project
from nbpipe.pipeline.runner import run
from nbpipe.steps.suggestion import split_plan
from tests.convert import in_process

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "hostile"

# What the cells of claim.ipynb, and of the same notebook without `view`, give in one plain namespace.
MSE = 0.694365323530532

# Found by reading alone.
BY_READING = {
    "await_at_top": "cell 1: awaits at the top level",
    "builtin_rebound": "cell 1: binds 'list' after it was used as Python's own 'list'",
    "class_body_takes_name": "cell 1: class Box binds 'size' from a name outside it",
    "class_reads_step_value": "cell 2: class Model reads 'scale', which is no constant",
    "computed_parameter": "cell 1: parameter 'b' is not a literal",
    "eval_in_step": "cell 2: 'eval()' may do what cannot be seen",
    "function_writes_global": "cell 1: a function writes the global 'total'",
    "last_output": "cell 2: '_' is IPython's",
    "out_of_order": "cell 4: the stored results were made in another order ('x'",
    "out_of_order_change": "cell 4: the stored results were made in another order ('rows'",
    "parameters_twice": "cell 3: sets parameter 'k' again after a step has used it",
    "run_magic": "cell 1: '%run other.py': there is no file other.py in ",
    "skipped_constant": "cell 3: is left out, but makes 'K', which cell 4 uses: tag it step:<name>",
    "two_meanings": "cell 2: imports 'time' with two meanings",
}

# Found by the recorded run.
BY_RUNNING = {
    "conditional_binding": "nothing was written, since the proof fails: 0 step outputs to compare: nothing is proved",
    "failing_cell": "cell 2: does not run in a fresh kernel: ZeroDivisionError: division by zero",
    "parameter_changed": "cell 2: changes the parameter 'columns', which later steps use",
}

# Converted and proved: how many values are compared.
EXACT = {
    "alias_inside_object": 5,
    "alias_of_list": 4,
    "alias_only_read": 4,
    "alias_rebound_in_place": 5,
    "claim": 9,
    "claim_without_alias": 8,
    "conditional_rebinding": 3,
    "environment_in_step": 2,
    "file_between_steps": 2,
    "function_reads_step_value": 5,
    "generator_object": 5,
    "kale_tags": 8,
    "main_guard": 2,
    "option_in_step": 2,
    "order_harmless": 3,
    "order_of_two_sessions": 3,
    "seed_in_one_step": 5,
    "shell_command": 7,
    "skipped_change": 2,
    "skipped_draw": 2,
    "skipped_import": 2,
    "star_import": 1,
}


# Converted and proved with some steps made one: their steps, how many values are compared, and why.
MERGED = {
    "class_attribute": ("one_two", 1, "cell 2: changes the definition of 'Counter', which other steps have unchanged"),
    "constant_changed": ("one_two", 1, "cell 2: changes the constant 'NAMES', which other steps have unchanged"),
    "closure_with_state": ("make_use_again", 2, "cell 1: 'add', which a later step uses, is a function"),
    "folder_change": ("make_use", 1, "cell 1: sets the working directory, which later steps would not have"),
    "generator_output": (
        "make_use",
        1,
        "cell 1: 'squares' cannot be passed to a later step: it is or holds a generator",
    ),
    "iterator_output": ("make_use", 2, "cell 1: 'numbers' cannot be passed to a later step: it is or holds a list_it"),
    "lambda_output": ("make_use", 1, "cell 1: 'double', which a later step uses, is a function"),
    "module_passed": ("one_two", 1, "cell 1: 'codec', which a later step uses, is a module"),
    "mutable_default": ("one_two", 1, "cell 2: changes the definition of 'collect', which other steps have unchanged"),
    "open_file": ("make_use", 1, "cell 1: 'sink' cannot be passed to a later step: it is or holds an open file"),
    "shared_memory": (
        "make_change, use",
        3,
        "cell 2: changes 'half', which shares what it holds with 'whole' (half and whole share memory)",
    ),
    "shared_memory_in_one_value": ("make_change, use", 2, "cell 2: changes 'pair', of which parts share memory"),
}


# Taken through kernels and processes; the others are recorded and run in this process.
WITH_KERNEL = (
    "claim",
    "conditional_binding",
    "environment_in_step",
    "failing_cell",
    "file_between_steps",
    "kale_tags",
    "open_file",
    "seed_in_one_step",
    "shell_command",
)


def test_each_fixture_has_its_expectation() -> None:
    found = {path.stem for path in FIXTURES.glob("*.ipynb")}
    assert found == {*BY_READING, *BY_RUNNING, *EXACT, *MERGED}


@pytest.mark.parametrize(("name", "reason"), BY_READING.items(), ids=BY_READING)
def test_refused_by_reading(name: str, reason: str) -> None:
    read = read_notebook(FIXTURES / f"{name}.ipynb")
    with pytest.raises(ConversionError, match="^" + re.escape(reason)):
        read_statically(read.analysis, Division(split_plan(read.analysis), reasons=read.plain.reasons))


@pytest.mark.parametrize(("name", "reason"), BY_RUNNING.items(), ids=BY_RUNNING)
def test_refused_by_running(name: str, reason: str, tmp_path: Path) -> None:
    notebook = tmp_path / f"{name}.ipynb"
    shutil.copy(FIXTURES / notebook.name, notebook)
    if name in WITH_KERNEL:
        with pytest.raises(ConversionError, match="^" + re.escape(f"{notebook}: {reason}")):
            convert(notebook)
        assert list(tmp_path.iterdir()) == [notebook]
    else:
        with pytest.raises(ConversionError, match="^" + re.escape(reason)):
            in_process.convert_file(notebook, tmp_path)


@pytest.mark.parametrize(("name", "count"), EXACT.items(), ids=EXACT)
def test_converted_and_proved(name: str, count: int, tmp_path: Path) -> None:
    steps, notes, compared = converted(name, tmp_path)
    assert compared == f"{count} of {count} step outputs equal"
    assert not any("so the steps" in note for note in notes), steps


@pytest.mark.parametrize(
    ("name", "steps", "count", "reason"), [(name, *rest) for name, rest in MERGED.items()], ids=MERGED
)
def test_merged_and_proved(name: str, steps: str, count: int, reason: str, tmp_path: Path) -> None:
    given, notes, compared = converted(name, tmp_path)
    assert compared == f"{count} of {count} step outputs equal"
    assert ", ".join(given) == steps
    assert notes[0].startswith(reason)


def converted(name: str, folder: Path) -> tuple[list[str], tuple[str, ...], str]:
    """Convert a fixture; give its steps, the notes, and what comparing all outputs says."""
    notebook = folder / f"{name}.ipynb"
    shutil.copy(FIXTURES / notebook.name, notebook)
    if name in WITH_KERNEL:
        result = convert(notebook)
        assert result.proof is not None
        return [step.name for step in result.steps], result.notes, result.proof.headline
    conversion, plain = in_process.convert_file(notebook, folder)
    in_process.write(conversion, folder / "project")
    values = {name: ast.literal_eval(item.text) for name, item in conversion.layout.parameters.items()}
    given = in_process.run(conversion, folder / "project", folder / "pipeline", values, conversion.recording)
    assert given.error == ""
    pairs: list[tuple[object, object]] = []
    for step, outputs in given.after.items():
        pairs += [(digest, plain.after[step].get(name)) for name, digest in outputs.items()]
    for step, metrics in given.metrics.items():
        numbers = conversion.recording.after[step].numbers
        pairs += [(value, float(numbers[name])) for name, value in metrics.items()]
    notes = tuple(f"cell {note.cell + 1}: {note.message}" for note in conversion.notes)
    equal = sum(one == other for one, other in pairs)
    return [step.name for step in conversion.pipeline.steps], notes, f"{equal} of {len(pairs)} step outputs equal"


def test_the_claim_gives_the_notebooks_number_to_the_last_digit_each_time(tmp_path: Path) -> None:
    notebook = tmp_path / "claim.ipynb"
    shutil.copy(FIXTURES / "claim.ipynb", notebook)
    project = load_project(convert(notebook, verify=False).folder)
    for _ in range(2):
        assert run(project, {}).steps[-1].metrics == {"mse": MSE, "n_log": 4.0}
