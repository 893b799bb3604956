from __future__ import annotations

import re

import pytest

from nbpipe.errors import ConversionError
from nbpipe.notebook import Cell, Notebook
from nbpipe.steps import Role, StepPlan, has_steps, plan_steps, survey, understood


def plan(*tags: str) -> StepPlan:
    """Plan a notebook whose cells carry these tags, several of them separated by semicolons."""
    cells = [
        Cell(index, "code", "x = 1", metadata={"tags": [tag for tag in found.split(";") if tag]})
        for index, found in enumerate(tags)
    ]
    return plan_steps(Notebook(tuple(cells), {}))


def refused(*tags: str) -> str:
    with pytest.raises(ConversionError) as caught:
        plan(*tags)
    return str(caught.value)


def test_cells_with_one_name_form_one_step_in_document_order() -> None:
    found = plan("imports", "parameters", "step:load", "step:train", "step:train", "metrics")
    assert [(step.name, step.cells, step.metrics_cells) for step in found.steps] == [
        ("load", (2,), ()),
        ("train", (3, 4, 5), (5,)),
    ]
    assert found.cells_of(Role.IMPORTS, Role.PARAMETERS) == (0, 1)
    assert found.step_of(4) == "train"
    assert found.step_of(0) == ""


def test_an_untagged_cell_joins_the_step_before_and_says_so() -> None:
    found = plan("step:load", "", "step:train")
    assert found.steps[0].cells == (0, 1)
    assert [(note.cell, note.message) for note in found.notes] == [(1, "is untagged: it joins step 'load'")]


def test_an_untagged_cell_before_the_first_step_counts_as_definitions() -> None:
    found = plan("", "step:load")
    assert found.roles[0].role is Role.DEFINITIONS
    assert not found.roles[0].tagged


def test_cells_between_do_not_end_a_step() -> None:
    found = plan("step:load", "skip", "definitions", "", "step:load")
    assert found.steps[0].cells == (0, 3, 4)


def test_blank_and_markdown_cells_have_no_role() -> None:
    cells = (
        Cell(0, "markdown", "# Title"),
        Cell(1, "code", "  \n"),
        Cell(2, "code", "x = 1", metadata={"tags": ["step:a"]}),
    )
    assert list(plan_steps(Notebook(cells, {})).roles) == [2]


@pytest.mark.parametrize(
    ("kale", "ours"),
    [("pipeline-parameters", "parameters"), ("functions", "definitions")],
)
def test_tags_of_kale_mean_the_same(kale: str, ours: str) -> None:
    roles = [found.roles[0].role for found in (plan(kale, "step:a"), plan(ours, "step:a"))]
    assert roles[0] is roles[1]


def test_kale_names_predecessors_and_metrics_in_its_own_way() -> None:
    found = plan("step:a", "step:b", "step:c;prev:a", "pipeline-metrics")
    assert found.steps[2].after == ("a",)
    assert found.steps[2].metrics_cells == (3,)


def test_what_kale_leaves_on_a_cell_to_skip_says_nothing() -> None:
    assert [step.after for step in plan("step:a", "skip;prev:a", "step:b").steps] == [(), ()]


def test_all_wrong_tags_are_told_and_the_rest_is_understood() -> None:
    cells = [
        Cell(index, "code", "x = 1", metadata={"tags": tags})
        for index, tags in enumerate([["parameter"], ["step:a", "after:b"], ["prev:c", "step:b", "option:retry=1"]])
    ]
    found, problems = survey(Notebook(tuple(cells), {}))

    assert [(problem.cell, problem.message.partition("'")[0]) for problem in problems] == [
        (0, "unknown tag "),
        (1, "tag "),
        (2, "unknown option "),
        (2, "tag "),
    ]
    assert [step.cells for step in found.steps] == [(1,), (2,)]
    assert understood(Notebook(tuple(cells), {})) is None


def test_steps_whose_cells_stand_apart_are_still_understood() -> None:
    cells = [Cell(index, "code", "x = 1", metadata={"tags": [f"step:{name}"]}) for index, name in enumerate("aba")]
    found = understood(Notebook(tuple(cells), {}))

    assert found is not None
    assert [step.cells for step in found.steps] == [(0, 2), (1,)]


@pytest.mark.parametrize(
    ("tag", "is_ours"), [("step:a", True), ("steps:a", True), ("Step:a", True), ("step", False), ("stop:a", False)]
)
def test_a_tag_that_names_a_step_makes_the_tags_a_pipelines(tag: str, *, is_ours: bool) -> None:
    assert has_steps(Notebook((Cell(0, "code", "x = 1", metadata={"tags": ["parameter", tag]}),), {})) is is_ours


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("train", "train"),
        ("Train Model", "train_model"),
        ("train-model", "train_model"),
        ("2nd stage", "step_2nd_stage"),
        ("class", "class_"),
        ("  load  ", "load"),
    ],
)
def test_names_of_steps_become_identifiers(title: str, name: str) -> None:
    assert [step.name for step in plan(f"step:{title}").steps] == [name]


def test_after_may_name_a_step_by_title_or_identifier() -> None:
    found = plan("step:Load data", "step:b;after:Load data", "step:c;after:load_data")
    assert [step.after for step in found.steps] == [(), ("load_data",), ("load_data",)]


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("retries=3", 3),
        ("timeout=1.5", 1.5),
        ("memory=2G", "2G"),
        ("cache=off", False),
        ("gpus=1", 1),
        ("cpus=0.5", 0.5),
    ],
)
def test_options_are_read_as_what_they_are(option: str, value: object) -> None:
    assert list(plan(f"step:a;option:{option}").steps[0].options.values()) == [value]


def test_tags_of_others_do_not_count() -> None:
    found = plan("step:a;hide-input;remove-cell;slow;solution;test", "step:b;raises-exception")
    assert len(found.steps) == 2


def test_a_notebook_without_steps_says_what_to_do() -> None:
    assert refused("", "parameters").startswith(
        "no cell is tagged as a step: tag the cells that belong together with step:<name>"
    )


@pytest.mark.parametrize(
    ("tag", "meant"),
    [
        ("steps:x", "step:<name>"),
        ("Step:x", "step:<name>"),
        ("parameter", "parameters"),
        ("Parameters", "parameters"),
        ("import", "imports"),
        ("definition", "definitions"),
        ("metric", "metrics"),
        ("skips", "skip"),
        ("options:retries=1", "option:<key>=<value>"),
        ("aftr:x", "after:<step>"),
    ],
)
def test_a_misspelt_tag_names_the_cell_and_the_nearest_tag(tag: str, meant: str) -> None:
    assert refused("step:a", tag) == f"cell 2: unknown tag '{tag}'. Did you mean '{meant}'?"


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        (("step",), "cell 1: tag 'step' lacks its value: write step:<name>"),
        (("step:",), "cell 1: tag 'step:' lacks its value: write step:<name>"),
        (("step:!",), "cell 1: step '!' has no letter or digit in its name"),
        (("step:a;step:b",), "cell 1: is tagged for two steps, 'a' and 'b': keep one"),
        (("step:a;skip",), "cell 1: tags 'step:a' and 'skip' contradict each other: keep one"),
        (("step:a", "imports;metrics"), "cell 2: tags 'metrics' and 'imports' contradict each other: keep one"),
        (("metrics", "step:a"), "cell 1: is tagged metrics, but there is no step before it"),
        (("step:a b", "step:a-b"), "cell 2: steps 'a b' and 'a-b' would both be named a_b: rename one"),
        (
            ("step:load", "step:train;after:laod"),
            "cell 2: tag 'after:laod' names no earlier step. Did you mean 'load'?",
        ),
        (("step:a;after:a",), "cell 1: tag 'after:a' names no earlier step (there are: none)"),
        (("imports;after:a", "step:a"), "cell 1: 'after' and 'option' tags belong to a cell of a step"),
        (
            ("step:a;option:retry=3",),
            "cell 1: unknown option 'retry' (options are: cache, cpus, gpus, memory, retries, timeout)",
        ),
        (("step:a;option:retries=many",), "cell 1: option 'retries' must be a count: option:retries=<value>"),
        (("step:a;option:retries",), "cell 1: option 'retries' must be a count: option:retries=<value>"),
        (("step:a;option:timeout=-1",), "cell 1: option 'timeout' must be seconds: option:timeout=<value>"),
    ],
)
def test_wrong_tags_are_refused_by_cell(tags: tuple[str, ...], message: str) -> None:
    assert re.match(re.escape(message), refused(*tags))


def test_the_cells_of_a_step_stand_together() -> None:
    assert refused("step:a", "step:b", "step:a") == (
        "cell 3: step 'a' goes on after step 'b' began: the cells of a step must stand together, "
        "so move the cell or give it a step of its own"
    )


def test_a_cell_to_skip_that_is_kept_joins_the_step_that_begins_before_it() -> None:
    found = plan("skip", "step:a", "skip", "step:b", "step:b", "skip").keeping([0, 2, 5])
    assert [(step.name, step.cells) for step in found.steps] == [("a", (1, 2)), ("b", (3, 4, 5))]
    assert found.roles[0].role is Role.SKIP
    assert (found.roles[2].role, found.step_of(2), found.step_of(5)) == (Role.STEP, "a", "b")


def test_only_cells_to_skip_can_be_kept() -> None:
    before = plan("imports", "step:a", "step:b")
    assert before.keeping([0, 2, 7]) == before
