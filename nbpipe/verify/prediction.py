"""The likely cause of a difference, from the code alone: traced along the data flow to a static finding."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, Final

from nbpipe.analysis import analyze
from nbpipe.analysis.clock import candidates
from nbpipe.analysis.randomness import Randomness, may_draw
from nbpipe.config import Settings
from nbpipe.environment.imports import imports, is_standard
from nbpipe.lint.engine import Linter
from nbpipe.lint.selection import Selection
from nbpipe.verify.cause import Cause, CauseKind, DivergenceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbpipe.analysis import Analysis
    from nbpipe.analysis.randomness import Draw
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook import Notebook

# What a finding predicts; the first of these that lies upstream is named.
_PREDICTS: Final = {
    "NB101": CauseKind.ORDER,
    "NB104": CauseKind.ORDER,
    "NB103": CauseKind.ORDER,
    "NB102": CauseKind.ORDER,
    "NB301": CauseKind.RANDOM,
    "NB306": CauseKind.RANDOM,
    "NB302": CauseKind.RANDOM,
    "NB304": CauseKind.LISTING,
    "NB303": CauseKind.CLOCK,
    "NB305": CauseKind.NETWORK,
    "NB105": CauseKind.ORDER,
    "NB110": CauseKind.ORDER,
    "NB108": CauseKind.ORDER,
}
# Of these what was stored is the result; the notebook itself gives the same each time.
OF_STORED: Final = frozenset({CauseKind.ORDER})
_OF_GENERATORS = ("NB301", "NB306")
_OF_FAILURES = ("NB102", "NB103")
WEAKEST: Final = "NB108"
"""It is about the whole notebook, and so upstream of everything."""


class Prediction:
    """What the code of one notebook says about why its outputs may differ."""

    def __init__(self, notebook: Notebook, path: str) -> None:
        self._notebook = notebook
        self._path = path

    @cached_property
    def analysis(self) -> Analysis:
        """The analysis of the notebook."""
        return analyze(self._notebook)

    @cached_property
    def modules(self) -> tuple[str, ...]:
        """The top-level modules that the notebook imports and that have to be there, but for Python's own."""
        if not self._notebook.is_python:
            return ()
        found = [item for item in imports(self.analysis) if not item.optional and not item.level and item.top]
        return tuple(dict.fromkeys(item.top for item in found if not is_standard(item.top)))

    @property
    def parses(self) -> bool:
        """Whether all code cells can be read as code."""
        return all(code.error is None for code in self.analysis.codes.values())

    def upstream(self, cell: int) -> list[int]:
        """Give the cell and all cells whose definitions reach it, the nearest first."""
        if not self._notebook.is_python or cell not in self.analysis.codes:
            return [cell]
        found, pending = [cell], [cell]
        while pending:
            for parent in sorted(self._parents.get(pending.pop(0), ()), reverse=True):
                if parent not in found:
                    found.append(parent)
                    pending.append(parent)
        return found

    def calls(self, cell: int) -> frozenset[str]:
        """Give the last names of what the cell and those upstream call."""
        if not self._notebook.is_python:
            return frozenset()
        upstream = self.upstream(cell)
        functions = [call.func for home, call in self.analysis.nodes(ast.Call) if home in upstream]
        return frozenset(getattr(each, "attr", "") or getattr(each, "id", "") for each in functions)

    def source(self, cell: int) -> Cause | None:
        """Give the call in a cell, or upstream of it, that gives the time or an identifier, whatever becomes of it."""
        if not self._notebook.is_python:
            return None
        found = candidates(self.analysis)
        for upstream in self.upstream(cell):
            for site in self.analysis.calls:
                if site.cell == upstream and id(site.node) in found:
                    name = next(iter(site.names), ast.unparse(site.node.func))
                    return Cause(CauseKind.CLOCK, f"'{name}' gives another value each time", upstream)
        return None

    def cause(
        self, cell: int, kinds: Iterable[CauseKind | DivergenceKind] = (), *, failed: bool = False
    ) -> Cause | None:
        """Give the likely cause of a difference in a cell; None where nothing upstream predicts one.

        Args:
            cell: index of the cell.
            kinds: those that are possible, where that is known.
            failed: whether it raised; a name that is not defined explains nothing else.
        """
        if not self._notebook.is_python:
            return None
        upstream = self.upstream(cell)
        wanted: set[CauseKind | DivergenceKind] = set(kinds) or {*_PREDICTS.values()}
        for code, kind in _PREDICTS.items():
            if kind not in wanted or (code in _OF_FAILURES and not failed):
                continue
            found = [item for item in self._findings if item.code == code and item.range is not None]
            if code == WEAKEST and found:
                # It is reported once, and says that what is stored is not what top-down gives.
                return _of_finding(found[0], kind)
            at = [item for item in found if item.range is not None and item.range.cell in upstream]
            if at:
                return _of_finding(at[0], kind)
            if code in _OF_GENERATORS and found and (draw := self._drawn(upstream, found)) is not None:
                return draw
        return self._drawn(upstream, []) if CauseKind.RANDOM in wanted else None

    def _drawn(self, upstream: list[int], found: list[Diagnostic]) -> Cause | None:
        """Give a draw upstream, with the finding, which stands at the first use of its generator.

        There is none for a draw that the rule takes for harmless, such as one that is only printed.
        """
        for draw in self._draws:
            if draw.site.cell in upstream:
                text = f"'{draw.name}' draws from a generator that nothing seeds"
                if not found or draw.own:
                    return Cause(CauseKind.RANDOM, text, draw.site.cell)
                first = f" (first used in cell {found[0].range.cell + 1})" if found[0].range is not None else ""
                return Cause(CauseKind.RANDOM, text + first, draw.site.cell, found[0].code, found[0].rule)
        return None

    @cached_property
    def _draws(self) -> list[Draw]:
        if not may_draw(self.analysis):
            return []
        randomness = Randomness(self.analysis)
        return [
            draw for draw in randomness.draws() if draw.own or not randomness.seeded_before(draw.generator, draw.order)
        ]

    @cached_property
    def _parents(self) -> dict[int, set[int]]:
        from nbpipe.analysis.graph import cell_graph

        parents: dict[int, set[int]] = {}
        for source, target in cell_graph(self.analysis.top_down).edges:
            parents.setdefault(target, set()).add(source)
        return parents

    @cached_property
    def _findings(self) -> tuple[Diagnostic, ...]:
        settings = Settings({"select": tuple(_PREDICTS), "preview": True})
        linter = Linter(settings, Selection(settings))
        return linter.check_notebook(self._notebook, self._path).diagnostics


def _of_finding(item: Diagnostic, kind: CauseKind) -> Cause:
    cell = item.range.cell if item.range is not None else None
    return Cause(kind, item.message, cell, item.code, item.rule)
