r"""The normalisers: parts of a text that may differ from run to run, and when two of them count as the same.

Each kind has a pattern that finds such a part in a text and a function that says whether a stored part and a
fresh one are the same thing read at different times. They are tried in order; what none of them finds must be
equal. A kind must never look past a result: "12.5 s" is a result unless the words around it speak of time
that something took.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbpipe.verify.context import Context

_UNIT = r"(?:ns|[µμu]s|ms|s|secs?|seconds?|min|mins|minutes?|h|hours?)"
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?"
_SECONDS = r"(?:ns|[µμu]s|ms|s|secs?|seconds?)"
_DECIMAL = r"\d+\.\d+(?:[eE][-+]?\d{1,3})?"
_MEASURED = re.compile(rf"{_NUMBER}\s*{_UNIT}\b|{_NUMBER}|\s+")
_CLOCK_FORMATS: Final = (
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%a %b %d %H:%M:%S %Y",
    "%a, %d %b %Y %H:%M:%S",
)
# Written for names of files; and with the hours of a twelve-hour clock.
_OTHER_CLOCK_FORMATS: Final = ("%Y%m%d-%H%M%S", "%Y%m%d_%H%M%S", "%Y%m%dT%H%M%S", "%Y-%m-%d_%H-%M-%S", "%Y-%m-%d %H:%M")
_DATE_FORMATS: Final = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%a, %d %b %Y",
    "%a, %b %d, %Y",
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_YMD = r"\d{4}[-/]\d{2}[-/]\d{2}"
_TIME = r"\d{2}:\d{2}:\d{2}"
_EPOCH_DIGITS = 10  # of seconds, from 2001 to 2286
_FRACTION = re.compile(r"[.,]\d+|Z$|\s*[+-]\d{2}:?\d{2}$|\s(?:UTC|GMT)$")


class Kind(NamedTuple):
    """One normaliser.

    Attributes:
        name: what is said to have been looked past.
        pattern: what finds it; without groups that capture.
        same: whether a stored and a fresh part are the same thing.
    """

    name: str
    pattern: str
    same: Callable[[str, str, Context], bool]


def _always(_stored: str, _fresh: str, _context: Context) -> bool:
    return True


def _same_words(stored: str, fresh: str, _context: Context) -> bool:
    """Tell whether only measured times differ."""
    return _MEASURED.sub("", stored) == _MEASURED.sub("", fresh)


def _same_tail(stored: str, fresh: str, _context: Context) -> bool:
    """Tell whether two paths name the same module below site-packages."""
    return stored.rpartition("-packages")[2] == fresh.rpartition("-packages")[2]


def _same_name(stored: str, fresh: str, context: Context) -> bool:
    """Tell whether an id takes the place of the same id throughout."""
    return context.names.setdefault(stored, fresh) == fresh


def _same_place(stored: str, fresh: str, context: Context) -> bool:
    """Tell whether a path into the folders of this run names what the stored one named on another machine."""
    tails = [re.split(r"[/\\\\]", path.rstrip("/\\"))[-1] for path in (stored, fresh)]
    return tails[0] == tails[1] and any(fresh == folder or fresh.startswith(folder) for folder in context.folders)


def _clock(_stored: str, fresh: str, context: Context) -> bool:
    moment = _read(_FRACTION.sub("", fresh), _CLOCK_FORMATS)
    return moment is not None and context.is_now(moment)


def _other_clock(_stored: str, fresh: str, context: Context) -> bool:
    moment = _read(fresh, _OTHER_CLOCK_FORMATS)
    return moment is not None and context.is_now(moment)


def _epoch(stored: str, fresh: str, context: Context) -> bool:
    """Tell whether two numbers count the seconds (or milliseconds) since 1970, read in the run; else compare them."""
    a, b = (float(text) / (1000.0 if len(text.partition(".")[0]) > _EPOCH_DIGITS else 1.0) for text in (stored, fresh))
    if a < b and context.started.timestamp() - 1 <= b <= context.ended.timestamp() + 1:
        return True
    return _close(stored, fresh, context)


def _time_of_day(_stored: str, fresh: str, context: Context) -> bool:
    time = datetime.strptime(fresh[:8], "%H:%M:%S").time()  # noqa: DTZ007 - what is printed has no time zone
    return any(context.is_now(datetime.combine(day, time)) for day in {context.started.date(), context.ended.date()})


def _date(_stored: str, fresh: str, context: Context) -> bool:
    moment = _read(fresh, _DATE_FORMATS)
    return moment is not None and context.is_today(moment)


def _read(text: str, formats: tuple[str, ...]) -> datetime | None:
    for form in formats:
        try:
            return datetime.strptime(" ".join(text.split()), form)  # noqa: DTZ007 - what is printed has no time zone
        except ValueError:
            continue
    return None


def _close(stored: str, fresh: str, context: Context) -> bool:
    """Tell whether two numbers agree; whole numbers are counts and must be equal."""
    if stored.lstrip("+-").isdigit() and fresh.lstrip("+-").isdigit():
        return int(stored) == int(fresh)
    a, b = float(stored), float(fresh)
    tolerance = context.tolerance
    return math.isfinite(a - b) and abs(a - b) <= tolerance.atol + tolerance.rtol * max(abs(a), abs(b))


NUMBERS: Final = "rounding of numbers"
WHITE_SPACE: Final = "white space"

KINDS: Final[tuple[Kind, ...]] = (
    Kind("progress bars", r"(?:[^\n]*\d%\|[^\n]*\|[^\n]*(?:\n|$))+", _always),
    Kind("progress bars", r"\[[=>.]{10,}\]|[━╸╺█▉▊▋▌▍▎▏]{6,}(?: *━+)?|\bETA:? \d[\d:hms]*", _always),
    Kind("timings", r"CPU times:[^\n]*|Wall time:[^\n]*|[^\n]*per loop(?: \([^\n]*|$|(?=\n))", _always),
    Kind(
        "kernel paths",
        r"(?:/[^\s:'\"<>]*|[A-Za-z]:\\[^\s:'\"<>]*)?[/\\]ipykernel_\d+[/\\]\d+\.py|<ipython-input-\d+-[0-9a-f]+>",
        _always,
    ),
    Kind(
        "temporary paths",
        r"(?:/private)?(?:/tmp|/var/tmp|/var/folders)/[\w./+-]+|[A-Za-z]:\\[^\s'\"]*\\Temp\\[\w.\\-]+",
        _always,
    ),
    Kind("library paths", r"(?:/|[A-Za-z]:\\)[^\s:'\"<>]*[/\\](?:site|dist)-packages[/\\][\w./\\-]+", _same_tail),
    Kind(
        "UUIDs", r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b|(?<=\"model_id\": \")[0-9a-f]{32}", _always
    ),
    Kind("UUIDs", r"(?<=altair-viz-)[0-9a-f]{32}|(?<=run_id=')[0-9a-f]{32}", _always),
    Kind("memory addresses", r"(?<=\bat )0x[0-9a-fA-F]+|\b0x[0-9a-fA-F]{9,16}\b", _always),
    Kind("timestamps", rf"\b{_YMD}[T ]{_TIME}(?:[.,]\d+)?(?:Z|\s?[+-]\d{{2}}:?\d{{2}}\b)?", _clock),
    Kind(
        "timestamps", rf"\b\d{{2}}/\d{{2}}/\d{{4}} {_TIME}(?:[.,]\d+)?|\b{_DAY} {_MONTH} +\d+ {_TIME} \d{{4}}\b", _clock
    ),
    Kind("timestamps", rf"\b{_DAY}, \d{{2}} {_MONTH} \d{{4}} {_TIME}(?: GMT)?\b", _clock),
    Kind(
        "timestamps", rf"\b\d{{8}}[-_T]\d{{6}}\b|\b{_YMD}(?:_\d{{2}}-\d{{2}}-\d{{2}}| \d{{2}}:\d{{2}})\b", _other_clock
    ),
    Kind("timestamps", r"(?<![\w.+-])1\d{9}(?:\d{3})?(?:\.\d+)?(?![\w.])", _epoch),
    Kind("dates", rf"\b{_YMD}\b|\b\d{{2}}/\d{{2}}/\d{{4}}\b|\b{_MONTH}[a-z]* \d{{1,2}}, \d{{4}}\b", _date),
    Kind("dates", rf"\b{_DAY}, (?:\d{{2}} {_MONTH}|{_MONTH} \d+,) \d{{4}}\b", _date),
    Kind(
        "durations",
        rf"(?i:\b(?:took|taken|elapsed|runtime|run time|wall(?: time)?)\b[^\n\d]{{0,16}}"
        rf"(?:{_NUMBER}\s*{_UNIT}\b|{_DECIMAL}|\d+:\d{{2}}:\d{{2}}(?:\.\d+)?))",
        _same_words,
    ),
    # These words also name results: what looks like a reading of a clock must follow.
    Kind(
        "durations",
        rf"(?i:\b(?:time|duration)\b[^\n\d]{{0,16}}(?:\d+\.\d{{2,}}\s*{_SECONDS}\b|\d+\.\d{{4,}}))",
        _same_words,
    ),
    Kind(
        "durations",
        rf"\bin (?:{_DECIMAL}\s*{_UNIT}|\d+\s*[nµμum]s)\b|\b{_NUMBER}\s*{_UNIT}/(?:step|it|epoch)\b"
        rf"|\b{_NUMBER}\s*it/s\b|\b{_NUMBER}\s*{_UNIT} elapsed\b|\b\d+\.\d{{3,}}\s*{_SECONDS}\b",
        _same_words,
    ),
    Kind("timestamps", rf"\b{_TIME}(?:[.,]\d+)?\b", _time_of_day),
    Kind("folders", r"(?<![\w:/.<])/[\w.+@-]+(?:/[\w.+@-]+)+/?|\b[A-Z]:\\\\?[\w.+@\\ -]+", _same_place),
    Kind("process ids", r"(?i:\bpid)\W{1,3}\d+", _always),
    Kind(
        "element ids",
        r"\bT_[0-9a-f]{5,}|\bsk-[a-z]+-id-\d+|(?<=id=\")[A-Za-z]?[0-9a-f]{10}\b|(?<=#)[A-Za-z]?[0-9a-f]{10}\b",
        _same_name,
    ),
    Kind(NUMBERS, rf"(?<![\w.]){_NUMBER}(?![\d_]|\.\d)", _close),
)
