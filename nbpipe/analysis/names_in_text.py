"""Names of Python that stand in the text of an argument: pandas' ``query("a > @limit")``, formulas ``"y ~ np.log(x)"``.

pandas looks ``@name`` up among the locals and the globals of the frame that calls `DataFrame.query` or
`DataFrame.eval` (`pandas.core.computation.scope.Scope`); formulaic and patsy evaluate each factor with the variables of
the caller's frame behind the columns of the data (`patsy.EvalEnvironment.capture`).
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from nbpipe.analysis.traversal import walk
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

_QUERIES: Final = frozenset(["query", "eval"])
# Of statsmodels.formula.api, patsy and formulaic.
_FORMULAS: Final = frozenset([
    "ols", "wls", "gls", "glsar", "glm", "gee", "ordinal_gee", "nominal_gee", "logit", "probit", "mnlogit", "poisson",
    "negativebinomial", "rlm", "quantreg", "mixedlm", "phreg", "from_formula", "dmatrix", "dmatrices", "model_matrix",
])  # fmt: skip
# The last names of calls that may read the notebook's names in a text.
READING_TEXTS: Final = _QUERIES | _FORMULAS
_TEXTS: Final = ("expr", "formula")  # the parameters' names
# In a query: texts in quotes and columns in backticks hold no names.
_QUOTED: Final = pattern(r"""'[^']*'|"[^"]*"|`[^`]*`""")
_MARKED: Final = pattern(r"@([^\W\d]\w*)")
_WORD: Final = pattern(r"(?<![\w.])[^\W\d]\w*")

_made: MutableMapping[ast.Call, dict[str, ast.Name]] = WeakKeyDictionary()


def names_in_text(call: ast.Call, text: str = "") -> Iterator[ast.Name]:
    """Give the names that the text of a call's argument may read, each as a node where the text stands.

    The same call gives the same nodes each time.

    Args:
        call: any call.
        text: what its first argument is known to hold, where that is not written in the call itself.
    """
    called = getattr(call.func, "attr", "") or getattr(call.func, "id", "")
    argument = text_argument(call) if called in READING_TEXTS else None
    if argument is None:
        return
    texts = [node.value for node in walk(argument) if isinstance(node, ast.Constant) and type(node.value) is str]
    nodes = _made.setdefault(call, {})
    for name in dict.fromkeys(_names(call, [*texts, text])):
        if name not in nodes:
            nodes[name] = ast.copy_location(ast.Name(name, ast.Load()), argument)
        yield nodes[name]


def text_argument(call: ast.Call) -> ast.expr | None:
    """Give the argument in which a call may be given a text with names."""
    for keyword in call.keywords:
        if keyword.arg in _TEXTS:
            return keyword.value
    return call.args[0] if call.args else None


def _names(call: ast.Call, texts: list[str]) -> Iterator[str]:
    function = call.func
    called = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    for text in texts:
        if isinstance(function, ast.Attribute) and called in _QUERIES and "@" in text:
            yield from _MARKED.findall(_QUOTED.sub("", text))
        elif called in _FORMULAS and "~" in text:
            yield from _WORD.findall(_QUOTED.sub("", text))
