"""NB209."""

from __future__ import annotations

import ast
import itertools
from typing import TYPE_CHECKING

from nbpipe.keeping import kept
from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Notebook, Range
    from nbpipe.settings.setting import Setting

LONGEST = 60
SHOWN = 5
DIVIDING = frozenset(["cv", "n_folds", "n_splits", "test_size", "train_size", "validation_split"])
HEADING = pattern(r"(?m)^ {0,3}##?[ \t]|<h[12]")
PROGRAM = 15  # different lines
ALIKE = 0.7
SHORTEST = 5  # a port or a short name may be the same twice by chance


class DuplicatedSetting(Rule):
    """The same setting stands as a literal in several cells.

    ## What it does

    Reports paths and endpoints that are written out in more than one cell, and hyperparameters that the same callable
    is given in more than one cell: one that says how the same data is divided (`test_size`, `cv`...), wherever that is,
    and several with the same values in one section of the text. One finding for all places of a setting, at the second
    of them; settings of the same callable in the same cells share it.

    Silent for what stands in cells tagged `parameters`, for everything that `hardcoded-path`,
    `hardcoded-hyperparameter` and `hardcoded-endpoint` do not take for a setting, for texts (`kernel="linear"`), for
    the two or three components of what is plotted, for cells that write out the same program again, for a split of what
    another split has left, and for the same values below another heading (`#` or `##`): that is another task.

    ## Why is this bad?

    Whoever changes the value must find all places. If one is forgotten, the notebook trains on one file and tests on
    another, or compares two models that were trained differently, and nothing fails.

    ## Example

    ```python
    # %%
    import pandas as pd

    columns = pd.read_csv("/data/churn/train.csv", nrows=0).columns
    # %%
    df = pd.read_csv("/data/churn/train.csv")
    ```

    ## Use instead

    ```python
    # %% tags=["parameters"]
    data_path = "/data/churn/train.csv"
    # %%
    import pandas as pd

    columns = pd.read_csv(data_path, nrows=0).columns
    # %%
    df = pd.read_csv(data_path)
    ```

    ## Fix safety

    The fix makes one parameter of all places, as the fixes of the rules about settings do. The notebook computes the
    same. It is unsafe because only the author knows whether the values are equal by intent: from then on they change
    together.
    """

    code = "NB209"
    severity = Severity.WARNING

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for what stands in the same cells and is passed to the same callable."""
        from nbpipe.settings.finding import find_settings
        from nbpipe.settings.setting import HYPERPARAMETER

        literals: dict[tuple[str, ...], dict[Range, Setting]] = {}
        for setting in find_settings(context.analysis):
            if _counts(setting):
                use = _use(context, setting) if setting.kind == HYPERPARAMETER else ()
                key = (setting.kind, setting.type, repr(setting.value), *use)
                literals.setdefault(key, {}).setdefault(setting.range, setting)
        groups: dict[tuple[object, ...], list[list[Setting]]] = {}
        for key, found in literals.items():
            cells = tuple(sorted({place.cell for place in found}))
            if len(cells) > 1:
                together = (cells, key[-1]) if key[0] == HYPERPARAMETER else (cells, key)
                groups.setdefault(together, []).append(list(found.values()))
        for group in groups.values():
            if _is_meant(group) and not _is_rewritten(context, group):
                yield _report(context, group)


def _counts(setting: Setting) -> bool:
    """Tell whether a setting is looked at: not texts that choose, and not two dimensions to plot."""
    from nbpipe.settings.setting import CONSTANT, HYPERPARAMETER

    if setting.kind == HYPERPARAMETER:
        return not isinstance(setting.value, str) and not (
            setting.keyword == "n_components" and setting.value in (2, 3)
        )
    return setting.kind != CONSTANT and len(str(setting.value)) >= SHORTEST


def _use(context: Context, setting: Setting) -> tuple[str, ...]:
    """Give what a hyperparameter is for: where it divides data, which data; else the section of the text."""
    data = _divided(context, setting) if setting.keyword in DIVIDING else ""
    where = data or str(_section(context, setting.home))
    return where, setting.keyword, setting.sink


def _divided(context: Context, setting: Setting) -> str:
    """Give which value of which name a call divides, nothing where that cannot be told."""
    call = setting.place
    if not isinstance(call, ast.Call) or setting.sink.rpartition(".")[2][:1].isupper():
        return ""
    owner = [call.func.value] if isinstance(call.func, ast.Attribute) else []
    names = [node for node in (*reversed(call.args), *owner) if isinstance(node, ast.Name)]
    use = context.analysis.top_down.uses.get((setting.home, id(names[0]))) if names else None
    if not names:
        return ""
    if use is None:
        return f"{names[0].id} of a function in cell {setting.home}"
    return f"{names[0].id} {sorted(id(each.node) for each in use.definitions)}"


def _section(context: Context, cell: int) -> int:
    """Give the number of headings of the first or second level above a cell."""
    return _headings(context.notebook)[cell]


@kept
def _headings(notebook: Notebook) -> list[int]:
    """Give the number of headings above each cell."""
    counts = [len(HEADING.findall(each.source)) if each.cell_type == "markdown" else 0 for each in notebook.cells]
    return list(itertools.accumulate(counts, initial=0))


def _is_meant(group: list[list[Setting]]) -> bool:
    """Tell whether equal hyperparameters are more than coincidence: several, or how the same data is divided."""
    from nbpipe.settings.setting import HYPERPARAMETER

    first = group[0][0]
    keywords = {places[0].keyword for places in group}  # one with several values is compared
    return first.kind != HYPERPARAMETER or len(keywords) > 1 or (len(group) == 1 and first.keyword in DIVIDING)


def _is_rewritten(context: Context, group: list[list[Setting]]) -> bool:
    """Tell whether the cells are the same program, written out whole each time: then it is shown step by step."""
    from nbpipe.settings.setting import HYPERPARAMETER

    if group[0][0].kind != HYPERPARAMETER:
        return False
    cells = sorted({setting.range.cell for setting in group[0]})
    lines = [{line.strip() for line in context.notebook.cells[cell].source.split("\n")} - {""} for cell in cells]
    return all(len(each) >= PROGRAM for each in lines) and all(
        len(one & other) >= ALIKE * min(len(one), len(other)) for one, other in itertools.pairwise(lines)
    )


def _report(context: Context, group: list[list[Setting]]) -> Diagnostic:
    from nbpipe.lint.extraction import extraction_of

    places = group[0]
    second = next(setting for setting in places if setting.range.cell != places[0].range.cell)
    cells = [str(cell + 1) for cell in sorted({setting.range.cell for setting in places})]
    what = _listed([_shown(settings[0]) for settings in group])
    verb, them = ("is", "it") if len(group) == 1 else ("are", "them")
    message = f"{what} {verb} written out in cells {_listed(cells)}: whoever changes {them} must find all places"
    related = tuple(Related(each.range, "it stands here, too") for each in places if each is not second)
    everything = [setting for settings in group for setting in settings]
    fix = extraction_of(context.analysis).fix(everything)
    return context.diagnostic(second.range, message, related=related[:SHOWN], fix=fix)


def _shown(setting: Setting) -> str:
    from nbpipe.settings.endpoint_shape import redacted
    from nbpipe.settings.setting import HYPERPARAMETER

    value = setting.value
    text = repr(redacted(value) if isinstance(value, str) else value)
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}\u2026"
    return f"{setting.keyword}={text}" if setting.kind == HYPERPARAMETER else f"the {setting.kind} {text}"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
