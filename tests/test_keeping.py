"""What is worked out about an object is kept in it, and no longer than it lives."""

from __future__ import annotations

import gc
import json
import weakref
from typing import TYPE_CHECKING

from nbpipe.config import Settings
from nbpipe.keeping import kept
from nbpipe.lint.engine import Linter
from nbpipe.lint.selection import Selection
from nbpipe.notebook import Notebook

if TYPE_CHECKING:
    from pathlib import Path


# Asks for settings, random numbers, paths and what learns: what rules about them work out is kept.
CODE = """
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler
path = "/home/ann/data.csv"
frame = pd.read_csv(path)
scaled = StandardScaler().fit_transform(frame)
model = LogisticRegression(C=0.37, max_iter=317).fit(scaled, frame["y"])
print(model.score(scaled, frame["y"]), np.random.rand(3))
"""


class _Owner:
    pass


def test_it_is_worked_out_once_for_each_object() -> None:
    asked: list[_Owner] = []

    @kept
    def value(owner: _Owner) -> list[int]:
        asked.append(owner)
        return [len(asked)]

    one, other = _Owner(), _Owner()
    assert value(one) is value(one)
    assert value(other) == [2]
    assert value(one) == [1]
    assert asked == [one, other]


def test_it_lives_no_longer_than_the_object() -> None:
    @kept
    def value(_: _Owner) -> _Owner:
        return _Owner()

    owner = _Owner()
    result = weakref.ref(value(owner))
    assert result() is not None
    del owner
    assert result() is None


def test_a_notebook_is_freed_once_it_is_checked(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": 1, "source": CODE}
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    settings = Settings()
    linter = Linter(settings, Selection(settings))
    found = {item.code for item in linter.check_file(str(path)).diagnostics}
    assert {"NB201", "NB205"} <= found  # the rules have looked
    gc.collect()
    gc.disable()
    try:
        result = linter.check_file(str(path))
        left = [each for each in gc.get_objects() if isinstance(each, Notebook) and each.path == str(path)]
        assert result.diagnostics
        assert not left
    finally:
        gc.enable()
