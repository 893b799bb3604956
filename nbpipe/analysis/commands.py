"""The commands that a notebook runs outside Python: shell escapes, installing magics, ``%%bash``, ``os.system``..."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbpipe.notebook import Range
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis
    from nbpipe.analysis.code import CellCode
    from nbpipe.notebook.python_code import Magic

ESCAPES = frozenset(["!", "!!", "%sx", "%system", "%sc"])
PACKAGE_MAGICS = frozenset(["%pip", "%conda", "%mamba", "%micromamba", "%uv"])
SHELL_CELLS = frozenset(["%%bash", "%%sh", "%%!", "%%sx", "%%system", "%%shell", "%%cmd"])
_SHELLS = frozenset(["bash", "sh", "zsh"])
# Functions that run a command, by their last name; what they are called on tells the rest.
_CALLS = {
    "system": ("os", "shell", "ip", "get_ipython"),
    "popen": ("os",),
    "getoutput": ("subprocess", "commands", "shell", "ip", "get_ipython"),
    "getstatusoutput": ("subprocess",),
    "run": ("subprocess", "sp"),
    "call": ("subprocess", "sp"),
    "check_call": ("subprocess", "sp"),
    "check_output": ("subprocess", "sp"),
    "Popen": ("subprocess", "sp"),
}
_BARE = frozenset(["check_call", "check_output", "Popen", "getoutput", "system"])

# One word of a shell's: quoted parts, IPython's {expressions} and `$(commands)` hold blanks. Or an operator, or a
# comment.
_TOKEN = pattern(
    r"""(?P<joined>\\\n)"""
    r"""|(?P<word>(?:\{\{|\}\}|\{[^{}\n]*\}|\$\([^()\n]*\)|\\.|"(?:\\.|[^"\\])*"|'[^']*'|`[^`]*`|[^\s"'\\;|&<>#`]"""
    r"""|(?<=[^\s;|&])\#|["'`{\\])+)"""
    r"""|(?P<operator>&&|\|\||;|\|&|\||&>>?|>&|>>|<<|[<>&])|(?P<comment>\#[^\n]*)|(?P<end>\n)"""
)
# What is fed to a command (`cat > file << EOF`) is text, not commands. Without its end it goes on to the last line.
_HERE = pattern(
    r"""(?P<command>(?<!<)<<-?(?!<)[ \t]*(['"\\]?)(?P<end>\w+)['"]?[^\n]*)"""
    r"""(?P<text>\n(?:.*\n)*?[ \t]*(?P=end)[ \t]*(?=\n|\Z)|(?:\n.*)*\Z)"""
)
_SEPARATORS = frozenset(["&&", "||", ";", "|", "|&", "&"])


class Command:
    """One simple command.

    Attributes:
        words: the command and its arguments, quotes taken away where they surround a word.
        text: the whole line it stands in, as written.
        range: that line in the cell.
        syntax: what it is written as: an escape (``!``), a magic (``%pip``, ``%%bash``) or ``call``.
        plain: it is all there is on its line: no other command, pipe, redirection or assignment.
        shell: a shell reads it (as against a list of words given to `subprocess`).
        reads: the expressions that IPython or an f-string puts into it, as names.
        node: the call that runs it, for `call`.
    """

    __slots__ = ("node", "plain", "range", "reads", "shell", "syntax", "text", "words")

    def __init__(  # noqa: PLR0913 - the facts of a command
        self,
        words: tuple[str, ...],
        text: str,
        range: Range,  # noqa: A002 - LSP's name
        syntax: str,
        *,
        plain: bool = False,
        shell: bool = True,
        reads: tuple[str, ...] = (),
        node: ast.Call | None = None,
    ) -> None:
        self.words = words
        self.text = text
        self.range = range
        self.syntax = syntax
        self.plain = plain
        self.shell = shell
        self.reads = reads
        self.node = node

    def __repr__(self) -> str:
        return f"Command({self.words}, {self.range})"


def find_commands(analysis: Analysis) -> list[Command]:
    """Give the commands of a notebook's cells, those written in IPython's syntax first in each cell."""
    found: list[Command] = []
    for code in analysis.codes.values():
        if code.code.magics:
            source = analysis.notebook.cells[code.index].source.split("\n")
            for magic in code.code.magics:
                found += _of_magic(code, magic, source)
    found += _of_calls(analysis)
    return sorted(found, key=lambda command: command.range.key())


def split_commands(text: str) -> list[tuple[int, tuple[str, ...], bool]]:
    """Split shell text into simple commands.

    Returns:
        For each: the line it begins in (from 0), its words, and whether nothing else stands on its line.
    """
    if "<<" in text:
        text = _HERE.sub(_blanked, text)
    commands: list[tuple[int, tuple[str, ...], bool]] = []
    words: list[str] = []
    line = first = 0
    plain = True
    redirected = False
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match[0]
        if kind == "word":
            first = first if words else line
            words += [] if redirected else [_unquoted(token)]
            redirected = False  # what a redirection goes to is no argument
        elif kind == "operator":
            plain = False
            redirected = token not in _SEPARATORS
            if redirected and words and text[match.start() - 1].isdigit() and words[-1].isdigit():
                del words[-1]  # a file descriptor: `2> log.txt`
        if words and (kind == "end" or token in _SEPARATORS):
            commands.append((first, tuple(words), plain))
            words = []
        if kind == "end":
            plain, redirected = True, False
        line += token.count("\n")
    return [*commands, (first, tuple(words), plain)] if words else commands


def _blanked(match: re.Match[str]) -> str:
    """Give the first line of a here-document, and as many empty lines as it has others."""
    return match["command"] + "\n" * match["text"].count("\n")


def _unquoted(word: str) -> str:
    """Take the quotes away that surround a word or a part of it."""
    if '"' not in word and "'" not in word:
        return word
    return re.sub(r"\"((?:\\.|[^\"\\])*)\"|'([^']*)'", lambda match: match[1] or match[2] or "", word)


def _of_magic(code: CellCode, magic: Magic, source: list[str]) -> Iterator[Command]:
    name = magic.name
    if name in ESCAPES or name in PACKAGE_MAGICS:
        line = source[magic.line] if magic.line < len(source) else ""
        start = _start(line, name)
        where = Range(code.index, magic.line, start, magic.line, max(len(line.rstrip()), start + 1))
        text = f"{name[1:]} {magic.argument}" if name in PACKAGE_MAGICS else magic.argument
        before = line[:start].strip()
        for _, words, plain in split_commands(text):
            yield Command(words, text, where, name, plain=plain and not before, reads=magic.reads)
    elif name in SHELL_CELLS or (name == "%%script" and magic.argument.split()[:1] and _is_shell(magic.argument)):
        body = magic.body
        lines = body.split("\n")
        for at, words, plain in split_commands(body):
            # The body is the rest of the cell, so its lines are the cell's from behind.
            number = min(magic.line + 1 + at, len(source) - 1)
            text = source[number]
            start = len(text) - len(text.lstrip())
            where = Range(code.index, number, start, number, max(len(text.rstrip()), start + 1))
            yield Command(words, lines[at] if at < len(lines) else body, where, name, plain=plain, reads=magic.reads)


def _is_shell(argument: str) -> bool:
    return next(word for word in argument.split() if word).rpartition("/")[2] in _SHELLS


def _start(line: str, name: str) -> int:
    """Give the column where the escape or magic stands; the first that is not blank where it is written otherwise."""
    found = line.find(name)
    return found if found >= 0 else len(line) - len(line.lstrip())


def _of_calls(analysis: Analysis) -> Iterator[Command]:
    """Find calls of functions that run a command given as a literal, in pieces or as one text."""
    for home, node in analysis.nodes(ast.Call):
        func = node.func
        if isinstance(func, ast.Attribute):
            owners = _CALLS.get(func.attr)
            if owners is None or _owner(func.value) not in owners:
                continue
        elif not (isinstance(func, ast.Name) and func.id in _BARE):
            continue
        if not node.args:
            continue
        given = node.args[0]
        where = analysis.range(home, node)
        if isinstance(given, ast.List | ast.Tuple):
            words = tuple(map(_text, given.elts))
            yield Command(words, " ".join(words), where, "call", plain=True, shell=False, node=node)
        elif text := _text(given):
            for _, words, plain in split_commands(text):
                yield Command(words, text, where, "call", plain=plain, node=node)


def _owner(node: ast.expr) -> str:
    """Give the name that a function is looked up on: that of ``get_ipython`` in ``get_ipython().system``."""
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Attribute):
            return node.attr
        node = node.func
    return node.id if isinstance(node, ast.Name) else ""


def _text(node: ast.expr) -> str:
    """Give a text as far as it is known; what is put into it is written in braces."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        parts = (
            str(part.value) if isinstance(part, ast.Constant) else f"{{{ast.unparse(part.value)}}}"
            for part in node.values
            if isinstance(part, ast.Constant | ast.FormattedValue)
        )
        return "".join(parts)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return (_text(node.left) or "{}") + (_text(node.right) or "{}")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        return re.sub(r"%[-\d.]*[sdifr]", "{}", _text(node.left))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return _text(node.func.value)
    if isinstance(node, ast.Attribute) and node.attr == "executable":
        return "{sys.executable}"
    return ""
