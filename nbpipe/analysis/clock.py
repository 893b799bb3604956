"""Where what differs from run to run by itself (the time, an identifier) gets into data and names of files."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING, Final

from nbpipe.analysis.arguments import described, passed
from nbpipe.analysis.destinations import DEPTH, around, called_name, reads_of
from nbpipe.analysis.iteration_order import Effect
from nbpipe.analysis.library_facts import library_file
from nbpipe.analysis.traversal import walk
from nbpipe.analysis.values import Const, type_name_of
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.flow import CallSite
    from nbpipe.analysis.notebook_analysis import Analysis

_PASSING: Final = (
    ast.Attribute, ast.FormattedValue, ast.IfExp, ast.JoinedStr, ast.NamedExpr, ast.Starred, ast.Subscript, ast.keyword,
)  # fmt: skip
# Names of when something began, and of files that are there to tell runs apart.
_BEGINNING: Final = pattern(r"(?i)start|begin|tic\b|t_?0|prev|last|since|elapsed|tstart")
_RUNS: Final = pattern(r"(?i)log|tmp|temp|tensorboard|run|backup|checkpoint|experiment")
# Names of when something measured began or ended.
_MEASURING: Final = pattern(r"(?i)start|begin|tic\b|toc\b|t_?\d?$|end|stop|finish|prev|last|elapsed|since|before|after")
# Names of what a run makes for itself in a cloud: it must be called otherwise each time.
_RESOURCES: Final = pattern(r"(?i)bucket|uri|url|job|endpoint|experiment|log|run|session|temp|tmp|backup")
_PLACES: Final = pattern(r"(?i)bucket|://|/tmp\b|temp_?dir|gettempdir")
# Columns that say when a row was written, as stores of features want it.
_STAMPS: Final = pattern(
    r"(?i)event_?time|time_?stamp|(?:^|_)ts$|_at$|(?:created|updated|modified|loaded|load|ingest\w*|insert\w*|process\w*|run"
    r"|etl|import\w*|export\w*|extract\w*|scor\w*|predict\w*|as_?of|write|written|generated)(?:_?(?:on|at|date|time|ts|day))?$"
    r"|(?:^|_)(?:run|batch|job|uu)_?id$"
)
_TABLES: Final = pattern(r"^to_(?:csv|excel|feather|hdf|json|parquet|pickle|stata|orc)$|^write_(?:csv|parquet|ipc)$")
_DATES: Final = ("bdate_range", "date_range", "interval_range")
_COLORS: Final = pattern(r"(?i)colou?r|palette|cmap")
_NOW: Final = ("now", "today")
_FILE: Final = "in the name of a table's file"


def candidates(analysis: Analysis) -> set[int]:
    """Give the calls that may be sources, by syntax alone: not those that only measure how long something takes."""
    known = library_file("reproducibility")
    clock, named, stopwatch = (
        {name.rpartition(".")[2] for name in known[table]} for table in ("clock", "named_times", "stopwatch")
    )
    if analysis.called.isdisjoint(clock | named):
        return set()
    measuring = {
        id(part)
        for _, node in analysis.nodes(ast.BinOp)
        if isinstance(node.op, ast.Sub)
        for part in (node.left, node.right)
    }
    for _, statement in analysis.nodes(ast.Assign):
        if _MEASURING.search(getattr(statement.targets[0], "id", "") or getattr(statement.targets[0], "attr", "")):
            measuring.add(id(statement.value))
    imported = {alias.asname: alias.name for _, alias in analysis.nodes(ast.alias) if alias.asname}
    found = set()
    for _, call in analysis.nodes(ast.Call):
        name = called_name(call)
        name = imported.get(name, name)
        if name in stopwatch:
            candidate = id(call) not in measuring
        else:
            now = bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value in _NOW
            candidate = name in clock or (name in named and now)
        if candidate:
            found.add(id(call))
    return found


class Clock:
    """Follows the time of the run and the like through the code of one notebook."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        known = library_file("reproducibility")
        self._known = known
        self._last_names = {name.rpartition(".")[2] for name in known["clock"]} - {"hash"}

    @cached_property
    def _clocks(self) -> set[str]:
        """The names that hold a time."""
        return {
            target.id
            for _, statement in self._analysis.nodes(ast.Assign)
            for target in statement.targets
            if isinstance(target, ast.Name) and self._reads_clock(statement.value)
        }

    def sources(self) -> Iterator[tuple[CallSite, str, str]]:
        """Yield the calls that give something else in each run: the call, its name, and what it gives."""
        clock, named = self._known["clock"], self._known["named_times"]
        wanted = candidates(self._analysis)
        for site in self._analysis.calls if wanted else ():
            for name in site.names if id(site.node) in wanted else ():
                if name in clock and len(site.node.args) <= self._known["given_a_time"].get(name, 1):
                    yield site, name, clock[name]
                    break
                first = site.arguments[0] if site.arguments else ()
                if name in named and len(first) == 1 and isinstance(first[0], Const) and first[0].value in _NOW:
                    yield site, name, named[name]
                    break

    def effect_of(self, site: CallSite, name: str) -> Effect | None:
        """Give the first place where what a source gives gets into data or names, None where none is known."""
        if name == "hash":
            return self._hashed(site)
        return self._follow(site.home, site.node, name in self._known["stopwatch"], DEPTH)

    def _follow(self, home: int, node: ast.AST, stopwatch: bool, depth: int) -> Effect | None:  # noqa: FBT001
        child: ast.AST = node
        keyword = ""
        for outer in around(self._analysis, home, node):
            if isinstance(outer, ast.BinOp):
                if isinstance(outer.op, ast.Sub):
                    other = outer.right if child is outer.left else outer.left
                    if _is_column(other) and not stopwatch:
                        return Effect(home, outer, "computed with the data")
                    if stopwatch or self._is_moment(other):
                        return None
            elif isinstance(outer, ast.Call):
                if child is not outer.func and called_name(outer) not in self._known["time_kept"]:
                    return self._passed(home, outer, child, keyword)
            elif isinstance(outer, ast.Assign | ast.AugAssign | ast.AnnAssign):
                return self._assigned(home, outer, stopwatch, depth)
            elif not isinstance(outer, _PASSING) or (isinstance(outer, ast.Subscript) and child is not outer.value):
                return None
            keyword = outer.arg or "" if isinstance(outer, ast.keyword) else ""
            child = outer
        return None

    def _assigned(self, home: int, statement: ast.stmt, stopwatch: bool, depth: int) -> Effect | None:  # noqa: FBT001
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]  # type: ignore[attr-defined]
        value = statement.value  # type: ignore[attr-defined]
        if value is None or _PLACES.search(ast.unparse(value)):
            return None
        for target in targets:
            if isinstance(target, ast.Subscript):
                if self._is_table(home, target.value) and not _STAMPS.search(ast.unparse(target.slice).strip("'\"")):
                    return Effect(home, target, "stored in a column")
            elif depth and not (isinstance(target, ast.Name) and _RESOURCES.search(target.id)):
                for place, read in reads_of(self._analysis, home, target):
                    found = self._follow(place, read, stopwatch, depth - 1)
                    if found is not None:
                        return found
        return None

    def _passed(self, home: int, call: ast.Call, child: ast.AST, keyword: str) -> Effect | None:
        """Give what a call makes of an argument: a seed, the limits of a period, the name of a table's file."""
        name = called_name(call)
        if name in self._known["seeding"] or keyword in self._known["seed_keywords"]:
            return Effect(home, call, "the seed of a generator")
        if name in self._known["reading_periods"] and (not keyword or keyword in self._known["periods"]):
            what = "a limit of the dates that are made" if name in _DATES else "a limit of the data that is read"
            return Effect(home, call, what)
        site = self._analysis.top_down.calls.get(id(call))
        places = [] if site is None else list(described(site, "paths"))
        if site is not None and places:
            callee, parameters = places[0]
            given = passed(site, callee)
            argument = child.value if isinstance(child, ast.keyword) else child
            named = any(parameter in given and given[parameter].node is argument for parameter in parameters.split())
        else:
            named = name in self._known["writing"]
        text = ast.unparse(call)
        if not named or not _TABLES.match(name) or _RUNS.search(text) or _PLACES.search(text):
            return None
        return Effect(home, call, _FILE)

    def _hashed(self, site: CallSite) -> Effect | None:
        """Give the bucket that a hash is made into: ``hash(name) % 100``."""
        argument = site.node.args[0] if site.node.args else None
        outer = around(self._analysis, site.home, site.node)
        place = next((each for each in outer[:2] if isinstance(each, ast.BinOp)), None)
        if place is None or not isinstance(place.op, ast.Mod) or isinstance(argument, ast.Constant | ast.Tuple):
            return None
        if any(isinstance(each, ast.FunctionDef) and each.name == "__hash__" for each in outer):
            return None
        if any(isinstance(each, ast.Subscript) and _COLORS.search(ast.unparse(each.value)) for each in outer[:3]):
            return None
        return Effect(site.home, place, "divided into buckets")

    def _is_moment(self, node: ast.expr) -> bool:
        """Tell whether something is a moment of the same run, so that a difference is a duration."""
        return self._reads_clock(node) or any(
            (isinstance(part, ast.Name) and (part.id in self._clocks or bool(_BEGINNING.search(part.id))))
            or (isinstance(part, ast.Attribute) and bool(_BEGINNING.search(part.attr)))
            for part in walk(node)
        )

    def _reads_clock(self, node: ast.expr) -> bool:
        return any(isinstance(part, ast.Call) and called_name(part) in self._last_names for part in walk(node))

    def _is_table(self, home: int, node: ast.expr) -> bool:
        """Tell whether something surely is a table of pandas."""
        use = self._analysis.top_down.uses.get((home, id(node)))
        values = [value for definition in use.definitions for value in definition.value] if use is not None else []
        return bool(values) and all(
            (type_name_of(value) or "").startswith(("pandas.DataFrame", "pandas.read_", "pandas.concat"))
            for value in values
        )


def _is_column(node: ast.expr) -> bool:
    """Tell whether something reads a column of a table: ``df["born"]``, ``pd.to_datetime(df["born"]).dt.year``."""
    return any(
        isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant) and isinstance(part.slice.value, str)
        for part in walk(node)
    )
