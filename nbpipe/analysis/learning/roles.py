"""What classes and functions of libraries do with rows. Data, in `library/learning/`."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from nbpipe.analysis.values import External, Member, Thing

if TYPE_CHECKING:
    from nbpipe.analysis.values import Obj

_FOLDER = os.path.join(os.path.dirname(os.path.dirname(__file__)), "library", "learning")  # noqa: PTH118, PTH120 - pathlib costs start-up time


def _read(name: str) -> dict[str, Any]:
    with open(os.path.join(_FOLDER, f"{name}.json"), encoding="utf-8") as file:  # noqa: PTH118, PTH123
        found: dict[str, Any] = json.load(file)
    return found


_SKLEARN = _read("sklearn")
_OTHERS = _read("others")
CLASSES: dict[str, str] = {**_SKLEARN["classes"], **_OTHERS["classes"]}
FUNCTIONS: dict[str, str] = {**_SKLEARN["functions"], **_OTHERS["functions"]}
MAKERS: dict[str, str] = _SKLEARN["makers"]
VALUES: dict[str, frozenset[str]] = {
    name: frozenset(found) for name, found in _read("values").items() if name != "comment"
}

TRANSFORMERS = frozenset(["statistics", "categories", "stateless"])


_MODELS_ASKED = VALUES["predicting"] | VALUES["scoring"]
TENSORS = frozenset(["tensor", "from_numpy", "as_tensor", "Tensor", "FloatTensor"])
SAVING = frozenset(["save", "save_model", "save_weights", "to_json"])
_CROSS_VALIDATING = frozenset(name for name, role in FUNCTIONS.items() if role == "cross-validation")
_EXPORTING = SAVING | frozenset(name for name, role in FUNCTIONS.items() if role == "export")
_APPLYING = VALUES["transforming"] | VALUES["fitting_and_transforming"]


def may_tell(mentioned: frozenset[str], code: str) -> bool:
    """Tell by names alone whether a notebook that fits something can have a finding about learning.

    All of them need a model that is asked about rows, or saved after data went through something that was fitted.

    Args:
        mentioned: every name and attribute in the code.
        code: the whole of it.
    """
    if not mentioned.isdisjoint(_MODELS_ASKED) or "validation_data" in code:
        return True
    if not mentioned.isdisjoint(_CROSS_VALIDATING) or ("torch" in code and not mentioned.isdisjoint(TENSORS)):
        return True
    return not mentioned.isdisjoint(_EXPORTING) and not mentioned.isdisjoint(_APPLYING)


def class_name(obj: Obj | None) -> str | None:
    """Give the last name of the library class that an object is of, None where it is not known."""
    name = obj.type_name if isinstance(obj, Thing) else None
    if name is None:
        return None
    if name.endswith("()"):
        return MAKERS.get(name[:-2].rpartition(".")[2])
    return name.rpartition(".")[2]


def role_of(obj: Obj | None) -> str | None:
    """Tell what an estimator, splitter or sampler is for; None where its class is not known."""
    name = class_name(obj)
    return CLASSES.get(name) if name is not None else None


def owner_of(obj: Obj) -> Obj:
    """Give the estimator that an attribute such as ``search.best_estimator_`` belongs to."""
    while isinstance(obj, Member | Thing) and obj.base is not None and not isinstance(obj.base, External):
        obj = obj.base
    return obj
