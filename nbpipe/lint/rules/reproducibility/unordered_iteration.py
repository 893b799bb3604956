"""NB304."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Applicability, Edit, Fix, Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


class UnorderedIteration(Rule):
    """Files or the elements of a set come in no certain order, and the order gets into the results.

    ## What it does

    Reports `os.listdir`, `os.scandir`, `os.walk`, `glob.glob`, `Path.glob`, `Path.rglob`, `Path.iterdir` and
    `tf.io.gfile.listdir` where the order of what they give matters: some are picked by position (`files[:100]`), tables
    or arrays are joined in it, lists are filled in it that are used afterwards, elements are numbered by `enumerate` or
    a counter, paired by `zip` or split into training and test. Follows the values through names, loops, comprehensions
    and the results of functions. One file that is picked out of a list with a name (`files[0]`) is an info, for there
    may be only one, and so is a set that is numbered (`enumerate(set(words))`): where it holds texts, each process has
    them in another order, but not where it holds numbers.

    Silent where the files are sorted (by `sorted`, or by `sort` afterwards, also of the list or table they were
    collected in) or shuffled, only counted, looked for, shown or put in a set or under keys, where a loop handles each
    by itself, as one that copies or deletes them does, and for `glob("*.csv")[0]`, which is how the only one is found.

    ## Why is this bad?

    Python gives files as the file system does: in one order on this disk, in another one on a colleague's or in a
    container, and perhaps in another one after a download. Rows, labels and splits change with it, also where all
    seeds are set.

    ## Example

    ```python
    # %%
    import glob
    import pandas as pd

    df = pd.concat([pd.read_csv(path) for path in glob.glob("parts/*.csv")])
    ```

    ## Use instead

    ```python
    # %%
    import glob
    import pandas as pd

    df = pd.concat([pd.read_csv(path) for path in sorted(glob.glob("parts/*.csv"))])
    ```

    ## Fix safety

    The fix puts `sorted()` around the call (`os.walk` has none: what it gives must be sorted folder by folder). It is
    unsafe because rows, labels and splits may be others than in the stored results, from then on the same everywhere,
    and because what was a generator becomes a list.
    """

    code = "NB304"
    severity = Severity.WARNING
    triggers = ("listdir", "scandir", "glob(", "iterdir", "walk(", "set(")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each call whose result has an order that matters."""
        from nbpipe.analysis.iteration_order import IterationOrder, sources

        order: IterationOrder | None = None
        for home, call, name in sources(context.analysis):
            order = order or IterationOrder(context.analysis)
            effect = order.effect_of(home, call)
            if effect is None or (name == "set" and not effect.what.startswith("numbered")):
                continue
            if effect.single and _is_search(context, home, call):
                continue
            place = context.analysis.range(effect.home, effect.node)
            where = f" (cell {place.cell + 1})" if place.cell != home else ""
            short = ".".join(name.split(".")[-2:])
            subject = "one is" if effect.single else "they are"
            message = f"'{short}' gives files in no certain order, and {subject} {effect.what}{where}: sort them"
            if name == "set":
                message = (
                    f"a set has texts in another order in each process, and they are {effect.what}{where}: sort them"
                )
            related = (Related(place, effect.what),)
            severity = Severity.INFO if effect.single or name == "set" else None
            fix = _fix(context, home, call, name)
            yield context.diagnostic(context.callee(home, call), message, related=related, severity=severity, fix=fix)


def _is_search(context: Context, home: int, call: ast.Call) -> bool:
    """Tell whether the files are filtered for the one that is wanted: ``[f for f in listdir() if f == name]``."""
    from nbpipe.analysis.destinations import around

    outer = around(context.analysis, home, call)
    return any(isinstance(each, ast.comprehension) and each.ifs for each in outer)


def _fix(context: Context, home: int, call: ast.Call, name: str) -> Fix | None:
    from nbpipe.analysis.library_facts import library_file
    from nbpipe.notebook.model import Range

    key = library_file("reproducibility")["listing"].get(name, "")
    analysis = context.analysis
    if key == "-" or "sorted" in analysis.top_down.definitions or not analysis.codes[home].code.is_python:
        return None
    whole = analysis.range(home, call)
    start = Range(home, whole.start_line, whole.start_column, whole.start_line, whole.start_column)
    end = Range(home, whole.end_line, whole.end_column, whole.end_line, whole.end_column)
    behind = f", key=lambda entry: entry.{key})" if key else ")"
    return Fix("Sort them", (Edit(start, "sorted("), Edit(end, behind)), Applicability.UNSAFE)
