"""Names that are there before the first cell runs."""

from __future__ import annotations

import builtins

from nbpipe.patterns import pattern

# IPython's user namespace, by its documentation ("Reference", section "Output caching system") and what VS Code adds.
_IPYTHON = frozenset({"In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_ih", "_oh", "_dh", "_sh"}) | {
    *("get_ipython", "display", "exit", "quit", "open", "__vsc_ipynb_file__", "__session__"),
    *("__name__", "__doc__", "__package__", "__loader__", "__spec__", "__builtin__", "__builtins__", "__annotations__"),
}
_HISTORY = pattern(r"_i?\d+$")
# The builtins of other platforms than this one.
BUILTINS = frozenset(dir(builtins)) | _IPYTHON | {"WindowsError"}

# Builtins of Python 2 that Python 3 does not have.
PYTHON_2 = frozenset(
    [
        *(
            "apply",
            "basestring",
            "buffer",
            "cmp",
            "coerce",
            "execfile",
            "file",
            "intern",
            "long",
            "raw_input",
            "reduce",
        ),
        *("reload", "StandardError", "unichr", "unicode", "xrange"),
    ]
)

# What Databricks and Spark kernels put into the namespace.
SPARK = frozenset(["spark", "sc", "sqlContext", "sql", "dbutils", "displayHTML", "getArgument", "table"])


def is_builtin(name: str) -> bool:
    """Tell whether Python or IPython provides the name."""
    return name in BUILTINS or (name[0] == "_" and _HISTORY.match(name) is not None)
