"""NB405."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.naming import listed
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

# Builtins that well-known modules replace when all their names are imported.
REPLACED = {
    "cmath": ("pow",),
    "dask.array": ("abs", "all", "any", "max", "min", "round", "sum"),
    "jax.numpy": ("abs", "all", "any", "max", "min", "pow", "round", "sum"),
    "keras.backend": ("abs", "all", "any", "max", "min", "pow", "round", "sum"),
    "math": ("pow",),
    "numpy": ("abs", "all", "any", "max", "min", "round", "sum"),
    "os": ("open",),
    "pylab": ("abs", "all", "any", "max", "min", "round", "sum"),
    "pyspark.sql.functions": ("abs", "filter", "hash", "max", "min", "pow", "round", "slice", "sum"),
    "scipy": ("abs", "all", "any", "max", "min", "round", "sum"),
    "tensorflow.keras.backend": ("abs", "all", "any", "max", "min", "pow", "round", "sum"),
    "torch": ("abs", "all", "any", "max", "min", "pow", "round", "sum"),
}
# Made to be imported so: the documentation of the library does, and `__all__` is written for it.
MEANT = (
    "fastai.",
    "fastcore.",
    "nbdev.",
    "manim.",
    "manimlib.",
    "fastbook.",
    "ipycanvas.",
    "tkinter.",
    "turtle.",
    "z3.",
    "pycaret.",
    "pynvml.",
)
SHOWN = 4


class StarImport(Rule):
    """All names of a module are imported at once.

    ## What it does

    Reports `from module import *`. Where the module is known to replace builtins (`from numpy import *` takes `sum`,
    `max` and others), the message names them.

    Silent for libraries whose documentation imports this way (fastai, manim, PyCaret, turtle...): they are written for
    it, and list what it gives.

    ## Why is this bad?

    Nobody, neither reader nor checker, can tell where a name comes from. Whatever the module adds with its next
    version silently replaces names of the notebook, and its own names are replaced by later cells. In a notebook,
    where cells run in any order, which of two things a name means then depends on which cell ran last.

    ## Example

    ```python
    # %%
    from numpy import *

    total = sum([1, 2, 3])
    ```

    ## Use instead

    ```python
    # %%
    import numpy as np

    total = np.sum([1, 2, 3])
    ```
    """

    code = "NB405"
    severity = Severity.WARNING
    triggers = ("import *", "import  *", "import\t*")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each import of all names."""
        for home, node in context.analysis.nodes(ast.ImportFrom):
            if node.names[0].name != "*":
                continue
            module = "." * node.level + (node.module or "")
            if not f"{module}.".startswith(MEANT):
                yield context.diagnostic(context.analysis.range(home, node), _message(module))


def _message(module: str) -> str:
    replaced = REPLACED.get(module)
    if replaced is None:
        return f"all names of '{module}' are imported: where a name comes from cannot be told"
    names = [f"`{name}`" for name in replaced[:SHOWN]]
    if len(replaced) > SHOWN:
        names.append("others")
    verb = "builtin" if len(replaced) == 1 else "builtins"
    return f"all names of '{module}' are imported, which replace the {verb} {listed(names, 'and')}"
