"""The analysis of one notebook: everything that rules, the verifier and the converter ask, computed when asked."""

from __future__ import annotations

import ast
import warnings
from functools import cached_property
from typing import TYPE_CHECKING

from nbpipe.analysis import order, undefined
from nbpipe.analysis.bound import surely_bound
from nbpipe.analysis.builtin_names import PYTHON_2, SPARK
from nbpipe.analysis.code import CellCode, parse_cell, without_depth
from nbpipe.analysis.graph import CellGraph, cell_graph
from nbpipe.analysis.interpreter import Interpreter
from nbpipe.analysis.knowledge import BINDING_UNSEEN, Knowledge
from nbpipe.analysis.session import Session, session_of
from nbpipe.analysis.syntax import Syntax
from nbpipe.analysis.versions import versions_of
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbpipe.analysis.commands import Command
    from nbpipe.analysis.flow import CallSite, CellChange, Flow, Use
    from nbpipe.analysis.learning import Learning
    from nbpipe.analysis.watching import Watcher
    from nbpipe.notebook import Notebook, Range


_LAZY_ANNOTATIONS = (3, 14)  # PEP 649
# A notebook that starts PySpark's shell by a command is written for it: the shell provides the session.
_SPARK_SHELL = pattern(r"(?m)^\s*!\s*(?:\w+=\S+\s+)*pyspark\b")


class CellFacts:
    """What one code cell does when the notebook is run top-down.

    Attributes:
        reads: uses of what was there before the cell, by name.
    """

    __slots__ = ("change", "code", "reads")

    def __init__(self, code: CellCode, change: CellChange, reads: dict[str, list[Use]]) -> None:
        self.code = code
        self.change = change
        self.reads = reads


class Analysis(Syntax):
    """The facts of one notebook.

    Attributes:
        codes: the code of each code cell, by cell index.
    """

    def __init__(  # noqa: PLR0913 - as `analyze`
        self,
        notebook: Notebook,
        *,
        python_magics: Iterable[str] = (),
        opaque_magics: Iterable[str] = (),
        library_versions: Iterable[str] = (),
        deepest: int | None = None,
        changes: bool = True,
    ) -> None:
        self.notebook = notebook
        super().__init__()
        self._changes = changes
        self._told = tuple(library_versions)
        if notebook.is_python:
            known = (frozenset(python_magics), frozenset(opaque_magics))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # invalid escapes and the like are the notebook's, not ours to print
                for cell in notebook.cells:
                    if cell.cell_type == "code":
                        code = parse_cell(cell, self._binds, python_magics=known[0], opaque_magics=known[1])
                        self.codes[cell.index] = code if deepest is None else without_depth(code, deepest)

    @cached_property
    def _knowledge(self) -> Knowledge:
        return Knowledge(versions_of(self.notebook, self._told))

    @cached_property
    def top_down(self) -> Flow:
        """What Restart & Run All meets."""
        return self._simulate(list(self.codes), signing=False, changes=self._tells_changes())

    def simulated(self, order: Sequence[int]) -> Flow:
        """Give what running the code cells in another order meets."""
        return self._simulate(list(order), signing=False)

    @cached_property
    def session(self) -> Session:
        """What the execution counts tell."""
        return session_of(self.notebook)

    @cached_property
    def order_findings(self) -> list[order.OrderFinding]:
        """Uses that the stored results saw otherwise than top-down; see `order.OrderFinding` for the grades."""
        session = self.session
        if not self.codes or len(session.counts) <= 1 or not (self._reordered() or session.missing):
            return []
        _ = self.top_down  # learns all libraries, so that both simulations below know the same
        signed = self._simulate(list(self.codes), signing=True)
        recorded = self._simulate([index for index in session.order if index in self.codes], signing=True, replay=True)
        return order.compare(signed, recorded, session)

    @cached_property
    def disorder(self) -> list[order.OrderFinding]:
        """The certain and likely ones of `order_findings`, at little cost where the counts show that there are none.

        They need two cells that ran in another order than they stand in, or of which one failed, and of which one
        touches what the other does.
        """
        if not self._may_be_disordered:
            return []
        if not order.may_conflict(self.top_down, self.session, list(self.codes), self._readers_of):
            return []
        return [finding for finding in self.order_findings if finding.grade != order.CONCEIVABLE]

    @cached_property
    def _may_be_disordered(self) -> bool:
        """Whether the counts leave it possible that a cell saw what it would not see top-down."""
        session = self.session
        return bool(self.codes) and len(session.counts) > 1 and (self._reordered() or bool(session.failed))

    def _readers_of(self, name: str) -> frozenset[int] | None:
        """Give the cells that read a name by the looks; None where a function may that other cells call."""
        cells = {index for index, node in self.nodes(ast.Name) if node.id == name and isinstance(node.ctx, ast.Load)}
        for index in cells:
            text = self.codes[index].code.text
            if "def " in text or "lambda" in text or "class " in text:
                return None
        return frozenset(cells)

    def _tells_changes(self) -> bool:
        """Tell whether the simulation top-down has to tell what each cell leaves behind."""
        return self._changes or self._may_be_disordered

    @cached_property
    def undefined_uses(self) -> list[undefined.UndefinedUse]:
        """Uses that no definition, or not every path, reaches top-down; see `undefined` for the kinds."""
        if "top_down" not in self.__dict__ and surely_bound(self.codes.values(), self._environment):
            return []
        return undefined.undefined_uses(self)

    @cached_property
    def learning(self) -> Learning:
        """Which rows models were fitted and tried on, top-down.

        The simulation is `top_down` at once, where that has not been asked for before: who needs both asks this first.
        """
        from nbpipe.analysis.learning import Learning, RowWatcher
        from nbpipe.analysis.learning.roles import may_tell

        watcher = RowWatcher()
        text = "\n".join([code.code.text for code in self.codes.values()])
        if (".fit" in text or ".train(" in text) and may_tell(self.mentioned, text):
            flow = self._simulate(list(self.codes), signing=False, watcher=watcher, changes=self._tells_changes())
            vars(self).setdefault("top_down", flow)
        return Learning(watcher.history)

    @cached_property
    def graph(self) -> CellGraph:
        """Def-use edges between cells, top-down."""
        return cell_graph(self.top_down)

    @cached_property
    def calls(self) -> tuple[CallSite, ...]:
        """Every call expression that a run can meet, in document order."""
        sites = self.top_down.calls.values()
        return tuple(sorted(sites, key=lambda site: (site.home, site.node.lineno, site.node.col_offset)))

    @cached_property
    def hides_names(self) -> bool:
        """Whether something in the notebook may bind names that cannot be seen: a star import, ``%run``, `exec`..."""
        if "top_down" not in self.__dict__ and not self._may_hide_names():
            return False
        return any(mark.binds for mark in self.top_down.opaque)

    def _may_hide_names(self) -> bool:
        """Tell by the looks, before the data flow is asked, whether something may bind names unseen."""
        for index, code in self.codes.items():
            if code.tree is None or code.code.opaque or self._is_gap(index):
                return True
        stars = any(alias.name == "*" for _, alias in self.nodes(ast.alias))
        return stars or not BINDING_UNSEEN.isdisjoint(self.mentioned)

    @cached_property
    def commands(self) -> list[Command]:
        """Every command that the notebook runs outside Python, in document order."""
        from nbpipe.analysis.commands import find_commands  # many notebooks run none

        return find_commands(self)

    @cached_property
    def cells(self) -> dict[int, CellFacts]:
        """Facts by index of the code cell."""
        flow = self.top_down if self._tells_changes() else self.simulated(list(self.codes))
        reads: dict[int, dict[str, list[Use]]] = {index: {} for index in self.codes}
        for use in flow.uses.values():
            outside = any(definition.cell != use.cell for definition in use.definitions)
            if outside and not use.uncalled and not use.local and use.name.isidentifier():
                reads[use.cell].setdefault(use.name, []).append(use)
        return {index: CellFacts(code, flow.changes[index], reads[index]) for index, code in self.codes.items()}

    def range(self, home: int, node: ast.AST) -> Range:
        """Give where a node of the code of cell `home` stands in its source."""
        return self.codes[home].range(node)

    def _reordered(self) -> bool:
        """Tell whether the replay can differ from top-down: counts not ascending, or cells that never ran."""
        counts = [self.session.counts.get(index) for index, code in self.codes.items() if code.body]
        known = [count for count in counts if count is not None]
        return None in counts or known != sorted(set(known))

    @cached_property
    def _environment(self) -> frozenset[str]:
        """Names that the kernel provides beyond Python's and IPython's."""
        version = self.notebook.python_version
        old = version is not None and version < (3,)
        return (SPARK if self._on_spark() else frozenset()) | (PYTHON_2 if old else frozenset())

    def _simulate(
        self,
        indices: list[int],
        *,
        signing: bool,
        replay: bool = False,
        watcher: Watcher | None = None,
        changes: bool = True,
    ) -> Flow:
        version = self.notebook.python_version
        interp = Interpreter(
            self._knowledge,
            signing=signing,
            lazy_annotations=version is not None and version >= _LAZY_ANNOTATIONS,
            environment=self._environment,
            changes=changes,
        )
        if watcher is not None:
            interp.watcher = watcher
            watcher.begin(interp)
        for index in indices:
            code = self.codes[index]
            for reason in code.code.opaque:
                interp.cell = index
                interp.mark_opaque(reason, binds=not reason.startswith("%load_ext"))
            if code.tree is None:
                interp.cell = index
                interp.mark_opaque("a cell that does not parse", binds=True)
            if self._is_gap(index):
                interp.cell = index
                interp.mark_opaque("a solution to be written", binds=True)
            failed = replay and index in self.session.failed
            interp.run_cell(index, code.body, certain=not failed, scratch=code.code.scratch)
        interp.watcher = None  # what nothing calls, nobody sees
        interp.finish()
        return interp.flow

    def _is_gap(self, index: int) -> bool:
        """Tell whether a cell is one of nbgrader's whose solution is yet to be written."""
        cell = self.notebook.cells[index]
        grading = cell.metadata.get("nbgrader")
        solution = isinstance(grading, dict) and grading.get("solution")
        return bool(solution) and ("NotImplementedError" in cell.source or "YOUR CODE" in cell.source)

    def _on_spark(self) -> bool:
        metadata = self.notebook.metadata
        kernel = metadata.get("kernelspec")
        name = str(kernel.get("name", "")).lower() if isinstance(kernel, dict) else ""
        return (
            "spark" in name
            or any("databricks" in key for key in metadata)
            or any("dbutils." in code.code.text for code in self.codes.values())
            or any(
                "pyspark" in cell.source and _SPARK_SHELL.search(cell.source) is not None
                for cell in self.notebook.cells
                if cell.cell_type == "code"
            )
        )
