"""Writing to the terminal: what commands report through.

Results go to standard output, everything else to standard error. Colours only on a terminal, and never where the
variable ``NO_COLOR`` is set; progress is one changing line on a terminal, plain lines elsewhere, nothing with ``-q``.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

CODES = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}
CLEAR = "\r\x1b[2K"


class _State:
    """How the process talks; set once, by the frame or a command.

    Attributes:
        plain_progress: whether progress is written as lines of its own where there is no terminal.
    """

    quiet = False
    debug = False
    plain_progress = True
    progress_shown = False


STATE = _State()


def prepare() -> None:
    """Start anew, and let characters that the terminal cannot show be written as escapes instead of failing."""
    STATE.quiet = STATE.debug = STATE.progress_shown = False
    STATE.plain_progress = True
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def echo(text: str = "") -> None:
    """Write a line of the result to standard output."""
    _clear()
    sys.stdout.write(text + "\n")


def write_error(text: str) -> None:
    """Write a line to standard error: of the result, where standard output carries something else."""
    _clear()
    sys.stderr.write(text + "\n")


def note(text: str) -> None:
    """Write a line about what was done to standard error, unless quiet."""
    if not STATE.quiet:
        _clear()
        sys.stderr.write(text + "\n")


def write_raw(text: str) -> None:
    """Write text as it is to standard error: what somebody else's program prints."""
    _clear()
    sys.stderr.write(text)
    sys.stderr.flush()


def warn(text: str) -> None:
    """Write a warning to standard error."""
    _clear()
    sys.stderr.write(f"{style('warning:', 'bold yellow', sys.stderr)} {text}\n")


def error(text: str) -> None:
    """Write an error to standard error."""
    _clear()
    sys.stdout.flush()
    sys.stderr.write(f"{style('error:', 'bold red', sys.stderr)} {text}\n")


def progress(text: str) -> None:
    """Say what is going on: on a terminal in place of the last progress, else as a line of its own."""
    if STATE.quiet:
        return
    if is_terminal(sys.stderr):
        from shutil import get_terminal_size

        sys.stderr.write(CLEAR + text[: get_terminal_size().columns - 1])
        STATE.progress_shown = True
    elif STATE.plain_progress:
        sys.stderr.write(text + "\n")
    sys.stderr.flush()


def style(text: str, names: str, stream: TextIO | None = None) -> str:
    """Give text in a style such as ``bold red``, or as it is where the stream shows no colours."""
    if not has_colours(sys.stdout if stream is None else stream):
        return text
    return f"\x1b[{';'.join(CODES[name] for name in names.split())}m{text}\x1b[0m"


def has_colours(stream: TextIO) -> bool:
    """Tell whether to colour what is written to a stream."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def is_terminal(stream: TextIO) -> bool:
    """Tell whether a stream is a terminal that understands control sequences."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def _clear() -> None:
    if STATE.progress_shown:
        sys.stderr.write(CLEAR)
        sys.stderr.flush()
        STATE.progress_shown = False
