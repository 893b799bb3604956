"""Types of what functions and methods give, from the sections "Returns" of docstrings in NumPy's format.

For libraries without annotations. Only what is plainly one class counts: "ndarray of shape (n_samples,)" is an
array, "{ndarray, sparse matrix}" and "array-like" are not known.
"""

from __future__ import annotations

import inspect
import re
from typing import Any

from library.typed import Fact

# How docstrings write a type, up to where it ends; the rest of the line is about shape or meaning.
WORDS: tuple[tuple[str, str], ...] = (
    (r"(?:numpy |np\.)?nd-?array", "numpy.ndarray"),
    (r"(?:numpy|np)\.(?:nd)?array", "numpy.ndarray"),
    (r"numpy arrays?", "numpy.ndarray"),
    (r"arrays?(?!-like|_like| or|like)", "numpy.ndarray"),
    (r"float(?:64)?\b", "float"),
    (r"(?:non-negative |positive )?(?:int|integer)\b", "int"),
    (r"bool(?:ean)?\b", "bool"),
    (r"str(?:ing)?\b", "str"),
    (r"dict(?:ionary)?\b", "dict"),
    (r"list\b", "list"),
    (r"tuple\b", "tuple"),
    (r"None\b", "None"),
    (r"(?:pandas\.|pd\.)?DataFrame\b", "pandas.DataFrame"),
    (r"(?:pandas\.|pd\.)?Series\b", "pandas.Series"),
    (r":class:`~?(?:\.|matplotlib\.axes\.)Axes`|(?:matplotlib )?Axes\b", "matplotlib.axes.Axes"),
    (r"(?:matplotlib\.figure\.|matplotlib )?Figure\b", "matplotlib.figure.Figure"),
)
ITSELF = "itself"
_ONLY = re.compile(r"\bonly\b|\bif\b[^.]{0,40}return_|\bwhen\b[^.]{0,40}return_", re.IGNORECASE)
_UNSURE = re.compile(r"\bor\b|\{|\||array-like|array_like|optional|sparse|depend", re.IGNORECASE)


def returns(value: Any, classes: dict[str, str]) -> Fact | None:
    """Give what a docstring says that a callable gives, None where it says nothing.

    Args:
        value: the function.
        classes: names of the library's classes, by their last part.
    """
    entries = _section(inspect.getdoc(value) or "", "Returns")
    if not entries:
        return None
    if entries[0].name == "self":
        return Fact(ITSELF)
    if any(_is_on(value, token.removesuffix("=true")) for entry in entries for token in entry.when):
        return None  # given unless an argument says otherwise
    always = [entry for entry in entries if not entry.when]
    tokens = {token for entry in entries for token in entry.when}
    kinds = [_type(entry.type, classes) for entry in always or entries[:1]]
    if len(kinds) == 1:
        return Fact(kinds[0], {token: "" for token in tokens if token} if kinds[0] else None)
    if tokens:
        return None
    return Fact("tuple", items=kinds) if all(kinds) else Fact("tuple")


def _is_on(function: Any, parameter: str) -> bool:
    """Tell whether a parameter is True by default."""
    try:
        known = inspect.signature(function).parameters.get(parameter)
    except (TypeError, ValueError):
        return False
    return known is not None and known.default is True


class Entry:
    """One entry of a section.

    Attributes:
        when: the arguments that must be given for it to be returned; empty where it always is.
    """

    def __init__(self, head: str, body: str) -> None:
        name, colon, kind = head.partition(" : ")
        if not colon:
            name, colon, kind = head.partition(": ")
        self.name = name.strip()
        self.type = kind if colon else head
        text = f"{kind} {body}"
        self.when: set[str] = set()
        if self.name.startswith("(") or _ONLY.search(text):
            self.when = {f"{word}=true" for word in re.findall(r"\breturn_\w+", text)} or {""}


def _section(doc: str, title: str) -> list[Entry]:
    """Give a section's entries: a line each, what is said of it indented below."""
    match = re.search(rf"^{title}\s*\n-{{3,}}\n(.*?)(?=^\S[^\n]*\n-{{3,}}|\Z)", doc, re.MULTILINE | re.DOTALL)
    if match is None or not re.search(r"^[ \t]+\S", match[1], re.MULTILINE):
        return []  # nothing, or free text without entries
    entries: list[tuple[str, list[str]]] = []
    for line in match[1].split("\n"):
        if line.startswith((" ", "\t")) and entries:
            entries[-1][1].append(line.strip())
        elif line.strip() and not line.startswith(".."):
            entries.append((line, []))
    return [Entry(head, " ".join(body)) for head, body in entries]


def _type(text: str, classes: dict[str, str]) -> str:
    text = text.strip().strip("`*")
    if _UNSURE.search(text.split(",")[0].split(" of ")[0]) or re.search(r"\bor\b", text.split(" of shape")[0]):
        return ""
    for pattern, name in WORDS:
        if re.match(pattern, text, re.IGNORECASE if name in ("numpy.ndarray", "int", "str", "bool", "float") else 0):
            return name
    word = re.match(r"(?:an? |the |instance of |:class:)*`?~?([\w.]+)`?", text)
    last = word[1].rpartition(".")[2] if word else ""
    return classes.get(last, "") if last[:1].isupper() else ""
