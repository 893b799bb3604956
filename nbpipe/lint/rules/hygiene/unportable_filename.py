"""NB810."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.filename import basename, stem
from nbpipe.lint.naming import listed
from nbpipe.lint.rule import Rule
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

# The portable filename character set of POSIX.1-2017, 3.282; a name must not begin with a hyphen.
UNPORTABLE = pattern(r"[^A-Za-z0-9._-]")
FORBIDDEN = frozenset('<>:"\\|?*')  # by Windows
# Names that Windows keeps for itself.
DEVICES = pattern(r"(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\..*)?", re.IGNORECASE)
MOST_BYTES = 255  # of a name on the common file systems
MOST_SHOWN = 5


class UnportableFilename(Rule):
    """A file name does not work everywhere.

    ## What it does

    Reports a notebook whose file name has characters beyond letters `A` to `Z`, digits, `.`, `_` and `-` (what POSIX
    calls portable), begins with a hyphen, ends in a dot before its ending, is longer than 255 bytes, or is one that
    Windows keeps for devices (`con.ipynb`). Names of folders are not looked at.

    ## Why is this bad?

    Windows cannot check out a repository with `:` or `?` in a name. Blanks and other characters must be quoted in every
    shell command, Makefile, URL and CI job that names the file, and accented letters are stored in different ways by
    different systems, so that one file appears as two. A name that begins with a hyphen is taken for an option.

    ## Example

    ```python path="Churn: first try (Müller).ipynb"
    # %%
    rows = [1, 2, 3]
    ```

    ## Use instead

    ```python path=churn_first_try.ipynb
    # %%
    rows = [1, 2, 3]
    ```
    """

    code = "NB810"
    severity = Severity.INFO
    default = False
    python_only = False

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for a file with such a name."""
        problem = _problem(basename(context.path), stem(context.path))
        if problem:
            yield context.diagnostic(None, f"the file name {problem}")


def _problem(name: str, head: str) -> str:
    """Say what is wrong with a name; "" where nothing is."""
    characters = dict.fromkeys(UNPORTABLE.findall(name))
    forbidden = [character for character in characters if character in FORBIDDEN or ord(character) < ord(" ")]
    if forbidden:
        return f"has {_shown(forbidden)}, which Windows does not allow"
    if DEVICES.fullmatch(head):
        return f"'{name}' is one that Windows keeps for a device"
    if len(name.encode("utf-8", "surrogateescape")) > MOST_BYTES:
        return f"is longer than {MOST_BYTES} bytes"
    if characters:
        return f"has {_shown(list(characters))}, which is not portable: keep to letters, digits, '.', '_' and '-'"
    if head.startswith("-"):
        return "begins with '-', which commands take for an option"
    return "ends in '.', which Windows drops" if head.endswith(".") else ""


def _shown(characters: list[str]) -> str:
    words = ["a blank" if each == " " else repr(each) for each in characters]
    return listed(words[:MOST_SHOWN], "and") + (" and more" if len(words) > MOST_SHOWN else "")
