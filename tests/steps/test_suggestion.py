"""Suggested steps: what cells do, what is exploration, where steps begin, what they are called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbpipe.analysis import Analysis
from nbpipe.errors import ConversionError
from nbpipe.notebook import Cell, Notebook
from nbpipe.steps import plan_steps
from nbpipe.steps.headings import beginning, step_name
from nbpipe.steps.stages import Stage, stages_of
from nbpipe.steps.suggestion import snake, suggest, with_tags

PROJECT = (
    (
        "import pandas as pd\nfrom sklearn.model_selection import train_test_split\n"
        "from sklearn.preprocessing import StandardScaler\nfrom sklearn.linear_model import LogisticRegression"
    ),
    "path = 'a.csv'\nseed = 3",
    "df = pd.read_csv(path)",
    "df.head()",
    "df = df.dropna()",
    "df.hist()",
    "X_train, X_test, y_train, y_test = train_test_split(df.drop(columns='y'), df.y, random_state=seed)",
    "scaler = StandardScaler().fit(X_train)\nX_train = scaler.transform(X_train)",
    "model = LogisticRegression().fit(X_train, y_train)",
    "accuracy = model.score(scaler.transform(X_test), y_test)",
    "print(accuracy)",
)


def analysis_of(*sources: str) -> Analysis:
    """Analyse cells; those that begin with # and a blank are Markdown."""
    cells = [Cell(at, "markdown" if text.startswith("# ") else "code", text) for at, text in enumerate(sources)]
    return Analysis(Notebook(tuple(cells), {}))


def tags(*sources: str, way: str = "stages") -> list[str]:
    return [" ".join(suggestion.tags) for suggestion in suggest(analysis_of(*sources), way)]


def test_a_project_is_divided_by_what_its_cells_do() -> None:
    assert tags(*PROJECT) == [
        "imports",
        "parameters",
        "step:load",
        "skip",
        "step:prepare",
        "skip",
        "step:prepare",
        "step:prepare",
        "step:train",
        "step:evaluate metrics",
        "skip",
    ]


def test_the_suggestion_is_a_plan_that_convert_takes() -> None:
    analysis = analysis_of(*PROJECT)
    plan = plan_steps(with_tags(analysis.notebook, suggest(analysis)))

    assert [step.name for step in plan.steps] == ["load", "prepare", "train", "evaluate"]
    assert plan.steps[-1].metrics_cells == (9,)
    assert not plan.notes


@pytest.mark.parametrize(
    ("source", "stage"),
    [
        ("import pandas as pd\nd = pd.read_parquet('a')", Stage.LOAD),
        ("from sklearn.datasets import fetch_openml\nd = fetch_openml('x')", Stage.LOAD),
        ("import pandas as pd\nd = pd.concat([a, b])", Stage.PREPARE),
        ("from sklearn.decomposition import PCA\nd = PCA().fit_transform(a)", Stage.PREPARE),
        ("import statsmodels.api as sm\nm = sm.OLS(a, b).fit()", Stage.TRAIN),
        ("from sklearn.model_selection import GridSearchCV\ng = GridSearchCV(m, {}).fit(a)\ng.score(b)", Stage.TRAIN),
        ("from sklearn.metrics import f1_score\ns = f1_score(a, b)", Stage.EVALUATE),
        ("p = m.predict(x)", Stage.EVALUATE),
        ("import joblib\njoblib.dump(m, 'm.pkl')", Stage.EXPORT),
        ("d.to_csv('out.csv')", Stage.EXPORT),
        ("import matplotlib.pyplot as plt\nplt.plot(a)", Stage.PLOT),
        ("n = sum(range(3))", Stage.OTHER),
        ("def fit(m): return m.fit(1)\nfit(m)", Stage.TRAIN),
    ],
)
def test_a_cell_does_what_its_calls_do(source: str, stage: Stage) -> None:
    assert stages_of(analysis_of(source))[0].stage is stage


def test_nothing_is_left_out_that_changes_what_comes_later() -> None:
    found = tags(
        "import random\nimport json",
        "rows = [1, 2, 3]",
        "rows[:2]",
        "print(random.random())",
        "rows.append(4)",
        "shown = len(rows)",
        "json.dump(rows, open('out.json', 'w'))",
    )

    assert [tag == "skip" for tag in found] == [False, False, True, False, False, True, False]


def test_drawings_are_the_result_of_a_notebook_that_only_draws() -> None:
    found = tags("import pandas as pd", "df = pd.read_csv('a.csv')", "df.head()", "df.plot()")

    assert found == ["imports", "step:load", "skip", "step:plot"]


def test_a_picture_that_is_written_is_a_result_beside_others() -> None:
    found = tags(
        "import pandas as pd\nimport matplotlib.pyplot as plt",
        "df = pd.read_csv('a.csv')",
        "df.plot()",
        "df.hist()\nplt.savefig('hist.png')",
        "df.to_csv('b.csv')",
    )

    assert [tag == "skip" for tag in found] == [False, False, True, False, False]


def test_without_any_result_all_that_computes_is_kept() -> None:
    assert tags("a = [1]", "b = [n + 1 for n in a]", "b") == ["parameters", "step:compute", "skip"]


def test_headings_name_the_steps_that_they_begin() -> None:
    sources = ("# Churn", *PROJECT[:2], "# Load the data", *PROJECT[2:6], "# 2. A model: fit it", *PROJECT[6:9])

    assert [tag for tag in tags(*sources, way="headings") if tag.startswith("step")] == [
        "step:load_data",
        "step:load_data",
        "step:model",
        "step:model",
        "step:model",
    ]
    assert (
        tags(*PROJECT[:3], "# Fit it", "# Fit a model", *PROJECT[6:7], "# Forest", PROJECT[8]).count("step:forest") == 1
    )


def test_long_headings_and_those_of_another_script_name_their_steps_too() -> None:
    sources = (
        "x = 1 + len('a')",
        "# Support vector regressor with linear kernel",
        "y = x + len('b')",
        "# \u6570\u636e",
        "z = y + len('c')",
    )

    found = tags(*sources, way="headings")

    assert found == ["step:start", "step:support_vector_regressor_linear", "step:part"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("A very long heading about nothing at all", "very_long_heading_about"),
        ("Internationalisation considerations everywhere", "internationalisation"),
        ("2024 in review", ""),
        ("\u6570\u636e", ""),
        ("x" * 40, ""),
    ],
)
def test_a_name_is_made_of_the_beginning_of_a_long_heading(text: str, name: str) -> None:
    assert beginning(text) == name


def test_the_title_alone_divides_nothing() -> None:
    with pytest.raises(ConversionError, match="no headings to divide by"):
        suggest(analysis_of("# Title", *PROJECT), "headings")


def test_models_of_one_kind_are_told_apart_by_their_class() -> None:
    sources = (
        *PROJECT[:9],
        "# # Forest",
        "from sklearn.ensemble import RandomForestClassifier\nforest = RandomForestClassifier().fit(X_train, y_train)",
        "forest.score(X_test, y_test)",
        "# # Again",
        "other = RandomForestClassifier().fit(X_train, y_train)",
    )
    steps = list(dict.fromkeys(tag for tag in tags(*sources) if "train" in tag or "forest" in tag))

    assert len(steps) == len(set(steps))
    assert len(steps) > 1


def test_a_notebook_with_nothing_to_keep_is_refused() -> None:
    with pytest.raises(ConversionError, match="nothing to make a step of"):
        suggest(analysis_of("import math", "def f(): return 1"))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Load the data", "load_data"),
        ("Feature Selection: which one?", "feature_selection"),
        ("A very long heading about nothing at all", ""),
        ("2024", ""),
        ("Données et prévisions", "donnees_et_previsions"),
        ("Ard\u0131\u015f\u0131k d\u00fczen, \u00f8l", "ardisik_duzen"),
    ],
)
def test_a_name_is_made_of_a_short_heading(text: str, name: str) -> None:
    assert step_name(text) == name


def test_the_name_of_a_class_becomes_that_of_a_function() -> None:
    assert [snake(name) for name in ("RandomForestClassifier", "SVC", "KMeans")] == [
        "random_forest_classifier",
        "svc",
        "kmeans",
    ]


STATEMENTS = st.sampled_from([
    *PROJECT,
    "x = 1",
    "x += 1",
    "print(x)",
    "y = [x]",
    "y.append(2)",
    "import random",
    "z = random.random()",
    "# # Part",
    "# ## Smaller part",
    "%matplotlib inline",
    "def f(a):\n    return a",
    "not python (",
    "",
])  # fmt: skip


@given(st.lists(STATEMENTS, max_size=14), st.sampled_from(["stages", "headings"]))
def test_any_notebook_gets_a_plan_or_a_reason(sources: list[str], way: str) -> None:
    analysis = analysis_of(*sources)
    try:
        suggestions = suggest(analysis, way)
    except ConversionError:
        return
    plan = plan_steps(with_tags(analysis.notebook, suggestions))

    assert plan.steps
    written = {index for index, code in analysis.codes.items() if code.body}
    assert {suggestion.cell for suggestion in suggestions} == written
    assert suggestions == suggest(analysis_of(*sources), way)


def test_a_function_whose_name_becomes_its_result_belongs_to_the_step_that_calls_it() -> None:
    cells = (
        "import pandas as pd",
        "df = pd.read_csv('a.csv')",
        "def mean(df):\n    return df.mean()",
        "mean = mean(df)",
    )
    given = tags(*cells, "mean.to_csv('b.csv')")
    assert given[:2] == ["imports", "step:load"]
    assert given[2].startswith("step:")
    assert tags(*cells[:3], "middle = mean(df)", "middle.to_csv('b.csv')")[2] == "definitions"


def test_a_cell_that_may_draw_random_numbers_is_kept() -> None:
    cells = ("import pandas as pd\nimport numpy as np", "def hand(deck):\n    return deck.sample(5)")
    more = ("cards = pd.Series(range(52))", "hand(cards)", "x = np.random.rand(3)\nx.tofile('a')", "np.save('b', x)")
    assert tags(*cells, *more)[3] != "skip"
    handed_on = (more[0], "cards.groupby(lambda card: card % 4).apply(hand)", *more[2:])
    assert tags(*cells, *handed_on)[3] != "skip"
