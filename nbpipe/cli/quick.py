"""Reads a plain ``check`` command line without click.

Click alone costs three times what Python's own start does, and most calls of ``check`` (by hooks, by editors) are
plain. So what is beyond doubt is read here; for anything else `parse` gives None and click reads it, with the same
options (`nbpipe.cli.options`), and says what is wrong with it. A property test compares the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.cli.options import CHECK, DEBUG, QUIET
from nbpipe.config import KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Request = tuple[list[str], dict[str, list[str]]]


def parse(arguments: Sequence[str], environ: Mapping[str, str]) -> Request | None:
    """Give the paths and, by option name, the texts given ([] for a flag); None where click has to look at it.

    Args:
        arguments: those after ``check``.
        environ: the environment: variables that click would read as options are left to it.
    """
    known = {key.variable for key in KEYS.values()}
    if any(name.startswith(("NBPIPE_", "_NBPIPE_")) and name not in known for name in environ):
        return None
    options = {flag: option for option in (*CHECK, QUIET, DEBUG) for flag in option.flags}
    paths: list[str] = []
    given: dict[str, list[str]] = {}
    rest = iter(arguments)
    for argument in rest:
        if not argument.startswith("-") or argument == "-":
            paths.append(argument)
            continue
        flag, equals, text = argument.partition("=")
        option = options.get(flag)
        if option is None or (equals and not (option.metavar and flag.startswith("--"))):
            return None
        texts = given.setdefault(option.name, [])
        if option.metavar:
            value = text if equals else next(rest, "-")
            if value.startswith("-"):
                return None
            texts[:] = [*texts, value] if option.multiple else [value]
    return paths, given
