"""What git ignores, told without git: ``.gitignore`` files from the repository's root down, and ``.git/info/exclude``.

The patterns mean what they mean to git (gitignore(5) and its matcher, wildmatch.c), byte by byte; a property test
compares with ``git check-ignore``. A file is read only where it is there, a pattern compiled only where a name comes
near it. Patterns of the user's own (``core.excludesFile``) do not count: a check finds the same for everybody.
"""
# pathlib costs four tenths of a bare Python start, and `nbpipe check` counts those:
# ruff: noqa: PTH100, PTH113, PTH114, PTH118, PTH123, PTH206

from __future__ import annotations

import os
import re

from nbpipe.lint.repository import git_folder, repository_root

NAME = ".gitignore"
_BOM = b"\xef\xbb\xbf"
_SPECIAL = b"*?[\\"
_CLASSES = {
    b"alnum": b"0-9A-Za-z",
    b"alpha": b"A-Za-z",
    b"blank": rb" \t",
    b"cntrl": rb"\x00-\x1f\x7f",
    b"digit": b"0-9",
    b"graph": rb"\x21-\x7e",
    b"lower": b"a-z",
    b"print": rb"\x20-\x7e",
    b"punct": rb"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",
    b"space": rb"\t-\r ",
    b"upper": b"A-Z",
    b"xdigit": b"0-9A-Fa-f",
}


class _NeverMatches(Exception):  # noqa: N818 - no error: git, too, takes such a pattern and matches nothing
    pass


class Pattern:
    """One line of a file.

    Attributes:
        negated: whether it takes back what lines above it ignore.
        folders_only: whether it means folders only.
        anchored: whether it means a path from the file's folder; else a name anywhere below.
        literal: the text before the first wildcard.
    """

    __slots__ = ("_compiled", "_text", "anchored", "folders_only", "literal", "negated")

    def __init__(self, line: bytes) -> None:
        self.negated = line.startswith(b"!")
        text = line[1:] if self.negated else line
        self.folders_only = text.endswith(b"/")
        text = text[:-1] if self.folders_only else text
        self.anchored = b"/" in text
        self._text = text.removeprefix(b"/")
        self.literal = self._text[: _literal_length(self._text)]
        self._compiled: re.Pattern[bytes] | None = None

    @property
    def is_name(self) -> bool:
        """Tell whether it is the name of a file or folder, without wildcards."""
        return not self.anchored and self.literal == self._text

    def matches(self, name: bytes, path: bytes) -> bool:
        """Tell whether it means an entry; `path` is from the folder of the pattern's file."""
        text = path if self.anchored else name
        if self.literal == self._text:
            return text == self.literal
        if not text.startswith(self.literal):
            return False
        if self._compiled is None:
            self._compiled = _compiled(self._text, len(self.literal) if self.anchored else 0)
        return self._compiled.fullmatch(text) is not None


class Patterns:
    """The lines of one file; the last one that means an entry decides."""

    __slots__ = ("_lines", "_named", "_wild")

    def __init__(self, data: bytes) -> None:
        self._lines = [Pattern(line) for line in _lines(data)]
        self._named: dict[bytes, list[int]] = {}
        self._wild: list[int] = []
        for number, pattern in enumerate(self._lines):
            if pattern.is_name:
                self._named.setdefault(pattern.literal, []).append(number)
            else:
                self._wild.append(number)

    def ignores(self, name: bytes, path: bytes, *, is_folder: bool) -> bool | None:
        """Tell whether an entry is ignored; None where the file does not speak of it."""
        found = -1
        for number in reversed(self._named.get(name, ())):
            if is_folder or not self._lines[number].folders_only:
                found = number
                break
        for number in reversed(self._wild):
            if number < found:
                break
            pattern = self._lines[number]
            if (is_folder or not pattern.folders_only) and pattern.matches(name, path):
                found = number
                break
        return None if found < 0 else not self._lines[found].negated


class Ignored:
    """What is ignored among the entries of one folder of a repository."""

    __slots__ = ("_levels", "_path")

    def __init__(self, path: bytes, levels: tuple[tuple[int, Patterns], ...]) -> None:
        """Take the folder's path from the root ("" or with a slash at the end).

        The files that count are given the nearest first, each with the length of its own folder's path.
        """
        self._path = path
        self._levels = levels

    def ignores(self, name: str, *, is_folder: bool) -> bool:
        """Tell whether git ignores an entry of the folder."""
        if not self._levels:
            return False
        data = os.fsencode(name)
        for length, patterns in self._levels:
            found = patterns.ignores(data, self._path[length:] + data, is_folder=is_folder)
            if found is not None:
                return found
        return False

    def below(self, name: str) -> Ignored:
        """Give the same for a folder in this one."""
        return self if self is OUTSIDE else Ignored(self._path + os.fsencode(name) + b"/", self._levels)

    def read(self, folder: str) -> Ignored:
        """Give the same with the ``.gitignore`` in the folder itself, which is at `folder`."""
        if self is OUTSIDE:
            return self
        data = _content(os.path.join(folder, NAME))
        return Ignored(self._path, ((len(self._path), Patterns(data)), *self._levels)) if data else self


# Where there is no repository, git ignores nothing.
OUTSIDE = Ignored(b"", ())


def ignored_in(folder: str) -> Ignored:
    """Give what is ignored in a folder, by its parents' files and not yet by its own."""
    full = os.path.abspath(folder)
    root = repository_root(full)
    if not root:
        return OUTSIDE
    if full == root:
        return of_root(root)
    found, place = of_root(root).read(root), root
    *parents, last = os.path.relpath(full, root).split(os.sep)
    for name in parents:
        place = os.path.join(place, name)
        found = found.below(name).read(place)
    return found.below(last)


def of_root(root: str) -> Ignored:
    """Give what is ignored at the root of a repository, not yet by the ``.gitignore`` there."""
    data = _content(os.path.join(git_folder(root), "info", "exclude"))
    return Ignored(b"", ((0, Patterns(data)),) if data else ())


def _content(path: str) -> bytes:
    """Give what a file holds, b"" where there is none; as git, follow no link."""
    try:
        if os.path.islink(path) or not os.path.isfile(path):
            return b""
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _lines(data: bytes) -> list[bytes]:
    """Give the patterns of a file, as written."""
    found = []
    for line in data.removeprefix(_BOM).split(b"\n"):
        if line and not line.startswith(b"#"):
            text = _without_spaces(line.removesuffix(b"\r"))
            if text.strip(b"/") not in {b"", b"!"}:
                found.append(text)
    return found


def _without_spaces(line: bytes) -> bytes:
    """Take away spaces at the end, but those after a backslash."""
    kept = line.rstrip(b" ")
    backslashes = len(kept) - len(kept.rstrip(b"\\"))
    return kept + b" " if len(kept) < len(line) and backslashes % 2 else kept


def _literal_length(text: bytes) -> int:
    return next((place for place, byte in enumerate(text) if byte in _SPECIAL), len(text))


def _compiled(text: bytes, start: int) -> re.Pattern[bytes]:
    """Compile a pattern whose first `start` bytes are compared as they are."""
    try:
        body = _expression(text[start:])
    except _NeverMatches:
        return re.compile(rb"(?!)")
    return re.compile(re.escape(text[:start]) + body, re.DOTALL)


def _expression(text: bytes) -> bytes:
    """Give the regular expression for a pattern."""
    found = []
    place = 0
    while place < len(text):
        byte = text[place : place + 1]
        if byte == b"*":
            end = place + len(text[place:]) - len(text[place:].lstrip(b"*"))
            piece, place = _stars(text, place, end)
        elif byte == b"?":
            piece, place = b"[^/]", place + 1
        elif byte == b"[":
            piece, place = _bracket(text, place + 1)
        else:
            place += byte == b"\\"
            piece, place = re.escape(_at(text, place)), place + 1
        found.append(piece)
    return b"".join(found)


def _stars(text: bytes, start: int, end: int) -> tuple[bytes, int]:
    """Give the expression for asterisks, and where to go on: two or more that are a whole part match any folders."""
    whole = end - start > 1 and (start == 0 or text[start - 1 : start] == b"/")
    if whole and end == len(text):
        return b".*", end
    if whole and text[end : end + 1] == b"/":
        return b"(?:.*/)?", end + 1
    return b"[^/]*", end


def _bracket(text: bytes, place: int) -> tuple[bytes, int]:
    """Give the expression for a set of characters, and where to go on; `place` is that after the bracket."""
    negated = text[place : place + 1] in {b"!", b"^"}
    place += negated
    items: list[bytes] = []
    first, previous = True, b""
    while first or _at(text, place) != b"]":
        first = False
        byte = _at(text, place)
        if byte == b"\\":
            place += 1
            byte = _at(text, place)
            items.append(_escaped(byte))
        elif byte == b"-" and previous and text[place + 1 : place + 2] not in {b"", b"]"}:
            place += 1
            place += text[place : place + 1] == b"\\"
            last = _at(text, place)
            if previous <= last:
                items.append(_escaped(previous) + b"-" + _escaped(last))
            byte = b""
        elif byte == b"[" and text[place + 1 : place + 2] == b":":
            end = text.find(b"]", place + 2)
            if end < 0:
                raise _NeverMatches
            name = text[place + 2 : end - 1]
            if end > place + 2 and text[end - 1 : end] == b":":
                if name not in _CLASSES:
                    raise _NeverMatches
                items.append(_CLASSES[name])
                byte, place = b"", end
            else:
                items.append(_escaped(byte))
        else:
            items.append(_escaped(byte))
        previous = byte
        place += 1
    body = b"".join(items)
    if negated:
        return b"[^/" + body + b"]", place + 1
    return (b"(?!/)[" + body + b"]" if body else b"(?!)"), place + 1


def _at(text: bytes, place: int) -> bytes:
    """Give one byte; a pattern that ends where one must come matches nothing."""
    if place >= len(text):
        raise _NeverMatches
    return text[place : place + 1]


def _escaped(byte: bytes) -> bytes:
    return b"\\x%02x" % ord(byte)
