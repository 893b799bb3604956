"""Random small pipelines, and an interpreter of their words in which every row carries its number and what it knows.

`generated` draws cells that read, transform, split, repeat and model data. `run` executes the same cells with stand-ins
for pandas and scikit-learn: a row is a number with the operations that went into its values, and an operation knows the
rows that it learned from. So what leaks in a pipeline is known by running it.
"""

from __future__ import annotations

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
    """Rows: each has its number, and what went into its values."""

    def __init__(self, world: World, rows: list[tuple[int, frozenset[Statistic]]]) -> None:
        self.world = world
        self.rows = rows

    @property
    def numbers(self) -> frozenset[int]:
        return frozenset(number for number, _ in self.rows)

    @property
    def index(self) -> frozenset[int]:
        return self.numbers

    def having(self, statistics: frozenset[Statistic]) -> Table:
        return Table(self.world, [(number, known | statistics) for number, known in self.rows])

    def mean(self) -> frozenset[Statistic]:
        known = frozenset().union(*(known for _, known in self.rows))
        return known | {Statistic(self.world.cell, self.numbers)}

    def fillna(self, statistics: frozenset[Statistic]) -> Table:
        return self.having(statistics)

    def sample(self, frac: float) -> Table:
        return Table(self.world, self.rows[: int(len(self.rows) * frac)])

    def drop(self, labels: frozenset[int]) -> Table:
        return Table(self.world, [row for row in self.rows if row[0] not in labels])

    def copy(self) -> Table:
        return Table(self.world, list(self.rows))

    def __getitem__(self, part: slice) -> Table:
        return Table(self.world, self.rows[part])


class Scaler:
    """Stands for `StandardScaler`."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.learned: frozenset[Statistic] = frozenset()

    def fit(self, table: Table) -> Scaler:
        self.learned = frozenset((Statistic(self.world.cell, table.numbers),))
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
        train, test = self.table.numbers, table.numbers
        if train & test:
            self.world.shared = True
        elif train and test:
            for statistic in frozenset().union(*(known for _, known in [*self.table.rows, *table.rows])):
                if statistic.rows & train and statistic.rows & test:
                    self.world.leaking.add(statistic.cell)


class World:
    """One run.

    Attributes:
        cell: number of the cell that is being run.
        leaking: cells that learned something from training and test rows of a model.
        shared: some model was scored on rows that it was fitted on.
    """

    def __init__(self) -> None:
        self.cell = 0
        self.leaking: set[int] = set()
        self.shared = False

    def names(self) -> dict[str, Any]:
        return {
            "StandardScaler": lambda: Scaler(self),
            "LogisticRegression": lambda: Model(self),
            "train_test_split": self.split,
            "resample": lambda table: Table(self, [row for row in table.rows for _ in range(2)]),
            "pd": self,
            "df": Table(self, [(number, frozenset()) for number in range(SIZE)]),
        }

    def concat(self, tables: list[Table]) -> Table:
        return Table(self, [row for table in tables for row in table.rows])

    def split(self, table: Table) -> tuple[Table, Table]:
        """Put every other row aside, so that of two copies one goes to each side."""
        rows = sorted(table.rows, key=lambda row: row[0])
        return Table(self, rows[::2]), Table(self, rows[1::2])


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
    splits = 0

    def table() -> str:
        return draw(st.sampled_from(tables))

    def new() -> str:
        tables.append(f"t{len(tables)}")
        return tables[-1]

    kinds = ["scale", "fit", "fill", "copy", "function"]
    kinds += [] if plain else ["resample", "concat", "sample", "slice", "split", "split"]
    for step in draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=5)):
        cells.append(_step(step, table, new))
    one = table()
    a, b = new(), new()
    cells.append(f"{a}, {b} = train_test_split({one})")
    splits += 1
    for step in draw(st.lists(st.sampled_from(kinds[:5]), max_size=3)):
        cells.append(_step(step, table, new))
    for _ in range(draw(st.integers(1, 2))):
        cells.append(f"model = LogisticRegression().fit({table()}, 0)\nmodel.score({table()}, 0)")
    return cells


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
        return f"{first} = {given}[:20]\n{rest} = {given}[20:]"
    if step == "split":
        first, rest = new(), new()
        return f"{first}, {rest} = train_test_split({given})"
    return f"{new()} = {given}.copy()"
