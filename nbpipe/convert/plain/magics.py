"""Magics for which Python has a plain counterpart: files, folders, environment variables, pylab."""

from __future__ import annotations

import ast
import re
import shlex
from typing import TYPE_CHECKING, Final

from nbpipe.convert.plain.commands import ALIASES, body_literal, program_cell, shell_line
from nbpipe.convert.plain.expansion import literal_text, text_of
from nbpipe.convert.plain.replacement import Replacement
from nbpipe.convert.plain.running import run_line

if TYPE_CHECKING:
    from nbpipe.convert.plain.replacement import Surroundings

_SETTING: Final = re.compile(r"\s*([A-Za-z_]\w*)(?:\s*=\s*|\s+)(\S.*?)\s*")
_FILE: Final = re.compile(
    r"""\s*(?P<adds>(?:-a|--append)\s+)?(?:(?P<quote>['"])(?P<quoted>[^'"]+)(?P=quote)|(?P<plain>[^\s'"-]\S*))\s*"""
)
_PYLAB: Final = (
    "import matplotlib, numpy",
    "import numpy as np",
    "import matplotlib.pyplot as plt",
    "from matplotlib import pylab, pyplot",
)
_PYLAB_STARS: Final = ("from pylab import *", "from numpy import *")  # as in IPython/core/pylabtools.py


def line_magic(name: str, argument: str, around: Surroundings, *, gives: bool) -> Replacement | None:
    """Give Python for ``%name argument``; None where there is none.

    Args:
        name: of the magic.
        argument: the rest of its line.
        around: what is known around it.
        gives: its value is assigned to a name.
    """
    if name in ("sx", "system"):
        return shell_line(argument, around, gives=True)
    if name in ("env", "set_env"):
        return _environment(argument, around, gives=gives)
    if gives:
        return Replacement("os.getcwd()", ("os",)) if name == "pwd" else None
    if name in ALIASES:
        return shell_line(f"{name} {argument}", around, gives=False)
    if name == "cd":
        return _folder(argument, around)
    if name == "pylab":
        more = ("from matplotlib import mlab",) if "--no-import-all" in argument else _PYLAB_STARS
        return Replacement("\n".join((*_PYLAB, *more)), is_block=True)
    return run_line(argument, around) if name == "run" else None


def cell_magic(name: str, argument: str, body: str, around: Surroundings) -> Replacement | None:
    """Give Python for a cell that a program reads or that is a file (``%%bash``, ``%%writefile``), None for others."""
    if name in ("file", "writefile"):
        return _written(argument, body, around)
    return program_cell(name, argument, body, around)


def _written(argument: str, body: str, around: Surroundings) -> Replacement | None:
    match = _FILE.fullmatch(argument)
    if match is None:
        return None
    path = match["quoted"] or match["plain"]
    target = text_of(path, around.is_bound)
    if path.startswith("~"):
        target = f"os.path.expanduser({target})"
    imports = ("pathlib.Path", "os") if path.startswith("~") else ("pathlib.Path",)
    if (plain := literal_text(path, around.is_bound)) is not None and not path.startswith("~"):
        file = (around.folder / plain).resolve()
        before = around.written.get(file, "") if match["adds"] else ""
        around.written[file] = before + (body if body.endswith("\n") else f"{body}\n")
    if not match["adds"]:
        return Replacement(f'Path({target}).write_text({body_literal(body)}, encoding="utf-8")', imports)
    text = f'with Path({target}).open("a", encoding="utf-8") as appended:\n    appended.write({body_literal(body)})'
    return Replacement(text, imports, is_block=True)


def _environment(argument: str, around: Surroundings, *, gives: bool) -> Replacement | None:
    """``%env NAME=value`` sets a variable, ``%env NAME`` gives it, ``%env`` shows all."""
    text = argument.strip()
    if text.isidentifier():
        given = f"os.environ[{ast.unparse(ast.Constant(text))}]"
        return Replacement(given, ("os",)) if gives else Replacement("")
    match = _SETTING.fullmatch(text)
    if match is None or gives:
        return None if text or gives else Replacement("")
    value = text_of(match[2], around.is_bound)
    return Replacement(f"os.environ[{ast.unparse(ast.Constant(match[1]))}] = {value}", ("os",))


def _folder(argument: str, around: Surroundings) -> Replacement | None:
    """``%cd folder`` goes there, ``%cd`` home; bookmarks and the folder before are the shell's own."""
    text = argument.strip().removeprefix("-q").strip()
    if text in ("", "~"):
        return Replacement('os.chdir(os.path.expanduser("~"))', ("os",))
    if text.startswith("-"):
        return None
    try:
        words = shlex.split(text)
    except ValueError:
        return None
    path = words[0] if len(words) == 1 else text
    given = text_of(path, around.is_bound)
    return Replacement(f"os.chdir({f'os.path.expanduser({given})' if path.startswith('~') else given})", ("os",))
