"""NB406."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.naming import listed
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.commands import Command
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

# Commands that only show something: nothing below depends on them.
SHOWING = frozenset(
    [
        "awk",
        "cat",
        "column",
        "cut",
        "date",
        "df",
        "diff",
        "dir",
        "du",
        "echo",
        "egrep",
        "env",
        "fgrep",
        "file",
        "find",
        "free",
        "grep",
        "groups",
        "head",
        "help",
        "history",
        "hostname",
        "id",
        "ifconfig",
        "ipconfig",
        "jq",
        "less",
        "ll",
        "ls",
        "lsb_release",
        "lscpu",
        "lsof",
        "lspci",
        "man",
        "md5sum",
        "more",
        "nl",
        "nproc",
        "nvidia-smi",
        "od",
        "ping",
        "printenv",
        "printf",
        "ps",
        "pstree",
        "pwd",
        "pygmentize",
        "sed",
        "sha1sum",
        "sha256sum",
        "sort",
        "stat",
        "strings",
        "tail",
        "test",
        "time",
        "top",
        "tr",
        "tree",
        "true",
        "type",
        "uname",
        "uniq",
        "uptime",
        "ver",
        "wc",
        "where",
        "whereis",
        "which",
        "who",
        "whoami",
        "xxd",
        "zcat",
    ]
)
# Words of the shell's language, which are no commands.
KEYWORDS = frozenset(
    [
        "[",
        "[[",
        "!",
        "break",
        "case",
        "continue",
        "do",
        "done",
        "elif",
        "else",
        "esac",
        "fi",
        "for",
        "function",
        "if",
        "in",
        "set",
        "then",
        "until",
        "while",
        "{",
        "}",
    ]
)
SUBCOMMANDS = {
    "git": frozenset(
        ["branch", "blame", "config", "diff", "help", "log", "ls-files", "remote", "rev-parse", "show", "status"]
    ),
    "pip": frozenset(["check", "freeze", "help", "list", "search", "show"]),
    "pip3": frozenset(["check", "freeze", "help", "list", "search", "show"]),
    "conda": frozenset(["info", "list", "search"]),
    "docker": frozenset(["images", "info", "inspect", "logs", "ps", "version"]),
    "gcloud": frozenset(["config", "info"]),
    "jupyter": frozenset(["kernelspec", "--paths"]),
    "kubectl": frozenset(["describe", "get", "logs"]),
    "dvc": frozenset(["diff", "status"]),
    "mlflow": frozenset(["doctor"]),
}
ASKING = frozenset(["--version", "-version", "-V", "--help", "-h", "version"])
# Commands whose effect ends with the shell that runs them.
PASSING = {"cd": "%cd", "export": "%env", "source": "", "alias": "%alias"}
PREFIXES = frozenset(["sudo", "time", "nohup", "yes"])
WRITING = re.compile(r"(?<![0-9&<>=-])>{1,2}\s*(?!/dev/null|&|=)[\w./{$\"'~]")
ESCAPES = frozenset(["!", "!!", "%sx", "%system"])
MOST_NAMES = 3


class ShellCommand(Rule):
    """The notebook relies on a shell command.

    ## What it does

    Reports shell escapes (`!wget ...`, `files = !ls`) and `%%bash` cells that do something: fetch, unpack, copy or
    make files, run programs, or give Python a result. One finding for each cell. A `!cd` or `!export` alone on its
    line is reported too, for it has no effect at all: the shell that it changes ends with the line.

    Silent for commands that only show something (`!ls`, `!head data.csv`, `!nvidia-smi`, `!git log`, `--version`) and
    for installing packages, of which other rules speak.

    ## Why is this bad?

    The command must exist wherever the notebook runs, which on Windows, or in a slim container, it often does not.
    When one fails behind a `!`, the notebook goes on as if nothing had happened and fails later, or uses old files. And
    what a shell does cannot be seen by the tools that check, cache or convert notebooks.

    ## Example

    ```python
    # %%
    !wget -q https://example.org/data.csv
    ```

    ## Use instead

    ```python
    # %%
    from urllib.request import urlretrieve

    urlretrieve("https://example.org/data.csv", "data.csv")
    ```
    """

    code = "NB406"
    severity = Severity.INFO
    triggers = ("!", "%%bash", "%%sh", "%%script", "%%!", "%sx", "%system")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each cell that relies on the shell."""
        from nbpipe.environment.installs import install_of

        by_cell: dict[int, list[Command]] = {}
        for command in context.analysis.commands:
            if command.syntax == "call" or command.syntax in ("%pip", "%conda", "%mamba", "%micromamba", "%uv"):
                continue
            if install_of(command) is None and _does_something(context, command):
                by_cell.setdefault(command.range.cell, []).append(command)
        for commands in by_cell.values():
            yield context.diagnostic(commands[0].range, _message(commands))


def _does_something(context: Context, command: Command) -> bool:
    """Tell whether something below may depend on a command."""
    words = _words(command)
    if not words:
        return False
    name = words[0].rpartition("/")[2]
    if WRITING.search(re.sub(r"'[^']*'|\"[^\"]*\"", "''", command.text)):
        return True
    if command.syntax in ESCAPES and _is_assigned(context, command):
        return True
    if name in SHOWING:
        return name == "sed" and "-i" in words
    if name in ("pip", "pip3", "conda") or words[1:3] == ["-m", "pip"] or not ASKING.isdisjoint(words[1:]):
        return False
    if name == "curl":
        return bool(re.search(r"\s(?:-\w*[oOTX]|--output|--remote-name|-d|--data|--upload-file)", command.text))
    if name in ("aws", "gsutil", "hdfs", "hadoop"):
        return not any(re.match(r"-?(?:ls|list|describe|get|cat|du)(?![\w/])", word) for word in words[1:4])
    if name in ("cd", "export", "source", "alias"):
        return command.plain and command.syntax in ESCAPES
    return not (set(words[1:3]) & SUBCOMMANDS.get(name, frozenset()))


def _words(command: Command) -> list[str]:
    """Give the words of a command from the program on: without variables set for it, keywords and `sudo`."""
    words = list(command.words)
    while words and (words[0] in KEYWORDS or words[0] in PREFIXES or re.fullmatch(r"[A-Za-z_]\w*=.*", words[0])):
        loop = words[0] == "for"
        del words[0]
        if loop:
            return []
    return words


def _is_assigned(context: Context, command: Command) -> bool:
    """Tell whether Python takes what the command prints."""
    line = context.notebook.cells[command.range.cell].source.split("\n")[command.range.start_line]
    return line[: command.range.start_column].rstrip().endswith("=")


def _message(commands: list[Command]) -> str:
    first = commands[0]
    name = _words(first)[0]
    if name in PASSING and len(commands) == 1 and first.syntax in ESCAPES:
        instead = f"; use {PASSING[name]}" if PASSING[name] else ""
        return f"'!{name}' changes only a shell that ends with this line: nothing below is affected{instead}"
    names = list(dict.fromkeys(f"'{_words(command)[0]}'" for command in commands))
    if len(names) > MOST_NAMES:
        names = [*names[:MOST_NAMES], f"{len(names) - MOST_NAMES} more"]
    several = len(names) > 1
    what = f"the shell commands {listed(names, 'and')} are" if several else f"the shell command {names[0]} is"
    if first.syntax not in ESCAPES:
        return f"{what} relied on, in a shell that may be missing elsewhere"
    missing = "they may be missing elsewhere, and their" if several else "it may be missing elsewhere, and its"
    return f"{what} relied on: {missing} failure does not stop the notebook"
