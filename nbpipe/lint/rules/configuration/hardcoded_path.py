"""NB201."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic, Fix
    from nbpipe.settings.setting import Setting

# Who else has the folder; the longest beginning first.
HOLDS = (
    ("/content", "on Colab only"),
    ("/gdrive", "on Colab only"),
    ("/kaggle", "on Kaggle only"),
    ("/dbfs", "on Databricks only"),
    ("/databricks", "on Databricks only"),
    ("dbfs:", "on Databricks only"),
    ("~", "in one person's home folder only"),
)
LONGEST = 60


class HardcodedPath(Rule):
    r"""A path that holds on one machine only stands in the code.

    ## What it does

    Reports absolute and machine-bound paths: of POSIX (`/home/ann/data.csv`), Windows (`C:\data`), the network
    (`\\server\share`), a home folder (`~/data`), `file://`, Colab (`/content/...`), Kaggle (`/kaggle/...`) and
    Databricks (`dbfs:/...`). A path that looks like nothing else is reported wherever it is evaluated, in `%cd` and in
    shell commands as well; any other text that begins with a slash only where it reaches something that takes a
    place on disk (`open`, `pandas.read_csv`, `df.to_csv`, `np.load`, `Path`...), directly or through a name. Nothing
    is ever looked up on the disk: the finding is the same on every machine.

    A path below `/tmp` is an info, and only where it is read and nothing else in the notebook speaks of it: every Unix
    has the folder, but what is there does not stay.

    Silent where a run can give another value or the author has thought of other machines: in a cell tagged
    `parameters`, on a Colab form's line (`#@param`), in the default of an environment variable or of a command-line
    option, in a branch that asks where the notebook runs. Silent for the folders of a service in a notebook that is for
    that service: `/content` where it imports `google.colab` or has Colab's badge or metadata, `dbfs:` where it uses
    `dbutils`, `/home/ec2-user` where it uses SageMaker; for what the notebook makes in the home folder itself
    (`!mkdir -p ~/data`), and for temporary files that it writes. Silent for routes, regular expressions, XPath, LaTeX
    and MIME types, for `/dev/null`, `/etc`, `/usr/lib`, `/proc` and SageMaker's `/opt/ml`, for tools' own folders
    (`~/.cache`), for gaps to fill in (`/path/to/data.csv`), and for paths that are only shown, compared or taken
    apart.

    ## Why is this bad?

    On any other machine, and for any other person, the notebook stops at this line. Neither a scheduled run nor a
    pipeline can be told to use other data.

    ## Example

    ```python
    # %%
    import pandas as pd

    df = pd.read_csv("/home/ann/churn/data.csv")
    ```

    ## Use instead

    ```python
    # %% tags=["parameters"]
    data_path = "data.csv"
    # %%
    import pandas as pd

    df = pd.read_csv(data_path)
    ```

    ## Fix safety

    The fix moves the literal to the parameters cell, which it makes where there is none, and puts the parameter's name
    where the literal stood; an assignment that gives the literal to a name already is moved as it is. The notebook
    computes the same. It is unsafe because it changes how the notebook reads, and because literals with the same value
    for the same purpose become one parameter. There is no fix where a name bound at the top might be bound again by
    something that cannot be seen (`from x import *`, `%run`, `exec`), or where a name cannot take the literal's place.
    """

    code = "NB201"
    severity = Severity.WARNING
    triggers = ("'/", '"/', "~/", "file:", "dbfs:", ":\\", ":/", " /", "=/", "\\\\")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each literal."""
        from nbpipe.lint.extraction import extraction_of
        from nbpipe.settings.paths import find_paths
        from nbpipe.settings.portability import is_portable

        for setting in find_paths(context.analysis):
            if not is_portable(context.analysis, setting):
                yield _report(context, setting, extraction_of(context.analysis).fix([setting]))


def _report(context: Context, setting: Setting, fix: Fix | None) -> Diagnostic:
    from nbpipe.settings.path_shape import Shape, shape_of

    text: str = setting.value
    shown = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}\u2026"
    related: tuple[Related, ...] = ()
    if setting.via:
        use = context.analysis.range(setting.home, setting.place)
        related = (Related(use, f"'{setting.via}' is passed to {_name(setting.sink)} here"),)
    if shape_of(text) is Shape.TEMPORARY:
        message = f"the path '{shown}' is hard-coded and read: only Unix has it, and its content does not stay"
        return context.diagnostic(setting.range, message, related=related, severity=Severity.INFO, fix=fix)
    holds = next((where for start, where in HOLDS if text.startswith(start)), "on one machine only")
    message = f"the path '{shown}' is hard-coded and holds {holds}"
    return context.diagnostic(setting.range, message, related=related, fix=fix)


def _name(sink: str) -> str:
    return f"'{sink.rpartition('.')[2]}'"
