"""What IPython's magics and the common ones of other packages do with the names of a notebook."""

from __future__ import annotations

import re

from nbpipe.notebook.interpolation import Reading, interpolated
from nbpipe.notebook.magic_names import (
    FOREIGN_MAGICS,
    HANDED_OVER,
    LINE_MAGICS,
    NOT_EXPANDED,
    OTHER_LINE_MAGICS,
    PYTHON_MAGICS,
    QUERIES,
    QUIET_EXTENSIONS,
    WITH_RESULTS,
)
from nbpipe.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    IsBound = Callable[[str], bool]

# Options that name what receives a result, and options that name what is handed over.
_RESULT_OPTIONS = pattern(r"(?:^|\s)(?:-o|--out|--output|--err|--proc|--store-to)(?:\s+|=)([A-Za-z_][\w,]*)")
_INPUT_OPTIONS = pattern(r"(?:^|\s)(?:-i|--input)(?:\s+|=)([A-Za-z_][\w,]*)")
_SQL_RESULT = pattern(r"(?:^|\s)([A-Za-z_]\w*)\s*=?\s*<<")
_CYTHON_NAME = pattern(r"^(?:cp?def|def|class|cdef\s+class)\b[^(=\n]*?\b([A-Za-z_]\w*)\s*[(:]", re.MULTILINE)
_QUERY_NAME = pattern(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}|(?<![\w:]):([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\}")
_VALUED = pattern(r"--(?!use_|no_|verbose|dry_run)\w+(?:\s+|=)\S+")
_WORD = pattern(r"\S+")
_NAME = pattern(r"[A-Za-z_]\w*")
_OPTION = pattern(r"(-{1,2})([A-Za-z][\w-]*)(?:=\S*)?\s*")

PYLAB = (
    "import numpy, matplotlib; from matplotlib import pylab, mlab, pyplot; np = numpy; plt = pyplot; "
    "from IPython.display import display; from IPython.core.pylabtools import figsize, getfigs"
)
_PYLAB_NAMES = ("numpy", "matplotlib", "pylab", "mlab", "pyplot", "np", "plt", "display", "figsize", "getfigs")


class Effect:
    """What a magic does with the names of the notebook.

    Attributes:
        reads: expressions it evaluates.
        binds: names it binds.
        deletes: names it deletes.
        opaque: it may do what cannot be seen.
        statement: Python that does the same, where there is such.
    """

    __slots__ = ("binds", "deletes", "opaque", "reads", "statement")

    def __init__(self, reads: list[Reading]) -> None:
        self.reads = reads
        self.binds: tuple[str, ...] = ()
        self.deletes: tuple[str, ...] = ()
        self.opaque = False
        self.statement = ""


def line_effect(name: str, argument: str, is_bound: IsBound) -> Effect:
    """Say what the line magic ``%name argument`` does; not for magics that run Python."""
    effect = Effect([] if name in NOT_EXPANDED else interpolated(argument, is_bound))
    special = _SPECIAL.get(name)
    if special is not None:
        special(effect, argument)
    elif name in WITH_RESULTS or name in QUERIES:
        _results(effect, name, argument)
        _query_names(effect, name, argument, is_bound)
    elif name not in LINE_MAGICS and name not in OTHER_LINE_MAGICS:
        effect.opaque = not name.startswith("%")  # `%%name` below the first line is an error of IPython's
    return effect


def cell_effect(name: str, argument: str, body: str, is_bound: IsBound) -> Effect:
    """Say what the cell magic ``%%name argument`` does by itself, whatever a Python body does."""
    effect = Effect([] if name in NOT_EXPANDED else interpolated(argument, is_bound))
    if name in {"capture", "macro"}:
        effect.binds = _plain_names(argument)[:1]
    elif name == "cython":
        effect.binds = tuple(dict.fromkeys(_CYTHON_NAME.findall(body)))
    elif name in WITH_RESULTS or name in QUERIES:
        _results(effect, name, argument)
        if name == "bigquery":
            effect.binds += _plain_names(_VALUED.sub(" ", argument))[:1]
        _query_names(effect, name, body, is_bound)
    elif name not in FOREIGN_MAGICS and name not in PYTHON_MAGICS:
        effect.opaque = True
    return effect


def code_offset(name: str, argument: str) -> int:
    """Give where the Python starts in the argument of a magic that runs Python, after its options."""
    spec = PYTHON_MAGICS.get(name, "")
    at = len(argument) - len(argument.lstrip())
    while True:
        match = _OPTION.match(argument, at)
        if match is None:
            return at
        at = match.end()
        dashes, letters = match[1], match[2]
        valued = letters == "breakpoint" and "=" not in match[0]
        if valued or (dashes == "-" and _takes_next_word(spec, letters)):
            at = _after_word(argument, at)


def _takes_next_word(spec: str, letters: str) -> bool:
    """Say whether the option ``-letters`` has its value in the next word (``-n 10``), not in itself (``-n10``)."""
    for at, letter in enumerate(letters):
        if letter + ":" in spec:
            return at == len(letters) - 1
    return False


def _after_word(argument: str, at: int) -> int:
    """Give where the word after the one at `at` starts."""
    match = _WORD.match(argument, at)
    end = match.end() if match else at
    return len(argument) - len(argument[end:].lstrip())


def _words(argument: str) -> Iterator[tuple[int, str]]:
    """Give the words of an argument with their offsets, options left out."""
    for match in _WORD.finditer(argument):
        if not match[0].startswith("-"):
            yield match.start(), match[0]


def _names(argument: str) -> list[Reading]:
    """Give each word that is a name, as read by the magic."""
    return [Reading(word, offset, (word,)) for offset, word in _words(argument) if _NAME.fullmatch(word)]


def _plain_names(argument: str) -> tuple[str, ...]:
    """Give the words of an argument that are names."""
    return tuple(word for _, word in _words(argument) if _NAME.fullmatch(word))


def _results(effect: Effect, name: str, argument: str) -> None:
    """Find the names that receive what a command gives and those handed over to it."""
    found = [name for names in _RESULT_OPTIONS.findall(argument) for name in names.split(",")]
    if name in QUERIES:
        found += _SQL_RESULT.findall(argument)
    effect.binds = tuple(name for name in dict.fromkeys(found) if name)
    if name in HANDED_OVER:
        for option in _INPUT_OPTIONS.finditer(argument):
            for word in _NAME.finditer(option[1]):
                effect.reads.append(Reading(word[0], option.start(1) + word.start(), (word[0],)))


def _query_names(effect: Effect, name: str, query: str, is_bound: IsBound) -> None:
    """Find the variables that stand in a query."""
    if name in QUERIES:
        known = {name for reading in effect.reads for name in reading.names}
        words = dict.fromkeys(match[match.lastindex or 0] for match in _QUERY_NAME.finditer(query))
        effect.reads += [Reading(word, -1, (word,)) for word in words if word not in known and is_bound(word)]


def _store(effect: Effect, argument: str) -> None:
    """``%store -r x`` brings variables back, ``%store x`` saves them."""
    words = argument.split()
    names = tuple(word for word in words if _NAME.fullmatch(word))
    if "-r" in words:
        effect.binds, effect.opaque = names, not names
    elif not any(word.startswith("-") for word in words):
        effect.reads += _names(argument.partition(">")[0])


def _xdel(effect: Effect, argument: str) -> None:
    """``%xdel x`` deletes a variable."""
    effect.deletes = _plain_names(argument)


def _pylab(effect: Effect, argument: str) -> None:
    """``%pylab`` imports names, and all of numpy and pyplot besides."""
    effect.binds, effect.statement, effect.opaque = _PYLAB_NAMES, PYLAB, "--no-import-all" not in argument


def _load_extension(effect: Effect, argument: str) -> None:
    """An extension may do anything when it is loaded; well-known ones only add magics."""
    effect.opaque = argument.strip() not in QUIET_EXTENSIONS


def _opaque(effect: Effect, argument: str) -> None:  # noqa: ARG001 - the same shape as the others
    """Run code that is not in the cell, or forget what it bound."""
    effect.opaque = True


def _aimport(effect: Effect, argument: str) -> None:
    """``%aimport a, b.c`` imports modules."""
    names = [word.strip() for word in argument.split(",")]
    modules = [word for word in names if word and not word.startswith("-")]
    if all(part.isidentifier() for word in modules for part in word.split(".")) and modules:
        effect.binds = tuple(dict.fromkeys(word.partition(".")[0] for word in modules))
        effect.statement = "import " + ", ".join(modules)


def _macro(effect: Effect, argument: str) -> None:
    """``%macro name 1-3`` binds a macro."""
    effect.binds = _plain_names(argument)[:1]
    effect.opaque = True


def _r_pull(effect: Effect, argument: str) -> None:
    """``%Rpull x y`` brings variables from R."""
    effect.binds = _plain_names(argument)


def _r_push(effect: Effect, argument: str) -> None:
    """``%Rpush x y`` hands variables over to R."""
    effect.reads += _names(argument)


_SPECIAL: dict[str, Callable[[Effect, str], None]] = {
    "Rpull": _r_pull,
    "Rpush": _r_push,
    "aimport": _aimport,
    "ed": _opaque,
    "edit": _opaque,
    "load": _opaque,
    "load_ext": _load_extension,
    "loadpy": _opaque,
    "macro": _macro,
    "pylab": _pylab,
    "recall": _opaque,
    "reload_ext": _load_extension,
    "rep": _opaque,
    "rerun": _opaque,
    "reset": _opaque,
    "reset_selective": _opaque,
    "run": _opaque,
    "store": _store,
    "xdel": _xdel,
}
