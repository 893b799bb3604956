"""NB407."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.rule import Rule
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.environment.imports import Imported
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Range
    from nbpipe.notebook.python_code import Magic

# Options of %run: -m takes a module, -p options of the profiler, -s a sort key, -l a limit, -T a file, -N a number.
VALUED = frozenset(["-s", "-l", "-T", "-N", "-b"])
SUFFIXES = ("", ".py", ".ipynb", ".ipy")
DATABRICKS = (".scala", ".sql", ".r", ".R", ".dbc")
# Names that are given to a project's own modules. Their namesakes on the package index are no one's dependency.
LOCAL = pattern(
    r"(?:my_?|local_?|custom_?)?(?:utils?|utilities|utility|helpers?|helper_?functions?|utils?_\w+|\w+_utils?"
    r"|helpers?_\w+|\w+_helpers?|constants|settings|preprocess(?:ing)?|data_?loaders?|custom_\w+|my_\w+)"
)
# What may bring files: their names are known only when it runs.
BRINGING = pattern(
    r"git clone|unzip|\btar\b|wget|curl|urlretrieve|urlopen|gdown|download|extractall|files\.upload|writefile|%%file"
    r"|\bcp\b|\bmv\b|shutil|sys\.path|chdir|%cd\b|%pushd|PYTHONPATH|add_path|site\.addsitedir|importnb|import_ipynb"
)


class UnresolvedRun(Rule):
    """A local file that the notebook runs or imports is not there.

    ## What it does

    Reports `%run other.ipynb` and `%run script.py` where no such file lies at that place from the notebook's folder
    (the `.py` may be left out, and on Databricks any suffix), relative imports, which fail in every notebook, and
    imports of modules with a name that only a project's own have (`utils`, `helpers`, `my_functions`...), where neither
    the notebook's folder nor any other of the project has one, and no dependency file declares one.

    Silent for absolute paths and `~`, which hold on other machines; for what is only known when the cell runs
    (`%run {script}`); where the notebook may bring the file itself (it downloads, unpacks, clones or writes something)
    or changes the folder or `sys.path`; for imports under a condition or in a `try` that expects them to fail.

    ## Why is this bad?

    The notebook stops there for everyone who gets it as it is. What it took from that file is nowhere to be read.

    ## Example

    ```python
    # %%
    %run ./prepare_features.ipynb
    ```

    ## Use instead

    The file `prepare_features.ipynb` goes with the notebook; or, so that what it gives can be seen, a module:

    ```python prepare_features.py
    def load():
        return [1, 2, 3]
    ```

    ```python
    # %%
    from prepare_features import load
    ```
    """

    code = "NB407"
    severity = Severity.WARNING
    outside = True
    triggers = ("%run", "import ", "run ")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield a finding for each file that is not there."""
        folder = os.path.dirname(os.path.abspath(context.notebook.path))  # noqa: PTH100, PTH120 - pathlib costs
        if not context.notebook.path or not os.path.isdir(folder):  # noqa: PTH112 - pathlib costs
            return
        bringing: bool | None = None
        for where, what in (*_runs(context, folder), *_imports(context)):
            if bringing is None:
                bringing = _brings_files(context)
            if bringing and not what.startswith("a relative"):
                return
            yield context.diagnostic(where, what)


def _brings_files(context: Context) -> bool:
    return any(cell.cell_type == "code" and BRINGING.search(cell.source) for cell in context.notebook.cells)


def _runs(context: Context, folder: str) -> Iterator[tuple[Range, str]]:
    from nbpipe.notebook.model import Range

    for home, code in context.analysis.codes.items():
        for magic in code.code.magics:
            if magic.name != "%run":
                continue
            name = _file(magic)
            if name and not _exists(folder, name):
                line = context.notebook.cells[home].source.split("\n")[magic.line]
                start = max(line.find("%run"), 0) if "%run" in line else len(line) - len(line.lstrip())
                where = Range(home, magic.line, start, magic.line, max(len(line.rstrip()), start + 1))
                yield where, f"%run: there is no '{name}' at that place from the notebook's folder"


def _file(magic: Magic) -> str:
    """Give the file that %run is told, "" where it is none of the notebook's folder or only known when it runs."""
    words = iter(re.findall(r"\"[^\"]*\"|'[^']*'|\S+", magic.argument))
    for word in words:
        if word == "-m":
            return ""
        if word in VALUED:
            next(words, "")
        elif not word.startswith("-"):
            name = word.strip("'\"")
            known = name and not re.search(r"[{}$*?<>%]", name) and not name.startswith(("/", "~", "\\"))
            return name.replace("\\", "/") if known and not re.match(r"[A-Za-z]:", name) else ""
    return ""


def _exists(folder: str, name: str) -> bool:
    place = os.path.join(folder, name)  # noqa: PTH118 - pathlib costs
    return any(os.path.exists(place + suffix) for suffix in (*SUFFIXES, *DATABRICKS))  # noqa: PTH110 - pathlib costs


def _imports(context: Context) -> Iterator[tuple[Range, str]]:
    from nbpipe.environment.imports import imports, is_standard

    seen: set[tuple[int, str]] = set()
    for item in imports(context.analysis):
        if item.optional or (item.level, item.top) in seen:
            continue
        seen.add((item.level, item.top))
        where = context.analysis.range(item.home, item.node)
        if item.level:
            dots = "." * item.level
            yield where, f"a relative import (from {dots}{item.module}) fails in a notebook, which is in no package"
        elif LOCAL.fullmatch(item.top) and not is_standard(item.module) and not _is_somewhere(context, item):
            yield where, f"there is no module '{item.top}' beside the notebook, nor anywhere else in the project"


def _is_somewhere(context: Context, item: Imported) -> bool:
    from nbpipe.environment.distributions import distributions_of, is_known
    from nbpipe.environment.project import project_of

    project = project_of(context.notebook.path, context.settings.root)
    if project is None or is_known(item.module) or not project.declared.isdisjoint(distributions_of(item.module)):
        return True
    if project.has_module(item.module) or project.has_module_anywhere(item.module):
        return True
    return any(f"install {name}" in context.notebook.text for name in (item.top, item.top.replace("_", "-")))
