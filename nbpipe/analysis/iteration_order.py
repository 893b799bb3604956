"""Where the order of what is unordered (files in a folder, the elements of a set) gets into results."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.analysis.destinations import DEPTH, FUNCTIONS, around, called_name, reads_of
from nbpipe.analysis.library_facts import library_file
from nbpipe.analysis.reach import Reach
from nbpipe.analysis.traversal import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.destinations import Read
    from nbpipe.analysis.notebook_analysis import Analysis

_FORMATTING = (ast.Attribute, ast.BinOp, ast.FormattedValue, ast.JoinedStr, ast.Starred, ast.keyword)
# Calls that read what a path names, so that it can be seen.
_OPENING = frozenset(["Audio", "Image", "Video", "imread", "load_img", "open", "read", "read_text", "str"])
_WRITTEN = (ast.Constant, ast.Slice, ast.UnaryOp)


class Effect:
    """A place where the order matters.

    Attributes:
        what: what is done with the elements there, as a participle.
        single: one element is picked: there may be no other.
    """

    __slots__ = ("home", "node", "single", "what")

    def __init__(self, home: int, node: ast.AST, what: str, *, single: bool = False) -> None:
        self.home = home
        self.node = node
        self.what = what
        self.single = single


class IterationOrder:
    """Follows unordered values through the code of one notebook."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        known = library_file("reproducibility")
        self._free = frozenset(known["order_free"])
        self._sorting = frozenset(known["sorting"])
        self._kept = frozenset(known["order_kept"])
        self._used: dict[str, str] = known["order_used"]
        self._gathering = frozenset(known["gathering"])
        self._joining = frozenset(known["joining"])
        self._showing: list[str] = known["showing"]
        self._drawing = frozenset(known["drawing"])

    def effect_of(self, home: int, node: ast.expr, depth: int = DEPTH) -> Effect | None:
        """Give the first place where the order of what an expression gives matters, None where none is known."""
        child: ast.AST = node
        numbered = False
        for outer in around(self._analysis, home, node):
            if isinstance(outer, ast.Call):
                name = called_name(outer)
                if child is outer.func or name not in self._kept:
                    used = child is not outer.func and name in self._used and not self._is_shown(home, outer)
                    return Effect(home, outer, self._used[name]) if used else None
                numbered = numbered or name == "enumerate"
            elif isinstance(outer, ast.Subscript):
                return self._picked(home, outer, node) if child is outer.value else None
            elif isinstance(outer, ast.DictComp):
                return Effect(home, outer, "numbered in that order") if numbered else None
            elif isinstance(outer, ast.For):
                return self._loop(home, outer, depth, numbered=numbered) if child is outer.iter else None
            elif isinstance(outer, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return):
                return self._kept_under_names(home, outer, depth)
            elif not self._is_passing(outer, child):
                return None
            child = outer
        return None

    def _picked(self, home: int, place: ast.Subscript, start: ast.expr) -> Effect | None:
        """Give the picking of elements by position: of one only from a list that has a name.

        ``glob("*.csv")[0]`` is how the only file is found, and a name like `log_file` says that there is one.
        """
        if not isinstance(place.slice, _WRITTEN) or self._is_shown(home, place):
            return None
        single = not isinstance(place.slice, ast.Slice)
        if single and not (place.value is start and isinstance(start, ast.Name) and _is_plural(start.id)):
            return None
        if single and not self._is_kept(home, place):
            return None
        return Effect(home, place, "picked by position", single=single)

    def _is_kept(self, home: int, node: ast.AST) -> bool:
        """Tell whether more is done with a value than looking at it."""
        reach = Reach(self._analysis).follow(home, node)
        outer = around(self._analysis, home, node)
        named = any(isinstance(each, ast.Assign | ast.AnnAssign) for each in outer)
        if named:
            return bool(reach.learned) or any(not self._is_displayed(*read) for read in reach.read)
        return bool(reach.learned) or not self._is_looked_at(home, node)

    def _is_displayed(self, home: int, node: ast.AST) -> bool:
        """Tell whether a value is used in a function, whose calls count, or in what its cell displays at last."""
        outer = around(self._analysis, home, node)
        body = self._analysis.codes[home].body
        inside = any(isinstance(each, FUNCTIONS) for each in outer)
        return inside or (bool(outer) and isinstance(outer[-1], ast.Expr) and outer[-1] is body[-1])

    def _is_looked_at(self, home: int, node: ast.AST) -> bool:
        """Tell whether a value is opened to be seen as what a cell's statement gives: ``Image.open(paths[0])``."""
        for outer in around(self._analysis, home, node):
            if isinstance(outer, ast.Expr):
                return True
            if isinstance(outer, ast.Call) and called_name(outer) not in _OPENING:
                return False
        return False

    def _is_shown(self, home: int, node: ast.AST) -> bool:
        """Tell whether a value is only shown: printed, plotted, or what a cell's statement gives."""
        for outer in around(self._analysis, home, node):
            if isinstance(outer, ast.Expr):
                return True
            if isinstance(outer, ast.Call):
                if not any(word in called_name(outer) for word in self._showing):
                    return False
            elif not isinstance(outer, _FORMATTING):
                return False
        return False

    def _is_passing(self, outer: ast.AST, child: ast.AST) -> bool:
        """Tell whether a node gives the elements of its part in the same order."""
        if isinstance(outer, ast.comprehension):
            return child is outer.iter
        if isinstance(outer, ast.BinOp):
            return isinstance(outer.op, ast.Add)
        passing = (ast.GeneratorExp, ast.IfExp, ast.List, ast.ListComp, ast.NamedExpr, ast.Starred, ast.keyword)
        return isinstance(outer, passing)

    def _kept_under_names(self, home: int, statement: ast.stmt, depth: int) -> Effect | None:
        """Give what names that are given a value make of its order, or callers to whom it is returned."""
        if isinstance(statement, ast.Return):
            return self._returned(home, statement, depth)
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]  # type: ignore[attr-defined]
        reads = [read for target in targets for read in reads_of(self._analysis, home, target)]
        return None if not depth or self._is_sorted(reads) else self._first(reads, depth - 1)

    def _returned(self, home: int, statement: ast.Return, depth: int) -> Effect | None:
        outer = around(self._analysis, home, statement)
        name = next((each.name for each in outer if isinstance(each, ast.FunctionDef)), "")
        calls = self._analysis.calls_by_name.get(name, ()) if depth and name in self._analysis.called else ()
        for place, call in calls:
            if isinstance(call.func, ast.Name):
                found = self.effect_of(place, call, depth - 1)
                if found is not None:
                    return found
        return None

    def _first(self, reads: list[Read], depth: int) -> Effect | None:
        single: Effect | None = None  # what is done with all of them weighs more
        for home, node in reads:
            found = self.effect_of(home, node, depth)
            if found is not None and not found.single:
                return found
            single = single or found
        return single

    def _is_sorted(self, reads: list[Read]) -> bool:
        """Tell whether one of the places that read a name sorts, or shuffles, what it holds."""
        return any(self._ends_in(read, self._sorting) for read in reads)

    def _ends_in(self, read: Read, names: frozenset[str]) -> bool:
        """Tell whether a name is passed to a call of one of these names, or is what such a method is called on."""
        for outer in around(self._analysis, *read)[:3]:
            if isinstance(outer, ast.Call):
                return called_name(outer) in names
            if not isinstance(outer, ast.Attribute | ast.Starred | ast.keyword):
                return False
        return False

    # Loops

    def _loop(self, home: int, loop: ast.For, depth: int, *, numbered: bool) -> Effect | None:
        """Give what a loop over the elements makes of their order; most handle each by itself."""
        inside = [node for statement in loop.body for node in walk(statement)]
        counters = {
            node.target.id
            for node in inside
            if isinstance(node, ast.AugAssign)
            and isinstance(node.target, ast.Name)
            and isinstance(node.value, ast.Constant)
        }
        if numbered and isinstance(loop.target, ast.Tuple) and isinstance(loop.target.elts[0], ast.Name):
            counters.add(loop.target.elts[0].id)
        for node in inside:
            if isinstance(node, ast.Call):
                found = self._gathered(home, node, inside, depth) or self._joined(home, node)
                if found is not None:
                    return found
        for node in inside:
            if isinstance(node, ast.Name) and node.id in counters and self._is_stored(home, node, loop):
                return Effect(home, node, "numbered in that order")
        names = loop.target.elts[1:] if isinstance(loop.target, ast.Tuple) and not numbered else ()
        for name in names:  # `os.walk` gives names of files and folders, unordered, too
            found = self._first(reads_of(self._analysis, home, name), depth - 1) if depth else None
            if found is not None:
                return found
        return None

    def _gathered(self, home: int, call: ast.Call, inside: list[ast.AST], depth: int) -> Effect | None:
        """Give the list that a loop collects in, unless its order is of no matter afterwards."""
        function = call.func
        if not (isinstance(function, ast.Attribute) and function.attr in self._gathering):
            return None
        if not isinstance(function.value, ast.Name):
            return None
        here = {id(node) for node in inside}
        later = [read for read in reads_of(self._analysis, home, function.value) if id(read[1]) not in here]
        if not later or self._is_sorted(later) or all(self._is_free(each, depth) for each in later):
            return None
        if not (self._first(later, depth - 1) or any(Reach(self._analysis).follow(*each).learned for each in later)):
            return None
        return Effect(home, call, f"collected in '{function.value.id}' in that order")

    def _is_free(self, read: Read, depth: int) -> bool:
        """Tell whether a use makes nothing of the order: counts, shows, compares, or loops and keeps nothing."""
        if self._ends_in(read, self._free | self._gathering) or self._is_shown(*read):
            return True
        outer = around(self._analysis, *read)
        first = outer[0] if outer else None
        if isinstance(first, ast.For):
            return not depth or self._loop(read[0], first, depth - 1, numbered=False) is None
        return isinstance(first, ast.Compare | ast.Expr | ast.SetComp | ast.DictComp)

    def _joined(self, home: int, call: ast.Call) -> Effect | None:
        """Give a call that makes a table or array longer in each round: ``df = pd.concat([df, part])``."""
        if called_name(call) not in self._joining:
            return None
        outer = around(self._analysis, home, call)
        statement = outer[0] if outer else None
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            return None
        name = statement.targets[0].id
        if not any(isinstance(node, ast.Name) and node.id == name for node in walk(call)):
            return None
        if self._is_sorted(reads_of(self._analysis, home, statement.targets[0])):
            return None
        return Effect(home, call, f"joined to '{name}' in that order")

    def _is_stored(self, home: int, name: ast.Name, loop: ast.For) -> bool:
        """Tell whether a number of the round gets into data or names, not only into what is shown or compared."""
        if isinstance(name.ctx, ast.Store) or self._is_shown(home, name):
            return False
        for outer in around(self._analysis, home, name):
            if outer is loop or isinstance(outer, ast.Compare | ast.AugAssign | ast.If):
                return False
            if isinstance(outer, ast.Call):
                return called_name(outer) not in self._free | self._drawing
            if isinstance(outer, ast.Assign):
                return any(isinstance(target, ast.Subscript) for target in outer.targets)
        return False


def _is_plural(name: str) -> bool:
    """Tell whether a name is one of several things."""
    return name.lower().endswith(("s", "list", "all"))


def sources(analysis: Analysis) -> Iterator[tuple[int, ast.Call, str]]:
    """Yield the calls that list files or make a set that may be numbered, with their cells and names."""
    listing = library_file("reproducibility")["listing"]
    called = analysis.called
    numbering = {"set", "enumerate"} <= called and any(
        isinstance(call.func, ast.Name) and call.func.id == "set" and call.args for _, call in analysis.nodes(ast.Call)
    )
    if called.isdisjoint({name.rpartition(".")[2] for name in listing}) and not numbering:
        return
    for site in analysis.calls:
        name = next((each for each in site.names if each in listing or (numbering and each == "set")), None)
        if name is not None and (name != "set" or site.node.args):
            yield site.home, site.node, name
