"""The likely cause of a difference, from the code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.verify.cause import Cause, CauseKind
from nbpipe.verify.environment import drift, record_of
from nbpipe.verify.explaining import Evidence
from nbpipe.verify.prediction import Prediction
from nbpipe.verify.repeat import Repeated
from nbpipe.verify.verdict import CellVerdict, Outcome
from tests.execute.making import code
from tests.verify.making import notebook, run

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.notebook import Notebook

SAME = {"python": "3.12.1", "packages": {"numpy": "2.1.0", "pandas": "2.2.0"}, "missing": []}


def cause(cell: int, *cells: Any) -> Cause | None:
    return Prediction(notebook(*cells), "a.ipynb").cause(cell)


LEARNS = "import numpy as np\nfrom sklearn.linear_model import LinearRegression"


def test_a_draw_is_found_along_the_data_flow() -> None:
    cells = (
        LEARNS,
        "x = np.random.rand(9, 2)",
        "y = 1",
        "z = LinearRegression().fit(x, x[:, 0])",
        "z.coef_",
        "print(y)",
    )
    found = cause(4, *cells)
    assert found is not None
    assert (found.kind, found.code, found.cell) == (CauseKind.RANDOM, "NB301", 1)
    assert str(found).startswith("likely random seed in cell 2: ")
    assert cause(5, *cells) is None


def test_a_draw_that_no_rule_reports_is_named_all_the_same() -> None:
    found = cause(0, "import random\nprint(random.random())")
    assert found is not None
    assert (found.kind, found.cell, found.code) == (CauseKind.RANDOM, 0, "")


def test_a_later_draw_is_traced_to_the_first_one_of_its_generator() -> None:
    fitted = "x = np.random.rand(9, 2)\nm = LinearRegression().fit(x, x[:, 0])"
    found = cause(2, LEARNS, fitted, "y = np.random.rand(3)\nprint(y)")
    assert found is not None
    assert (found.kind, found.cell, found.code) == (CauseKind.RANDOM, 2, "NB301")
    assert "first used in cell 2" in found.text


@pytest.mark.parametrize(
    ("source", "kind", "rule"),
    [
        (
            "from sklearn.ensemble import RandomForestClassifier\nm = RandomForestClassifier().fit([[0], [1]], [0, 1])",
            CauseKind.RANDOM,
            "NB302",
        ),
        ("import glob\nm = glob.glob('*.csv')[:5]", CauseKind.LISTING, "NB304"),
        ("import random\nm = random.random()\nrandom.seed(1)\nm = m + random.random()", CauseKind.RANDOM, "NB306"),
    ],
)
def test_what_the_findings_predict(source: str, kind: CauseKind, rule: str) -> None:
    found = cause(1, source, "print(m)")
    assert found is not None
    assert (found.kind, found.code) == (kind, rule)


def test_cells_that_ran_out_of_order_come_first() -> None:
    cells = (code("x = 1", count=1), code("x = 2", count=3), code("print(x)", count=2))
    found = cause(2, *cells)
    assert found is not None
    assert found.kind is CauseKind.ORDER
    assert found.code == "NB101"


def test_other_languages_and_broken_code_predict_nothing() -> None:
    assert Prediction(notebook("x <- 1", language_info={"name": "R"}), "a.ipynb").cause(0) is None
    assert Prediction(notebook("x = ("), "a.ipynb").cause(0) is None
    assert not Prediction(notebook("x = ("), "a.ipynb").parses


def test_modules_that_have_to_be_there() -> None:
    source = "import numpy, os\nfrom sklearn import svm\ntry:\n    import torch\nexcept ImportError:\n    pass"
    assert Prediction(notebook(source, "import numpy"), "a.ipynb").modules == ("numpy", "sklearn")


def explained(stored: Notebook, folder: Path, verdict: CellVerdict, *, repeated: bool, **fresh: Any) -> CellVerdict:
    moved = drift(stored, run("x", **fresh))
    evidence = Evidence(Prediction(stored, "a.ipynb"), moved, folder, Repeated(runs=2) if repeated else None)
    (found,) = evidence.explained([verdict])
    return found


DIFFERENT = CellVerdict(0, "x", Outcome.DIFFERENT, difference="stdout:\n- 1\n+ 2")


@pytest.mark.parametrize(
    ("metadata", "repeated", "kind", "shown"),
    [
        ({}, True, CauseKind.STALE_OR_DRIFT, True),
        ({}, False, CauseKind.UNEXPLAINED, False),
        ({"language_info": {"name": "python", "version": "3.5.2"}}, True, CauseKind.DRIFT, True),
        ({"language_info": {"name": "python", "version": "3.5.2"}}, False, CauseKind.DRIFT, False),
        ({"nbpipe": {"environment": {"packages": {"numpy": "2.1.0"}}}}, True, CauseKind.STALE, True),
        ({"nbpipe": {"environment": {"packages": {"numpy": "1.0.0"}}}}, True, CauseKind.DRIFT, True),
    ],
)
def test_stale_only_where_the_same_versions_are_recorded(
    tmp_path: Path, metadata: dict[str, Any], *, repeated: bool, kind: CauseKind, shown: bool
) -> None:
    language = {"language_info": {"name": "python", "version": "3.12.1"}}
    stored = notebook("print(1)", **{**language, **metadata})
    cell = explained(stored, tmp_path, DIFFERENT, repeated=repeated, kernel=SAME, metadata=language)
    assert cell.cause is not None
    assert (cell.cause.kind, cell.cause.shown) == (kind, shown)


def test_folders_of_this_machine_are_named(tmp_path: Path) -> None:
    told = CellVerdict(0, "x", Outcome.DIFFERENT, difference=f"stdout:\n- /home/ada/x\n+ {tmp_path}/y")
    cell = explained(notebook("print(1)"), tmp_path, told, repeated=False)
    assert cell.cause is not None
    assert cell.cause.kind is CauseKind.PATH


def test_outputs_that_are_met_by_luck_are_a_difference(tmp_path: Path) -> None:
    from nbpipe.verify.outputs import CellComparison

    repeated = Repeated(runs=2, differences={0: CellComparison(Outcome.DIFFERENT, (), "stdout:\n- 1\n+ 2")})
    stored = notebook("print(1)")
    evidence = Evidence(Prediction(stored, "a.ipynb"), drift(stored, run("x")), tmp_path, repeated)
    (cell,) = evidence.explained([CellVerdict(0, "x", Outcome.IDENTICAL)])
    assert cell.outcome is Outcome.DIFFERENT
    assert cell.difference == "two runs differ:\nstdout:\n- 1\n+ 2"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("ModuleNotFoundError: No module named 'torch'", CauseKind.DRIFT),
        ("AttributeError: no attribute 'append'", CauseKind.DRIFT),
        ("ZeroDivisionError: division by zero", None),
    ],
)
def test_errors_that_another_environment_explains(tmp_path: Path, error: str, kind: CauseKind | None) -> None:
    stored = notebook("print(1)", language_info={"name": "python", "version": "3.5.2"})
    fresh = {"metadata": {"language_info": {"name": "python", "version": "3.12.1"}}}
    cell = explained(stored, tmp_path, CellVerdict(0, "x", Outcome.ERROR, difference=error), repeated=False, **fresh)
    assert (cell.cause and cell.cause.kind) is kind


def test_versions_of_what_is_imported_are_recorded() -> None:
    fresh = run("x", kernel={"python": "3.12.1", "packages": {"numpy": "2.1.0", "scikit-learn": "1.6", "pip": "24"}})
    assert record_of(fresh, ("numpy", "sklearn", "mine")) == {"packages": {"numpy": "2.1.0", "scikit-learn": "1.6"}}
    assert record_of(run("x"), ("numpy",)) is None


@pytest.mark.parametrize(
    ("stored_size", "fresh_size", "kind"),
    [("371 x 255", "550 x 413", CauseKind.DRIFT), ("389 x 256", "1234 x 433", CauseKind.RANDOM)],
)
def test_a_picture_that_is_only_drawn_larger_is_of_another_version(
    tmp_path: Path, stored_size: str, fresh_size: str, kind: CauseKind
) -> None:
    difference = f"output 1:\n- image/png: {stored_size} pixels, 1 bytes\n+ image/png: {fresh_size} pixels, 2 bytes"
    new = {"language_info": {"name": "python", "version": "3.12.1"}}
    source = "import random\nx = random.random()\nplot(x)"
    stored = notebook(source, language_info={"name": "python", "version": "3.5.2"})
    told = CellVerdict(0, "x", Outcome.DIFFERENT, difference=difference)
    cell = explained(stored, tmp_path, told, repeated=False, metadata=new)
    assert cell.cause is not None
    assert cell.cause.kind is kind


def test_the_day_of_the_run_in_the_outputs_is_the_clock(tmp_path: Path) -> None:
    stored = notebook("print(1)")
    evidence = Evidence(Prediction(stored, "a.ipynb"), drift(stored, run("x")), tmp_path, day="2026-11-23")
    told = CellVerdict(0, "x", Outcome.DIFFERENT, difference="output 1:\n- 2019-09-12\n+ 2026-11-23")
    (cell,) = evidence.explained([told])
    assert cell.cause is not None
    assert cell.cause.kind is CauseKind.CLOCK


def test_a_name_that_is_not_defined_explains_a_failure_only(tmp_path: Path) -> None:
    prediction = Prediction(notebook("x = 1", "print(y)"), "a.ipynb")
    assert prediction.cause(1) is None
    found = prediction.cause(1, failed=True)
    assert found is not None
    assert found.code == "NB102"


def test_counts_that_do_not_ascend_say_less_than_another_version(tmp_path: Path) -> None:
    cells = (code("x = 1", count=2), code("print(5)", count=1))
    told = CellVerdict(1, "x", Outcome.DIFFERENT, difference="stdout:\n- 1\n+ 2")
    for version, kind in (("3.5.2", CauseKind.STALE_OR_DRIFT), ("3.12.1", CauseKind.ORDER)):
        stored = notebook(*cells, language_info={"name": "python", "version": version})
        new = {"language_info": {"name": "python", "version": "3.12.1"}}
        cell = explained(stored, tmp_path, told, repeated=True, metadata=new)
        assert cell.cause is not None
        assert (cell.cause.kind, cell.cause.code) == (kind, "NB108")
