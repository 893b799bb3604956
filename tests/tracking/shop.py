"""A project whose runs leave all that can be tracked: data, figures, seeds, files, and what a step logs itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pipeline.projects import written

if TYPE_CHECKING:
    from pathlib import Path

STEPS = """
    Step("load", "shop.steps:load", outputs=("orders",), parameters=("path",), generators=()),
    Step("split", "shop.steps:split", inputs=("orders",), outputs=("train", "test"), parameters=("seed",),
         generators=("numpy.random",)),
    Step("fit", "shop.steps:fit", inputs=("train",), outputs=("slope",), parameters=("ridge",), generators=()),
    Step("score", "shop.steps:score", inputs=("test", "slope"), outputs=("chart",), metrics=("mse",), generators=()),
"""

CODE = """
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd


def load(*, path: str) -> pd.DataFrame:
    return pd.read_csv(path)


def split(orders, *, seed: int):
    np.random.seed(seed)
    chosen = np.random.rand(len(orders)) < 0.7
    return orders[chosen], orders[~chosen]


def fit(train, *, ridge: float) -> float:
    x, y = train["units"].to_numpy(), train["price"].to_numpy()
    return float((x * y).sum() / ((x * x).sum() + ridge))


def score(test, slope):
    figure = plt.figure(figsize=(2, 2))
    figure.gca().plot(test["units"], test["price"], "o")
    test.to_csv("scored.csv")
    return figure, float(((test["price"] - slope * test["units"]) ** 2).mean())
"""

OWN_CALLS = """
def fit(train, *, ridge: float) -> float:
    import mlflow
    mlflow.set_experiment("another")
    with mlflow.start_run(run_name="mine"):
        mlflow.log_param("ridge", ridge)
        mlflow.log_metric("rows", len(train))
        mlflow.set_tag("kind", "linear")
        mlflow.log_dict({"rows": len(train)}, "own.json")
    return float(ridge)
"""

PARAMS = "path: orders.csv\nseed: 3\nridge: 0.5\n"


def make_shop(folder: Path, more: str = "") -> Path:
    """Write the project and its data; `more` is code after its own, which may define steps anew."""
    root = written(folder, STEPS, CODE + more, PARAMS)
    (root / "pyproject.toml").write_text("")
    rows = [f"{name},{units},{3.0 * units + units % 3:.2f}" for units, name in enumerate(["Ann", "Bo", "Cy"] * 20, 1)]
    (root / "orders.csv").write_text("\n".join(["name,units,price", *rows]) + "\n")
    return root
