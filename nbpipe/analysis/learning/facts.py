"""What is known of one value while a notebook is followed: its rows, and what has been learned from which rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from nbpipe.analysis.learning.rows import NO_ROWS, meet

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from nbpipe.analysis.learning.rows import Rows
    from nbpipe.analysis.values import Obj

Place = tuple[int, "ast.AST"]  # index of the cell whose source it stands in, and the node

Confined = dict["Learned", frozenset[str]]
T = TypeVar("T")
_UNCONFINED: Confined = {}  # never changed, as no fact ever is

STATISTICS = "statistics"
CATEGORIES = "categories"


class Learned:
    """Something learned from rows: a fitted transformer, a mean.

    Attributes:
        name: of the class or function that learned: ``StandardScaler``, ``mean``.
        kind: STATISTICS, or CATEGORIES for what knows no more than which values there are.
        rows: those it was learned from.
        place: where.
        tool: the fitted transformer; None for a plain statistic.
    """

    __slots__ = ("kind", "name", "place", "rows", "tool")

    def __init__(self, name: str, kind: str, rows: Rows, place: Place, tool: Obj | None = None) -> None:
        self.name = name
        self.kind = kind
        self.rows = rows
        self.place = place
        self.tool = tool

    def __repr__(self) -> str:
        return f"<{self.name} learned in cell {self.place[0]}>"


class Duplication:
    """One operation that repeats rows, or makes new ones out of several: what is split after it shares rows."""

    __slots__ = ("name", "place")

    def __init__(self, name: str, place: Place) -> None:
        self.name = name
        self.place = place


class Fact:
    """What is known of one value.

    Attributes:
        rows: the rows it holds values of; none for a plain statistic.
        learned: what went into its values.
        confined: the columns that some of it went into, where it did not go into all.
        duplicated: operations that repeated rows of it.
        parts: the facts of its elements, for a value that is a tuple.
        kind: ``data``, ``index`` (labels or positions of rows), ``mask`` (rows to take), ``folds`` (what a splitter
            yields), ``fold`` (one of those), ``matrix`` (correlations), ``grouped`` (by `groupby`),
            ``aggregate`` (a row for each group), ``window`` (by `rolling`).
        division: of a mask, folds or an index: the division it makes, and the side that it is (see `Part`).
        single: one row, not many: what is computed of it is no statistic.
        opaque: something was done to it that cannot be seen.
        uncertain: one of several values, of which the rows differ.
        predicted: the evaluations that gave it (see `models.Evaluation`).
        scores: the evaluations that it is or holds scores of.
    """

    __slots__ = (
        "confined", "division", "duplicated", "kind", "learned", "opaque", "parts", "predicted", "rows", "scores",
        "single", "uncertain",
    )  # fmt: skip

    def __init__(  # noqa: PLR0913 - what may be known
        self,
        rows: Rows = NO_ROWS,
        *,
        learned: frozenset[Learned] = frozenset(),
        confined: Confined = _UNCONFINED,
        duplicated: frozenset[Duplication] = frozenset(),
        parts: tuple[Fact, ...] = (),
        kind: str = "data",
        division: tuple[Any, Any] | None = None,
        single: bool = False,
        opaque: bool = False,
        uncertain: bool = False,
        predicted: frozenset[Any] = frozenset(),
        scores: frozenset[Any] = frozenset(),
    ) -> None:
        self.rows = rows
        self.learned = learned
        self.confined = confined
        self.duplicated = duplicated
        self.parts = parts
        self.kind = kind
        self.division = division
        self.single = single
        self.opaque = opaque
        self.uncertain = uncertain
        self.predicted = predicted
        self.scores = scores

    def but(self, **changed: Any) -> Fact:
        """Give the same with some attributes changed."""
        new = Fact(
            self.rows,
            learned=self.learned,
            confined=self.confined,
            duplicated=self.duplicated,
            parts=self.parts,
            kind=self.kind,
            division=self.division,
            single=self.single,
            opaque=self.opaque,
            uncertain=self.uncertain,
            predicted=self.predicted,
            scores=self.scores,
        )
        for name, value in changed.items():
            setattr(new, name, value)
        return new

    def plus(self, other: Fact | None) -> Fact:
        """Give the same values with what another value knows gone into them."""
        if other is None or not (other.learned or other.scores):
            return self
        return self.but(
            learned=self.learned | other.learned,
            confined=_confined((self, other)),
            scores=self.scores | other.scores,
        )

    def about(self, rows: Rows) -> Fact:
        """Give what was learned of these rows, where it is a choice of several things."""
        own = frozenset(each for each in self.learned if meet(each.rows, rows))
        return self.but(learned=own) if own else self

    def within(self, columns: frozenset[str]) -> Fact:
        """Give the same with what is learned confined to some columns."""
        return self.but(confined=dict.fromkeys(self.learned, columns))

    def of_columns(self, columns: frozenset[str], *, one: bool = False) -> Fact:
        """Give what is known of some of its columns, as a table or, if there is `one`, by itself."""
        if not self.confined:
            return self
        kept = frozenset(each for each in self.learned if columns & self.confined.get(each, columns))
        confined = {} if one else {key: found & columns for key, found in self.confined.items() if key in kept}
        return self.but(learned=kept, confined=confined)

    def without_columns(self, columns: frozenset[str]) -> Fact:
        """Give what is known of the others of its columns."""
        if not self.confined:
            return self
        confined = {key: found - columns for key, found in self.confined.items()}
        kept = frozenset(each for each in self.learned if confined.get(each, True))
        return self.but(learned=kept, confined=confined)


def _confined(facts: Sequence[Fact]) -> Confined:
    """Give the columns that what is learned by several values is confined to, where it is so in each."""
    found: Confined = {}
    if not any(fact.confined for fact in facts):
        return found
    for learned in frozenset().union(*(fact.confined for fact in facts)):
        columns = [fact.confined.get(learned) for fact in facts if learned in fact.learned]
        if columns and None not in columns:
            found[learned] = frozenset().union(*(each for each in columns if each is not None))
    return found


def _together(sets: list[frozenset[T]]) -> frozenset[T]:
    """Give the union: mostly of sets that are empty, or all the same one."""
    first: frozenset[T] = frozenset()
    for each in sets:
        if each and each is not first:
            if first:
                return first.union(*sets)
            first = each
    return first


def joined(facts: list[Fact]) -> Fact | None:
    """Give what is known of a value that is made of several, or is one of several."""
    if len(facts) <= 1:
        return facts[0] if facts else None
    first = facts[0]
    if all(fact is first for fact in facts):
        return first
    kinds = {fact.kind for fact in facts if fact.rows or fact.division} or {"data"}
    # What a group taught goes into the rows that it is put beside; it adds no rows.
    owners = [fact for fact in facts if fact.rows and fact.kind != "aggregate"] or facts
    return Fact(
        _together([fact.rows for fact in owners]),
        learned=_together([fact.learned for fact in facts]),
        confined=_confined(facts),
        duplicated=_together([fact.duplicated for fact in facts]),
        kind=kinds.pop() if len(kinds) == 1 else "data",
        division=first.division if all(fact.division == first.division for fact in facts) else None,
        single=all(fact.single for fact in facts if fact.rows),
        opaque=any(fact.opaque for fact in facts),
        uncertain=any(fact.uncertain for fact in facts),
        predicted=_together([fact.predicted for fact in facts]),
        scores=_together([fact.scores for fact in facts]),
        parts=first.parts if all(fact.parts == first.parts for fact in facts) else (),
    )


def alternatives(facts: list[Fact]) -> Fact | None:
    """Give what is known of a value that is one of several."""
    found = joined(facts)
    if found is not None and len({fact.rows for fact in facts if fact.rows}) > 1:
        return found.but(uncertain=True)
    return found
