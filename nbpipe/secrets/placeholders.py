"""What stands where a secret belongs and is none: gaps, examples of documentations, names of variables, words."""

from __future__ import annotations

import re
from math import log2

from nbpipe.patterns import pattern

# In lower case. A real secret of some length may hold a short one by chance: there only the longer ones count.
_WORDS = (
    "your", "xxx", "...", "***", "example", "changeme", "change_me", "change-me", "placeholder", "dummy", "fake",
    "insert", "replace", "redacted", "sample", "password", "passwd", "secret", "_here", "-here", "todo", "fixme",
    "test", "mock", "enter_", "enter-", "my_", "my-", "token", "apikey", "api_key", "api-key", "abcdef", "123456",
    "qwerty", "foobar", "hunter2", "default", "username", "access_key", "access-key", "os.environ", "getenv", "sha256:",
    "_key", "-key", "hidden", "masked", "notreal", "invalid", "lorem",
)  # fmt: skip
# What services print in their documentation.
_EXAMPLES = (
    "AKIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE", "wJalrXUtnFEMI", "eyJzdWIiOiIxMjM0NTY3ODkwI",
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq", "C2y6yDjf5",
)  # fmt: skip
_LONG, _SHORTEST_IN_LONG = 48, 6
_FEW = 8  # different characters: fewer make a pattern, however long it is
_LOCAL = pattern(
    r"localhost|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal|[a-z_-]+|.*\.(?:local|example|test|invalid)"
)
# Words, a constant's name, a path of words, a model on a hub (`org/name-large-v2`).
_SEPARATED = pattern(
    r"[A-Za-z]+(?:[_ .:/-][A-Za-z]*)*|[A-Z][A-Z0-9_]+|[a-z]+\d*(?:/[a-z-]+\d*)+"
    r"|[A-Za-z][\w.-]*/[A-Za-z][\w.]*(?:-[\w.]+)+"
)


def is_placeholder(text: str) -> bool:
    """Tell whether a text stands where a secret belongs and is none."""
    lower = text.lower()
    shortest = _SHORTEST_IN_LONG if len(text) > _LONG else 0
    if any(word in lower for word in _WORDS if len(word) >= shortest) or any(example in text for example in _EXAMPLES):
        return True
    return len(set(text)) <= min(len(text) // 4, _FEW) or bool(re.search(r"[<>{}\s]|\$\w|%\(|(.)\1{4}", text))


def is_example_host(host: str) -> bool:
    """Tell whether a host is this machine, a container's neighbour, or one that documentation is written with."""
    return bool(_LOCAL.fullmatch(host)) or "example" in host


def is_word_like(text: str) -> bool:
    """Tell whether a text is words or a constant's name (``scott-tiger``, ``DB_CREDENTIALS``), a path or an address."""
    return bool(_SEPARATED.fullmatch(text)) or "://" in text or text.startswith(("/", "./", "~", "arn:", "projects/"))


def entropy(text: str) -> float:
    """Give the bits that a character of the text carries on average, by Shannon's formula."""
    counts = [text.count(character) for character in set(text)]
    return -sum(count / len(text) * log2(count / len(text)) for count in counts)
