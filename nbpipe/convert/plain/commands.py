"""Shell commands of a notebook (``!cmd``, ``x = !cmd``, ``%%bash``) as calls of `subprocess`."""

from __future__ import annotations

import ast
import shlex
from typing import TYPE_CHECKING, Final, NamedTuple

from nbpipe.convert.plain.expansion import literal_text, text_of
from nbpipe.convert.plain.replacement import Replacement
from nbpipe.convert.refusal import refuse

if TYPE_CHECKING:
    from nbpipe.convert.plain.replacement import Surroundings

_TEXT: Final = "shell=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True"
# Cell magics that hand their body to a program (IPython/core/magics/script.py); the words that start it.
_PROGRAMS: Final = {
    name: (name,) for name in ("bash", "sh", "perl", "ruby", "python", "python2", "python3", "pypy")
} | {"shell": ("sh",), "script": ()}
# What IPython's list of lines (IPython/utils/text.py: SList) does otherwise than a list, and what to write instead.
_OF_LINES: Final = {
    "fields": "[line.split() for line in {}]",
    "get_list": "{}",
    "get_nlstr": '"\\n".join({})',
    "get_paths": "[Path(line) for line in {}]",
    "get_spstr": '" ".join({})',
    "grep": "[line for line in {} if ... in line]",
    "l": "{}",
    "list": "{}",
    "n": '"\\n".join({})',
    "nlstr": '"\\n".join({})',
    "p": "[Path(line) for line in {}]",
    "paths": "[Path(line) for line in {}]",
    "s": '" ".join({})',
    "sort": "sorted({})",
    "spstr": '" ".join({})',
}
_OPTIONS: Final = ("--bg", "--err", "--no-raise-error", "--out", "--proc")
_SHELL_BODIES: Final = ("!", "sx", "system")
# Shell commands that IPython has as line magics by an alias (IPython/core/alias.py), but for those that list files.
ALIASES: Final = ("cat", "cp", "mkdir", "mv", "rm", "rmdir")


def shell_line(command: str, around: Surroundings, *, gives: bool) -> Replacement | None:
    """Give Python for ``!command``, or for one whose output is wanted (``x = !command``, ``!!command``, ``%sx``).

    A command runs in ``sh``, and its failure is no error, as in IPython. What it gives are its lines, errors too. None
    where it goes on in the background, which IPython refuses.
    """
    if command.rstrip().endswith("&") or not command.strip():
        return None
    text = text_of(command.strip(), around.is_bound)
    if gives:
        return Replacement(f"subprocess.run({text}, {_TEXT}).stdout.splitlines()", ("subprocess",))
    if around.captured:
        # IPython runs it on a terminal, which ends lines like that.
        shown = f'subprocess.run({text}, {_TEXT}).stdout.replace("\\n", "\\r\\n")'
        return Replacement(f'print({shown}, end="")', ("subprocess",))
    call = f"subprocess.run({text}, shell=True, check=False)"
    if any(node.id == "_exit_code" for node in around.names(elsewhere=False)):
        return Replacement(f"_exit_code = {call}.returncode", ("subprocess",))
    return Replacement(call, ("subprocess",))


def check_lines(name: str, around: Surroundings) -> None:
    """Raise where the lines that a command gave are used as more than a list: IPython's can do more.

    Raises:
        ConversionError: they are.
    """
    for node in (node for tree in around.trees.values() for node in ast.walk(tree)):
        if isinstance(node, ast.Attribute) and node.attr in _OF_LINES and ast.unparse(node.value) == name:
            what = f"'{name}.{node.attr}' is of the list that IPython gives for the lines of a command"
            raise refuse(around.cell, f"{what}: write {_OF_LINES[node.attr].format(name)}")


def program_cell(name: str, argument: str, body: str, around: Surroundings) -> Replacement | None:
    """Give Python for a cell whose body a program reads: ``%%bash``, ``%%script perl``, ``%%!``.

    None where a magic is none of these, or has options that nothing in Python stands for.
    """
    if name in _SHELL_BODIES:
        return shell_line(body, around, gives=True) if not argument.strip() else None
    if name not in _PROGRAMS or around.captured:
        return None
    try:
        words = shlex.split(argument)
    except ValueError:
        return None
    options = _options(words)
    if options is None or not (_PROGRAMS[name] or options.rest):
        return None
    program = _program(" ".join([*_PROGRAMS[name], argument.strip()]), [*_PROGRAMS[name], *options.rest], around)
    if program is None or (not program.startswith("[") and len(options.rest) < len(words)):
        return None
    kept = [f"{stream}=subprocess.PIPE" for stream, to in (("stdout", options.out), ("stderr", options.err)) if to]
    given = [program, f"input={body_literal(body)}", "text=True", f"check={options.checks}", *kept]
    imports = ("subprocess",) if program.startswith("[") else ("shlex", "subprocess")
    lines = _receiving(f"subprocess.run({', '.join(given)})", options)
    return Replacement("\n".join(lines), imports, is_block=len(lines) > 1)


def _program(text: str, words: list[str], around: Surroundings) -> str | None:
    """Give an expression of the words that start a program, into which IPython may put values before it splits them."""
    if literal_text(text, around.is_bound) == text:
        return f"[{', '.join(ast.unparse(ast.Constant(word)) for word in words)}]"
    return f"shlex.split({text_of(text, around.is_bound)})"


class _Options(NamedTuple):
    """Options of ``%%script``: the names that receive output and errors, whether failing is an error, the rest."""

    out: str
    err: str
    checks: bool
    rest: list[str]


def _receiving(call: str, options: _Options) -> list[str]:
    """Give the lines that run a program and bind what it gives."""
    out, err = options.out, options.err
    if out and err:
        return [f"{out} = {call}", f"{err} = {out}.stderr", f"{out} = {out}.stdout"]
    return [f"{out} = {call}.stdout" if out else f"{err} = {call}.stderr" if err else call]


def _options(words: list[str]) -> _Options | None:
    """Read the options; None where there is one that nothing in Python stands for."""
    found = {"--out": "", "--err": ""}
    checks = True
    rest = list(words)
    while rest and rest[0].startswith("--"):
        option, equals, value = rest.pop(0).partition("=")
        if option == "--no-raise-error":
            checks = False
        elif option in found:
            found[option] = value if equals else (rest.pop(0) if rest else "")
            if not found[option].isidentifier():
                return None
        else:
            return None
    if any(word.partition("=")[0] in _OPTIONS for word in rest):
        return None
    return _Options(found["--out"], found["--err"], checks, rest)


def body_literal(body: str) -> str:
    """Write the body of a cell magic as a literal that keeps its lines; IPython ends the last one, too."""
    text = body if body.endswith("\n") else f"{body}\n"
    if text.count("\n") == 1:
        return ast.unparse(ast.Constant(text))
    if "\\" in text and '"""' not in text and not text.rstrip().endswith('"'):
        return f'r"""{text}"""'
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'"""{escaped}"""'
