"""Random small pipelines, and an interpreter of their words in which every row carries its number and what it knows.

`generated` draws cells that read, transform, split, repeat and model data. `run` executes the same cells with stand-ins
for pandas and scikit-learn: a row is a number with the operations that went into its values, and an operation knows the
rows that it learned from. So what leaks in a pipeline is known by running it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import strategies as st

IMPORTS = """\
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.utils import resample
df = pd.read_csv("rows.csv")"""
SIZE = 64


class Statistic:
    """Something learned: in which cell, and from which rows."""

    def __init__(self, cell: int, rows: frozenset[int]) -> None:
        self.cell = cell
        self.rows = rows


class Table:
    """Rows, by their numbers, in order, so that copies stay together; and what went into the values of the table."""

    def __init__(self, world: World, rows: list[int], known: frozenset[Statistic] = frozenset()) -> None:
        self.world = world
        self.rows = sorted(rows)
        self.known = known

    @property
    def index(self) -> frozenset[int]:
        return frozenset(self.rows)

    def having(self, statistics: frozenset[Statistic]) -> Table:
        return Table(self.world, self.rows, self.known | statistics)

    def mean(self) -> frozenset[Statistic]:
        return self.known | {Statistic(self.world.cell, self.index)}

    def fillna(self, statistics: frozenset[Statistic]) -> Table:
        return self.having(statistics)

    def sample(self, frac: float) -> Table:
        return Table(self.world, self.rows[: int(len(self.rows) * frac)], self.known)

    def drop(self, labels: frozenset[int]) -> Table:
        return Table(self.world, [row for row in self.rows if row not in labels], self.known)

    def copy(self) -> Table:
        return self.having(frozenset())

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, part: slice) -> Table:
        return Table(self.world, self.rows[part], self.known)


class Scaler:
    """Stands for `StandardScaler`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.learned: frozenset[Statistic] = frozenset()

    def fit(self, table: Table) -> Scaler:
        self.learned = frozenset((Statistic(self.world.cell, table.index),))
        return self

    def transform(self, table: Table) -> Table:
        return table.having(self.learned)

    def fit_transform(self, table: Table) -> Table:
        return self.fit(table).transform(table)


class Model:
    """Stands for an estimator: judges what it was fitted and scored on."""

    def __init__(self, world: World) -> None:
        self.world = world

    def fit(self, table: Table, _: int) -> Model:
        self.table = table
        return self

    def score(self, table: Table, _: int) -> None:
        train, test = self.table.index, table.index
        self.world.shared |= bool(train & test)
        for statistic in self.table.known | table.known:
            if statistic.rows & train and statistic.rows & test:
                self.world.knowing.add(statistic.cell)
                if not train & test:
                    self.world.leaking.add(statistic.cell)


class World:
    """One run.

    Attributes:
        cell: number of the cell that is being run.
        knowing: cells that learned something from training and test rows of a model.
        leaking: those of which the model was not fitted on test rows anyway.
        shared: some model was scored on rows that it was fitted on.
    """

    def __init__(self) -> None:
        self.cell = 0
        self.knowing: set[int] = set()
        self.leaking: set[int] = set()
        self.shared = False

    def names(self) -> dict[str, Any]:
        return {
            "StandardScaler": lambda: Scaler(self),
            "LogisticRegression": lambda: Model(self),
            "train_test_split": self.split,
            "resample": lambda table: Table(self, [row for row in table.rows for _ in range(2)], table.known),
            "pd": self,
            "df": Table(self, list(range(SIZE))),
        }

    def concat(self, tables: list[Table]) -> Table:
        known = frozenset().union(*(table.known for table in tables))
        return Table(self, [row for table in tables for row in table.rows], known)

    def split(self, table: Table) -> tuple[Table, Table]:
        """Put every other row aside, and rows that are there several times on both sides, as chance may have it."""
        counts = Counter(table.rows)
        repeated = [row for row in table.rows if counts[row] > 1]
        single = [row for row in table.rows if counts[row] == 1]
        return Table(self, single[::2] + repeated, table.known), Table(self, single[1::2] + repeated, table.known)


def run(cells: list[str]) -> World:
    """Run cells, the imports left out."""
    world = World()
    names = world.names()
    for number, cell in enumerate(cells):
        if number:
            world.cell = number
            exec(compile(cell, f"<cell {number}>", "exec"), names)
    return world


@st.composite
def generated(draw: st.DrawFn, *, plain: bool = False) -> list[str]:
    """Draw a pipeline; a `plain` one has one split, by `train_test_split`, and repeats nothing."""
    cells = [IMPORTS]
    tables = ["df"]

    def table() -> str:
        return draw(st.sampled_from(tables))

    def new() -> str:
        tables.append(f"t{len(tables)}")
        return tables[-1]

    kinds = ["scale", "fit", "fill", "copy", "function"]
    kinds += [] if plain else ["resample", "concat", "sample", "slice", "split", "split"]
    steps = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=5))
    cells.extend(_step(step, table, new) for step in steps)
    whole = draw(st.sampled_from(tables[-3:]))
    train, test = new(), new()
    cells.append(f"{train}, {test} = train_test_split({whole})")
    for way in draw(st.lists(st.sampled_from(["taught", "alone", "whole", "one"]), max_size=3)):
        learnable = draw(st.sampled_from([whole, table()]))
        before, after = (train, test), (new(), new())
        cells.append(_prepared(way, before, after, learnable))
        train, test = after
    cells.append(f"model = LogisticRegression().fit({train}, 0)\nmodel.score({test}, 0)")
    if draw(st.booleans()):
        cells.append(f"model = LogisticRegression().fit({table()}, 0)\nmodel.score({table()}, 0)")
    return cells


def _prepared(way: str, before: tuple[str, str], after: tuple[str, str], whole: str) -> str:
    """Transform training and test rows, rightly or not."""
    (train, test), (new_train, new_test) = before, after
    if way == "taught":
        fitted = f"{new_train} = scaler.fit_transform({train})"
        return f"scaler = StandardScaler()\n{fitted}\n{new_test} = scaler.transform({test})"
    if way == "alone":
        return "\n".join(f"{new} = {old}.fillna({old}.mean())" for new, old in zip(after, before, strict=True))
    if way == "whole":
        return f"mean = {whole}.mean()\n{new_train} = {train}.fillna(mean)\n{new_test} = {test}.fillna(mean)"
    return f"{new_train} = {train}.fillna({whole}.mean())\n{new_test} = {test}.copy()"


def _step(step: str, table: Any, new: Any) -> str:
    given, other = table(), table()
    if step == "scale":
        return f"{new()} = StandardScaler().fit_transform({given})"
    if step == "fit":
        return f"scaler = StandardScaler()\nscaler.fit({given})\n{new()} = scaler.transform({other})"
    if step == "fill":
        return f"{new()} = {given}.fillna({other}.mean())"
    if step == "function":
        return f"def clean(table):\n    return table.fillna(table.mean())\n{new()} = clean({given})"
    if step == "resample":
        return f"{new()} = resample({given})"
    if step == "concat":
        return f"{new()} = pd.concat([{given}, {other}])"
    if step == "sample":
        first, rest = new(), new()
        return f"{first} = {given}.sample(frac=0.5)\n{rest} = {given}.drop({first}.index)"
    if step == "slice":
        first, rest = new(), new()
        return f"n = len({given}) // 2\n{first} = {given}[:n]\n{rest} = {given}[n:]"
    if step == "split":
        first, rest = new(), new()
        return f"{first}, {rest} = train_test_split({given})"
    return f"{new()} = {given}.copy()"
