"""NB815."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.naming import listed, ordinal
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.lint.repetition import Fragment, Group
    from nbpipe.lint.rule import Lines
    from nbpipe.lint.suppression import Suppressions

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SHOWN = 10  # other notebooks that a message names
# Methods and functions whose calls, as statements or values of their own, only show or set up something.
_SHOWING = frozenset([
    "FacetGrid", "HTML", "Image", "Markdown", "add_subplot", "annotate", "axes", "axhline", "axhspan", "axis",
    "axvline", "axvspan", "bar", "bar_label", "barh", "barplot", "basicConfig", "boxenplot", "boxplot", "catplot",
    "clf", "close", "colorbar", "contour", "contourf", "countplot", "describe", "despine", "display", "distplot",
    "errorbar", "figure", "fill_between", "filterwarnings", "get_ipython", "grid", "head", "heatmap", "hist",
    "histplot", "imshow", "info", "invert_yaxis", "jointplot", "kdeplot", "legend", "lineplot", "lmplot",
    "memory_usage", "nunique", "pairplot", "pie", "plot", "plot_surface", "print", "quiver", "rc", "regplot",
    "relplot", "sample", "savefig", "scatter", "scatterplot", "set", "set_aspect", "set_axis_off", "set_context",
    "set_option", "set_palette", "set_printoptions", "set_style", "set_theme", "set_ticks", "set_title", "set_xlabel",
    "set_xlim", "set_xticklabels", "set_xticks", "set_ylabel", "set_ylim", "set_yticklabels", "set_yticks",
    "set_zlabel", "set_zlim", "show", "simplefilter", "stackplot", "stem", "step", "stripplot", "subplot", "subplots",
    "subplots_adjust", "summary", "suptitle", "swarmplot", "tail", "text", "tick_params", "tight_layout", "title",
    "unique", "update_layout", "update_xaxes", "update_yaxes", "use", "value_counts", "view_init", "violinplot",
    "xlabel", "xlim", "xticks", "ylabel", "ylim", "yticks",
])  # fmt: skip
# What a call whose value the cell shows may begin with where it does something besides.
_DOING = ("add", "append", "compile", "fit", "insert", "save", "to_", "train", "update", "write")


class RepeatedLogic(Rule):
    """The same function, or the same run of statements, stands in several notebooks.

    ## What it does

    Compares all notebooks that are checked together. Reports, in the first one, a function or class, or a run of at
    least six lines of statements (in one cell or in several), that stands in others, too, with all the places. Names
    of one's own, literals, layout and comments do not count: a copy with other variables and another file name is a
    copy. What is called does count.

    Imports, settings, plain values, and what only shows something (`print`, `df.head()`, `plt.title`, a last line of
    a cell that is there for its output...) are no logic: runs go past them. Of two notebooks only the longest run is
    told, once; copies of a whole notebook are one finding, which names them all.

    Silent where only one notebook is checked. A comment at the first line of the first place hides the finding
    (`# nbpipe: ignore[repeated-logic]`), one at another place leaves that place out.

    ## Why is this bad?

    A mistake that is found in one copy stays in the others, and the copies drift apart until nobody knows which one is
    right. In a module that all notebooks import, it is written, tested and mended once.

    ## Example

    ```python
    # %%
    def clean(frame):
        frame = frame.dropna(subset=["price"])
        frame["price"] = frame["price"].str.replace(",", "").astype(float)
        frame = frame[frame["price"] > 0].reset_index(drop=True)
        frame["day"] = frame["time"].dt.floor("D")
        return frame.sort_values("day")


    # %% notebook="other.ipynb"
    def prepare(rows):
        rows = rows.dropna(subset=["cost"])
        rows["cost"] = rows["cost"].str.replace(".", "").astype(float)
        rows = rows[rows["cost"] > 10].reset_index(drop=True)
        rows["date"] = rows["at"].dt.floor("h")
        return rows.sort_values("date")
    ```

    ## Use instead

    ```python
    # %%
    from cleaning import clean

    # %% notebook="other.ipynb"
    from cleaning import clean
    ```
    """

    code = "NB815"
    severity = Severity.INFO
    default = False
    across = True

    def check(self, context: Context) -> Iterator[Diagnostic]:  # noqa: ARG002 - one notebook shows nothing
        """Yield nothing: see `compare`."""
        yield from ()

    def fragments(self, context: Context, suppressions: Suppressions) -> list[Any]:
        """Give the statements that do something: shape, weight, cell, lines; name and whether hidden, where needed."""
        from nbpipe.analysis.shape import shapes

        silences = _silences(context)
        found: list[Any] = []
        for cell, node, number, weight in shapes(context.analysis):
            if weight > 1 and _is_logic(node) and not _is_shown(node, context.analysis.codes[cell].body[-1]):
                lines = (node.lineno - 1, (node.end_lineno or node.lineno) - 1)
                fragment: list[Any] = [number, weight, cell, *lines]
                hidden = silences and suppressions.hides(_of(context, cell, node), context.rule)
                if hidden or isinstance(node, _DEFINITIONS):
                    fragment += [getattr(node, "name", ""), int(hidden)]
                found.append(fragment)
        return found

    def compare(self, notebooks: Sequence[tuple[str, list[Any]]]) -> Iterator[tuple[int, Lines, str]]:
        """Yield one finding for each run that several notebooks share."""
        from nbpipe.lint.repetition import Fragment, groups

        paths = [path for path, _ in notebooks]
        fragments = [[Fragment(*columns) for columns in rows] for _, rows in notebooks]
        for group in groups(fragments):
            found = _report(group, paths, fragments)
            if found is not None:
                yield (group.largest.owner, *found)


def _silences(context: Context) -> bool:
    """Tell whether the notebook may say of some place not to report it: to look at each costs."""
    notebook = context.notebook
    return "nbpipe" in notebook.metadata or any(
        "nbpipe" in cell.source
        or "noqa" in cell.source
        or "NOQA" in cell.source
        or ("tags" in cell.metadata and any("nbpipe" in tag for tag in cell.tags))
        for cell in notebook.cells
        if cell.cell_type == "code"
    )


def _of(context: Context, cell: int, node: ast.stmt) -> Diagnostic:
    """Give what would be reported if a run began with this statement."""
    return context.diagnostic(context.analysis.range(cell, node), "")


def _is_logic(node: ast.stmt) -> bool:
    """Tell whether a statement does something that could be wrong, and does not only import, set up or show."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Await) or (
            isinstance(node.value, ast.Call) and _called(node.value) not in _SHOWING
        )
    if isinstance(node, ast.Assign):
        return not isinstance(node.value, ast.Call) or _called(node.value) not in _SHOWING
    if isinstance(node, ast.If):  # if "google.colab" in sys.modules: what the place asks for
        return not (isinstance(node.test, ast.Compare) and getattr(node.test.comparators[0], "attr", "") == "modules")
    if isinstance(node, ast.Try):
        return not isinstance(node.body[0], ast.Import | ast.ImportFrom)
    return not isinstance(node, ast.Import | ast.ImportFrom)


def _is_shown(node: ast.stmt, last: ast.stmt) -> bool:
    """Tell whether a cell ends with a call just to show what it gives."""
    if node is not last or not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    doing = _called(node.value).startswith(_DOING) or any(keyword.arg == "inplace" for keyword in node.value.keywords)
    return not doing


def _called(call: ast.Call) -> str:
    name: str = getattr(call.func, "attr", "") or getattr(call.func, "id", "")
    return name


def _report(group: Group, paths: list[str], notebooks: list[list[Fragment]]) -> tuple[Lines, str] | None:
    largest = group.largest
    run = notebooks[largest.owner][largest.start : largest.end + 1]
    first = run[0]
    last = [fragment for fragment in run if fragment.cell == first.cell][-1]
    places = []
    partly = False
    for match in group.matches:
        theirs = notebooks[match.other][match.other_start : match.other_end + 1]
        if not theirs[0].hidden:
            partly |= (match.start, match.end) != (largest.start, largest.end)
            places.append(f"{paths[match.other]} ({_cells(theirs)})")
    if first.hidden or last.hidden or not places:
        return None
    more = len(places) - _SHOWN
    if more > 0:
        places[_SHOWN:] = [f"{more} more notebooks" if more > 1 else "one more notebook"]
    extent = "also" if not partly else "also, in whole or in part,"
    message = f"{_what(run)} {extent} in {listed(places, 'and')}: give it one home, such as a module that all import"
    return (first.cell, first.start, last.end), message


def _what(run: list[Fragment]) -> str:
    if len(run) == 1 and run[0].name:
        return f"`{run[0].name}` ({run[0].lines} lines) stands"
    lines = sum(fragment.lines for fragment in run)
    beyond = f", down to {ordinal(run[-1].cell)}," if run[-1].cell != run[0].cell else ""
    return f"the logic of these {lines} lines{beyond} stands"


def _cells(run: list[Fragment]) -> str:
    first, last = run[0].cell, run[-1].cell
    return ordinal(first) if first == last else f"cells {first + 1} to {last + 1}"
