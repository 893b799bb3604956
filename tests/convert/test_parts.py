"""The smaller parts of a conversion, each by itself."""

from __future__ import annotations

import ast
import sys
from types import ModuleType

import pytest
import yaml

from nbpipe.analysis import analyze
from nbpipe.analysis.code import parse_cell
from nbpipe.convert.annotations import Annotator, returned
from nbpipe.convert.code import Cells, module_text
from nbpipe.convert.display import is_display
from nbpipe.convert.imports import Import, imports_of, table_of
from nbpipe.convert.layout import lay_out
from nbpipe.convert.magics import dropped_lines
from nbpipe.convert.parameter_files import check_values, is_location, write_class, write_yaml
from nbpipe.convert.project_files import requirements
from nbpipe.convert.scopes import names_of
from nbpipe.convert.source import Source, read_source
from nbpipe.convert.source_map import spans
from nbpipe.convert.texts import comment, docstring, introduction, literal, plain
from nbpipe.errors import ConversionError
from nbpipe.notebook import Cell, Notebook
from nbpipe.settings.parameters import parameters_of
from nbpipe.steps import plan_steps


def source_of(*cells: tuple[str, str]) -> Source:
    """Read cells given as kind or tag and source."""
    made = [
        Cell(
            index,
            "markdown" if tag == "md" else "code",
            text,
            metadata={"tags": [tag] if tag not in ("md", "") else []},
        )
        for index, (tag, text) in enumerate(cells)
    ]
    notebook = Notebook(tuple(made), {})
    return read_source(analyze(notebook), plan_steps(notebook))


@pytest.mark.parametrize(
    ("code", "reads", "binds"),
    [
        ("x = y", {"y"}, {"x"}),
        ("def f(a, b=c):\n    return a + d", {"c", "d"}, {"f"}),
        ("class A(B):\n    k = m\n\n    def run(self):\n        return g", {"B", "m", "g"}, {"A"}),
        ("xs = [last := i for i in ys]", {"ys"}, {"xs", "last"}),
        ("f = lambda a: a + b", {"b"}, {"f"}),
        ("import os.path as p, sys", set(), {"p", "sys"}),
        ("for i in xs:\n    total += i", {"xs", "total", "i"}, {"i", "total"}),
        ("with a as b:\n    pass", {"a"}, {"b"}),
    ],
)
def test_names_of_statements(code: str, reads: set[str], binds: set[str]) -> None:
    names = names_of(ast.parse(code).body)
    assert set(names.reads) == reads
    assert set(names.binds) == binds


def test_names_declared_global_are_told_apart() -> None:
    assert names_of(ast.parse("def f():\n    global n\n    n = 1").body).declared == {"n"}


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("%matplotlib inline\nx = 1", {0}),
        ("%%time\nx = 1", {0}),
        ("x = 1\n%time y = x", {1}),
        ("%load_ext autoreload\n%autoreload 2", {0, 1}),
        ("!pip install x\nimport x", {0}),
        ("x?", {0}),
        ("%config InlineBackend.figure_format = 'retina'", {0}),
    ],
)
def test_magics_that_a_module_has_no_use_for(code: str, lines: set[int]) -> None:
    assert dropped_lines(parse_cell(Cell(0, "code", code), lambda _: False))[0] == lines


@pytest.mark.parametrize(
    "code",
    [
        "%run a.py",
        "!ls",
        "files = !ls",
        "%cd x",
        "%%bash\nls",
        "%env A=1",
        "%%capture out\nx = 1",
        "%load_ext sql",
        "%store x",
    ],
)
def test_magics_that_have_no_counterpart(code: str) -> None:
    with pytest.raises(ConversionError, match=r"^cell 1: '.*' has no counterpart in a pipeline"):
        dropped_lines(parse_cell(Cell(0, "code", code), lambda _: False))


@pytest.mark.parametrize(
    ("code", "shows"),
    [
        ("df", True),
        ("df.head()", True),
        ("df['a'].value_counts()", True),
        ("plt.show()", True),
        ("x, y", True),
        ("'a note'", True),
        ("print(df)", False),
        ("df.sample(3)", False),
        ("df.dropna(inplace=True)", False),
        ("plt.plot(df)", False),
        ("model.fit(df)", False),
        ("xs.append(1)", False),
        ("next(it)", False),
        ("(n := 3)", False),
        ("own.describe()", False),
        ("x = df", False),
    ],
)
def test_what_only_shows_is_left_out(code: str, shows: bool) -> None:  # noqa: FBT001 - a column of the table
    setting = (
        "import matplotlib.pyplot as plt\nimport pandas as pd\ndf = pd.DataFrame()\nxs = []\nit = iter(xs)\n"
        "x = y = 1\nmodel = own = None\n\n\nclass Own:\n    def describe(self):\n        xs.append(1)\n\n\n"
    )
    source = source_of(("step:a", setting + code))
    assert is_display(source, source.statements[-1]) is shows


def test_imports_of_one_name_with_two_meanings_are_refused() -> None:
    source = source_of(("step:a", "import numpy as np"), ("step:b", "from autograd import numpy as np"))
    with pytest.raises(ConversionError, match=r"^cell 2: imports 'np' with two meanings"):
        table_of(source.statements)


def test_imports_of_submodules_make_one_name_together() -> None:
    source = source_of(("step:a", "import a.b\nimport a.c, d as e"))
    assert table_of(source.statements) == {
        "a": (Import("a.b"), Import("a.c")),
        "e": (Import("d", alias="e"),),
    }


def test_a_relative_import_is_refused() -> None:
    with pytest.raises(ConversionError, match=r"is relative to a package"):
        imports_of(ast.parse("from . import x").body[0], 0)


@pytest.mark.parametrize(
    "setting", ["import os\nos.environ['A'] = '1'\nimport numpy", "import os\nos.environ['A'] = x = '1'"]
)
def test_settings_that_a_pipeline_would_make_too_late_are_refused(setting: str) -> None:
    with pytest.raises(ConversionError, match=r"^cell 1: "):
        lay_out(source_of(("imports", setting), ("step:a", "y = 1")))


def test_settings_constants_and_seeds_find_their_places() -> None:
    code = (
        "import warnings, random\nimport numpy as np\nK = [1, 2]\nwarnings.filterwarnings('ignore')\n"
        "np.set_printoptions(precision=3)\nrandom.seed(3)\nprint(np.__version__)\nnp"
    )
    prelude = lay_out(source_of(("", code), ("step:a", "x = 1"))).prelude
    assert list(prelude.constants) == ["K"]
    assert [statement.shown for statement in prelude.settings] == [
        "warnings.filterwarnings('ignore')",
        "np.set_printoptions(precision=3)",
    ]
    assert [statement.shown for statement in prelude.first] == ["random.seed(3)", "print(np.__version__)"]


@pytest.mark.parametrize(
    ("found", "text", "needs"),
    [
        (["builtins", "int"], "int", None),
        (["builtins", "NoneType"], "None", None),
        (["pandas", "DataFrame"], "pd.DataFrame", Import("pandas", alias="pd")),
        (["numpy", "float64"], "np.float64", Import("numpy", alias="np")),
        (["sklearn.svm", "SVC"], "SVC", Import("sklearn.svm", "SVC")),
        (["pathlib", "PosixPath"], "Path", Import("pathlib", "Path")),
        (["__main__", "Own"], "Own", None),
        (["__main__", "Hidden"], "object", None),
        (["other", "Taken"], "object", None),
        (["elsewhere", "Known"], "object", None),
        (None, "object", None),
    ],
)
def test_annotations_use_names_that_mean_the_same_in_the_module(
    found: list[str] | None, text: str, needs: Import | None
) -> None:
    annotator = Annotator({"Known": (Import("here", "Known"),)}, {"Own"}, {"Taken"})
    annotation = annotator.of(found)
    assert (annotation.text, annotation.needs) == (text, needs)


def test_the_return_type() -> None:
    annotator = Annotator({}, (), ())
    one, other = annotator.of(["builtins", "int"]), annotator.of(["builtins", "str"])
    assert [returned([]), returned([one]), returned([one, other])] == ["None", "int", "tuple[int, str]"]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("## Load the data", "Load the data."),
        ("## 3.1. Load the data", "Load the data."),
        ("## 5 models", "5 models."),
        ("# What is it?\nA *test*.", "What is it?\n\nA *test*."),
        ("See [the docs](https://a.b/c_(d)) now", "See the docs now"),
        ("<b>Bold</b> ![](x.png)**words**", "Bold words"),
        ("- one\n- two", "- one\n- two"),
        ("---", ""),
    ],
)
def test_markdown_as_plain_text(markdown: str, text: str) -> None:
    assert plain(markdown) == text


def test_docstrings_come_from_the_markdown_above_else_from_the_cells() -> None:
    source = source_of(("md", "## Load\n\nFrom a file."), ("step:a", "x = 1"), ("step:b c", "y = x"), ("", "z = y"))
    assert docstring(source, "a", "n.ipynb") == "Load.\n\nFrom a file."
    assert docstring(source, "b_c", "n.ipynb") == "B c.\n\nFrom cells 3, 4 of n.ipynb."


@pytest.mark.parametrize(
    ("above", "told", "introduced"),
    [
        ("# Wine\n\nAll of it.\n\n## Load\n\nA file.", "Load.\n\nA file.", "Wine.\n\nAll of it."),
        ("# Wine\n\nAll of it.", "Wine.\n\nAll of it.", ""),
        ("That was it.\n\n## Load\n\n### Notes\n\nA file.", "Load.\n\nNotes.\n\nA file.", "That was it."),
        ("## One\n\nNo code.\n\n## Two\n\nCode.", "Two.\n\nCode.", "One.\n\nNo code."),
        ("Text.\n\n```sh\n# no heading\n```", "Text.\n\n```sh\n# no heading\n```", ""),
    ],
)
def test_a_step_is_told_by_its_own_section(above: str, told: str, introduced: str) -> None:
    source = source_of(("md", above), ("step:a", "x = 1"), ("md", f"The end.\n\n{above}"), ("step:b", "y = x"))
    assert docstring(source, "a", "n.ipynb") == told.replace("# no heading", "no heading.") or "```" in above
    assert introduction(source) == introduced
    if above.startswith("That"):
        assert docstring(source, "b", "n.ipynb") == told


@pytest.mark.parametrize(
    "text", ["plain", 'with """ quotes', "with \\alpha", 'ends in "', "ends in \\", "two\n\nparagraphs"]
)
def test_docstrings_are_valid_python_whatever_they_hold(text: str) -> None:
    found = ast.literal_eval(literal(text))
    assert found.replace("'''", '"""').rstrip(" .\n") == text.rstrip(" .\n")


def test_comments_hold_the_first_paragraph() -> None:
    assert comment("One.\nTwo.\n\nThree.") == ["# One.", "# Two."]


def test_params_yaml_keeps_comments_and_puts_locations_apart() -> None:
    parameters = parameters_of(
        "n = 3  # how many\ndata_path = 'a.csv'\nnames = ('a', 'b')\nurl = 'https://a.b'\nrate = 1e-05\n"
    )
    text = write_yaml(parameters, "n.ipynb")
    assert yaml.safe_load(text) == {
        "n": 3,
        "names": ["a", "b"],
        "rate": 1e-05,
        "data": {"data_path": "a.csv", "url": "https://a.b"},
    }
    assert "# how many\nn: 3\n" in text


@pytest.mark.parametrize(
    ("line", "location"), [("out_dir = 'x'", True), ("f = './a'", True), ("kind = 'a.b'", False), ("n = 3", False)]
)
def test_which_parameters_are_locations(line: str, location: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_location(parameters_of(line)[0]) is location


def test_params_py_is_python_for_every_kind_of_value(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = parameters_of("a = [1]\nb = {'x': 1}\nc = None\nd = True\ne = -1.5\nf = 'it''s'\n")
    module = ModuleType("params")
    monkeypatch.setitem(sys.modules, "params", module)
    exec(write_class(parameters, "n.ipynb"), vars(module))
    made = module.Params()
    assert [getattr(made, parameter.name) for parameter in parameters] == [
        parameter.default for parameter in parameters
    ]


def test_values_that_yaml_cannot_hold_are_refused() -> None:
    with pytest.raises(ConversionError, match=r"parameter 'x' is a set, which params\.yaml cannot hold"):
        check_values(parameters_of("x = {1, 2}"))


def test_requirements_pin_what_the_kernel_has() -> None:
    libraries = {"distributions": {"sklearn": {"scikit-learn": "1.9.1"}, "local": None, "pandas": {"pandas": "3.1.0"}}}
    assert requirements(libraries, has_parameters=True) == ["pandas==3.1.0", "pyyaml>=6", "scikit-learn==1.9.1"]


def test_spans_pair_statements_with_their_origin_inner_ones_first() -> None:
    source = source_of(("step:a", "if x:\n    y = 1\nz = 2"))
    text = '"""A."""\n\n\ndef a(x):\n    """A."""\n    if x:\n        y = 1\n\n    z = 2\n    return z\n'
    assert spans(text, "a", source.statements) == [[7, 7, 0, 2], [6, 7, 0, 1], [9, 9, 0, 3]]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("display(x, display_id='a')", "print(x, )\n"),
        ("for n in x:\n    display(*n)", "for n in x:\n    print(*n)\n"),
        ("a.display(x)", "a.display(x)\n"),
        ("def display(y): pass\ndisplay(x)", "def display(y): pass\ndisplay(x)\n"),
    ],
)
def test_what_only_ipython_can_show_is_printed(code: str, expected: str) -> None:
    source = source_of(("step:a", code))
    assert module_text(Cells(source), source.statements) == expected
