"""What the code of a cell does in a project of data: load, split, prepare, train, evaluate, export, plot."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from nbpipe.analysis.learning.roles import CLASSES, FUNCTIONS, MAKERS, TRANSFORMERS, VALUES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis
    from nbpipe.analysis.flow import CallSite


class Stage(Enum):
    """A part of a project; the value is the name that a step of it gets."""

    LOAD = "load"
    SPLIT = "split"
    PREPARE = "prepare"
    TRAIN = "train"
    EVALUATE = "evaluate"
    EXPORT = "export"
    PLOT = "plot"
    OTHER = "compute"


@dataclass(frozen=True, slots=True)
class CellStage:
    """What a cell does.

    Attributes:
        stage: the part of the project that it is most.
        reason: in words, with the call that tells; "" where nothing does.
        subject: last name of the class that is trained, "" for none.
        measures: it binds the number that a metric gives.
    """

    stage: Stage
    reason: str = ""
    subject: str = ""
    measures: bool = False


# Which stage a cell is of that does several things: fitting tells more than the score beside it.
_RANK: Final = (Stage.TRAIN, Stage.SPLIT, Stage.LOAD, Stage.EXPORT, Stage.EVALUATE, Stage.PREPARE, Stage.PLOT)
_VERBS: Final = {
    Stage.LOAD: "reads data",
    Stage.SPLIT: "splits rows",
    Stage.PREPARE: "prepares data",
    Stage.TRAIN: "trains",
    Stage.EVALUATE: "evaluates",
    Stage.EXPORT: "writes results",
    Stage.PLOT: "draws",
}
_LOADING: Final = ("read_", "fetch_", "load_", "from_csv", "loadtxt", "genfromtxt", "imread", "urlretrieve")
_NOT_LOADING: Final = frozenset(["load_ext", "read_only", "load_state_dict", "read_text_style"])
_WRITING: Final = frozenset([
    "to_csv", "to_excel", "to_parquet", "to_pickle", "to_feather", "to_hdf", "to_json", "to_sql", "dump", "savez",
    "savetxt", "save_model", "log_model", "save_pretrained", "imwrite", "write_csv", "write_parquet", "save_weights",
])  # fmt: skip
_PREPARING: Final = frozenset([
    "astype", "assign", "bfill", "clip", "concat", "cut", "drop", "drop_duplicates", "dropna", "explode", "ffill",
    "fillna", "get_dummies", "interpolate", "map", "melt", "merge", "pivot", "qcut", "rename", "replace",
    "reset_index", "resample", "rolling", "set_index", "shift", "stack", "str_to_datetime", "to_datetime",
    "to_numeric", "unstack", "with_columns", "join", "apply", "applymap", "factorize",
])  # fmt: skip
_FRAMES: Final = ("pandas", "polars", "dask", "pyspark", "modin", "cudf")
_DRAWING: Final = ("matplotlib", "seaborn", "plotly", "bokeh", "altair", "missingno", "wordcloud", "plotnine")
_DRAWING_METHODS: Final = frozenset(["plot", "hist", "boxplot", "show", "savefig", "imshow", "scatter", "figure"])
_MODELS: Final = frozenset(["model", "clusterer", "search", "composite"])
_FITTING: Final = VALUES["fitting"] | {"fit_predict", "train"}
# Of what evaluates, what gives one number.
_NUMBERS: Final = ("score", "_error", "_loss", "corrcoef")
_TRYING: Final = VALUES["predicting"] | VALUES["scoring"]


def stages_of(analysis: Analysis) -> dict[int, CellStage]:
    """Give what each code cell does, by its calls; a cell that calls a function of the notebook does what that does."""
    found: dict[int, dict[Stage, str]] = {index: {} for index in analysis.codes}
    subjects: dict[int, str] = {}
    measured: set[int] = set()
    for site in analysis.calls:
        for stage, name, subject in _stages_of_call(site):
            cell = site.cell if site.cell in found else site.home
            found[cell].setdefault(stage, name)
            if stage is Stage.TRAIN and subject:
                subjects.setdefault(cell, subject)
            if stage is Stage.EVALUATE and name.endswith(_NUMBERS):
                measured.add(id(site.node))
    return {
        index: _cell_stage(analysis, index, does, subjects.get(index, ""), measured) for index, does in found.items()
    }


def _cell_stage(analysis: Analysis, index: int, does: dict[Stage, str], subject: str, measured: set[int]) -> CellStage:
    measures = any(
        isinstance(statement, ast.Assign) and id(statement.value) in measured
        for statement in analysis.codes[index].body
    )
    for stage in _RANK:
        if stage in does:
            what = subject if stage is Stage.TRAIN and subject else does[stage]
            return CellStage(stage, f"{_VERBS[stage]} ({what})", subject, measures)
    changed = next((name for name in analysis.top_down.changes[index].mutates if name.isidentifier()), "")
    if changed:
        return CellStage(Stage.PREPARE, f"changes {changed}", measures=measures)
    return CellStage(Stage.OTHER, measures=measures)


def _stages_of_call(site: CallSite) -> Iterator[tuple[Stage, str, str]]:
    """Yield the stages that a call belongs to, the name of what is called, and of what is trained."""
    for name in site.names or (_written(site),):
        owner, _, last = name.rpartition(".")
        made = owner.rpartition(".")[2].removesuffix("()")
        role = CLASSES.get(made) or CLASSES.get(MAKERS.get(made, ""))
        stage = _stage(name, last, role)
        if stage is not None:
            yield stage, last, made if role in _MODELS else ""


def _stage(name: str, last: str, role: str | None) -> Stage | None:
    top = name.partition(".")[0]
    if last in _FITTING and (role is None or role in _MODELS):
        return Stage.TRAIN
    if FUNCTIONS.get(last) == "split" or (role == "splitter" and last == "split") or last == "random_split":
        return Stage.SPLIT
    if _loads(last) and top not in ("builtins", "mlflow"):
        return Stage.LOAD
    if last in _WRITING or (last == "save" and top != "PIL"):
        return Stage.EXPORT
    if FUNCTIONS.get(last) in ("metric", "cross-validation") or (last in _TRYING and role not in TRANSFORMERS):
        return Stage.EVALUATE
    if role in TRANSFORMERS or (role or "").endswith("sampler") or last in VALUES["fitting_and_transforming"]:
        return Stage.PREPARE
    if last in _PREPARING and (top in _FRAMES or "DataFrame" in name or "Series" in name):
        return Stage.PREPARE
    if top in _DRAWING or last in _DRAWING_METHODS:
        return Stage.PLOT
    return None


def _loads(last: str) -> bool:
    return last.startswith(_LOADING) and last not in _NOT_LOADING


def _written(site: CallSite) -> str:
    """Give the name that is called as it is written, where the analysis knows no better."""
    function = site.node.func
    if isinstance(function, ast.Attribute):
        return f"?.{function.attr}"
    return f"?.{function.id}" if isinstance(function, ast.Name) else "?"
