"""NB209."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.settings.setting import Setting

LONGEST = 60
SHOWN = 5


class DuplicatedSetting(Rule):
    """The same setting stands as a literal in several cells.

    ## What it does

    Reports paths and endpoints that are written out in more than one cell, and hyperparameters that the same callable
    is given with the same value in more than one cell. One finding for all places of a setting, at the second of them.

    Silent for what stands in cells tagged `parameters`, and for everything that `hardcoded-path`,
    `hardcoded-hyperparameter` and `hardcoded-endpoint` do not take for a setting.

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
        """Yield one finding for each setting that stands in several cells."""
        from nbpipe.settings.finding import find_settings
        from nbpipe.settings.setting import CONSTANT, HYPERPARAMETER

        places: dict[tuple[str, ...], dict[object, Setting]] = {}
        for setting in find_settings(context.analysis):
            if setting.kind == CONSTANT:
                continue
            key: tuple[str, ...] = (setting.kind, setting.type, repr(setting.value))
            if setting.kind == HYPERPARAMETER:
                key = (*key, setting.keyword, setting.sink)
            elif len(str(setting.value)) < SHOWN:
                continue
            places.setdefault(key, {}).setdefault(setting.range, setting)
        for found in places.values():
            settings = list(found.values())
            if len({setting.range.cell for setting in settings}) > 1:
                yield _report(context, settings)


def _report(context: Context, settings: list[Setting]) -> Diagnostic:
    from nbpipe.lint.extraction import extraction_of
    from nbpipe.settings.endpoint_shape import redacted
    from nbpipe.settings.setting import HYPERPARAMETER

    first = settings[0]
    second = next(setting for setting in settings if setting.range.cell != first.range.cell)
    text = repr(redacted(first.value) if isinstance(first.value, str) else first.value)
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}\u2026"
    what = f"{first.keyword}={text}" if first.kind == HYPERPARAMETER else f"the {first.kind} {text}"
    cells = [str(cell + 1) for cell in sorted({setting.range.cell for setting in settings})]
    listed = f"{', '.join(cells[:-1])} and {cells[-1]}"
    others = [setting for setting in settings if setting is not second]
    related = tuple(Related(setting.range, "it stands here, too") for setting in others[:SHOWN])
    message = f"{what} is written out in cells {listed}: whoever changes it must find all places"
    fix = extraction_of(context.analysis).fix(settings)
    return context.diagnostic(second.range, message, related=related, fix=fix)
