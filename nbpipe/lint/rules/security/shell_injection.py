"""NB604."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis
    from nbpipe.analysis.origins import Origin, Origins
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Range

# Functions that hand a text to a shell; those of subprocess only with shell=True.
SHELLS = frozenset(
    ["os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "commands.getoutput"]
)
RUNNERS = frozenset(f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "Popen"))
_LAST_OF_SHELLS = frozenset(name.rpartition(".")[2] for name in SHELLS)
_LAST_OF_RUNNERS = frozenset(name.rpartition(".")[2] for name in RUNNERS)
# Where data comes from that others write: the last parts of names, and how to speak of it.
SOURCES = (
    (pattern(r"^(?:raw_)?input$"), "is typed in"),
    (pattern(r"(?:^|\.)(?:requests\.(?:get|post|request)|urlopen|httpx\.(?:get|post))$"), "comes from the network"),
    (pattern(r"(?:^|\.)(?:pd|pandas)\.read_(?:csv|excel|json|sql|sql_query|table|parquet|html|xml)$"),
     "comes from a table"),
    (pattern(r"(?:^|\.)csv\.(?:reader|DictReader)$"), "comes from a table"),
    (pattern(r"(?:^|\.)request\.(?:get_json|args\.get|form\.get|values\.get)$"), "comes from a request"),
    (pattern(r"(?:^|\.)(?:ipywidgets|widgets)\.(?:Text|Textarea|Combobox|FileUpload)$"), "is typed in"),
)  # fmt: skip
READ = pattern(r"^(?:flask\.)?request\.(?:args|form|json|data|values|files|query_params)$|^sys\.argv$")


class ShellInjection(Rule):
    """A shell command is built from data.

    ## What it does

    Reports commands that a shell reads (`!command {x}`, `os.system`, `os.popen`, `subprocess` with `shell=True`) where
    a part of the text is typed in, comes from the network, from a request, from the command line, or out of a table
    that is read: directly or through names. It names the place where the data comes in.

    Silent for constants, parameters and paths that the notebook makes itself, for numbers, for what `shlex.quote` has
    quoted, for what a function computes, and for `subprocess` with a list of words, which no shell reads.

    ## Why is this bad?

    What is typed or stands in the table can end the command and begin another: a file name such as `a.csv; rm -rf ~`
    is one. A blank or an apostrophe in an honest value is enough to break it.

    ## Example

    ```python
    # %%
    import os

    name = input("file: ")
    os.system(f"gzip {name}")
    ```

    ## Use instead

    ```python
    # %%
    import subprocess

    name = input("file: ")
    subprocess.run(["gzip", "--", name], check=True)
    ```
    """

    code = "NB604"
    severity = Severity.WARNING
    triggers = (
        "os.system",
        "popen",
        "subprocess",
        "getoutput",
        "!",
        "%%bash",
        "%%sh",
        "%sx",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each command."""
        from nbpipe.analysis.origins import Origins

        if not _may_hand_over(context.analysis):
            return
        origins: Origins | None = None
        for site in context.analysis.calls:
            parts = _command(site.names, site.node)
            if all(isinstance(part, ast.Constant) for part in parts):
                continue
            origins = origins or Origins(context.analysis)
            found = next(
                (each for part in parts if (each := _source(context, origins, part, site.cell, site.home))), None
            )
            if found is not None:
                place, how = found
                where = context.callee(site.home, site.node)
                where = where if where.start_column < where.end_column else context.analysis.range(site.home, parts[0])
                related = (Related(place, "it comes in here"),) if place != where else ()
                message = f"a shell reads this command, a part of which {how}: it can hold another command"
                yield context.diagnostic(where, message, related=related)


def _may_hand_over(analysis: Analysis) -> bool:
    """Tell by the looks, before the data flow is asked, whether a call may hand a shell what is no literal."""
    mentioned = analysis.mentioned
    if "shell" in analysis.keywords and not _LAST_OF_RUNNERS.isdisjoint(mentioned):
        return True
    wanted = _LAST_OF_SHELLS & mentioned
    if not wanted:
        return False
    fixed = {
        id(call.func)
        for _, call in analysis.nodes(ast.Call)
        if _is_of_ipython(call.func) and all(isinstance(part, ast.Constant) for part in call.args)
    }
    attributes = [node for _, node in analysis.nodes(ast.Attribute) if node.attr in wanted]
    return len(attributes) == 0 or any(id(node) not in fixed for node in attributes) or _are_names(analysis, wanted)


def _are_names(analysis: Analysis, wanted: frozenset[str]) -> bool:
    """Tell whether one of these is a name of its own, imported from its module."""
    return any(alias.name in wanted for _, alias in analysis.nodes(ast.alias))


def _is_of_ipython(callee: ast.expr) -> bool:
    """Tell whether it is what stands for `!command {x}` and `%%bash` with values put in."""
    return (
        isinstance(callee, ast.Attribute)
        and callee.attr in ("system", "getoutput")
        and isinstance(callee.value, ast.Call)
        and getattr(callee.value.func, "id", "") == "get_ipython"
    )


def _command(names: tuple[str, ...], node: ast.Call) -> list[ast.expr]:
    """Give the parts of a command that a call hands to a shell; none where it hands nothing to one."""
    if SHELLS.intersection(names):
        return node.args[:1]
    if RUNNERS.intersection(names):
        shell = next((keyword.value for keyword in node.keywords if keyword.arg == "shell"), None)
        wanted = isinstance(shell, ast.Constant) and shell.value is True
        return node.args[:1] if wanted else []
    return node.args if _is_of_ipython(node.func) else []


def _source(context: Context, origins: Origins, node: ast.expr, cell: int, home: int) -> tuple[Range, str] | None:
    """Give where data comes in that a part of a command is made of, and how."""
    for origin in origins.of(node, cell, home):
        how = _incoming(context, origin)
        if how:
            return context.analysis.range(origin.home, origin.node), how
    return None


def _incoming(context: Context, origin: Origin) -> str:
    node = origin.node
    if isinstance(node, ast.Attribute) and READ.match(ast.unparse(node)):
        return "is given on the command line" if node.attr == "argv" else "comes from a request"
    if not isinstance(node, ast.Call):
        return ""
    site = context.analysis.top_down.calls.get(id(node))
    names = (*(site.names if site is not None else ()), ast.unparse(node.func))
    return next((how for source, how in SOURCES if any(source.search(name) for name in names)), "")
