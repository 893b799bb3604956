"""NB811."""
# pathlib costs four tenths of a bare Python start, and `nbpipe check` counts those:
# ruff: noqa: PTH120, PTH208

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.filename import basename
from nbpipe.lint.rule import Rule
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

# What programs add to the name of a copy; between the name and its ending.
COPY_BEFORE = pattern(r"^copy of ", re.IGNORECASE)
COPY_AFTER = pattern(r"(?:-copy\d*| copy(?: \d+)?| \(\d+\))$", re.IGNORECASE)


class DuplicateFilename(Rule):
    """Another file in the same folder has the same name but for case, accents or a copy's suffix.

    ## What it does

    Reports a notebook beside which stands another one whose name differs only in upper and lower case, in how accented
    letters are stored, or in what programs add to the name of a copy (`-Copy1`, `Copy of`, ` (1)`, ` copy`). Of a file
    and its copies only the copies are reported; of names that differ in case, each. The files of the folder count,
    whether they are checked as well or not; notebooks of the same name in different folders are none of the rule's
    business.

    ## Why is this bad?

    On macOS and Windows `Churn.ipynb` and `churn.ipynb` are one file: of a repository that holds both, a checkout
    keeps only one of them, and git reports changes that nobody made. A copy beside its original is a version that
    belongs into version control, and sooner or later somebody repairs the wrong one.

    ## Example

    ```python path=churn-Copy1.ipynb beside=churn.ipynb
    # %%
    rows = [1, 2, 3]
    ```

    ## Use instead

    ```python path=churn_by_month.ipynb beside=churn.ipynb
    # %%
    rows = [1, 2, 3]
    ```
    """

    code = "NB811"
    severity = Severity.INFO
    outside = True
    default = False
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for a file beside such another."""
        name = basename(context.path)
        try:
            others = os.listdir(os.path.dirname(context.path) or ".")
        except (OSError, ValueError):  # standard input, or a buffer whose file is not there yet
            return
        if name not in others:
            return
        same = sorted(other for other in others if other != name and _folded(other) == _folded(name))
        if same:
            yield context.diagnostic(
                None, f"'{same[0]}' beside it is the same file on systems that ignore upper and lower case"
            )
            return
        original = _original(name)
        found = sorted(other for other in others if original != name and _folded(other) == _folded(original))
        if found:
            yield context.diagnostic(None, f"the file seems to be a copy of '{found[0]}' beside it")


def _folded(name: str) -> str:
    """Give a name as file systems compare it that ignore case and how accents are stored."""
    if name.isascii():
        return name.lower()
    from unicodedata import normalize  # a large table: only for those who need it

    return normalize("NFC", name).casefold()


def _original(name: str) -> str:
    """Give the name of what a copy is of, the name itself where it is none."""
    head, dot, ending = name.rpartition(".")
    return COPY_BEFORE.sub("", COPY_AFTER.sub("", head)) + dot + ending if dot else name
