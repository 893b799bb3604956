"""What is known of rows while a notebook is followed, piece by piece."""

from __future__ import annotations

import pytest

from nbpipe.analysis.learning.facts import STATISTICS, Fact, Learned, alternatives, joined
from nbpipe.analysis.learning.roles import CLASSES, FUNCTIONS, VALUES
from nbpipe.analysis.learning.rows import covers, covers_all, divided, meet, reaches, separate, whole
from tests.analysis.test_properties import analysis_of

TABLE, OTHER = whole(0), whole(1)
SPLIT = ("split", 1)
TRAIN, TEST = divided(TABLE, SPLIT, 0), divided(TABLE, SPLIT, 1)

IMPORTS = """\
import pandas as pd
import numpy as np
from sklearn.preprocessing import StandardScaler
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC
df = pd.read_csv("a.csv")
model = SVC()
"""


def test_two_sides_of_a_division_share_no_row() -> None:
    assert separate(TRAIN, TEST)
    assert separate(TABLE, OTHER)
    assert not separate(TABLE, TRAIN)
    assert not separate(TRAIN | TEST, TEST)
    assert not separate(TRAIN, frozenset())


def test_a_whole_holds_its_parts_and_not_the_other_way() -> None:
    assert covers(TABLE, TRAIN)
    assert not covers(TRAIN, TABLE)
    assert meet(TRAIN, TABLE)
    assert covers_all(TRAIN | TEST, divided(TEST, ("split", 2), 0))
    assert not covers_all(TRAIN, TRAIN | TEST)


def test_rows_of_unrelated_divisions_are_neither_separate_nor_shared_for_sure() -> None:
    sample = divided(TABLE, ("sample", 3), 0)

    assert not separate(sample, TEST)
    assert not meet(sample, TEST)


def test_a_filter_says_nothing_about_a_later_split() -> None:
    assert reaches(divided(TABLE, ("equal", "y"), 1), TEST)
    assert not reaches(divided(TRAIN, ("equal", "y"), 1), TEST)
    assert not reaches(divided(TABLE, ("equal", "y"), 1), divided(TEST, ("equal", "y"), 0))


def learned(name: str) -> Learned:
    import ast

    return Learned(name, STATISTICS, TABLE, (0, ast.Name("x")))


def test_what_is_learned_of_one_column_stays_there() -> None:
    mean = learned("mean")
    table = Fact(TABLE).plus(Fact(learned=frozenset((mean,))).within(frozenset(("a",))))

    assert mean in table.of_columns(frozenset(("a", "b"))).learned
    assert mean not in table.of_columns(frozenset(("b",))).learned
    assert mean not in table.without_columns(frozenset(("a",))).learned
    assert mean in table.without_columns(frozenset(("b",))).learned


def test_what_is_learned_of_all_columns_is_not_confined_by_joining() -> None:
    mean = learned("mean")
    confined = Fact(TABLE, learned=frozenset((mean,)), confined={mean: frozenset(("a",))})
    everywhere = Fact(TABLE, learned=frozenset((mean,)))
    both = joined([confined, everywhere])

    assert both is not None
    assert mean in both.of_columns(frozenset(("b",))).learned


def test_alternatives_of_other_rows_are_uncertain() -> None:
    one = alternatives([Fact(TRAIN), Fact(TRAIN)])
    two = alternatives([Fact(TRAIN), Fact(TABLE)])

    assert one is not None
    assert not one.uncertain
    assert two is not None
    assert two.uncertain


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("StandardScaler", "statistics"),
        ("SelectKBest", "statistics"),
        ("TfidfVectorizer", "statistics"),
        ("OneHotEncoder", "categories"),
        ("Normalizer", "stateless"),
        ("HashingVectorizer", "stateless"),
        ("PolynomialFeatures", "stateless"),
        ("RandomForestClassifier", "model"),
        ("KMeans", "clusterer"),
        ("TimeSeriesSplit", "splitter"),
        ("GridSearchCV", "search"),
        ("Pipeline", "composite"),
        ("SMOTE", "oversampler"),
        ("RandomUnderSampler", "undersampler"),
    ],
)
def test_classes_have_their_roles(name: str, role: str) -> None:
    assert CLASSES[name] == role


def test_functions_have_their_roles() -> None:
    assert FUNCTIONS["train_test_split"] == "split"
    assert FUNCTIONS["f1_score"] == "metric"
    assert FUNCTIONS["cross_val_score"] == "cross-validation"
    assert not VALUES["statistics"] & VALUES["harmless"]


def rows_of_last_evaluation(source: str) -> tuple[bool, bool]:
    """Tell whether training and test rows of the last use of a model are separate, and whether they are the same."""
    evaluation = analysis_of([IMPORTS + source]).learning.history.evaluations[-1]
    train, test = evaluation.training.data.rows, evaluation.data.rows
    return separate(train, test), train == test


@pytest.mark.parametrize(
    "source",
    [
        "a, b = train_test_split(df)\nmodel.fit(a, 0).score(b, 0)",
        "parts = train_test_split(df, df.y)\nmodel.fit(parts[0], 0).score(parts[1], 0)",
        "def f():\n    return train_test_split(df)\na, b = f()\nmodel.fit(a, 0).score(b, 0)",
        "a = df.sample(frac=0.7)\nb = df[~df.index.isin(a.index)]\nmodel.fit(a, 0).score(b, 0)",
        "a = df.sample(50)\nb = df.drop(index=a.index)\nmodel.fit(a, 0).score(b, 0)",
        "n = 100\na, b = df.iloc[:n], df.iloc[n:]\nmodel.fit(a, 0).score(b, 0)",
        "a, b = df.values[:-10, :], df.values[-10:, :]\nmodel.fit(a, 0).score(b, 0)",
        "a, b = df[df.y == 0], df[df.y == 1]\nmodel.fit(a, 0).score(b, 0)",
        "m = df.t < 3\na, b = df[m], df[~m]\nmodel.fit(a, 0).score(b, 0)",
        "a, b = df[df.t <= 3], df.loc[df.t > 3]\nmodel.fit(a, 0).score(b, 0)",
        "a, b = pd.read_csv('a'), pd.read_csv('b')\nmodel.fit(a, 0).score(b, 0)",
        "a, b = train_test_split(df)\nc, d = train_test_split(b)\nmodel.fit(a, 0).score(d, 0)",
        "a, b = train_test_split(df)\na = a.dropna().copy()\nmodel.fit(np.log(a), 0).score(b.to_numpy(), 0)",
    ],
)
def test_rows_are_told_apart(source: str) -> None:
    assert rows_of_last_evaluation(source) == (True, False)


@pytest.mark.parametrize(
    "source",
    [
        "model.fit(df, 0).score(df, 0)",
        "a = df.sample(frac=1)\nmodel.fit(a, 0).score(df, 0)",
        "a, b = train_test_split(df)\nmodel.fit(a, 0).score(np.array(a), 0)",
        "a = df[['x', 'y']]\nmodel.fit(a, 0).score(df.drop(columns='z'), 0)",
        "m = df.t < 3\nmodel.fit(df[m], 0).score(df.loc[m], 0)",
    ],
)
def test_the_same_rows_are_known_to_be_the_same(source: str) -> None:
    assert rows_of_last_evaluation(source) == (False, True)


def test_the_nearest_fit_before_counts() -> None:
    source = "a, b = train_test_split(df)\nmodel.fit(df, 0)\nmodel.fit(a, 0)\nmodel.score(b, 0)\nmodel.fit(df, 0)"
    learning = analysis_of([IMPORTS + source]).learning

    assert not learning.overlaps


def test_only_what_is_asked_for_is_watched() -> None:
    analysis = analysis_of([IMPORTS])
    _ = analysis.top_down

    assert "learning" not in vars(analysis)
    assert not analysis.learning.history.evaluations


def test_code_that_nothing_calls_teaches_nothing() -> None:
    source = "def unused():\n    t = StandardScaler().fit_transform(df)\n    a, b = train_test_split(t)\n"
    source += "    model.fit(a, 0).score(b, 0)"

    assert not analysis_of([IMPORTS + source]).learning.leaks
    assert analysis_of([IMPORTS + source + "\nunused()"]).learning.leaks
