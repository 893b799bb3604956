"""New figures: behind a cell, and where it shows one, a notebook closes its figures; a function goes on drawing in one.

The inline backend of Jupyter shows and closes all figures at the end of each cell and in `show()` (matplotlib_inline,
`flush_figures`). What the next cell draws "on the current figure" is a new one there, and has to be in a step.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.convert.layout import Layout
    from nbpipe.convert.source import Source, Statement

_PYPLOT: Final = "matplotlib.pyplot"
# Of pyplot and seaborn: what makes a figure of its own, and what draws nothing.
_MAKING: Final = frozenset([
    "figure", "subplots", "subplot_mosaic", "matshow", "relplot", "displot", "catplot", "lmplot", "jointplot",
    "pairplot", "clustermap", "FacetGrid", "PairGrid", "JointGrid", "factorplot",
])  # fmt: skip
_QUIET: Final = frozenset([
    "show", "close", "rc", "rcdefaults", "ion", "ioff", "switch_backend", "get_cmap", "get_fignums", "set", "set_theme",
    "set_style", "set_context", "set_palette", "color_palette", "load_dataset", "axes_style", "plotting_context",
    "reset_defaults", "reset_orig", "get_dataset_names", "use", "update",
])  # fmt: skip
# Methods of frames and series, and functions of others, that draw on the current figure.
_DRAWING_METHODS: Final = frozenset(["plot", "hist", "boxplot", "bar", "barh", "scatter", "line", "pie", "kde", "box"])
_DRAWING_FUNCTIONS: Final = ("sklearn.tree.plot_tree", "scipy.cluster.hierarchy.dendrogram", "pandas.plotting.")


def new_figures(source: Source, layout: Layout, step: str) -> tuple[set[Statement], str]:
    """Give the statements of a step before which a new figure has to begin, and pyplot's name, "" for none."""
    name = next((key for key, items in layout.imports.items() if any(i.qualified_name == _PYPLOT for i in items)), "")
    if not name or not _closes_figures(source):
        return set(), ""
    drawer = _Drawer(source, layout)
    found: set[Statement] = set()
    drawn = is_closed = False
    cell = -1
    for statement in source.of_step(step):
        is_closed = is_closed or (drawn and statement.cell != cell)
        cell = statement.cell
        kind = drawer.kind(statement)
        if kind == "current" and is_closed:
            found.add(statement)
        if kind:
            drawn, is_closed = True, False
        if drawer.shows(statement):
            is_closed = drawn
    return found, name


def _closes_figures(source: Source) -> bool:
    """Tell whether no cell asks for a backend that leaves figures open."""
    return not any(
        magic.name == "%matplotlib" and magic.argument.strip() not in ("", "inline")
        for code in source.analysis.codes.values()
        for magic in code.code.magics
    )


def draws(source: Source, layout: Layout, statement: Statement) -> bool:
    """Tell whether a statement draws, or sets how something is drawn."""
    drawer = _Drawer(source, layout)
    return bool(drawer.kind(statement)) or drawer.is_of_pyplot(statement)


class _Drawer:
    """Knows what statements draw on."""

    def __init__(self, source: Source, layout: Layout) -> None:
        self._names = {id(call.node): call.names for call in source.analysis.calls}
        self._layout = layout

    def kind(self, statement: Statement) -> str:
        """Give what a statement first draws on: a ``new`` figure, the ``current`` one, or "" for none."""
        if isinstance(statement.node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            return ""
        return next(self._kinds(statement.node), "")

    def is_of_pyplot(self, statement: Statement) -> bool:
        """Tell whether a statement calls anything of matplotlib or seaborn."""
        called = (name for part in statement.parts for name in self._names.get(part, ()))
        return any(name.startswith(("matplotlib.", "seaborn.")) for name in called)

    def shows(self, statement: Statement) -> bool:
        """Tell whether a statement itself shows what was drawn."""
        call = statement.node.value if isinstance(statement.node, ast.Expr) else None
        return isinstance(call, ast.Call) and f"{_PYPLOT}.show" in self._names.get(id(call), ())

    def _kinds(self, node: ast.AST) -> Iterator[str]:
        calls = [inner for inner in ast.walk(node) if isinstance(inner, ast.Call)]
        for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset, -(call.end_col_offset or 0))):
            kind = self._of_call(call)
            if kind:
                yield kind

    def _of_call(self, call: ast.Call) -> str:
        names = self._names.get(id(call), ())
        if any(keyword.arg == "ax" for keyword in call.keywords):
            return ""
        for name in names:
            top, last = name.partition(".")[0], name.rpartition(".")[2]
            if name.startswith((f"{_PYPLOT}.", "seaborn.")):
                return "" if last in _QUIET or ".rcParams" in name else "new" if last in _MAKING else "current"
            if name.startswith(_DRAWING_FUNCTIONS) or (top == "pandas" and last in _DRAWING_METHODS):
                return "current"
        if isinstance(call.func, ast.Name) and call.func.id in self._layout.definitions:
            return next(self._kinds(self._layout.definitions[call.func.id].node), "")
        is_method = isinstance(call.func, ast.Attribute) and call.func.attr in _DRAWING_METHODS
        return "current" if is_method and not names else ""
