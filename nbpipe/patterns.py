"""L0: regular expressions that are compiled when they are first used.

Compiling those of all modules takes a quarter of the time of a check of a small notebook, which uses few of them.
"""

from __future__ import annotations

import re
from typing import Any, cast


def pattern(expression: str, flags: int | re.RegexFlag = 0) -> re.Pattern[str]:
    """Give what does as `re.compile` would give, and compiles at its first use; a mistake in it shows only then.

    It is for constants of modules. `re.search` and its like, which take a pattern too, do not take this one: its
    methods are to be called.
    """
    return cast("re.Pattern[str]", _Pattern(expression, flags))


class _Pattern:
    def __init__(self, expression: str, flags: int | re.RegexFlag) -> None:
        self._given = (expression, flags)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what copies and pickles asks for: it is to copy what was given
            raise AttributeError(name)
        value = getattr(re.compile(*self._given), name)
        setattr(self, name, value)  # so that the next use finds it without coming here
        return value
