"""What becomes of a value that differs from run to run: whether it trains a model, or is only looked at."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from nbpipe.analysis.destinations import FUNCTIONS, around, called_name, reads_of
from nbpipe.analysis.traversal import walk
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.notebook_analysis import Analysis

    Place = tuple[int, ast.AST]
    Read = tuple[int, ast.Name]

_MOST: Final = 400  # places that one value is followed through
# Calls that learn from what they are given, or on which it depends what others learn.
_LEARNING: Final = pattern(
    r"(?:^|_)(?:train|fit|retrain|pretrain|finetune|fine_?tune|backward|minimize|apply_gradients|train_on_batch|learn"
    r"|cross_val\w*|partial_fit|fit_\w+|train_\w+|adapt|upload_data)(?:_|$)|[a-z](?:Trainer|Train|Fit)$|^(?:Trainer|Learner)$"
)
_NO_LEARNING: Final = pattern(r"^(?:load|read|get|plot|show|print|display|list|download)_|^is_|^set_")
# Calls that give the same numbers whatever they are given at random: how long something takes, whether it runs.
_TRYING: Final = pattern(
    r"^(?:timeit|time|assert\w*|allclose|isclose|predict\w*|invoke\w*|export\w*|trace|script|explain\w*|infer"
    r"|generate|decode|sleep|dumps|post)$"
)
# Calls that only show what they are given.
_SHOWING: Final = pattern(
    r"(?i)^(?:print|display|imshow|matshow|hist2?d?|bar[h3]?d?|scatter\w*|contourf?|tricontourf?|errorbar|fill_between"
    r"|fill|text|annotate|set_title|title|boxplot|violinplot|hexbin|pcolor\w*|quiver|stem|heatmap|head|describe|info"
    r"|histogram|surface|mesh|add_trace|update_traces|image|figure|stackplot|streamplot|spy|pie|step|vlines|hlines)$"
    r"|(?:^|_)(?:plot|show|draw|display|visuali[sz]e|preview|print|view)(?:_|s?$|3d$|ting$)|plot$|^plot"
)


class Reach:
    """Follows values through the code of one notebook.

    Attributes:
        learned: the calls found that learn from the value.
        read: the places found that read it under a name, and do more than show it.
    """

    def __init__(self, analysis: Analysis, until: tuple[int, int] | None = None) -> None:
        """Prepare to follow values.

        Args:
            analysis: the notebook's.
            until: cell and line; calls behind it give another value, and are not followed.
        """
        self._analysis = analysis
        self._until = until
        self.learned: list[Place] = []
        self.read: list[Read] = []
        self._pending: list[tuple[int, ast.AST, bool]] = []
        self._seen: set[int] = set()

    def follow(self, home: int, node: ast.AST) -> Reach:
        """Follow the value of an expression in the code of cell `home`; gives this object."""
        self._pending.append((home, node, False))
        while self._pending and len(self._seen) < _MOST:
            place, value, chosen = self._pending.pop(0)
            if id(value) not in self._seen:
                self._seen.add(id(value))
                shown = self._outwards(place, value, chosen=chosen)
                if isinstance(value, ast.Name) and not shown:
                    self.read.append((place, value))
        return self

    def _outwards(self, home: int, node: ast.AST, *, chosen: bool) -> bool:
        """Follow a value to the statement it stands in; tell whether it is only shown there.

        Args:
            home: index of the cell whose source holds the node.
            node: the expression that has the value.
            chosen: whether it is the outcome of a comparison with a share, such as ``random() < 0.8``.
        """
        child = node
        for outer in around(self._analysis, home, node):
            if isinstance(outer, ast.Call):
                done = self._called(home, outer, child, chosen=chosen)
                if done is not None:
                    return done
            elif isinstance(outer, ast.Compare):
                chosen = chosen or any(_is_share(each) for each in (outer.left, *outer.comparators))
            elif isinstance(outer, ast.Subscript):
                if child is outer.slice and chosen:
                    self.learned.append((home, outer))
                    return False
            elif isinstance(outer, ast.stmt):
                return self._stated(home, outer, child, chosen=chosen)
            elif isinstance(outer, ast.comprehension) and child is outer.iter:
                self._name(home, outer.target, chosen=chosen)
            child = outer
        return False

    # Calls

    def _called(self, home: int, call: ast.Call, child: ast.AST, *, chosen: bool) -> bool | None:
        """Follow a value into a call; tell whether it is only shown, None where the call's result is to be followed."""
        name = called_name(call)
        if shows(name):
            return True
        if _TRYING.match(name) and not _is_used(self._analysis, home, call):
            return True
        if learns(name):
            self.learned.append((home, call))
            return False
        if child is call.func:
            return None
        self._into_function(call, child, name, chosen=chosen)
        if isinstance(call.func, ast.Attribute):
            outer = around(self._analysis, home, call)
            if outer and isinstance(outer[0], ast.Expr):  # `rows.append(value)`, `model.add(layer)`
                self._name(home, call.func.value, chosen=chosen)
                return False
        return None

    def _into_function(self, call: ast.Call, child: ast.AST, name: str, *, chosen: bool) -> None:
        """Follow an argument into a function of the notebook."""
        function = self._analysis.functions.get(name)
        if function is None:
            return
        place, definition = function
        arguments = definition.args.args
        offset = 1 if arguments and arguments[0].arg == "self" else 0
        parameter = child.arg if isinstance(child, ast.keyword) else None
        if parameter is None and child in call.args:
            index = call.args.index(child) + offset
            parameter = arguments[index].arg if index < len(arguments) else None
        if parameter is not None:
            for node in walk(definition):
                if isinstance(node, ast.Name) and node.id == parameter and isinstance(node.ctx, ast.Load):
                    self._pending.append((place, node, chosen))

    # Statements

    def _stated(self, home: int, statement: ast.stmt, child: ast.AST, *, chosen: bool) -> bool:
        """Follow a value from the statement that it ends in; tell whether it is shown there."""
        if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            for target in targets:
                self._name(home, target, chosen=chosen)
            return False
        if isinstance(statement, ast.Return):
            self._returned(home, statement, chosen=chosen)
            return False
        if isinstance(statement, ast.Expr):
            if isinstance(statement.value, ast.Yield | ast.YieldFrom):
                self._returned(home, statement, chosen=chosen)
            elif isinstance(statement.value, ast.Call):
                return self._done_to(home, statement.value, child)
            return True
        if isinstance(statement, ast.For) and child is statement.iter:
            self._name(home, statement.target, chosen=chosen)
            self.learned += [(home, call) for call in _calls(statement) if learns(called_name(call))]
            return False
        return False

    def _done_to(self, home: int, call: ast.Call, child: ast.AST) -> bool:
        """Follow what a call as a statement changes: ``random.shuffle(rows)``; tell whether that is nothing."""
        name = called_name(call)
        if child is call and name in ("shuffle", "normal_", "uniform_", "seed"):
            first = call.args[0] if call.args else None
            if isinstance(first, ast.Name):
                self._name(home, first, chosen=False)
        return False

    def _name(self, home: int, target: ast.AST, *, chosen: bool) -> None:
        """Follow what a target is part of: each name that it binds, or whose object it changes."""
        if isinstance(target, ast.Tuple | ast.List):
            for each in target.elts:
                self._name(home, each, chosen=chosen)
            return
        while isinstance(target, ast.Subscript | ast.Attribute | ast.Starred):
            target = target.value
        if isinstance(target, ast.Name) and target.id == "self":
            self._made(home, target, chosen=chosen)
        elif isinstance(target, ast.Name) and not self._is_imported(home, target):
            self._pending += [(place, read, chosen) for place, read in reads_of(self._analysis, home, target)]

    def _is_imported(self, home: int, name: ast.Name) -> bool:
        """Tell whether a name is one of a module: calling it changes nothing that could be followed."""
        use = self._analysis.top_down.uses.get((home, id(name)))
        return use is not None and any(definition.kind == "import" for definition in use.definitions)

    def _made(self, home: int, node: ast.AST, *, chosen: bool) -> None:
        """Follow the objects of the class that a node stands in."""
        outer = around(self._analysis, home, node)
        name = next((each.name for each in outer if isinstance(each, ast.ClassDef)), "")
        for place, call in self._analysis.calls_by_name.get(name, ()) if name in self._analysis.called else ():
            if self._is_in_time(place, call):
                self._pending.append((place, call, chosen))

    def _returned(self, home: int, statement: ast.stmt, *, chosen: bool) -> None:
        """Follow what a function gives to those who call it, or are given the function."""
        outer = around(self._analysis, home, statement)
        name = next((each.name for each in outer if isinstance(each, ast.FunctionDef)), "")
        if name in ("__init__", "build", "forward", "call", "__call__", "__getitem__"):
            self._made(home, statement, chosen=chosen)
        for place, node in self._analysis.loads.get(name, ()):
            if self._is_in_time(place, node):
                called = around(self._analysis, place, node)[:1]
                is_call = called and isinstance(called[0], ast.Call) and called[0].func is node
                self._pending.append((place, called[0] if is_call else node, chosen))

    def _is_in_time(self, home: int, node: ast.Name | ast.Call) -> bool:
        return self._until is None or (home, node.lineno) <= self._until


@lru_cache(maxsize=4096)
def shows(name: str) -> bool:
    """Tell by its name whether a call only shows what it is given."""
    return _SHOWING.search(name) is not None


@lru_cache(maxsize=4096)
def learns(name: str) -> bool:
    """Tell by its name whether a call learns from what it is given."""
    return _LEARNING.search(name) is not None and _NO_LEARNING.match(name) is None


def _is_share(node: ast.expr) -> bool:
    """Tell whether a comparison is with a share of the rows: a number between 0 and 1, or a name for one."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float) and 0 < node.value < 1
    return isinstance(node, ast.Name) and bool(re.search(r"(?i)ratio|frac|share|split|prop|test|train", node.id))


def _is_used(analysis: Analysis, home: int, call: ast.Call) -> bool:
    """Tell whether something learns from what a call gives, as from predictions."""
    return any(isinstance(outer, ast.Call) and learns(called_name(outer)) for outer in around(analysis, home, call))


def _calls(statement: ast.stmt) -> Iterator[ast.Call]:
    for node in walk(statement):
        if isinstance(node, FUNCTIONS):
            continue
        if isinstance(node, ast.Call):
            yield node
