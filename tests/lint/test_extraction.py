"""Making parameters of settings: the notebook computes the same, and what was found is found no more."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbpipe.notebook import parse_notebook
from nbpipe.settings.parameters import parameters_of
from tests.lint.applying import findings, fixed

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbpipe.notebook import Notebook

RULES = ("NB201", "NB202", "NB203", "NB204", "NB205", "NB209")
ALL = (*RULES, "NB206", "NB207", "NB208", "NB210")


def notebook(*sources: str, parameters: str | None = None, at: int = 0) -> Notebook:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
        for source in sources
    ]
    if parameters is not None:
        tagged = {"tags": ["parameters"]}
        cells.insert(at, {**cells[0], "source": parameters, "metadata": tagged})
    return parse_notebook(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode())


def sources(found: Notebook) -> list[str]:
    return [cell.source for cell in found.cells]


def after(*code: str, parameters: str | None = None) -> list[str]:
    """Give the sources after all fixes; what was found before must be gone."""
    result = fixed(notebook(*code, parameters=parameters), *RULES)
    assert findings(result, *ALL) == []
    return sources(result)


SKLEARN = "from sklearn.cluster import Birch, KMeans\nimport pandas as pd\nimport os"


def test_a_literal_becomes_a_parameter_of_a_new_cell_at_the_top() -> None:
    result = fixed(notebook(SKLEARN, "model = KMeans(n_clusters=8)\ndf = pd.read_csv('/home/ann/churn.csv')"), *RULES)

    assert sources(result) == [
        "n_clusters = 8\ndata_path = '/home/ann/churn.csv'",
        SKLEARN,
        "model = KMeans(n_clusters=n_clusters)\ndf = pd.read_csv(data_path)",
    ]
    assert result.cells[0].tags == ("parameters",)
    found = parameters_of(result.cells[0].source)
    assert [(each.name, each.type, each.default) for each in found] == [
        ("n_clusters", "int", 8),
        ("data_path", "str", "/home/ann/churn.csv"),
    ]


def test_markdown_stays_above_the_new_cell() -> None:
    cells = [
        {"cell_type": "markdown", "source": "# Churn", "metadata": {}},
        {"cell_type": "code", "source": "open('/home/ann/a')", "metadata": {}, "outputs": [], "execution_count": 1},
    ]
    before = parse_notebook(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode())

    assert sources(fixed(before, "NB201")) == ["# Churn", "data_path = '/home/ann/a'", "open(data_path)"]


@pytest.mark.parametrize(
    ("cell", "grown"),
    [
        ("a = 1", "a = 1\nn_clusters = 8"),
        ("a = 1\n", "a = 1\nn_clusters = 8\n"),
        ("a = 1  # first", "a = 1  # first\nn_clusters = 8"),
        ("", "n_clusters = 8\n"),
        ("a = 1\n%matplotlib inline", "a = 1\n%matplotlib inline\nn_clusters = 8"),
        ("a = 1\n# the end", "a = 1\n# the end\nn_clusters = 8"),
    ],
)
def test_a_parameters_cell_grows_at_its_end(cell: str, grown: str) -> None:
    before = notebook(f"print({'a' if cell else '0'})", SKLEARN, "KMeans(n_clusters=8)", parameters=cell)

    assert sources(fixed(before, "NB202"))[0] == grown


@pytest.mark.parametrize(
    ("code", "parameter", "rest"),
    [
        # An assignment moves as it is, with its comment.
        ("k = 8\nprint(k)\nKMeans(n_clusters=k)", "k = 8", "print(k)\nKMeans(n_clusters=k)"),
        ("k = 8  # as in 2020\nKMeans(n_clusters=k)", "k = 8  # as in 2020", "KMeans(n_clusters=k)"),
        ("k: int = 8\nKMeans(n_clusters=k)", "k: int = 8", "KMeans(n_clusters=k)"),
        # Else the name takes the literal's place.
        ("k = 8; KMeans(n_clusters=k)", "n_clusters = 8", "k = n_clusters; KMeans(n_clusters=k)"),
        (
            "options = {'n_clusters': 8}\nKMeans(**options)",
            "n_clusters = 8",
            "options = {'n_clusters': n_clusters}\nKMeans(**options)",
        ),
        # As it is written, and as Python would where that is more than a line.
        ("Birch(threshold=5e-1)", "threshold = 5e-1", "Birch(threshold=threshold)"),
        ("open(\n 'C:\\\\data'\n '\\\\x')", "data_path = 'C:\\\\data\\\\x'", "open(\n data_path)"),
        ("open(r'D:\\data\\x')", "data_path = r'D:\\data\\x'", "open(data_path)"),
        # Texts that are put together.
        ("open(f'/home/ann/{os.name}.csv')", "data_dir = '/home/ann/'", "open(f'{data_dir}{os.name}.csv')"),
        ("open(f'/home/a\\\\n{os.name}')", None, None),
        ("open('/home/ann/' + os.name)", "data_dir = '/home/ann/'", "open(data_dir + os.name)"),
        ("open('/home/ann/%s.csv' % os.name)", "data_path = '/home/ann/%s.csv'", "open(data_path % os.name)"),
        ("open('/home/ann/{}'.format(os.name))", "data_path = '/home/ann/{}'", "open(data_path.format(os.name))"),
        ("x = 1 if os.sep else'/home/ann/x'", "data_path = '/home/ann/x'", "x = 1 if os.sep else data_path"),
        ("if os.sep:\n    k = '/home/ann/x'", "data_path = '/home/ann/x'", "if os.sep:\n    k = data_path"),
        ("os.path.join('/home/ann/x', 'y')", "data_path = '/home/ann/x'", "os.path.join(data_path, 'y')"),
        # Commands.
        ("%cd /home/ann/x", "work_dir = '/home/ann/x'", "%cd {work_dir}"),
        ("!cp a.csv /content/drive/a.csv", "data_path = '/content/drive/a.csv'", "!cp a.csv {data_path}"),
        ("!cp a.csv '/content/drive/a.csv'", "data_path = '/content/drive/a.csv'", "!cp a.csv '{data_path}'"),
        ("x = !ls /content/drive/a", "data_path = '/content/drive/a'", "x = !ls {data_path}"),
        ("%time KMeans(n_clusters=8)", "n_clusters = 8", "%time KMeans(n_clusters=n_clusters)"),
        ("%%time\nk = 8\nKMeans(n_clusters=k)", "n_clusters = 8", "%%time\nk = n_clusters\nKMeans(n_clusters=k)"),
    ],
)
def test_ways_in_which_a_literal_is_replaced(code: str, parameter: str | None, rest: str | None) -> None:
    found = after(SKLEARN, code) if parameter is not None else sources(fixed(notebook(SKLEARN, code), *RULES))

    assert found[0] == (parameter or found[0])
    assert found[-1] == (rest or found[-1])


@pytest.mark.parametrize(
    "code",
    [
        "from math import *\nKMeans(n_clusters=8)",  # may bind the name
        "%run other.py\nKMeans(n_clusters=8)",
        "exec(text)\nKMeans(n_clusters=8)",
        "%reset -f\nKMeans(n_clusters=8)",
        "match os.name:\n    case '/home/ann/x':\n        pass",  # a name would be a capture
        "f'''/home/ann/{os.name}'''",
        "!awk '{print $1}' /content/drive/a.csv",
        "!cp $x /content/drive/a.csv",
        "!cp '/content/drive/My Drive/a.csv' .",
        "def f():\n    return Layers(hidden_layer_sizes=[64, 32])\nf()",  # another list each time
        "create_engine('postgresql://ann:secret@db.corp:5432/churn')",  # a password belongs in no cell
        "%load /home/ann/x.py",
        "%cd /content/drive/My Drive/x",
        # Run elsewhere, without the notebook's names.
        "@component(base_image='python')\ndef train():\n    return KMeans(n_clusters=8)",
        "def train():\n    return KMeans(n_clusters=8)\nop = create_component_from_func(train)",
        "@component\ndef train(x):\n    return open(f'/home/ann/{x}')",
    ],
)
def test_where_there_is_no_right_fix_there_is_none(code: str) -> None:
    code = f"from sklearn.neural_network import MLPClassifier as Layers\n{SKLEARN}\n{code}"
    found = findings(notebook(code), "NB201", "NB202", "NB203", "NB204", "NB209")

    assert found
    assert not any(item.fix for item in found)


@pytest.mark.parametrize(
    "code",
    [
        "k = 8\nKMeans(n_clusters=k)\nk = 9\nprint(k)",  # bound twice
        "def f():\n    global k\n    k = 9\nk = 8\nKMeans(n_clusters=k)\nf()",
        "k = 8\nKMeans(n_clusters=k)\ndel k",
        "max = 8\nKMeans(n_clusters=max)",  # what is above means the builtin
        "k = j = 8\nKMeans(n_clusters=k)",
    ],
)
def test_an_assignment_stays_where_moving_it_could_change_its_meaning(code: str) -> None:
    found = after(SKLEARN, code)

    assert found[0] == "n_clusters = 8"
    assert found[-1] == code.replace("= 8", "= n_clusters", 1)


def test_one_value_under_one_keyword_is_one_parameter_and_others_get_other_names() -> None:
    found = after(SKLEARN, "KMeans(n_clusters=3)", "KMeans(n_clusters=3)\nBirch(n_clusters=5)\nKMeans(n_clusters=7)")

    assert found[0] == "n_clusters = 3\nbirch_n_clusters = 5\nk_means_n_clusters = 7"
    assert found[2:] == [
        "KMeans(n_clusters=n_clusters)",
        "KMeans(n_clusters=n_clusters)\nBirch(n_clusters=birch_n_clusters)\nKMeans(n_clusters=k_means_n_clusters)",
    ]


@pytest.mark.parametrize(
    "code",
    [
        "class A:\n    @property\n    def model(self):\n        return KMeans(n_clusters=8)",
        "@torch.no_grad()\ndef f():\n    return KMeans(n_clusters=8)",
        "class A:\n    model = KMeans(n_clusters=8)",
        "f = lambda n: KMeans(n_clusters=8)",
    ],
)
def test_functions_of_the_notebook_see_its_parameters(code: str) -> None:
    assert after(SKLEARN, code) == ["n_clusters = 8", SKLEARN, code.replace("=8", "=n_clusters")]


@pytest.mark.parametrize(
    ("code", "rest"),
    [
        ("print(1)\nA1A = 1\nB1B = 2\nC1C = 3", "print(1)"),
        ("A1A = 1\nB1B = 2\nprint(1)\nC1C = 3", "print(1)"),
        ("print(1)\nA1A = 1\n\nB1B = 2\nC1C = 3\n", "print(1)\n\n"),
        ("A1A = 1\nB1B = (\n    2\n)\nC1C = 3\nprint(1)", "print(1)"),
    ],
)
def test_statements_that_move_leave_no_gap(code: str, rest: str) -> None:
    found = after(SKLEARN, "print(0)", code, "print(A1A, B1B, C1C)")

    assert found == ["A1A = 1\nB1B = 2\nC1C = 3", SKLEARN, "print(0)", rest, "print(A1A, B1B, C1C)"]


def test_no_name_that_the_notebook_uses_is_taken() -> None:
    code = "n_clusters = len(os.name)\nprint(n_clusters)\nKMeans(n_clusters=3)"

    assert after(SKLEARN, code)[0] == "k_means_n_clusters = 3"


def test_a_parameter_that_is_there_is_used() -> None:
    found = after(SKLEARN, "pd.read_csv('/home/ann/a')\npd.read_csv(where)", parameters="where = '/home/ann/a'")

    assert found == ["where = '/home/ann/a'", SKLEARN, "pd.read_csv(where)\npd.read_csv(where)"]


def test_a_cell_that_holds_constants_only_gets_the_tag_and_the_rest() -> None:
    result = fixed(
        notebook(SKLEARN, "ROOT = '/home/ann'\nLIMIT = 5", "print(ROOT, LIMIT)\nKMeans(n_clusters=3)"), *RULES
    )

    assert sources(result)[1:] == [
        "ROOT = '/home/ann'\nLIMIT = 5\nn_clusters = 3",
        "print(ROOT, LIMIT)\nKMeans(n_clusters=n_clusters)",
    ]
    assert result.cells[1].tags == ("parameters",)


@pytest.mark.parametrize("metadata", [{"nbgrader": {"locked": True}}, {"editable": False}])
def test_cells_that_are_not_to_be_changed_are_not(metadata: dict[str, Any]) -> None:
    code: dict[str, Any] = {
        "source": f"{SKLEARN}\nKMeans(n_clusters=3)",
        "metadata": metadata,
        "outputs": [],
        "execution_count": None,
    }
    cells = [{"cell_type": "code", **code}]
    before = parse_notebook(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode())

    (found,) = findings(before, "NB202")
    assert found.fix is None


def test_what_stands_above_the_parameters_cell_is_left_alone() -> None:
    before = notebook(SKLEARN, "KMeans(n_clusters=3)", "print(a)", parameters="a = 1", at=2)

    assert sources(fixed(before, "NB202")) == sources(before)


# Random notebooks: before and after give the same values.

LITERALS = {
    "epochs": ["3", "7", "1_0"],
    "lr": ["0.5", "-2.5", "1e-3"],
    "batch_size": ["8", "(4, 8)", "[4, 8]", "16"],
    "path": ["'/home/ann/x.csv'", '"/home/ann/x.csv"', "'/mnt/data/y/'", "r'C:\\data\\z'", "'/home/' 'ann/w'"],
    "host": ["'http://models.corp:8080/a'", "'s3://churn-models/a'"],
}
NAMES = ["a", "b", "epochs", "lr", "batch_size", "data_path", "LIMIT", "max"]


@st.composite
def cells(draw: Callable[..., Any]) -> list[str]:
    """Write a few cells in which settings stand in many positions; `got` collects what arrives."""

    def literal(keyword: str) -> str:
        return str(draw(st.sampled_from(LITERALS[keyword])))

    def statement() -> str:
        keyword = draw(st.sampled_from(["epochs", "lr", "batch_size"]))
        name, place = draw(st.sampled_from(NAMES)), draw(st.sampled_from(["path", "host"]))
        value, text = literal(keyword), literal(place)
        plain = text if text[0] in "'\"" and "' '" not in text else "'/home/ann/v'"
        return str(
            draw(
                st.sampled_from(
                    [
                        f"got.append(train({keyword}={value}))",
                        f"got.append(train({keyword}={value}, path={text}))",
                        f"got.append(open_({text}))",
                        f"got.append(f{plain[:-1]}{{len(got)}}.csv{plain[-1]})",
                        f"got.append({text} + str(len(got)))",
                        f"got.append({text} if len(got) % 2 else{text})",
                        f"{name} = {value}\ngot.append(train({keyword}={name}))",
                        f"{name} = {text}  # a place\ngot.append({name})",
                        f"{name} = {value}; got.append(train({keyword}={name}))",
                        f"got.append([train({keyword}={value}) for {name} in range(2)])",
                        f"def f({name}={text}):\n    return train({keyword}={value}), {name}\ngot.append(f())",
                        f"def g():\n    {name} = {value}\n    return train({keyword}={name})\ngot.append(g())",
                        f"got.append((lambda {name}: train({keyword}={value}))(1))",
                        f"options = {{'{keyword}': {value}, 'path': {text}}}\ngot.append(train(**options))",
                        f"class C:\n    {name} = {text}\n    x = train({keyword}={value})\ngot.append((C.x, C.{name}))",
                        f"for epoch in range({literal('epochs')}):\n    got.append(epoch)",
                        f"try:\n    got.append({name})\nexcept NameError:\n    got.append('missing')",
                        f"match len(got):\n    case 1:\n        got.append({text})\n    case _:\n        {name} = 1",
                        f"if len(got) > 1:\n    {name} = {value}\n    got.append(train({keyword}={name}))",
                        f"for _ in range(2):\n    x = train({keyword}=[{literal('epochs')}, 2])\n    x[0][1].append(1)",
                        f"match {text}:\n    case {text}:\n        got.append(1)\n    case _:\n        got.append(2)",
                        "got.append(max(1, len(got)))",
                    ]
                )
            )
        )

    return ["\n".join(statement() for _ in range(draw(st.integers(1, 3)))) for _ in range(draw(st.integers(1, 4)))]


START = """
got = []
def train(**given):
    result = sorted(given.items(), key=str)
    got.append(result)
    return result
def open_(path):
    return path
"""


def run(found: Notebook) -> tuple[str, str]:
    """Execute the cells of a notebook; give what was collected, and how it ended."""
    namespace: dict[str, Any] = {}
    try:
        for cell in found.cells:
            exec(cell.source, namespace)
    except Exception as error:  # noqa: BLE001 - such as a name that is not bound yet
        return repr(namespace.get("got")), type(error).__name__
    return repr(namespace["got"]), ""


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    cells(), st.sampled_from([None, "LIMIT = 5", "seen = 1\n", "path = '/home/ann/x.csv'  # data"]), st.integers(0, 3)
)
def test_a_fixed_notebook_computes_the_same(code: list[str], parameters: str | None, at: int) -> None:
    before = notebook(START, *code, parameters=parameters, at=at)
    result = fixed(before, *RULES)

    assert run(result) == run(before)
    for cell in result.cells:
        if "parameters" in cell.tags:
            assert all(parameter.has_value and parameter.type for parameter in parameters_of(cell.source))
    fixable = [item for item in findings(result, *RULES) if item.fix]
    assert not fixable
