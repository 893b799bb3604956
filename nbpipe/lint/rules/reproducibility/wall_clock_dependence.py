"""NB303."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.iteration_order import Effect
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


class WallClockDependence(Rule):
    """The time of the run, or something else that differs each time, gets into data or names of files.

    ## What it does

    Reports what is read from the clock (`datetime.now`, `date.today`, `time.time`, `pd.Timestamp.now`,
    `time.strftime`...), a new `uuid`, and the number of the process, where it is computed with a column
    (`now.year - df["born"]`), stored in a column, limits which data is read (`yf.download(..., end=today)`) or which
    dates are made (`pd.date_range(end=now)`), seeds a generator or is part of the name of the file that a table is
    written to. Reports also `hash(text) % n`, for
    the hash of a text is another one in each process. Follows the values through names, formatting and arithmetic.

    Silent for durations (`time.time() - start`), for what is printed, logged or compared, for names of jobs, endpoints
    and buckets, which must be new each time, for names of pictures, models, logs, runs, backups and temporary files,
    which are to tell runs apart, for columns that say when a row was written (`event_time`, `loaded_at`, `run_id`), and
    for colors that a hash chooses.

    ## Why is this bad?

    Running the notebook again gives another result without any change: ages grow, the newest rows are others, and the
    next step does not find the file that has another name today. The stored outputs cannot be verified.

    ## Example

    ```python
    # %%
    from datetime import date
    import pandas as pd

    df = pd.read_csv("people.csv")
    df["age"] = date.today().year - df["born"]
    ```

    ## Use instead

    ```python
    # %% tags=["parameters"]
    year = 2024
    # %%
    import pandas as pd

    df = pd.read_csv("people.csv")
    df["age"] = year - df["born"]
    ```
    """

    code = "NB303"
    severity = Severity.INFO
    triggers = (
        "now(", "today", "'now'", '"now"', "time()", "time_ns(", "strftime(", "localtime(", "gmtime(", "ctime(", "uuid",
        "getpid(", "hash(",
    )  # fmt: skip

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each source whose value gets into results."""
        from nbpipe.analysis.clock import Clock, candidates

        if not candidates(context.analysis):
            return
        clock = Clock(context.analysis)
        seen: set[int] = set()  # a name of a file may be made of a time and an identifier
        for site, name, gives in clock.sources():
            effect = clock.effect_of(site, name)
            if effect is None or id(effect.node) in seen:
                continue
            seen.add(id(effect.node))
            place = context.analysis.range(effect.home, effect.node)
            where = f" (cell {place.cell + 1})" if place.cell != site.home else ""
            short = ".".join(name.split(".")[-2:])
            message = f"'{short}' gives {gives}, and it is {effect.what}{where}: {_consequence(effect)}"
            related = (Related(place, effect.what),)
            yield context.diagnostic(context.callee(site.home, site.node), message, related=related)


def _consequence(effect: Effect) -> str:
    again = "another file each time" if effect.what.endswith("file") else "another result"
    return f"running again gives {again}"
