"""NB402."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.keeping import kept
from nbpipe.lint.diagnostic import Applicability, Edit, Fix, Severity
from nbpipe.lint.rule import Rule
from nbpipe.notebook.model import Range
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.environment.installs import Install
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Cell, Notebook

# `%pip` came with IPython 7.3, of 2019, which no longer ran on Python 2.
OLDEST = (3, 0)
COMMAND = pattern(r"!\s*(?:python[\d.]*\s+-m\s+)?pip[\d.]*(?=\s)")
# Where the shell's environment is the kernel's.
HOSTED = pattern(r"(?i)\bcolab\b|\bkaggle\b")
MEANT = pattern(r"executable|\bactivate\b|venv|/bin/|conda run")


class ShellPip(Rule):
    """`!pip` installs into whichever environment the shell finds, which need not be the kernel's.

    ## What it does

    Reports `!pip install` and `!pip uninstall`, `!python -m pip` and pip in `%%bash` cells and `os.system`: the shell
    looks `pip` up on its own path. `%pip` runs the pip of the interpreter that runs the notebook. One finding for each
    cell; the fix changes all its lines that hold nothing else.

    Silent for `!{sys.executable} -m pip`, which names the kernel's interpreter, for a pip given by its path or in an
    environment that the same cell activates, for commands that change nothing (`!pip list`), in cells that say that
    they are for Colab or Kaggle, where the two environments are one, and for notebooks of Python 2, where `%pip` is not
    known.

    ## Why is this bad?

    Where Jupyter and the kernel live in different environments, and they do wherever kernels are registered by hand,
    the package lands in one and the import fails in the other, or finds an older version there.

    ## Example

    ```python
    # %%
    !pip install pandas==2.2.3
    ```

    ## Use instead

    ```python
    # %%
    %pip install pandas==2.2.3
    ```
    """

    code = "NB402"
    severity = Severity.INFO
    triggers = ("pip install", "pip3 install", "pip uninstall", "pip3 uninstall", "pip -", "pip3 -")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each cell."""
        version = context.notebook.python_version
        if version is not None and version < OLDEST:
            return
        from nbpipe.environment.installs import PIP, installs

        cells: dict[int, list[Install]] = {}
        for install in installs(context.analysis.commands):
            command = install.command
            if install.tool is not PIP or command.syntax.startswith("%pip") or not command.shell:
                continue
            cell = context.notebook.cells[command.range.cell]
            if install.program == "uv pip" or MEANT.search(cell.source if command.syntax[:2] == "%%" else command.text):
                continue
            cells.setdefault(cell.index, []).append(install)
        for index, installed in cells.items():
            if not HOSTED.search(context.notebook.cells[index].source):
                yield _report(context, installed)


def _report(context: Context, installed: list[Install]) -> Diagnostic:
    """Give the finding for the commands of a cell, at the first."""
    first = installed[0]
    written = f"{first.interpreter} -m pip".strip() if first.interpreter else first.program
    cell = context.notebook.cells[first.command.range.cell]
    edits = tuple(edit for install in installed if (edit := _edit(context.notebook, cell, install)) is not None)
    return context.diagnostic(
        first.command.range,
        f"'{written}' is the shell's, which may install into another environment than the kernel's;"
        " %pip installs into the kernel's",
        fix=Fix("install with %pip", edits, Applicability.SAFE) if edits else None,
    )


def _edit(notebook: Notebook, cell: Cell, install: Install) -> Edit | None:
    """Give the edit of a line that holds nothing else; on Databricks `%pip` would restart the interpreter."""
    command = install.command
    if command.syntax != "!" or not command.plain or _on_databricks(notebook):
        return None
    line, column = command.range.start_line, command.range.start_column
    match = COMMAND.match(cell.source.split("\n")[line], column)
    if match is None:
        return None
    return Edit(Range(cell.index, line, match.start(), line, match.end()), "%pip")


@kept
def _on_databricks(notebook: Notebook) -> bool:
    return any("databricks" in key for key in notebook.metadata) or "dbutils." in notebook.text
