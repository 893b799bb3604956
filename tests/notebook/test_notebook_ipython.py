"""IPython syntax becomes Python with the same lines and the same data flow."""

from __future__ import annotations

import ast
import symtable
import warnings

import pytest

from nbpipe.notebook.ipython import PythonCode, to_python

# Names that earlier cells have bound.
BOUND = frozenset({"x", "y", "data", "out"})


def python(source: str) -> PythonCode:
    return to_python(source, BOUND.__contains__)


def flow(code: PythonCode) -> tuple[set[str], set[str]]:
    """Give the names the emitted Python reads and binds at top level, by Python's own scoping."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        symbols = symtable.symtable(code.text, "<cell>", "exec").get_symbols()
    reads = {symbol.get_name() for symbol in symbols if symbol.is_referenced()} - {"get_ipython"}
    return reads, {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}


# Source, names read, names bound.
FLOWS = [
    # shell
    ("!ls", "", ""),
    ("!cp {data} $x ~/$HOME", "data x", ""),
    ("!awk '{print $1}' {data}", "", ""),
    ("!find . -exec rm {} \\;", "", ""),
    ("!cp {train,test}/a .", "", ""),
    ("!cp {x,y} .", "x y", ""),
    ("!echo ${x} ${HOME}", "", ""),
    ("!echo ${x}", "x", ""),
    ("!echo {{x}} $$y", "", ""),
    ("!echo {unknown}", "unknown", ""),
    ("!echo {data[1:3]} {len(x)!r} {x + 1}", "data x len", ""),
    ("!echo {x", "", ""),
    ("!echo 'it costs $x' $y", "y", ""),
    ("!!ls {x}", "x", ""),
    ("files = !ls {x}", "x", "files"),
    ("files, more = !!ls", "", "files more"),
    ("data['a'] = !ls", "data", ""),
    ("%sx ls {x}", "x", ""),
    ("%%bash\necho {x} $y", "", ""),
    ("%%bash --out result --err errors\nls", "", "result errors"),
    ('%%bash -s "$x" {y}\nls', "x y", ""),
    ("%%script --proc=process --bg python\nls", "", "process"),
    ("%%!\nls", "", ""),
    ("%%writefile {x}.py\nimport os\nos.x = y", "x", ""),
    ("%%html\n<b>{x}</b>", "", ""),
    ("%%python\nimport os\nz = x", "", ""),
    # Python of this kernel
    ("%time z = f(x)", "f x", "z"),
    ("%time", "", ""),
    ("z = %time f(x)", "f x", "z"),
    ("z = %time w = x", "x", "z w"),
    ("z = %time for i in data: f(i)", "data f", "z"),
    ("%time for i in data: f(i)", "data f i", "i"),
    ("%time !ls {x}", "x", ""),
    ("%time files = !ls {x}", "x", "files"),
    ("%prun -s cumulative -l 10 z = f(x)", "f x", "z"),
    ("%lprun -f f z = f(x)", "f x", "z"),
    ("%memit f(x)", "f x", ""),
    ("%timeit -n 10 -r3 f(x)  # slow", "f x", ""),
    ("%timeit z = f(x); w = g(z)", "f g x", ""),
    ("%timeit for i in data: f(i)", "data f", ""),
    ("%timeit list(i for i in data)", "data list", ""),
    ("%timeit import numpy as np; np.ones(x)", "x", ""),
    ("times = %timeit -o f(x)", "f x", "times"),
    ("%timeit z = '\\d' is x", "x", ""),
    ("!echo {x.strip('\\d')}", "x", ""),
    ("%timeit from math import *", "", ""),
    ("%timeit", "", ""),
    ("%%time\nz = f(x)", "f x", "z"),
    ("%%capture\nz = f(x)", "f x", "z"),
    ("%%capture captured --no-stderr\nz = f(x)\n!ls {y}", "f x y", "captured z"),
    ("%%prun -s time w = 1\nz = f(x)", "f x", "w z"),
    ("%%timeit w = 2\nf(x, w)", "f x w", "w"),
    ("%%time\n%%capture captured\nz = x", "x", "captured z"),
    ("%%capture captured\n%%bash\nls {x}", "", "captured"),
    # help
    ("x?", "", ""),
    ("?x", "", ""),
    ("x.y[0]??", "", ""),
    ("%time?", "", ""),
    ("%%time?", "", ""),
    ("np.*load*?", "", ""),
    # other magics
    ("%matplotlib inline", "", ""),
    ("%cd {x}", "x", ""),
    ("%env TOKEN=$x", "x", ""),
    ("here = %pwd", "", "here"),
    ("%store data", "data", ""),
    ("%store -r old other", "", "old other"),
    ("z = %store -r old other", "", "z old other"),
    ("%pylab", "numpy pyplot", "numpy matplotlib pylab mlab pyplot np plt display figsize getfigs"),
    ("%aimport package.module, other, -third", "", "package other"),
    ("%run script.py {x}", "x", ""),
    ("%macro again 1-3", "", "again"),
    # queries
    ("%sql SELECT * FROM t WHERE a = :x AND b::int = {{y}}", "x y", ""),
    ("rows = %sql SELECT :unknown", "", "rows"),
    ("%sql rows << SELECT 1", "", "rows"),
    ("%%sql rows <<\nSELECT :x", "x", "rows"),
    ("%%bigquery --project p frame --params $x\nSELECT 1", "x", "frame"),
    ("%%bigquery frame\nSELECT 1", "", "frame"),
    ("%%R -i x,data -o fit,se\nlm(x)", "x data", "fit se"),
    ("%Rpush x y", "x y", ""),
    ("%Rpull fit", "", "fit"),
    ("%%cython -a\ncdef int f(int a):\n    return a\ndef g(a): return a\n", "", "f g"),
    # autocall
    ("/f x y", "f x y", ""),
    (",f x y", "f", ""),
    (";f x y", "f", ""),
    # automagic
    ("ls -l {x}", "x", ""),
    ("cd ..", "", ""),
    ("pip install numpy", "", ""),
    ("\n  pwd\n", "", ""),
    ("time z = f(x)", "f x", "z"),
    # nothing of IPython's
    ("z = f(x)", "f x", "z"),
    ("ls = 3", "", "ls"),
    ("ls, z = 3, 4", "", "ls z"),
    ("hist(x)", "hist x", ""),
    ("ls\n\n", "ls", ""),
    ("ls\nx", "ls x", ""),
    ("await f(x);", "f x", ""),
]


@pytest.mark.parametrize(("source", "reads", "binds"), FLOWS)
def test_the_data_flow_is_that_of_ipython(source: str, reads: str, binds: str) -> None:
    code = python(source)

    assert flow(code) == (set(reads.split()), set(binds.split())), code.text
    assert code.text.count("\n") == source.count("\n")


def test_bound_names_are_no_automagic() -> None:
    for source in ("ls", "cd", "time x"):
        assert to_python(source, lambda _: True).text == source


def test_xdel_deletes() -> None:
    assert python("%xdel x").text == "del x"


@pytest.mark.parametrize(
    "source",
    [
        "x = '''\n%time\n!ls {x}\n'''",
        "f(x\n% y)",
        "x = (1,\n     2)  # %time?",
        "# !ls\n# what?",
        "s = 'a?'\nt = \"= !ls\"",
        'def f():\n    """Is it?\n\n    >>> f()\n    %time\n    """',
        "   # indented comment\n\nx = 1",
        "total = x \\\n    % y",
        "x = {\n  'a': 1,\n  'b': x\n  /y}",
        "match x:\n    case _: pass",
        "await f()\nasync for i in x: pass",
        "print(f'{x=!r:>{y}}')",
        "",
        "\n\n",
        "x;",
    ],
)
def test_python_stays_as_it_is(source: str) -> None:
    code = python(source)

    assert code.text is source
    assert (code.magics, code.opaque, code.is_python, code.scratch) == ((), (), True, False)


def test_lines_and_indents_are_kept() -> None:
    source = "if x:\n    !pip install \\\n      {y}\n    %time z = 1\nelse:\n    foo?\nz"

    assert python(source).text == "if x:\n    get_ipython().system(y)\n\n    z = 1\nelse:\n    pass\nz"


def test_the_emitted_calls_name_what_they_stand_for() -> None:
    assert python("%cd {x}").text == "get_ipython().run_line_magic('cd', x)"
    assert python("a = !ls {x + 1}").text == "a = get_ipython().getoutput((x + 1))"
    assert python("%%capture a\nx").text == "a = get_ipython().run_cell_magic('capture')\nx"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("  a = 1\n  !ls\n  b", "a = 1\npass\nb"),
        (">>> a = 1\n... b\n2", "a = 1\nb\n2"),
        ("In [3]: a = 1\n   ...: b\n   ...: %time c", "a = 1\nb\nc"),
        ("\n    >>> if a:\n    ...     b", "\nif a:\n    b"),
        ("!ls\n'''\n>>> a\n'''", "pass\n'''\n>>> a\n'''"),
    ],
)
def test_prompts_and_a_common_indent_are_taken_away(source: str, text: str) -> None:
    assert python(source).text == text


def test_a_prompt_that_is_python_too_is_a_prompt() -> None:
    assert python("In [1]: x").text == "x"


@pytest.mark.parametrize(
    "source",
    [
        "!cp {data} $x",
        "files = !ls {x}",
        "%time z = f(x)",
        "é = 1\n%time é = f('ü', data)",
        "%timeit -n 10 f('é', x)  # why",
        "  z = 1\n  %time w = f(data)",
        ">>> z = f(x)\n>>> !ls {y}",
        "In [1]: z = f(x)\n   ...: %time w = data",
        "%%time\nz = f(x)\n!ls {y}",
        "%%capture captured\n  z = f(x)\n  %time w = data",
        "!pip install \\\n  a \\\n  {x} {y}",
        "/f x y",
        "ls {x}",
        "%time files = !ls {x}",
        "%%R -i x,data\nlm",
        "if x:\n    z = %time f(y)\n",
    ],
)
def test_each_name_is_found_where_it_stands_in_the_source(source: str) -> None:
    code = python(source)
    lines = source.split("\n")
    names = [node for node in ast.walk(ast.parse(code.text)) if isinstance(node, ast.Name) and node.id != "get_ipython"]

    found = 0
    for node in names:
        line, start = code.locate(node.lineno - 1, node.col_offset)
        end_line, end = code.locate(node.lineno - 1, node.end_col_offset or 0)
        if node.id != "captured":
            assert (end_line, lines[line][start:end]) == (line, node.id)
            found += 1
    assert found


def test_what_was_made_up_is_placed_at_its_magic() -> None:
    code = python("if x:\n    z = !ls {y} more")
    call = ast.parse(code.text).body[0].body[0].value  # type: ignore[attr-defined]

    assert code.locate(call.lineno - 1, call.col_offset) == (1, 8)
    assert code.locate(call.lineno - 1, call.end_col_offset) == (1, 20)
    assert code.place(1, 10_000) == (1, 20)


def test_what_a_magic_in_a_magic_made_up_is_placed_at_the_inner_one() -> None:
    code = python("%time z = !ls {y} more")
    call = ast.parse(code.text).body[0].value  # type: ignore[attr-defined]

    assert code.locate(0, call.col_offset) == (0, 10)
    assert code.locate(0, call.end_col_offset) == (0, 22)


def test_magics_are_told_in_order() -> None:
    code = python("!ls {x}\nz = %time f(x)\n%%capture\n%timeit -n 1 !ls\nfoo?")

    assert [(magic.name, magic.line, magic.argument) for magic in code.magics] == [
        ("!", 0, "ls {x}"),
        ("%time", 1, "f(x)"),
        ("%%capture", 2, ""),
        ("%timeit", 3, "-n 1 !ls"),
        ("!", 3, "ls"),
        ("?", 4, "foo"),
    ]
    assert (code.magics[0].reads, code.magics[1].body_is_python) == (("x",), True)


def test_magics_in_code_that_does_not_parse_are_not_told() -> None:
    code = python("%time x) = !ls")

    assert [magic.name for magic in code.magics] == ["%time"]
    assert (code.text, code.opaque) == ("pass", ("%time x) = !ls",))


def test_a_cell_magic_tells_its_body() -> None:
    code = python("\n%%capture captured\n%%writefile {x}.py\nimport os\n")

    assert [(magic.name, magic.line, magic.argument, magic.body) for magic in code.magics] == [
        ("%%capture", 1, "captured", "%%writefile {x}.py\nimport os\n"),
        ("%%writefile", 2, "{x}.py", "import os\n"),
    ]
    assert [magic.binds for magic in code.magics] == [("captured",), ()]
    assert [magic.body_is_python for magic in code.magics] == [True, False]
    assert not code.is_python


@pytest.mark.parametrize(
    ("source", "opaque"),
    [
        ("%run other.ipynb", ("%run other.ipynb",)),
        ("%load_ext sql", ("%load_ext sql",)),
        ("%load_ext autoreload\n%autoreload 2", ()),
        ("%store -r", ("%store -r",)),
        ("%store -r x", ()),
        ("%pylab inline", ("%pylab inline",)),
        ("%reset -f", ("%reset -f",)),
        ("%nobody_knows this", ("%nobody_knows this",)),
        ("%%nobody_knows this\nx", ("%%nobody_knows this",)),
        ("%matplotlib inline\n!ls\nx?\n%pip install a", ()),
        ("%%bash\nls", ()),
        ("%time x = = 3", ("%time x = = 3",)),
    ],
)
def test_what_cannot_be_seen_is_marked(source: str, opaque: tuple[str, ...]) -> None:
    assert python(source).opaque == opaque


def test_only_the_cell_magic_timeit_is_scratch() -> None:
    assert python("%%timeit\nz = x").scratch
    assert python("%%time\n%%timeit\nz = x").scratch
    assert python("%%timeit\n%%time\nz = x").scratch
    assert not python("%timeit x").scratch


def test_own_magics_are_read_as_configured() -> None:
    python_magics, opaque_magics = frozenset({"%%traced", "lazily"}), frozenset({"%%time"})

    def read(source: str) -> PythonCode:
        return to_python(source, python_magics=python_magics, opaque_magics=opaque_magics)

    assert read("%%traced --deep\nz = 1").text == "\nz = 1"
    assert read("%lazily z = 1").text == "z = 1"
    assert (read("%%time\nz = 1").opaque, read("%%time\nz = 1").is_python) == (("%%time",), False)
    assert read("%time z = 1").opaque == ("%time z = 1",)


@pytest.mark.parametrize(
    "source", ["%%time\n" * 3000, "%time " * 3000, "(" * 3000 + "\n!ls", "\n" * 3000 + "!ls", "!" * 3000]
)
def test_unreasonable_cells_do_no_harm(source: str) -> None:
    assert python(source).text.count("\n") == source.count("\n")


def test_a_column_beyond_ascii_is_counted_in_characters() -> None:
    code = to_python("é = 'ü'; z = é")
    name = ast.parse(code.text).body[1].value  # type: ignore[attr-defined]

    assert (name.col_offset, code.locate(0, name.col_offset)) == (15, (0, 13))
