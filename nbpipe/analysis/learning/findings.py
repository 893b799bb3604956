"""What the history of models and data says about leakage, overlap, skew, reuse and exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis.learning.facts import CATEGORIES, STATISTICS
from nbpipe.analysis.learning.rows import covers_all, divisions_between, meet, reaches, separate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nbpipe.analysis.learning.facts import Duplication, Fact, Learned, Place
    from nbpipe.analysis.learning.models import Evaluation, History, Training


_MOST_TENSORS = 24


class Leak:
    """Something learned from rows among which are those that a model is then tried on.

    Attributes:
        split: where those rows are told apart from the training rows; the place of the evaluation where they come
            from a file of their own.
        cross_validated: they are the rows that cross-validation holds back.
    """

    __slots__ = ("cross_validated", "learned", "separated", "split")

    def __init__(self, learned: Learned, split: Place, *, separated: bool, cross_validated: bool = False) -> None:
        self.learned = learned
        self.split = split
        self.separated = separated
        self.cross_validated = cross_validated


class Overlap:
    """Rows that a model was fitted on are among those that it is tried on.

    Attributes:
        duplication: what repeated rows before the split; None where the model was fitted on the test rows themselves.
        place: where the finding is: the duplication, or the evaluation.
        other: the split, or the fit.
    """

    __slots__ = ("duplication", "evaluation", "other", "place")

    def __init__(self, evaluation: Evaluation, duplication: Duplication | None, place: Place, other: Place) -> None:
        self.evaluation = evaluation
        self.duplication = duplication
        self.place = place
        self.other = other


class Skew:
    """The rows that a model is tried on were transformed otherwise than those it was fitted on.

    Attributes:
        again: what was learned anew from the rows it is tried on; None where a transformer was not applied at all.
        first: what the training rows were transformed by.
    """

    __slots__ = ("again", "evaluation", "first")

    def __init__(self, evaluation: Evaluation, first: Learned, again: Learned | None) -> None:
        self.evaluation = evaluation
        self.first = first
        self.again = again


def split_between(history: History, one: Fact, other: Fact) -> Place | None:
    """Give the place of the division that tells rows of two values apart."""
    keys = {key for a in one.rows for b in other.rows for key in divisions_between(a, b)}
    places = [history.splits[key] for key in keys if key in history.splits]
    return min(places, key=order, default=None)


def order(place: Place) -> tuple[int, int, int]:
    """Give where a place stands among others."""
    home, node = place
    return (home, getattr(node, "lineno", 0), getattr(node, "col_offset", 0))


def _in_order(learned: Iterable[Learned]) -> list[Learned]:
    return sorted(learned, key=lambda each: (order(each.place), each.name))


def leaks(history: History) -> Iterator[Leak]:
    """Yield each thing learned that leaks, once."""
    seen: set[int] = set()
    for train, test, place in _pairs(history):
        if not separate(train.rows, test.rows):
            continue
        sources = _cut_back(train, test)
        for learned in _in_order(train.learned | test.learned):
            if sources and not sources <= {part.source for part in learned.rows}:
                continue
            of_training = reaches(learned.rows, train.rows) or meet(learned.rows, train.rows)
            leaks_in = reaches(learned.rows, test.rows) and of_training
            if leaks_in and _may_leak(history, learned) and id(learned.place[1]) not in seen:
                seen.add(id(learned.place[1]))
                split = split_between(history, train, test)
                yield Leak(learned, split or place, separated=split is not None)
    for data, place in history.cross_validated:
        if any(separate(data.rows, evaluation.data.rows) for evaluation in history.evaluations):
            continue  # other rows are there to test, cross-validation serves to tune
        for learned in _in_order(data.learned):
            if learned.kind == STATISTICS and id(learned.place[1]) not in seen and meet(learned.rows, data.rows):
                seen.add(id(learned.place[1]))
                yield Leak(learned, place, separated=True, cross_validated=True)


def _cut_back(train: Fact, test: Fact) -> set[object]:
    """Give the sources of data that was put together and then cut by position, none where it was not.

    Which side of the cut a source lies on is not known: most often it is cut where it was joined. What was learned from
    one of them need not know of the test rows.
    """
    sources: set[object] = {part.source for part in train.rows}
    if len(sources) < 2:  # noqa: PLR2004 - one is not put together
        return set()
    keys = [key for a in train.rows for b in test.rows for key in divisions_between(a, b)]
    return sources if all(isinstance(key, tuple) and key[0] == "slice" for key in keys) else set()


def _pairs(history: History) -> Iterator[tuple[Fact, Fact, Place]]:
    """Yield what models were fitted on with what they were tried on, and where they were tried."""
    for evaluation in history.evaluations:
        yield evaluation.training.data, evaluation.data, evaluation.place
    if not history.trainings:  # training loops written out
        for train, _ in history.tensors[:_MOST_TENSORS]:
            for test, place in history.tensors[:_MOST_TENSORS]:
                if _is_on_side(train, test, 0) and not _is_on_side(test, train, 0):
                    yield train, test, place


def _is_on_side(fact: Fact, other: Fact, side: int) -> bool:
    """Tell whether rows are on this side of the split that tells them from others."""
    return any((key, side) in a.path for a in fact.rows for b in other.rows for key in divisions_between(a, b))


def _may_leak(history: History, learned: Learned) -> bool:
    """Tell whether something learned could give rows away.

    What was learned from the training side of a split gives none of the test side away; what is divided inside that
    serves to tune.
    """
    of_training_rows = all(any(_tests(history, key) and side == 0 for key, side in part.path) for part in learned.rows)
    return learned.kind == STATISTICS and not of_training_rows


def _tests(history: History, division: object) -> bool:
    """Tell whether a division sets rows apart for a test, and not to look at some of them."""
    if not isinstance(division, tuple):
        return False
    return division[0] == "split" or (division[0] == "sample" and division in history.complemented)


def overlaps(history: History) -> Iterator[Overlap]:
    """Yield each operation that lets rows stand on both sides, once."""
    seen: set[int] = set()
    for evaluation in history.evaluations:
        training, test = evaluation.training, evaluation.data
        both = training.data.duplicated & test.duplicated
        for duplication in sorted(both, key=lambda each: order(each.place)):
            split = split_between(history, training.data, test)
            if split is not None and id(duplication.place[1]) not in seen:
                seen.add(id(duplication.place[1]))
                yield Overlap(evaluation, duplication, duplication.place, split)
        if evaluation.measured and id(evaluation.place[1]) not in seen and _holds_test_rows(history, training, test):
            seen.add(id(evaluation.place[1]))
            yield Overlap(evaluation, None, evaluation.place, training.place)


def _holds_test_rows(history: History, training: Training, test: Fact) -> bool:
    """Tell whether a model was surely fitted on the test rows, or is surely tried on its training rows and more."""
    train = training.data
    if train.uncertain or test.uncertain or train.opaque or test.opaque or train.rows == test.rows:
        return False
    if covers_all(train.rows, test.rows):
        return all(_is_test_side(history, dict(part.path), train) for part in test.rows)
    if covers_all(test.rows, train.rows):
        sides = [dict(part.path) for part in train.rows]
        return all(_is_divided(history, path) for path in sides) and not any(
            _is_divided(history, dict(part.path)) for part in test.rows
        )
    return False


def _is_divided(history: History, path: dict[object, object]) -> bool:
    return any(_tests(history, key) for key in path)


def _is_test_side(history: History, path: dict[object, object], train: Fact) -> bool:
    known = {key for part in train.rows for key, _ in part.path}
    return any(_tests(history, key) and side != 0 and key not in known for key, side in path.items())


def skews(history: History) -> Iterator[Skew]:
    """Yield each transformation that the two flows do not share, once."""
    seen: set[int] = set()
    for evaluation in history.evaluations:
        train, test = evaluation.training.data, evaluation.data
        if not separate(train.rows, test.rows):
            continue
        for again in _in_order(test.learned - train.learned):
            if id(again.place[1]) in seen or meet(again.rows, train.rows) or not meet(again.rows, test.rows):
                continue
            first = _counterpart(again, train, test)
            if first is not None:
                seen.add(id(again.place[1]))
                yield Skew(evaluation, first, again)
        missing = _missing(train, test)
        if missing is not None and id(evaluation.place[1]) not in seen:
            seen.add(id(evaluation.place[1]))
            yield Skew(evaluation, missing, None)


def _counterpart(again: Learned, train: Fact, test: Fact) -> Learned | None:
    """Give what the training rows went through in the place of something learned anew from the test rows."""
    for first in _in_order(train.learned - test.learned):
        if first.name == again.name and not meet(first.rows, test.rows) and meet(train.rows, first.rows):
            return first
    return None


def _missing(train: Fact, test: Fact) -> Learned | None:
    """Give a transformer that the training rows went through and the test rows surely did not."""
    if train.opaque or test.opaque or train.uncertain or test.uncertain:
        return None
    if not any(a.source == b.source for a in train.rows for b in test.rows):
        return None
    if any(each.tool is not None and each.kind != CATEGORIES for each in test.learned):
        return None
    candidates = _in_order(train.learned - test.learned)
    return next((first for first in candidates if first.tool is not None and first.kind == STATISTICS), None)
