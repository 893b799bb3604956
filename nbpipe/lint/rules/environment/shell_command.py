"""NB406."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.traversal import walk
from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.naming import listed
from nbpipe.lint.rule import Rule
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.code import CellCode
    from nbpipe.analysis.commands import Command
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Range

# What does in Python's own process what these do in a shell that ends with the line.
PASSING = {"cd": "%cd", "export": "%env", "source": "", "alias": "%alias"}
ESCAPES = frozenset(["!", "!!", "%sx", "%system"])
PACKAGE_MAGICS = frozenset(["%pip", "%conda", "%mamba", "%micromamba", "%uv"])
# A condition that asks where the notebook runs: the author knows that the command is not everywhere.
PLACES = pattern(r"(?i)colab|kaggle|binder|paperspace|codespace|local_mode|platform|windows|linux|darwin")
HOSTED = pattern(r"(?i)#.*\b(?:colab|kaggle)\b")
PYTHON = pattern(r"python[\d.]*")
MOST_NAMES = 3
MANY = 6


class ShellCommand(Rule):
    """The notebook relies on a shell command.

    ## What it does

    Reports shell escapes (`!wget ...`, `files = !ls`) and `%%bash` cells that do something which code below can rely
    on: fetch, unpack, copy or make files, run programs, or give Python a result. One finding for each cell. A `!cd` or
    `!export` alone on its line is reported too, for it has no effect at all: the shell that it changes ends with the
    line.

    Silent for commands that only show something (`!ls`, `!head data.csv`, `!nvidia-smi`, `!gcloud ai models list`,
    `--version`), that clean up (`!rm`, `!kubectl delete`), that have no Python below them (an export in the last
    cell), in notebooks that are mostly shell, under a condition that asks where the notebook runs
    (`if "google.colab" in ...`) or a comment that says that the cell is for Colab or Kaggle, and for installing
    packages, of which other rules speak.

    ## Why is this bad?

    The command must exist wherever the notebook runs, which on Windows, or in a slim container, it often does not.
    When one fails behind a `!`, the notebook goes on as if nothing had happened and fails later, or uses old files. And
    what a shell does cannot be seen by the tools that check, cache or convert notebooks.

    ## Example

    ```python
    # %%
    !wget -q https://example.org/data.csv

    # %%
    import pandas as pd

    data = pd.read_csv("data.csv")
    ```

    ## Use instead

    ```python
    # %%
    from urllib.request import urlretrieve

    import pandas as pd

    urlretrieve("https://example.org/data.csv", "data.csv")

    # %%
    data = pd.read_csv("data.csv")
    ```
    """

    code = "NB406"
    severity = Severity.INFO
    triggers = ("!", "%%bash", "%%sh", "%%script", "%%!", "%sx", "%system")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each cell that relies on the shell."""
        from nbpipe.environment.installs import install_of

        by_cell: dict[int, list[Command]] = {}
        end: tuple[int, int] | None = None
        if _is_mostly_shell(context):
            return
        for command in context.analysis.commands:
            if command.syntax == "call" or command.syntax in PACKAGE_MAGICS or install_of(command) is not None:
                continue
            end = end or _last_python(context)
            if _is_relied_on(context, command, end):
                by_cell.setdefault(command.range.cell, []).append(command)
        for index, commands in by_cell.items():
            if not HOSTED.search(context.notebook.cells[index].source):
                yield context.diagnostic(commands[0].range, _message(commands))


def _is_relied_on(context: Context, command: Command, end: tuple[int, int]) -> bool:
    """Tell whether Python below may rely on what a command does; `end` is where the last of it stands."""
    from nbpipe.environment.shell_effects import Effect, effect

    what = effect(command)
    if what is Effect.PASSING:
        return command.plain and command.syntax in ESCAPES
    where = command.range
    if (where.cell, where.start_line) >= end:
        return False
    if what is not Effect.CHANGE and not (command.syntax in ESCAPES and _is_assigned(context, command)):
        return False
    return where.start_column == 0 or not _is_guarded(context.analysis.codes[where.cell], where)


def _is_assigned(context: Context, command: Command) -> bool:
    """Tell whether Python takes what the command prints."""
    line = context.notebook.cells[command.range.cell].source.split("\n")[command.range.start_line]
    return line[: command.range.start_column].rstrip().endswith("=")


def _is_guarded(code: CellCode, where: Range) -> bool:
    """Tell whether a line runs only in some places: under a condition that names one."""
    for node in walk(code.tree) if code.tree is not None else ():
        if isinstance(node, ast.If) and PLACES.search(ast.unparse(node.test)):
            block = code.range(node)
            if block.start_line <= where.start_line <= block.end_line:
                return True
    return False


def _is_mostly_shell(context: Context) -> bool:
    """Tell whether most of a notebook's cells are commands only: a script of the shell, or a lesson about it."""
    running = {command.range.cell for command in context.analysis.commands}
    cells = [code for code in context.analysis.codes.values() if code.body or code.error is not None]
    only = [code for code in cells if code.index in running and all(map(_relies_on_nothing, code.body))]
    return len(only) >= MANY and len(only) * 2 > len(cells)


def _last_python(context: Context) -> tuple[int, int]:
    """Give the cell and line in which the last Python begins that could rely on something; (-1, -1) for none."""
    for code in reversed(context.analysis.codes.values()):
        if code.error is not None:
            return code.index, code.error[1]
        for statement in reversed(code.body):
            if not _relies_on_nothing(statement):
                return code.index, code.range(statement).end_line
    return -1, -1


def _relies_on_nothing(statement: ast.stmt) -> bool:
    """Tell whether a statement is a magic, an escape, a text or a `print` of one, or only holds such."""
    if isinstance(statement, ast.Expr):
        value = statement.value
        if not isinstance(value, ast.Call):
            return isinstance(value, ast.Constant)
        if isinstance(value.func, ast.Name) and value.func.id == "print":
            return all(isinstance(argument, ast.Constant) for argument in value.args)
        return ast.unparse(value.func).startswith("get_ipython().")
    if isinstance(statement, ast.If | ast.For | ast.While | ast.With):
        return all(map(_relies_on_nothing, (*statement.body, *getattr(statement, "orelse", ()))))
    return isinstance(statement, ast.Pass)


def _message(commands: list[Command]) -> str:
    first = commands[0]
    name = _named(first)
    if name in PASSING and len(commands) == 1 and first.syntax in ESCAPES:
        instead = f"; use {PASSING[name]}" if PASSING[name] else ""
        return f"'!{name}' changes only a shell that ends with this line: nothing below is affected{instead}"
    # A `cd` that stands among others is no program that could be missing.
    names = [f"'{each}'" for each in dict.fromkeys(map(_named, commands)) if each and each not in PASSING]
    if len(names) > MOST_NAMES:
        names = [*names[:MOST_NAMES], f"{len(names) - MOST_NAMES} more"]
    several = len(names) > 1
    if not names:
        what = "a shell command that is put together when the cell runs is"
    else:
        what = f"the shell commands {listed(names, 'and')} are" if several else f"the shell command {names[0]} is"
    if first.syntax not in ESCAPES:
        return f"{what} relied on, in a shell that may be missing elsewhere"
    if not several and PYTHON.fullmatch(name):
        return f"the shell's '{name}' is relied on: it need not be the kernel's, and a failure stops nothing"
    missing = "they may be missing elsewhere, and their" if several else "it may be missing elsewhere, and its"
    return f"{what} relied on: {missing} failure does not stop the notebook"


def _named(command: Command) -> str:
    """Give the program as written; "" where it is only known when it runs."""
    from nbpipe.environment.shell_effects import command_words

    name = command_words(command)[0]
    return "" if name.startswith(("{", "$", "(", "`")) or name.endswith(("(", ":")) else name
