"""NB305."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.downloads import Download
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Range

SHOWN = 5
LONGEST = 60


class UnpinnedNetworkRead(Rule):
    """Data is read from the network, and nothing says which version of it.

    ## What it does

    Reports reads of data files by `http`, `https` or `ftp` whose address names no version: by `read_csv` and its
    like of pandas, polars and geopandas, `np.loadtxt`, `requests.get`, `urlopen`, `urlretrieve`, `wget.download`,
    `get_file` of Keras, and by the commands `!wget` and `!curl`. One finding for a notebook, at its first such read;
    the others are named with it.

    A version is a commit, a tag or release, a version number, a date or a year, the number of a record (Zenodo,
    Dataverse, figshare), or an argument like `file_hash`, `known_hash`, `revision`. Silent in notebooks that compute
    checksums. Silent for everything but data: calls of APIs, pages, pictures, models and code (what `requests` and
    commands fetch counts by the ending of its name: `.csv`, `.zip`, `.parquet`...), for archives whose files never
    change (UCI's, Project Gutenberg, OpenSLR, GroupLens...), for data sets that were released once under a name of
    their own (MNIST, CIFAR-10, SQuAD...) unless they are read from a branch, and for addresses on this machine or in a
    private network, or that are not wholly known.

    ## Why is this bad?

    Whoever runs the notebook next year reads what is there by then: rows were added, a column has another name, or the
    branch was rewritten. The results change and nothing in the notebook tells why.

    ## Example

    ```python
    # %%
    import pandas as pd

    df = pd.read_csv("https://raw.githubusercontent.com/mwaskom/seaborn-data/master/iris.csv")
    ```

    ## Use instead

    ```python
    # %%
    import pandas as pd

    commit = "2b29313169bf8dfa77d8dc930f7bd3eba559a906"
    df = pd.read_csv(f"https://raw.githubusercontent.com/mwaskom/seaborn-data/{commit}/iris.csv")
    ```
    """

    code = "NB305"
    severity = Severity.INFO
    triggers = ("http://", "https://", "ftp://")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for the reads of a notebook."""
        from nbpipe.analysis.downloads import MOVING, unpinned

        found = unpinned(context.analysis)
        if not found:
            return
        first, *others = found
        more = f" (and {len(others)} more)" if others else ""
        branch = MOVING.search(first.url)
        why = f"is read as it is on the branch '{branch[1]}'" if branch else "is read by an address without a version"
        message = f"{_shown(first.url)} {why}{more}: a later run may get other data"
        related = tuple(Related(_place(context, each), f"and {_shown(each.url)}") for each in others[:SHOWN])
        yield context.diagnostic(_place(context, first), message, related=related)


def _place(context: Context, found: Download) -> Range:
    """Give where the call or the command stands."""
    from nbpipe.notebook.model import Range

    if found.node is not None:
        return context.callee(found.home, found.node)
    line, column = context.analysis.codes[found.home].code.place(found.line, 0)
    text = context.notebook.cells[found.home].source.split("\n")[line]
    return Range(found.home, line, column, line, len(text))


def _shown(url: str) -> str:
    """Give the last part of an address: the file's name, with the host where it is short enough."""
    host, _, path = re.sub(r"^\w+://(?:[^/@]*@)?", "", url).partition("/")
    name = path.partition("?")[0].rstrip("/").rpartition("/")[2]
    name = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}\u2026"
    return f"'{name}' of {host}" if name else f"'{host}'"
