"""Writes what scikit-learn's classes and functions do with rows, from the classes themselves.

``python docs/generate_learning.py`` writes ``nbpipe/analysis/library/learning/sklearn.json``. It is run by hand with
scikit-learn's newest release and its output is committed; the other files in that folder are written by hand. The same
version gives the same bytes.

What a class is follows from what it can do: it transforms, predicts, clusters or splits; a transformer whose tags say
that it needs no fit is stateless. What only a reader of the documentation knows is listed below.
"""
# A script, in no package:
# ruff: noqa: INP001, T201

from __future__ import annotations

import inspect
import json
from importlib import import_module
from pathlib import Path
from typing import Any

from sklearn import __version__
from sklearn.utils import all_estimators

TARGET = Path(__file__).resolve().parent.parent / "nbpipe" / "analysis" / "library" / "learning" / "sklearn.json"

# Learn which categories, names or numbers of columns there are, and nothing that could give rows away.
CATEGORIES = frozenset(
    [
        "LabelEncoder", "LabelBinarizer", "MultiLabelBinarizer", "OneHotEncoder", "OrdinalEncoder", "DictVectorizer",
        "MissingIndicator", "GaussianRandomProjection", "SparseRandomProjection", "AdditiveChi2Sampler",
        "RBFSampler", "SkewedChi2Sampler", "PolynomialCountSketch",
    ]
)  # fmt: skip
# Learn no more than how many columns there are.
STATELESS = ["PolynomialFeatures"]
COMPOSITES = ["Pipeline", "FeatureUnion", "ColumnTransformer", "TransformedTargetRegressor"]
MAKERS = {"make_pipeline": "Pipeline", "make_column_transformer": "ColumnTransformer", "make_union": "FeatureUnion"}
# Functions that fit and transform in one call; of each row by itself: `normalize`, `binarize`.
LEARNING_FUNCTIONS = ["scale", "minmax_scale", "maxabs_scale", "robust_scale", "quantile_transform", "power_transform"]
CROSS_VALIDATION = ["cross_val_score", "cross_validate", "cross_val_predict"]
# Names of old releases.
LEGACY = {
    "classes": {
        "Imputer": "statistics", "RandomizedPCA": "statistics", "ProjectedGradientNMF": "statistics",
        "RandomizedLasso": "model", "GMM": "clusterer", "LDA": "model", "QDA": "model",
        "CategoricalEncoder": "categories",
    },
    "functions": {},
}  # fmt: skip


def role_of(name: str, cls: type[Any]) -> str:
    """Tell what an estimator does with the rows it is given."""
    if name in COMPOSITES:
        return "composite"
    if name.startswith("HalvingGrid") or name.endswith("SearchCV"):
        return "search"
    if name in CATEGORIES:
        return "categories"
    if name in STATELESS:
        return "stateless"
    kind = getattr(cls, "_estimator_type", None) or _kind(cls)
    if kind in ("classifier", "regressor"):
        return "model"
    if kind in ("clusterer", "density_estimator", "outlier_detector"):
        return "clusterer"
    if hasattr(cls, "transform") or hasattr(cls, "fit_transform"):
        return "statistics" if _requires_fit(cls) else "stateless"
    return "model" if hasattr(cls, "predict") else "other"


def _kind(cls: type[Any]) -> str | None:
    try:
        return cls().__sklearn_tags__().estimator_type
    except Exception:  # noqa: BLE001 - a class that takes arguments says nothing of itself
        for base in ("ClassifierMixin", "RegressorMixin", "ClusterMixin"):
            if any(parent.__name__ == base for parent in cls.__mro__):
                return {"C": "classifier", "R": "regressor"}[base[0]] if base != "ClusterMixin" else "clusterer"
        return None


def _requires_fit(cls: type[Any]) -> bool:
    try:
        return bool(cls().__sklearn_tags__().requires_fit)
    except Exception:  # noqa: BLE001
        return True


def _public(module: str) -> list[str]:
    return list(import_module(module).__all__)


def main() -> None:
    """Write the file."""
    classes = {name: role_of(name, cls) for name, cls in all_estimators()}
    selection = import_module("sklearn.model_selection")
    for name in _public("sklearn.model_selection"):
        try:
            found = getattr(selection, name)
        except ImportError:
            continue  # experimental
        if inspect.isclass(found) and hasattr(found, "split"):
            classes[name] = "splitter"
    metrics = import_module("sklearn.metrics")
    functions = {
        name: "metric"
        for name in _public("sklearn.metrics")
        if {"y_true", "y_pred"} & set(_parameters(getattr(metrics, name))[:2])
        or name in ("roc_curve", "precision_recall_curve", "roc_auc_score")
    }
    functions.update(dict.fromkeys(LEARNING_FUNCTIONS, "statistics"))
    functions.update(dict.fromkeys(CROSS_VALIDATION, "cross-validation"))
    functions.update(train_test_split="split", resample="resample", shuffle="shuffle", **LEGACY["functions"])
    classes.update(LEGACY["classes"])
    facts = {
        "comment": f"scikit-learn {__version__}; written by docs/generate_learning.py.",
        "classes": dict(sorted((name, role) for name, role in classes.items() if role != "other")),
        "makers": MAKERS,
        "functions": dict(sorted(functions.items())),
    }
    TARGET.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    print(f"{len(facts['classes'])} classes, {len(functions)} functions")


def _parameters(function: Any) -> list[str]:
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return []


if __name__ == "__main__":
    main()
