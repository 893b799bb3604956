"""Which program an audit event tells of, and what a command line reads that only shows files.

A command that only shows (`wc -l data.csv`, `head *.csv | grep x`) depends on the files and folders it names and on
nothing else, so that its result can be known again. Who asks here must be able to rely on it: whatever is not surely so
counts as a program that may do anything.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from .paths import as_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

EVENTS = ("subprocess.Popen", "os.system", "os.posix_spawn", "os.exec", "os.forkpty")
"""The audit events that tell of a program's start."""

_SHELLS = ("sh", "bash", "dash", "zsh", "ksh", "fish", "csh", "tcsh")
# Programs that libraries start to learn about the machine.
_HARMLESS = (
    "lscpu", "uname", "ldconfig", "gcc", "cc", "ld", "objdump", "lsb_release", "sysctl", "getconf", "nproc", "fc-list",
)  # fmt: skip
# Words of a shell with a program behind them, and commands of its own that start none.
_BEFORE = ("do", "then", "else", "if", "elif", "while", "until", "time", "exec", "command", "eval", "!", "{", "$", "\\")
_OWN = (
    "cd", "export", "set", "unset", "for", "case", "function", "true", "false", "test", "[", "[[", ":", "source", ".",
    "pushd", "popd", "fi", "done", "esac", "}", "umask", "ulimit", "alias", "shopt",
)  # fmt: skip
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_LONGEST_NAME = 40


class Command(NamedTuple):
    """A program that is about to start.

    Attributes:
        words: its arguments, with its name at the beginning; () where nobody knows.
        folder: where it starts, absolute.
        is_plain: whether it starts in the environment of this process, under its own name.
    """

    words: tuple[str, ...]
    folder: str
    is_plain: bool = True

    @property
    def line(self) -> str | None:
        """The line that a shell is given; None where the program is none, or is started otherwise."""
        is_shell = len(self.words) > 2 and os.path.basename(self.words[0]) in _SHELLS  # noqa: PLR2004, PTH119
        return self.words[2] if is_shell and re.fullmatch(r"-[a-z]*c", self.words[1]) else None

    @property
    def name(self) -> str:
        """The program's name, for people: of what a shell is told to start the first that is no word of the shell."""
        line = self.line
        found = "" if line is None else _program_in(line)
        name = found or (self.words[0] if self.words else "")
        return os.path.basename(name)[:_LONGEST_NAME] or "a command"  # noqa: PTH119

    @property
    def is_harmless(self) -> bool:
        """Whether it is one that libraries start to learn about the machine."""
        return self.line is None and self.name in _HARMLESS


def handlers(note: Callable[[Any, Command], None]) -> dict[str, Callable[..., None]]:
    """Give what an observer calls for each of the `EVENTS`, in which it notes the command."""

    def handler(event: str) -> Callable[..., None]:
        return lambda observer, *arguments: note(observer, started(event, arguments))

    return {event: handler(event) for event in EVENTS}


def started(event: str, arguments: Sequence[Any]) -> Command:
    """Give the program that one of the `EVENTS` tells of."""
    if event == "os.system":
        return _command("/bin/sh", ("/bin/sh", "-c", arguments[0]))
    if event == "subprocess.Popen":
        executable, words, folder, environment = arguments[:4]
        return _command(executable, words, folder, environment)
    if event in ("os.posix_spawn", "os.exec"):
        return _command(arguments[0], arguments[1], None, arguments[2])
    return _in_terminal()


def _command(executable: Any, words: Any, folder: Any = None, environment: Any = None) -> Command:
    listed = words if isinstance(words, (list, tuple)) else (words,)
    texts = tuple(text for text in map(as_path, listed) if text is not None)
    program = as_path(executable) or ""
    is_same = os.path.basename(program) == os.path.basename(texts[0] if texts else "")  # noqa: PTH119
    if program and not is_same:
        texts = (program, *texts[1:])
    where = os.path.abspath(as_path(folder) or ".")  # noqa: PTH100 - strings are compared
    return Command(texts, where, is_same and environment is None and len(texts) == len(listed))


def _in_terminal() -> Command:
    """Give the program that pexpect is about to start in a terminal of its own, as IPython does for ``!command``.

    The event of the fork does not tell it: `ptyprocess.PtyProcess.spawn`, which forks, has it as an argument.
    """
    frame: Any = sys._getframe(1)  # noqa: SLF001 - the only way to the caller
    while frame is not None:
        if frame.f_code.co_name == "spawn" and frame.f_globals.get("__name__") == "ptyprocess.ptyprocess":
            known: Mapping[str, Any] = frame.f_locals
            words = known.get("argv") or [None]
            return _command(words[0], words, known.get("cwd"), known.get("env"))
        frame = frame.f_back
    return _command(None, ())


def _program_in(line: str) -> str:
    """Give the first program that a line of a shell starts."""
    lexer = shlex.shlex(line.strip().replace("\n", ";"), posix=True, punctuation_chars=True)
    try:
        tokens = list(lexer)
    except ValueError:  # a quote that is not closed
        tokens = line.split()
    is_first = True
    pending = iter(tokens)
    for token in pending:
        if token.startswith(("<", ">", "&>")):
            next(pending, "")  # the file that it is about
        elif token and set(token) <= set("();<>|&"):
            is_first = True
        elif is_first and token in _OWN:
            is_first = False
        elif is_first and not (_ASSIGNMENT.match(token) or token.isdigit() or token in _BEFORE):
            return token
    return next(iter(tokens), "")
