"""Settings of the whole process: where the notebook changes them, and which cells rely on them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.arguments import described, passed
from nbpipe.analysis.library_facts import library_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.flow import CallSite
    from nbpipe.analysis.notebook_analysis import Analysis

CWD = "cwd"
ENVIRON = "environ"
SETTINGS = ("matplotlib.rcParams", "pandas.options")
_STATED = ("pandas.options",)  # relied on where a cell shows something as its value


class Reliance:
    """A place that relies on a setting.

    Attributes:
        cell: index of the cell that is run.
        home: index of the cell whose source holds the place.
    """

    __slots__ = ("cell", "home", "node")

    def __init__(self, cell: int, home: int, node: ast.AST) -> None:
        self.cell = cell
        self.home = home
        self.node = node


class StateChange:
    """A setting that is changed in a cell after one that relied on it, and before another that does.

    Attributes:
        kind: CWD, ENVIRON or one of SETTINGS.
        detail: of ENVIRON, the variable.
        node: what changes it: an expression, or the line of a magic.
    """

    __slots__ = ("after", "before", "cell", "detail", "kind", "node")

    def __init__(  # noqa: PLR0913 - the facts of a change
        self, kind: str, detail: str, cell: int, node: ast.AST | int, before: Reliance, after: Reliance
    ) -> None:
        self.kind = kind
        self.detail = detail
        self.cell = cell
        self.node = node
        self.before = before
        self.after = after


def state_changes(analysis: Analysis) -> Iterator[StateChange]:
    """Yield the first such change of each setting."""
    changes = _changes(analysis)
    for kind, detail in dict.fromkeys((kind, detail) for kind, detail, _, _ in changes):
        own = [(cell, node) for each, what, cell, node in changes if (each, what) == (kind, detail)]
        setting = [cell for cell, _ in own]
        relying = sorted(_relying(analysis, kind, detail), key=lambda place: place.cell)
        relying = [place for place in relying if place.cell not in setting]
        for cell, node in own:
            if kind == CWD and setting.count(cell) > 1:
                continue  # it goes somewhere and comes back
            before = next((place for place in relying if place.cell < cell), None)
            after = next((place for place in relying if place.cell > cell), None)
            if before is not None and after is not None:
                yield StateChange(kind, detail, cell, node, before, after)
                break


def _changes(analysis: Analysis) -> list[tuple[str, str, int, ast.AST | int]]:
    """Give the changes of settings that surely happen, with the cell that makes them, in document order."""
    found: list[tuple[str, str, int, ast.AST | int]] = [
        (state.kind, "", state.cell, state.node)
        for state in analysis.top_down.global_state
        if state.effect == "set" and state.certain and state.cell == state.home and state.kind in (CWD, *SETTINGS)
    ]
    for index, code in analysis.codes.items():
        found += [(CWD, "", index, magic.line) for magic in code.code.magics if magic.name == "%cd"]
    for index, node in analysis.nodes(ast.Subscript):
        key = _variable(node.value, node.slice)
        if key and isinstance(node.ctx, ast.Store):
            found.append((ENVIRON, key, index, node))
    return sorted(found, key=lambda change: change[2])


def _relying(analysis: Analysis, kind: str, detail: str) -> Iterator[Reliance]:
    """Yield the places that rely on a setting."""
    if kind == ENVIRON:
        for index, node in analysis.nodes(ast.Subscript):
            if isinstance(node.ctx, ast.Load) and _variable(node.value, node.slice) == detail:
                yield Reliance(index, index, node)
        for index, call in analysis.nodes(ast.Call):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            if name in ("get", "getenv") and call.args and isinstance(call.func, ast.Attribute):
                owner = call.func.value if name == "get" else ast.Attribute(call.func.value, "environ")
                if _variable(owner, call.args[0]) == detail:
                    yield Reliance(index, index, call)
        return
    shown = _shown(analysis) if kind in _STATED else None
    for site in analysis.calls:
        if kind == CWD:
            relies = _opens_relative(site)
        else:
            relies = _needs(site, kind) and (shown is None or id(site.node) in shown)
        if relies:
            yield Reliance(site.cell, site.home, site.node)


def _variable(owner: ast.AST, key: ast.AST) -> str:
    """Give the environment variable that ``os.environ[key]`` stands for; nothing where it is none."""
    environ = isinstance(owner, ast.Attribute) and owner.attr == "environ" and getattr(owner.value, "id", "") == "os"
    return key.value if environ and isinstance(key, ast.Constant) and isinstance(key.value, str) else ""


def _opens_relative(site: CallSite) -> bool:
    """Tell whether a call is given a place on disk that depends on the working folder."""
    for name, parameters in described(site, "paths"):
        given = passed(site, name)
        for parameter in parameters.split() if isinstance(parameters, str) else parameters:
            constant = given[parameter].constant if parameter in given else None
            text = constant.value if constant is not None else None
            if isinstance(text, str) and text and not text.startswith(("/", "~", "\\")) and ":" not in text:
                return True
    return False


def _needs(site: CallSite, kind: str) -> bool:
    """Tell whether a call is one that a setting governs."""
    facts = library_file("reliance")[kind]
    for name in site.names:
        if name in facts["calls"]:
            return True
        if name.startswith("pandas.") and name.rpartition(".")[2] in facts["methods"]:
            return True
    return False


def _shown(analysis: Analysis) -> set[int]:
    """Give the last expressions of the cells, whose values are shown."""
    last = (code.body[-1] for code in analysis.codes.values() if code.body)
    return {id(statement.value) for statement in last if isinstance(statement, ast.Expr)}
