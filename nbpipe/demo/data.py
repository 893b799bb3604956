"""The demo's data: real measurements, which scikit-learn brings along."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A table as CSV text, and how many rows and columns it has."""

    text: str
    rows: int
    columns: int


def tumours() -> Table:
    """Give scikit-learn's breast cancer data set.

    569 tumours, 30 measurements each; the column ``benign`` is 1 for benign ones, 0 for malignant ones.
    """
    from sklearn.datasets import load_breast_cancer

    frame = load_breast_cancer(as_frame=True).frame.rename(columns={"target": "benign"})
    rows, columns = frame.shape
    return Table(frame.to_csv(index=False), rows, columns)
