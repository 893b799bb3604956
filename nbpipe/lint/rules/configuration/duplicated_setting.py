"""NB209."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Range
    from nbpipe.settings.setting import Setting

LONGEST = 60
SHOWN = 5
DIVIDING = frozenset(["cv", "n_folds", "n_splits", "test_size", "train_size", "validation_split"])
SHORTEST = 5  # a port or a short name may be the same twice by chance


class DuplicatedSetting(Rule):
    """The same setting stands as a literal in several cells.

    ## What it does

    Reports paths and endpoints that are written out in more than one cell, and hyperparameters that the same callable
    is given in more than one cell: several with the same values, one that says how the data is divided (`test_size`,
    `cv`...), or one that is given the same name each time (`num_epochs = 3`). One finding for all places of a setting,
    at the second of them; settings of the same callable in the same cells share it.

    Silent for what stands in cells tagged `parameters`, for everything that `hardcoded-path`,
    `hardcoded-hyperparameter` and `hardcoded-endpoint` do not take for a setting, for texts (`kernel="linear"`) and for
    the two or three components of what is plotted.

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
                use = (setting.keyword, setting.sink) if setting.kind == HYPERPARAMETER else ()
                key = (setting.kind, setting.type, repr(setting.value), *use)
                literals.setdefault(key, {}).setdefault(setting.range, setting)
        groups: dict[tuple[object, ...], list[list[Setting]]] = {}
        for key, found in literals.items():
            cells = tuple(sorted({place.cell for place in found}))
            if len(cells) > 1:
                together = (cells, key[-1]) if key[0] == HYPERPARAMETER else (cells, key)
                groups.setdefault(together, []).append(list(found.values()))
        for group in groups.values():
            if _is_meant(context, group):
                yield _report(context, group)


def _counts(setting: Setting) -> bool:
    """Tell whether a setting is looked at: not texts that choose, and not two dimensions to plot."""
    from nbpipe.settings.setting import CONSTANT, HYPERPARAMETER

    if setting.kind == HYPERPARAMETER:
        return not isinstance(setting.value, str) and not (
            setting.keyword == "n_components" and setting.value in (2, 3)
        )
    return setting.kind != CONSTANT and len(str(setting.value)) >= SHORTEST


def _is_meant(context: Context, group: list[list[Setting]]) -> bool:
    """Tell whether equal hyperparameters are more than coincidence.

    They are where several go together, where they say how data is divided, which comparisons must agree on, and where
    each place gives them the same name.
    """
    from nbpipe.settings.bindings import bindings_of
    from nbpipe.settings.setting import HYPERPARAMETER

    places = group[0]
    if places[0].kind != HYPERPARAMETER or len(group) > 1 or places[0].keyword in DIVIDING:
        return True
    names = {bindings_of(context.analysis).assigned_name(setting.node) for setting in places}
    return len(names) == 1 and "" not in names


def _report(context: Context, group: list[list[Setting]]) -> Diagnostic:
    from nbpipe.lint.extraction import extraction_of

    places = group[0]
    second = next(setting for setting in places if setting.range.cell != places[0].range.cell)
    cells = [str(cell + 1) for cell in sorted({setting.range.cell for setting in places})]
    what = _listed([_shown(settings[0]) for settings in group])
    verb = "is" if len(group) == 1 else "are"
    message = f"{what} {verb} written out in cells {_listed(cells)}: whoever changes it must find all places"
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
