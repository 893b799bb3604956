"""NB401."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Applicability, Edit, Fix, Severity
from nbpipe.lint.naming import listed
from nbpipe.lint.rule import Rule
from nbpipe.notebook.model import Range
from nbpipe.patterns import pattern

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
INSTALLED = pattern(r"Successfully installed ((?:[\w.+-]+-\d[\w.+!]*[ \t]*)+)")
SATISFIED = pattern(r"Requirement already (?:satisfied|up-to-date)(?: \([^)]*\))?: ([\w.-]+)[^\n]*?\((\d[\w.+!]*)\)")
# What names all but the last part of a version.
PATCHES = pattern(r"~=\s*\d+\.\d+\.\d|==\s*\d+\.\d+\.\*")
COMMENT = pattern(r"(?<!\S)#.*")
NEWEST = pattern(r"(?i)\b(?:latest|newest|last release|most recent|up[- ]to[- ]date)\b")
INSTALL_NEWEST = pattern(
    rf"(?i)\b(?:install|upgrade|updat|get|us(?:e|ing)\b|have|need)[^.\n]{{0,60}}{NEWEST.pattern[4:]}"
)
# `pip install numpy>=1.2` without quotes.
REDIRECTION = pattern(r"(?<=[A-Za-z0-9\]])[<>]=?\s*\d[\w.]*")


class UnpinnedInstall(Rule):
    """A cell installs a package without saying which version.

    ## What it does

    Reports commands of pip, conda (mamba, micromamba), uv and the system's package managers that install packages by
    name without an exact version: `%pip install`, `!pip install`, in a `%%bash` cell, through `os.system` or
    `subprocess`. One finding for each cell, which names the packages of all its commands. Where the stored output says
    which version was installed, the fix writes that one down.

    A range with an end (`~=1.4`, `<2`) is an info, and so is a package of the system (`apt install`), whose exact
    version few can give.

    Silent for exact versions and those of which only the last part is free (`~=1.4.2`, `==1.4.*`), for addresses with
    a commit or a tag, for files (`-r requirements.txt`, `-c`, `conda env create -f`), for folders
    (`pip install -e .`), for pip, setuptools and wheel themselves, and for what is only known when the cell runs
    (`pip install {package}`). Silent, too, where the author says that the newest is what they want: in a comment of
    the cell or in the text above it ("install the latest version").

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
        """Yield one finding for each cell."""
        if not any("install" in code.code.text or code.code.magics for code in context.analysis.codes.values()):
            return
        from nbpipe.environment.installs import installs

        cells: dict[int, list[tuple[Install, list[Requirement]]]] = {}
        for install in installs(context.analysis.commands):
            loose = [] if install.locked else [each for each in install.requirements if _is_loose(each)]
            if loose:
                cells.setdefault(install.command.range.cell, []).append((install, loose))
        for index, found in cells.items():
            if not _wants_the_newest(context, index):
                yield _report(context, found)


def _is_loose(requirement: Requirement) -> bool:
    return not requirement.exact and requirement.name not in INSTALLERS and not PATCHES.search(requirement.written)


def _wants_the_newest(context: Context, index: int) -> bool:
    """Tell whether a comment of a cell, or the text above it, says that the newest is wanted."""
    cells = context.notebook.cells
    if any(NEWEST.search(match[0]) for match in COMMENT.finditer(cells[index].source)):
        return True
    above = cells[index - 1] if index else None
    return above is not None and above.cell_type == "markdown" and bool(INSTALL_NEWEST.search(above.source))


def _report(context: Context, found: list[tuple[Install, list[Requirement]]]) -> Diagnostic:
    """Give the finding for the commands of a cell: at the first that is certain, or else the first."""
    certain = [each for each in found if _is_certain(*each)]
    told = certain or found
    first = told[0][0]
    cell = context.notebook.cells[first.command.range.cell]
    return context.diagnostic(
        first.command.range,
        _message(told),
        severity=None if certain else Severity.INFO,
        fix=_fix(cell, found),
    )


def _is_certain(install: Install, loose: list[Requirement]) -> bool:
    from nbpipe.environment.installs import SYSTEM

    return install.tool is not SYSTEM and not all(each.bounded for each in loose)


def _message(found: list[tuple[Install, list[Requirement]]]) -> str:
    every = list(dict.fromkeys(f"'{requirement.written}'" for _, loose in found for requirement in loose))
    names = every[:MOST_NAMES]
    if len(every) > MOST_NAMES:
        names.append(f"{len(every) - MOST_NAMES} more")
    verb = "is" if len(every) == 1 else "are"
    lost = next((match[0] for install, _ in found if (match := _redirected(install)) is not None), None)
    why = "each run may get another"
    if lost is not None:
        why = f"without quotes, the shell takes '{lost}' for a file to redirect to"
    return f"{listed(names, 'and')} {verb} installed without an exact version: {why}"


def _redirected(install: Install) -> re.Match[str] | None:
    """Find a version that the shell takes for a file."""
    if not install.command.shell:
        return None
    return REDIRECTION.search(re.sub(r"'[^']*'|\"[^\"]*\"", "", install.command.text))


def _fix(cell: Cell, found: list[tuple[Install, list[Requirement]]]) -> Fix | None:
    """Give the fix for the commands for whose packages the stored output names all versions."""
    if not cell.raw_outputs:
        return None
    known: dict[str, str] = {}
    edits: list[Edit] = []
    names: list[str] = []
    for install, loose in found:
        if install.tool != "pip":
            continue
        known = known or _installed(cell)
        places = [_place(cell, install, requirement) for requirement in loose]
        if None not in places and all(requirement.name in known for requirement in loose):
            edits += [Edit(place, f"=={known[each.name]}") for each, place in zip(loose, places, strict=True) if place]
            names += [f"{each.written}=={known[each.name]}" for each in loose]
    if not edits:
        return None
    return Fix(
        f"pin to what the stored output says was installed: {listed(names, 'and')}", tuple(edits), Applicability.UNSAFE
    )


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
    wanted = re.compile(rf"(?<![\w./=-]){re.escape(requirement.written)}(?![\w.\[=<>~!@/-])")
    found = [(number, match.end()) for number in range(start, end + 1) for match in wanted.finditer(lines[number])]
    if len(found) != 1:
        return None
    line, column = found[0]
    return Range(cell.index, line, column, line, column)
