"""Commands that only show what stands in files and folders, and in which.

Options and operands are those that POSIX, GNU's coreutils, grep and diffutils agree on. A command whose output depends
on more than names and contents of files (times of change, the clock, sizes of terminals, standard input) is none of
these, nor is a line in which a shell would do more than split words, expand patterns and join programs by pipes.
"""

from __future__ import annotations

import glob
import os
import re
import stat
import sys
from typing import TYPE_CHECKING, NamedTuple

from .files import is_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .commands import Command
    from .hearing import Observer

# Environment variables that decide the order of names and what a letter is.
_LANGUAGE = ("LC_ALL", "LC_COLLATE", "LC_CTYPE", "LANG")
_SHELLS = ("sh", "bash", "dash")
_PLACES = ("/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")
# With these set, a shell runs more than its line.
_PRELUDES = (b"BASH_ENV", b"ENV")
_SPECIAL = ("/dev/", "/proc/", "/sys/", "/run/")
_MOST_FOLDERS = 1000
_INTERPRETED = frozenset(";&<>$`\\(){}!#~^\r\n")
_IN_QUOTES = {"'": frozenset("\r\n"), '"': frozenset("$`\\!\r\n")}
_GLOB = frozenset("*?[")
# Ranges of letters depend on the language.
_BRACKETS = re.compile(r"\[(?:0-9|[^]\[:.=!^-]+)\]")


class Shown(NamedTuple):
    """What a command depends on: files by what they hold, folders by the names in them, paths by being there."""

    read: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    probed: tuple[str, ...] = ()


class _Usage(NamedTuple):
    """How a program is called.

    Attributes:
        flags: letters of options without a value.
        valued: letters of options with one.
        others: operands, at the beginning, that are no files.
        least, most: how many files; where one is needed and none is given, the program reads what is piped into it.
    """

    flags: str = ""
    valued: str = ""
    others: int = 0
    least: int = 1
    most: int = sys.maxsize


_SUMS = _Usage("bt")
_USAGES = {
    "cat": _Usage("AbeEnstTuv"),
    "cksum": _Usage(),
    "cmp": _Usage("sbl", least=2, most=2),
    "cut": _Usage("s", "dfcb"),
    "diff": _Usage("qsiwbB", least=2, most=2),
    "grep": _Usage("EFGHLPachilnoqsvwx", "mABC", others=1),
    "head": _Usage("qv", "nc"),
    "md5sum": _SUMS,
    "pwd": _Usage("LP", least=0, most=0),
    "sha1sum": _SUMS,
    "sha256sum": _SUMS,
    "sha512sum": _SUMS,
    "sort": _Usage("bdfghinrsuVM", "kt", most=0),
    "tail": _Usage("qv", "nc"),
    "tr": _Usage("cCds", others=2, most=0),
    "uniq": _Usage("cdui", "fsw", most=0),
    "wc": _Usage("lwcmL"),
}
_COUNTED = ("head", "tail", "grep")  # with ``-5`` for an option and its value
# All that they are given is text.
_OF_TEXT = ("echo", "printf", "basename", "dirname", "seq")
_BUILT_IN = ("echo", "printf", "pwd")


class _Word(NamedTuple):
    """A word of a command line, and whether the shell expands it to names of files."""

    text: str
    is_pattern: bool = False


class _Doubt(Exception):  # noqa: N818 - nothing is wrong with it
    """It is not sure that a command only shows."""


def _require(condition: object) -> None:
    if not condition:
        raise _Doubt


def shown(command: Command) -> Shown | None:
    """Give what a command depends on if it surely only shows; None where it may do anything.

    Patterns are expanded to what they match now.
    """
    if os.name != "posix" or not command.is_plain or not command.words:
        return None
    try:
        programs = [[_Word(text) for text in command.words]] if command.line is None else _of_shell(command)
        found = [_depends(words, command.folder, is_fed=place > 0) for place, words in enumerate(programs)]
    except (_Doubt, ValueError, OSError):
        return None
    return Shown(*(tuple(dict.fromkeys(path for each in found for path in each[kind])) for kind in range(3)))


def noted(command: Command, observer: Observer) -> bool:
    """Tell an observer what a command depends on, as if its own code asked; give whether it surely only shows."""
    found = shown(command)
    if found is None:
        return False
    for name in _LANGUAGE:
        os.environ.get(name)  # which is heard
    for path in found.read:
        observer.note_opened(path, "r")
    for path in found.listed:
        observer.note_listed(path)
    for path in found.probed:
        observer.note_probed(path, exists=False)
    return True


def _of_shell(command: Command) -> list[list[_Word]]:
    """Split the line that a shell is given into programs that are joined by pipes."""
    shell, option, line = command.words[:3]
    _require(len(command.words) == 3 and option == "-c")  # noqa: PLR2004 - the shell, the option, the line
    _require(_located(shell) in _SHELLS)
    _require(not any(name in _PRELUDES or name.startswith(b"BASH_FUNC_") for name in os.environb))
    return _split(line)


def _split(line: str) -> list[list[_Word]]:
    programs: list[list[_Word]] = [[]]
    text, quote, is_pattern, is_open, quoted = "", "", False, False, ""
    for letter in f"{line} ":
        if quote:
            _require(letter == quote or letter not in _IN_QUOTES[quote])
            text, quoted, quote = (text, quoted, "") if letter == quote else (text + letter, quoted + letter, quote)
        elif letter in "'\"":
            quote, is_open = letter, True
        elif letter in " \t|":
            if is_open:
                _require(not (is_pattern and _GLOB.intersection(quoted)))
                programs[-1].append(_Word(text, is_pattern))
            text, is_pattern, is_open, quoted = "", False, False, ""
            if letter == "|":
                programs.append([])
        else:
            _require(letter not in _INTERPRETED)
            text, is_open, is_pattern = text + letter, True, is_pattern or letter in _GLOB
    _require(not quote and all(programs))
    return programs


def _located(name: str) -> str:
    """Give the name of a program that is the system's own and not another of that name."""
    folder, base = os.path.split(name)
    if not folder:
        # Not by `os.environ`: that it is asked would count as a condition of what the step gives.
        paths = os.fsdecode(os.environb.get(b"PATH", os.fsencode(os.defpath))).split(os.pathsep)
        found = (each for each in paths if is_kind(stat.S_ISREG, os.path.join(each, base)))  # noqa: PTH118
        folder = next(found, "")
    _require(folder in _PLACES)
    return base


def _depends(words: Sequence[_Word], folder: str, *, is_fed: bool) -> Shown:
    """Give what one program depends on; `is_fed`: what another shows is piped into it."""
    program, arguments = words[0], words[1:]
    _require(not program.is_pattern)
    name = program.text if program.text in _BUILT_IN else _located(program.text)
    if name in _OF_TEXT:
        _require(not any("%(" in word.text for word in arguments))  # the clock, for bash's `printf`
        return Shown(listed=tuple(_folder_of(word, folder) for word in arguments if word.is_pattern))
    if name == "ls":
        operands = list(_operands(arguments, "1AadR", "", folder))
        options = {letter for word in arguments if word.text.startswith("-") for letter in word.text}
        return _listing(operands, options, folder, [word for word in arguments if word.is_pattern])
    usage = _USAGES.get(name)
    _require(usage is not None)
    assert usage is not None  # noqa: S101 - said above
    return _reading(arguments, usage, folder, is_fed=is_fed, is_counted=name in _COUNTED)


def _reading(arguments: Sequence[_Word], usage: _Usage, folder: str, *, is_fed: bool, is_counted: bool) -> Shown:
    rest = [word for word in arguments if not (is_counted and re.fullmatch(r"-\d+", word.text))]
    operands = list(_operands(rest, usage.flags, usage.valued, folder))
    _require(len(operands) >= usage.others)
    _require(not any(word.is_pattern for word, _ in operands[: usage.others]))
    named = operands[usage.others :]
    files = [path for _, paths in named for path in paths]
    _require(len(files) >= usage.least or (is_fed and not files))
    _require(len(files) <= usage.most)
    for path in files:
        _require(not (os.path.realpath(path) + os.sep).startswith(_SPECIAL))
        _require(is_kind(stat.S_ISREG, path) or not os.path.lexists(path))
    return Shown(read=tuple(files), listed=tuple(_folder_of(word, folder) for word, _ in named if word.is_pattern))


def _listing(
    operands: Sequence[tuple[_Word, list[str]]], options: set[str], folder: str, patterns: Sequence[_Word]
) -> Shown:
    listed = [_folder_of(word, folder) for word in patterns]
    paths = [path for _, paths in operands for path in paths] or [folder]
    for path in paths:
        _require(not (os.path.realpath(path) + os.sep).startswith(_SPECIAL))
        if "d" in options or not is_kind(stat.S_ISDIR, path):
            continue
        for where, _, _ in os.walk(path) if "R" in options else [(path, [], [])]:
            listed.append(where)
            _require(len(listed) <= _MOST_FOLDERS)
    return Shown(listed=tuple(listed), probed=tuple(paths))


def _operands(arguments: Sequence[_Word], flags: str, valued: str, folder: str) -> Iterator[tuple[_Word, list[str]]]:
    """Give the words that are no options, each with the paths that it stands for, absolute."""
    pending = iter(arguments)
    for word in pending:
        if word.text.startswith("-"):
            _require(not word.is_pattern and len(word.text) > 1)
            letters = word.text[1:].lstrip(flags)
            if letters:
                _require(letters[0] in valued)
                value = _Word(letters[1:]) if letters[1:] else next(pending, _Word("", is_pattern=True))
                _require(not value.is_pattern)
        else:
            _require(word.text)
            names = _matches(word, folder) if word.is_pattern else [word.text]
            yield word, [os.path.join(folder, name) for name in names]  # noqa: PTH118


def _folder_of(word: _Word, folder: str) -> str:
    """Give the folder whose names decide what a pattern matches: its last part alone may be one."""
    head, name = os.path.split(word.text)
    _require(not _GLOB.intersection(head) and not name.startswith("."))
    _require(not {"[", "]"}.intersection(_BRACKETS.sub("", name)))
    return os.path.join(folder, head) if head else folder  # noqa: PTH118


def _matches(word: _Word, folder: str) -> list[str]:
    """Give the names that a pattern stands for; itself, where nothing matches."""
    place = glob.escape(_folder_of(word, folder))
    head, name = os.path.split(word.text)
    found = [os.path.join(head, os.path.basename(path)) for path in glob.glob(os.path.join(place, name))]  # noqa: PTH118, PTH119, PTH207
    _require(not any(each.startswith("-") for each in found))
    return sorted(found) or [word.text]
