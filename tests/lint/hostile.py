"""Notebooks and code as nobody should write them, for tests that whatever a file holds is read or refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterator

# A place in a JSON document: the list or object, and the index or key.
Place = tuple[Any, Any]

CELLS = [
    ["import os\n", "import numpy as np\n", "import pandas as pd\n", "from sklearn.linear_model import *"],
    "rate = 0.2  # noqa: NB999\nseed = 3\nDATA = '/home/ann/data/prices.csv'\nTOKEN = 'hunter22222'",
    ["%matplotlib inline\n", "!pip install pandas\n", "df = pd.read_csv(DATA)\n", "df['net'] = df['gross']\n"],
    "%%time\nfor name in os.listdir('.'):\n    df = df.append({'name': name}, ignore_index=True)\ntotal += len(df)",
    "x = np.random.rand(9)\nmodel = LinearRegression().fit(df[['a']], df.b)\nmodel.score(df[['a']], df.b)\nprint(late)",
    "late = 1\n\ndef f(a, b=[]):\n    global rate\n    rate = a\n    return later(b)\n\nf(late)\nassert late, 'no'",
    "%%bash\necho $HOME | tee out.txt",
    "files = !ls\n%load_ext autoreload\ndf?\ndisplay(df)\nopen('out.txt', 'w').write(str(df))",
]  # fmt: skip
OUTPUTS: list[dict[str, Any]] = [
    {"output_type": "stream", "name": "stdout", "text": ["one\n", "two"]},
    {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}, "metadata": {}},
    {
        "output_type": "execute_result",
        "execution_count": 3,
        "data": {"text/html": ["<table>", "</table>"], "text/plain": ["a\n", "b"], "application/json": {"a": [1]}},
        "metadata": {"image/png": {"width": 3}},
    },
    {"output_type": "error", "ename": "NameError", "evalue": "name 'late'", "traceback": ["\x1b[31mNameError", "x"]},
]
TAGS = ["parameters", "step:load", "step:fit", "raises-exception", "skip", "ignore-nbpipe", "nbpipe: ignore=NB102"]
TEXTS = ["# Prices", "## Load\n\n![p](attachment:a.png) [there](../b.ipynb#x)", ["$$x$$\n", "<script>x</script>"], ""]
STRANGE: list[Any] = [
    None, True, False, 0, -1, 3, 4.5, 10**30, -(10**30), float("nan"), float("inf"), "", "*", "code", "a\nb = = 1",
    "\ud800", "\x00", "R", "5", [], [[]], [None], ["a", 1], ["x = 1\n", "\r"], {}, {"a": {}}, {"": None},
    {"cells": []}, [{"cell_type": "code"}],
]  # fmt: skip
PIECES = [
    b"", b"\x00", b"\xff", b"\xe9", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\\ud800", b"\\u0000", b"\\", b'"', b"\r",
    b"\n", b"{", b"}", b"[", b"]", b",", b":", b"1e999", b"NaN", b"-", b"null", b"<<<<<<< HEAD\n", b"[" * 2000,
    b'"a": ', b'{"cells": []}', b"9" * 5000,
]  # fmt: skip


def real_looking() -> dict[str, Any]:
    """Give a notebook with a bit of everything that rules look at."""
    cells: list[dict[str, Any]] = []
    for number, source in enumerate(CELLS):
        text = TEXTS[number % len(TEXTS)]
        attachments = {"a.png": {"image/png": "iVBORw0KGgo="}}
        cells += [
            {"cell_type": "markdown", "id": f"m{number}", "metadata": {}, "source": text, "attachments": attachments},
            {
                "cell_type": "code",
                "id": f"c{number}",
                "execution_count": (number * 3) % 7 or None,
                "metadata": {"tags": [TAGS[number % len(TAGS)]], "scrolled": True, "jupyter": {"source_hidden": True}},
                "outputs": OUTPUTS[: number % 5],
                "source": source,
            },
        ]
    metadata = {
        "kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"},
        "language_info": {"name": "python", "version": "3.11.4", "file_extension": ".py"},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"a1": {"model_name": "IntSlider"}}}},
        "nbpipe": {"ignore": ["NB104"]},
    }
    document = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    copied: dict[str, Any] = json.loads(json.dumps(document))
    return copied


def places(value: Any) -> Iterator[Place]:
    """Yield every place of a JSON document, from the outside in."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield value, key
        yield from places(inner)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """Draw a real-looking notebook in which some values, at any depth, were dropped, repeated or replaced."""
    document = real_looking()
    kept = draw(st.lists(st.integers(0, len(document["cells"]) - 1), min_size=1, max_size=6))
    document["cells"] = json.loads(json.dumps([document["cells"][index] for index in kept]))
    for _ in range(draw(st.integers(1, 5))):
        found = list(places(document))
        if not found:
            break
        parent, key = found[draw(st.integers(0, len(found) - 1))]
        change = draw(st.sampled_from(["drop", "repeat", "replace", "replace", "swap"]))
        if change == "drop":
            del parent[key]
        elif change == "replace":
            parent[key] = json.loads(json.dumps(draw(st.sampled_from(STRANGE))))
        elif change == "repeat" and isinstance(parent, list):
            parent.insert(key, json.loads(json.dumps(parent[key])))
        else:  # the value of another place
            other, name = found[draw(st.integers(0, len(found) - 1))]
            parent[key] = json.loads(json.dumps(other[name]))
    return json.dumps(document, indent=draw(st.sampled_from([1, None])), ensure_ascii=draw(st.booleans())).encode(
        "utf-8", "surrogatepass"
    )


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Draw the bytes of a notebook of which pieces are cut out, or others put in."""
    data = json.dumps(real_looking(), indent=1).encode()
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(data)))
        end = start + draw(st.sampled_from([0, 0, 1, 2, 40, 10**6]))
        data = data[:start] + draw(st.sampled_from(PIECES)) + data[end:]
    return data


TOKENS = [
    "a", "b", "df", "self", "x1", "é", "变量", "ﬁ", "\U0001d431", "__name__", "_", "np", "pd", "plt", "os", "0x", "1_0",
    "1e", ".5", "0777", "3j", "''", '"', "'", '"""', "'''", "f'{a}'", "f'{a", "f'{a!r:>{b}}'", "b'\\xff'", "r'\\'",
    "'\\ud800'", "\\N{x}", "(", ")", "[", "]", "{", "}", ":", ",", ";", ".", "...", "=", "==", ":=", "+=", "->", "-",
    "+", "*", "**", "@", "/", "//", "%", "|", "&", "^", "~", "<", ">", "!=", "<<", "!", "?", "??", "$", "`", "\\",
    "\\\n", "# comment", "#", "# noqa", "# nbpipe: ignore[NB102]", "# type: ignore", "\n", "\n", "\n", "\n    ",
    "\n    ", "\n\t", "\n  ", "\r", "\r\n", "\f", "\v", "\x00", "\x1a", "\u2028", "\u00a0", "\ufeff", "\u200b",
    "\ud800", "\U0001f600", "if", "else:", "elif a:", "for a in", "while", "def f(a, *b, c=1, **d):",
    "class A(B, metaclass=C):", "return", "yield", "yield from", "await", "async", "async def f():", "async for",
    "lambda", "lambda *a: a", "try:", "except:", "except A as e:", "except* A:", "finally:", "raise", "with",
    "with open('a') as f:", "as", "in", "not in", "is not", "and", "or", "not", "import a", "import numpy as np",
    "import pandas as pd", "from a import *", "from . import b", "from __future__ import annotations", "global a",
    "nonlocal b", "del a", "assert", "pass", "break", "continue", "match a:", "case [b, *c]:", "case {'a': b, **c}:",
    "case A(x=1) | None:", "case _:", "type X = int", "print(a)", "a = 1", "a += 1", "a, *b = b", "a[0] = 1",
    "del a[0]", "a.append(b)", "np.random.rand(3)", "pd.read_csv('a.csv')", "df['a'] = df.a", "df.drop(inplace=True)",
    "exec('a = 1')", "eval('a')", "globals()['a'] = 1", "input()", "__import__('os')", "get_ipython().system('ls')",
    "%time", "%timeit a", "%%time\n", "%%bash\n", "%%capture out\n", "%%writefile a.py\n", "%%html\n", "%", "%%",
    "%run a.py", "%load_ext a", "!ls {a}", "!!ls", "x = !ls", "y = %pwd", "%cd ..", "%pip install a",
    "!pip install a==1", "%%%", "a?", "?a", "a??", "/f a", ",f a", ";f a", ">>> a", "... a", "In [1]: a",
    "train_test_split(a, b)", "model.fit(a, b)", "StandardScaler().fit_transform(a)", "time.time()",
    "os.environ['A']", "os.chdir('..')", "requests.get('http://a')", "password = 'hunter22222'", "'/home/ann/a.csv'",
    "'C:\\\\Users\\\\a'", "plt.show()", "display(a)",
]  # fmt: skip
OPENINGS = [
    "(",
    "[",
    "{",
    "f(",
    "a[",
    "{a: ",
    "lambda: ",
    "not ",
    "-",
    "a.b(c)(",
    "f'{",
    "a if b else ",
    "await ",
    "*",
    "a + ",
]
CHAINS = [
    "a + ",
    "a.",
    "a()",
    "a[0]",
    "a and ",
    "a < ",
    "a = ",
    "a\n",
    "if a: pass\nel",
    "'a' ",
    "a, ",
    "a; ",
    "@a\n",
    "a|",
    "x += 1\n",
]
BLOCKS = [
    "if a:",
    "def f():",
    "class A:",
    "for a in b:",
    "while a:",
    "with a:",
    "try:",
    "async def f():",
    "match a:",
    "case b:",
]


@st.composite
def nested(draw: st.DrawFn) -> str:
    """Draw code that is as deep, or as long, as nobody writes it."""
    depth = draw(st.sampled_from([5, 50, 95, 150, 1000, 5000]))
    kind = draw(st.integers(0, 3))
    if kind == 0:
        opening = draw(st.sampled_from(OPENINGS))
        closing = "".join({"(": ")", "[": "]", "{": "}"}.get(mark, "") for mark in reversed(opening))
        return "x = " + opening * depth + "a" + closing * draw(st.sampled_from([depth, depth - 1, 0]))
    if kind == 1:
        return draw(st.sampled_from(CHAINS)) * depth + "a"
    if kind == 2:
        headers = draw(st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=3))
        depth = min(depth, 150)  # the parser refuses a hundred
        lines = [" " * level + headers[level % len(headers)] for level in range(depth)]
        return "\n".join([*lines, " " * depth + "a = a"])
    return f"x = '{'y' * depth * 20}' + a" + draw(st.sampled_from(["", "\f\n", "\r"])) + "#" * depth


SOUPS = st.builds(
    str.join,
    st.sampled_from([" ", "", "\n"]),
    st.lists(st.sampled_from(TOKENS) | st.text(st.characters(), max_size=3), max_size=25),
)


def notebook_of(sources: list[str]) -> bytes:
    """Give a notebook of code cells with these sources."""
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": source} for source in sources]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()


CODE = st.lists(SOUPS | nested() | st.sampled_from(CELLS).map("".join), min_size=1, max_size=4).map(notebook_of)
