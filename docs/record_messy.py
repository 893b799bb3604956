"""Records nbpipe/demo/project/messy.ipynb: runs its cells in a kernel, in the order in which somebody did.

``python docs/record_messy.py`` needs the right to make the folder that the notebook's path names, and removes it
afterwards. Counts and outputs are what the kernel gave; nothing is written into them by hand. As nothing in the
notebook is seeded, each recording gives other numbers.
"""
# A script, in no package:
# ruff: noqa: INP001, T201

from __future__ import annotations

import platform
import shutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

TARGET = ROOT / "nbpipe/demo/project/messy.ipynb"
HOME = Path("/home/anna")
PROJECT = HOME / "projects/tumours"

TITLE = """\
# Tumours: benign or malignant?

Anna, work in progress
"""
IMPORTS = """\
import pickle

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split"""
LOAD = """\
df = pd.read_csv("/home/anna/projects/tumours/data/tumours.csv")
df.shape"""
FEATURES = """\
features = [name for name in df.columns if name.startswith("mean")]"""
SELECT = """\
X = df[features]
y = df["benign"]
X.columns"""
NORMALISE = """\
# normalise
X = (X - X.mean()) / X.std()
X.describe().round(2).loc[["mean", "std"], ["mean radius", "mean area"]]"""
SPLIT = """\
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2)"""
JITTER = """\
# a little noise against overfitting
X_train = X_train + np.random.normal(scale=0.05, size=X_train.shape)"""
FOREST = """\
model = RandomForestClassifier(n_estimators=25, max_depth=4)
model.fit(X_train, y_train);"""
SCORE = """\
accuracy = model.score(X_test, y_test)
print(f"accuracy of the forest: {accuracy:.3f}")"""
SAVE = """\
with open("model.pkl", "wb") as file:
    pickle.dump(model, file)"""
LOGISTIC = """\
# just to compare
model = LogisticRegression(C=10)
model.fit(X_train, y_train);"""

# In the order of the document; None is a cell of text. The cell `features` is deleted after the session.
CELLS: dict[str, str | None] = {
    "title": None,
    "imports": IMPORTS,
    "load": LOAD,
    "features": FEATURES,
    "select": SELECT,
    "normalise": NORMALISE,
    "split": SPLIT,
    "jitter": JITTER,
    "forest": FOREST,
    "score": SCORE,
    "save": SAVE,
    "logistic": LOGISTIC,
}
# What was run, in this order: the score was looked at, then again after the comparison further down.
SESSION = (
    "imports",
    "load",
    "features",
    "select",
    "normalise",
    "split",
    "jitter",
    "forest",
    "score",
    "logistic",
    "score",
    "save",
)
DELETED = "features"


def record() -> Any:
    """Run the session and give the notebook as it was left."""
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    cells = {
        key: new_markdown_cell(TITLE.strip(), id=key) if source is None else new_code_cell(source, id=key)
        for key, source in CELLS.items()
    }
    kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = new_notebook(cells=list(cells.values()), metadata={"kernelspec": kernelspec})
    folder = {"metadata": {"path": str(PROJECT)}}
    client = NotebookClient(notebook, kernel_name="python3", record_timing=False, resources=folder)
    with client.setup_kernel():
        for key in SESSION:
            client.execute_cell(cells[key], list(CELLS).index(key))
    notebook.cells.remove(cells[DELETED])
    notebook.metadata["language_info"] = {"name": "python", "version": platform.python_version()}
    return notebook


def main() -> int:
    """Record, write the notebook, and give the exit code."""
    import nbformat

    from nbpipe.demo.data import tumours

    if HOME.exists():
        print(f"{HOME} exists: record where it does not")
        return 1
    try:
        (PROJECT / "data").mkdir(parents=True)
        (PROJECT / "data/tumours.csv").write_text(tumours().text, encoding="utf-8")
        notebook = record()
    finally:
        shutil.rmtree(HOME, ignore_errors=True)
    nbformat.validate(notebook)
    TARGET.write_text(nbformat.writes(notebook, version=4) + "\n", encoding="utf-8")
    print(f"written: {TARGET.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
