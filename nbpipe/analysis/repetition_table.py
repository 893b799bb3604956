"""What operations do when they are applied once more to what they gave; the facts are in `library/repetition.json`."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from nbpipe.analysis.builtin_names import is_builtin
from nbpipe.analysis.library_facts import library_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SAME = "same"  # changes nothing
ABSORBS = "absorbs"  # changes nothing, and may undo what an operation before it has added
CHANGES = "changes"
TOGGLES = "toggles"  # changes it there and back
GONE = "gone"  # fails: what it needs is gone
TYPE = "type"  # fails: what it gave has no such operation
UNKNOWN = "unknown"
# Libraries whose objects have the methods of another's but do other things with them: Spark's `drop` never fails.
_RIVALS = {"pandas": frozenset(["pyspark", "databricks", "dask", "polars", "cudf", "vaex"])}
_SECTIONS = {"keras": "tensorflow", "torchvision": "torch", "geopandas": "pandas", "seaborn": "pandas"}


class Again:
    """What happens when an operation is applied to what it gave.

    Attributes:
        outcome: SAME, ABSORBS, CHANGES, TOGGLES, GONE, TYPE or UNKNOWN.
        text: why, as a clause.
        method: the method that does it, where one does.
    """

    __slots__ = ("method", "outcome", "text")

    def __init__(self, outcome: str, text: str = "", method: str = "") -> None:
        self.outcome = outcome
        self.text = text
        self.method = method

    @property
    def fails(self) -> bool:
        """Whether it raises."""
        return self.outcome in (GONE, TYPE)

    @property
    def told(self) -> bool:
        """Whether there is something to tell: it changes something or fails."""
        return self.outcome in (CHANGES, TOGGLES, GONE, TYPE)


NO_CHANGE = Again(SAME)
ABSORBING = Again(ABSORBS)
NOT_KNOWN = Again(UNKNOWN)


@lru_cache(maxsize=64)
def table_for(modules: frozenset[str]) -> RepetitionTable:
    """Give the facts for a notebook that imports these top-level modules; many import the same ones."""
    return RepetitionTable(modules)


class RepetitionTable:
    """The facts, as far as they hold in a notebook that imports these top-level modules."""

    def __init__(self, imported: Iterable[str]) -> None:
        self._facts = library_file("repetition")
        self._same_functions = frozenset(self._facts["same_functions"].split())
        self._absorbing = frozenset(self._facts["absorbing"].split())
        self._changing = frozenset(name.rpartition(".")[2] for name in self._facts["in_place"])
        self._changing_argument = frozenset(name.rpartition(".")[2] for name in self._facts["in_place_functions"])
        modules = set(imported)
        self._sections = ["str"]
        for name in self._facts["methods"]:
            known = {name} | {module for module, section in _SECTIONS.items() if section == name}
            if modules & known and not modules & _RIVALS.get(name, frozenset()):
                self._sections.append(name)

    def method(self, names: Sequence[str], call: ast.Call) -> Again:
        """Give what a method called on its own result does; `names` are the qualified names it may have."""
        assert isinstance(call.func, ast.Attribute)  # noqa: S101 - the caller's promise
        attr = call.func.attr
        if names:
            sections = [_SECTIONS.get(top, top) for name in names for top in (name.partition(".")[0],)]
        else:
            sections = self._sections
        found: dict[str, Again] = {}
        for section in sections:
            again = self._in_section(section, attr, call)
            found[again.outcome] = again
        if names:
            return next(iter(found.values())) if len(found) == 1 else NOT_KNOWN
        found.pop(UNKNOWN, None)
        return next(iter(found.values())) if len(found) == 1 else NOT_KNOWN

    def _in_section(self, section: str, attr: str, call: ast.Call) -> Again:
        entry = self._facts["methods"].get(section, {}).get(attr)
        if entry is not None:
            return _judged(entry, call, attr)
        return self._same(attr) if attr in self._facts["same_methods"].get(section, "").split() else NOT_KNOWN

    def _same(self, name: str) -> Again:
        return Again(ABSORBS if name in self._absorbing else SAME, method=name)

    def function(self, names: Sequence[str], call: ast.Call) -> Again:
        """Give what a function called with its own result does."""
        return self._named("functions", names, call)

    def named_function(self, name: str) -> Again:
        """Give the same for a function that is handed to another, by its qualified name."""
        return self._named("functions", [name], None)

    def may_change(self, method: str) -> bool:
        """Tell whether a method of this name may change its object."""
        return method in self._changing

    def may_change_argument(self, function: str) -> bool:
        """Tell whether a function of this name may change its first argument."""
        return function in self._changing_argument

    def in_place(self, names: Sequence[str], call: ast.Call) -> Again:
        """Give what a method that changes its object does the second time."""
        assert isinstance(call.func, ast.Attribute)  # noqa: S101 - the caller's promise
        return self._named("in_place", names or [call.func.attr], call)

    def in_place_function(self, names: Sequence[str], call: ast.Call) -> Again:
        """Give what a function that changes its first argument does the second time."""
        return self._named("in_place_functions", names, call)

    def attribute(self, attr: str) -> Again:
        """Give what reading an attribute of what it gave does."""
        entry = self._facts["attributes"].get(attr)
        return Again(entry[0], entry[1]) if entry is not None else NOT_KNOWN

    def effect(self, attr: str, call: ast.Call) -> Again:
        """Give what a call that leaves something outside the notebook does the second time."""
        entry = self._facts["effects"].get(attr)
        return _judged(entry, call, attr) if entry is not None else NOT_KNOWN

    def _named(self, table: str, names: Sequence[str], call: ast.Call | None) -> Again:
        found = [again for name in names if (again := self._by_suffix(table, name, call)) is not None]
        outcomes = {again.outcome for again in found}
        return found[0] if len(outcomes) == 1 and len(found) == len(names) else NOT_KNOWN

    def _by_suffix(self, table: str, name: str, call: ast.Call | None) -> Again | None:
        """Look a qualified name up, in full or by its last two parts or the last; a builtin's only in full."""
        entries = self._facts[table]
        parts = name.split(".")
        for length in dict.fromkeys((len(parts), 2, 1)):
            rest = ".".join(parts[-length:])
            if length < len(parts) and is_builtin(rest):
                continue
            if rest in entries:
                return _judged(entries[rest], call, parts[-1])
            if table == "functions" and rest in self._same_functions:
                return self._same(parts[-1])
        return None


def _judged(entry: list[Any], call: ast.Call | None, method: str) -> Again:
    """Give what an entry says of this call, whose keyword arguments may rule it out."""
    again = Again(entry[0], entry[1], method)
    if len(entry) < 3 or call is None:  # noqa: PLR2004 - outcome, text, conditions
        return again
    ((condition, wanted),) = entry[2].items()
    found = _given(call, wanted)
    if found is None:
        return NOT_KNOWN
    return again if found == (condition == "when") else NO_CHANGE


def _given(call: ast.Call, wanted: dict[str, list[Any]]) -> bool | None:
    """Tell whether one of the arguments is given with one of these values; None where that is not known."""
    unknown = any(keyword.arg is None for keyword in call.keywords)
    given = [(keyword.arg or "", keyword.value) for keyword in call.keywords]
    given += [(f"#{number}", argument) for number, argument in enumerate(call.args)]
    for name, node in given:
        values = wanted.get(name)
        if values is None:
            continue
        if "*" in values:
            return True
        if not isinstance(node, ast.Constant):
            unknown = True
        elif node.value in values or ("<1" in values and _is_fraction(node.value)):
            return True
    return None if unknown else False


def _is_fraction(value: object) -> bool:
    return isinstance(value, float) and value < 1
