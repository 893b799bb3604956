"""What IPython itself makes of a cell is the measure of what we make of it."""

from __future__ import annotations

import ast
import warnings
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nbpipe.notebook.ipython import to_python
from nbpipe.notebook.magic_names import FOREIGN_MAGICS, LINE_MAGICS, PYTHON_MAGICS

from .reference import shells, transformers

LINES = (
    r"""
%time x = f(y)|%time|% time x|%time (|%time !ls|%time x # c?|%time x = '''|%timeit -n1 f(x)|%prun -s x f(|x = %time y;
x = %time y = 3|x = %time for i in y: z|x = %env A|é = %pwd|x=%x|x = % time x|x = y = %z|x[1:2] = !ls|x: int = !ls
!ls {x}|!|!!ls|!ls?|!ls # c?|!echo 'don't|!echo "(|x = !ls|x = !!ls|x == !ls|x += !ls|x := !ls|!=1|    !ls \|  more
foo?|?foo|??|foo??|foo???|foo? # c|*foo*?|x.y?  |a[0]?|(a)?|a.b().c?|1?|a ? b|lambda: 0?|%foo?|%%time?|    foo?
%%time|%%bash|%%capture o|%%timeit a=1|%%sql x <<|%%|%|%=3|%matplotlib inline;|    %cd b|    x = %x|    return %x
/f a|/|//2|,f a|;f|a; b|>>> x|... y|In [1]: x|   ...: y|...|..|if a:|else:|    pass|def f():|@foo|return 3|await f()
x = 1|y = 'a?'|print('?')|x = '%d' % foo|f(a=1)|f(a=%b)|d = {'a': !ls}|f'{a!r}'|f'{x = }'|a if b else !c|# %time|# what?
'''|"|(|)|x = (1,|s = '''abc|\|x = \||    |  # c
""".strip()
    .replace("\n", "|")
    .replace("\\||", "\\\n")
    .split("|")
)


def parses(text: str) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            tree = compile(text, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        except (SyntaxError, ValueError):
            return None
    return tree if isinstance(tree, ast.Module) else None


def ipython_accepts(source: str, depth: int = 0) -> bool:
    """Say whether IPython can compile a cell, and the Python body of its cell magic."""
    try:
        text = transformers.TransformerManager().transform_cell(source)
    except SyntaxError:
        return False
    tree = parses(text)
    if tree is not None and text.startswith("get_ipython().run_cell_magic("):
        call: Any = tree.body[0]
        name, _, body = (argument.value for argument in call.value.args)
        return ipython_accepts(body, depth + 1) if name in PYTHON_MAGICS and depth < 20 else True
    return tree is not None


@settings(deadline=None, max_examples=1500)
@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=4).map("\n".join))
def test_a_cell_parses_where_ipython_can_compile_it(source: str) -> None:
    assume(not source.startswith("\\"))  # what IPython makes of a cell that begins with a continuation is by chance
    code = to_python(source, lambda _: True)

    assert code.text.count("\n") == source.count("\n")
    assert (parses(code.text) is not None) == ipython_accepts(source), code.text


EXPRESSIONS = st.sampled_from(
    [
        "x",
        "f(x)",
        "'%time'",
        "'a?'",
        "x % y",
        "[a, b]",
        "{'k': '!ls'}",
        "'''\n%time\nb?\n'''",
        "(1\n% 2)",
        "lambda: x",
        "-x",
        "f'{x!r}'",
    ]
)
STATEMENTS = st.deferred(
    lambda: st.one_of(
        EXPRESSIONS,
        st.builds("{} = {}".format, st.sampled_from(["x", "ls", "x.y", "x[0]"]), EXPRESSIONS),
        st.builds("{};".format, st.sampled_from(["x", "f(x)"])),
        st.builds("# {}".format, st.sampled_from(["%time", "why?", "!ls"])),
        st.builds(
            "if {}:\n    {}".format, st.sampled_from(["x", "x % y"]), st.sampled_from(["pass", "x = 1  # b?", "..."])
        ),
        st.sampled_from(
            ["", "def f():\n    '''Why?'''\n    return 1", "await x", "@f\nclass A:\n    pass", "x \\\n % y"]
        ),
    )
)


@settings(deadline=None, max_examples=500)
@given(st.lists(STATEMENTS, min_size=1, max_size=6).map("\n".join))
def test_plain_python_is_never_changed(source: str) -> None:
    assert parses(source)
    assert to_python(source, lambda _: True).text is source


@settings(deadline=None, max_examples=500)
@given(st.text(st.sampled_from("%!?,;/=\\ \n\t'\"#()[]{}$.:>ax1é\ud800\0\r\x0c")), st.booleans())
def test_any_text_keeps_its_lines(source: str, bound: bool) -> None:  # noqa: FBT001
    code = to_python(source, lambda _: bound)

    assert code.text.count("\n") == source.count("\n")
    lines = source.split("\n")
    for number, line in enumerate(code.text.split("\n")):
        for column in range(len(line) + 1):
            at, character = code.place(number, column)
            assert 0 <= character <= len(lines[at])


@pytest.fixture(scope="module")
def shell() -> Any:
    return shells.InteractiveShell()


def test_automagic_knows_ipythons_magics(shell: Any) -> None:
    magics = shell.magics_manager.magics

    assert set(magics["line"]) <= LINE_MAGICS
    assert set(magics["cell"]) <= FOREIGN_MAGICS | PYTHON_MAGICS.keys()


@pytest.mark.parametrize(
    "source",
    [
        "ls",
        "ls -l",
        "\n ls\n",
        "ls\n\n",
        "cd ..",
        "cd..",
        "ls = 3",
        "ls, x = 1, 2",
        "ls.x",
        "ls == 3",
        "%ls",
        "# c\nls",
        "x = 1",
    ],
)
@pytest.mark.parametrize("bound", [False, True])
def test_automagic_is_where_ipython_has_it(shell: Any, source: str, *, bound: bool) -> None:
    shell.user_ns.pop("ls", None)
    shell.user_ns.pop("cd", None)
    shell.user_ns.update({"ls": 1, "cd": 1} if bound else {})

    theirs = "run_line_magic" in shell.transform_cell(source)

    assert bool(to_python(source, shell.user_ns.__contains__).magics) == theirs
