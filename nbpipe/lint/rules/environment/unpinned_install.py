"""NB401."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Applicability, Edit, Fix, Severity
from nbpipe.lint.naming import listed
from nbpipe.lint.rule import Rule
from nbpipe.notebook.model import Range

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.environment.installs import Install
    from nbpipe.environment.requirement import Requirement
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Cell

# What installs the packages is seldom what a result depends on.
INSTALLERS = frozenset(["pip", "setuptools", "wheel", "conda", "mamba", "uv"])
MOST_NAMES = 3
# What pip prints: "Successfully installed numpy-2.1.0 pandas-2.2.3", "Requirement already satisfied: x in ... (1.2)".
INSTALLED = re.compile(r"Successfully installed ((?:[\w.+-]+-\d[\w.+!]*[ \t]*)+)")
SATISFIED = re.compile(r"Requirement already (?:satisfied|up-to-date)(?: \([^)]*\))?: ([\w.-]+)[^\n]*?\((\d[\w.+!]*)\)")
# `pip install numpy>=1.2` without quotes.
REDIRECTION = re.compile(r"(?<=[A-Za-z0-9\]])[<>]=?\s*\d[\w.]*")


class UnpinnedInstall(Rule):
    """A cell installs a package without saying which version.

    ## What it does

    Reports commands of pip, conda (mamba, micromamba), uv and the system's package managers that install packages by
    name without an exact version: `%pip install`, `!pip install`, in a `%%bash` cell, through `os.system` or
    `subprocess`. Where the stored output says which version was installed, the fix writes that one down.

    A range with an end (`~=1.4`, `<2`) is an info, and so is a package of the system (`apt install`), whose exact
    version few can give.

    Silent for exact versions, for addresses with a commit or a tag, for files (`-r requirements.txt`, `-c`,
    `conda env create -f`), for folders (`pip install -e .`), for pip, setuptools and wheel themselves, and for what is
    only known when the cell runs (`pip install {package}`).

    ## Why is this bad?

    The notebook gets whatever is newest on the day it is run. A release in between changes its results or breaks it,
    and nothing in the notebook tells which version the stored results came from.

    ## Example

    ```python
    # %%
    %pip install pandas
    ```

    ## Use instead

    ```python
    # %%
    %pip install pandas==2.2.3
    ```

    ```python
    # %%
    %pip install -r requirements.txt
    ```

    ## Fix safety

    The version comes from the stored output. It is the one that was there when the cell last ran, which need not have
    been the run that made the other results.
    """

    code = "NB401"
    severity = Severity.WARNING
    triggers = ("install",)

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each command."""
        if not any("install" in code.code.text or code.code.magics for code in context.analysis.codes.values()):
            return
        from nbpipe.environment.installs import SYSTEM, installs

        for install in installs(context.analysis.commands):
            loose = [] if install.locked else [each for each in install.requirements if _is_loose(each)]
            if not loose:
                continue
            certain = install.tool is not SYSTEM and not all(each.bounded for each in loose)
            yield context.diagnostic(
                install.command.range,
                _message(install, loose),
                severity=None if certain else Severity.INFO,
                fix=_fix(context.notebook.cells[install.command.range.cell], install, loose),
            )


def _is_loose(requirement: Requirement) -> bool:
    return not requirement.exact and requirement.name not in INSTALLERS


def _message(install: Install, loose: list[Requirement]) -> str:
    names = [f"'{requirement.written}'" for requirement in loose[:MOST_NAMES]]
    if len(loose) > MOST_NAMES:
        names.append(f"{len(loose) - MOST_NAMES} more")
    verb = "is" if len(loose) == 1 else "are"
    lost = REDIRECTION.search(re.sub(r"'[^']*'|\"[^\"]*\"", "", install.command.text))
    if lost is not None and install.command.shell:
        why = f"without quotes, the shell takes '{lost[0]}' for a file to redirect to"
    else:
        why = "each run may get another"
    return f"{listed(names, 'and')} {verb} installed without an exact version: {why}"


def _fix(cell: Cell, install: Install, loose: list[Requirement]) -> Fix | None:
    """Give the fix that writes down the versions which the stored output names, where it names all of them."""
    if install.tool != "pip" or not cell.raw_outputs:
        return None
    known = _installed(cell)
    edits = []
    for requirement in loose:
        place = _place(cell, install, requirement)
        if requirement.name not in known or place is None:
            return None
        edits.append(Edit(place, f"=={known[requirement.name]}"))
    names = listed([f"{each.written}=={known[each.name]}" for each in loose], "and")
    return Fix(f"pin to what the stored output says was installed: {names}", tuple(edits), Applicability.UNSAFE)


def _installed(cell: Cell) -> dict[str, str]:
    """Give the versions that pip's messages in the stored output name."""
    from nbpipe.environment.requirement import normalized

    found: dict[str, str] = {}
    for output in cell.outputs:
        text = output.get("text") if output.get("output_type") == "stream" else None
        if not isinstance(text, str):
            continue
        for match in SATISFIED.finditer(text):
            found[normalized(match[1])] = match[2].partition("+")[0]
        for match in INSTALLED.finditer(text):
            for word in match[1].split():
                name, _, version = word.rpartition("-")
                found[normalized(name)] = version.partition("+")[0]  # a local version is on no index
    return found


def _place(cell: Cell, install: Install, requirement: Requirement) -> Range | None:
    """Give where a version can be put behind a bare name; None where it stands there otherwise, or twice."""
    if not re.fullmatch(r"[\w.-]+(?:\[[\w,.-]*\])?", requirement.written):
        return None
    lines = cell.source.split("\n")
    start = install.command.range.start_line
    end = start
    while end + 1 < len(lines) and lines[end].rstrip().endswith("\\"):
        end += 1
    pattern = re.compile(rf"(?<![\w./=-]){re.escape(requirement.written)}(?![\w.\[=<>~!@/-])")
    found = [(number, match.end()) for number in range(start, end + 1) for match in pattern.finditer(lines[number])]
    if len(found) != 1:
        return None
    line, column = found[0]
    return Range(cell.index, line, column, line, column)
