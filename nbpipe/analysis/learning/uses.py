"""What becomes of models: which are chosen by their score on test rows, which are saved without their transforms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis.learning.findings import order, split_between
from nbpipe.analysis.learning.rows import separate

if TYPE_CHECKING:
    from ast import AST
    from collections.abc import Iterator

    from nbpipe.analysis.learning.facts import Learned, Place
    from nbpipe.analysis.learning.models import Evaluation, Export, History, Training
    from nbpipe.analysis.values import Obj


class Reuse:
    """Models, or settings of one, are told apart by their score on the same test rows.

    Attributes:
        place: where they are chosen, or scored in a loop over settings.
        split: where the test rows were set apart.
        tuned: it is the settings of one model, in a loop.
    """

    __slots__ = ("evaluation", "place", "split", "tuned")

    def __init__(self, evaluation: Evaluation, place: Place, split: Place, *, tuned: bool) -> None:
        self.evaluation = evaluation
        self.place = place
        self.split = split
        self.tuned = tuned


class Alone:
    """A model was saved, and what its training data was transformed by was not.

    Attributes:
        missing: the transformers that nothing saves.
    """

    __slots__ = ("missing", "place", "training")

    def __init__(self, training: Training, place: Place, missing: list[Learned]) -> None:
        self.training = training
        self.place = place
        self.missing = missing


def reuses(history: History) -> Iterator[Reuse]:
    """Yield each choice by test scores, in notebooks that have no other rows to choose by."""
    if history.searches or any(evaluation.validating for evaluation in history.evaluations):
        return
    tests = [
        (evaluation, split)
        for evaluation in history.evaluations
        if evaluation.measured
        and separate(evaluation.training.data.rows, evaluation.data.rows)
        and not _by_folds(evaluation)
        and (split := split_between(history, evaluation.training.data, evaluation.data)) is not None
    ]
    if len({id(split[1]) for _, split in tests}) > 1:
        return  # of several sets apart, one may be there to choose by
    seen: set[int] = set()
    for evaluation, split in tests:
        if evaluation.training.tuned and id(evaluation.training.place[1]) not in seen:
            seen.add(id(evaluation.training.place[1]))
            yield Reuse(evaluation, evaluation.place, split, tuned=True)
    splits = {id(evaluation): split for evaluation, split in tests}
    for choice in history.choices:
        among = [evaluation for evaluation in choice.evaluations if id(evaluation) in splits]
        models = {id(evaluation.training.model) for evaluation in among}
        if len(models) > 1 and id(choice.place[1]) not in seen and not any(e.training.tuned for e in among):
            seen.add(id(choice.place[1]))
            first = min(among, key=lambda evaluation: order(evaluation.place))
            yield Reuse(first, choice.place, splits[id(first)], tuned=False)


def _by_folds(evaluation: Evaluation) -> bool:
    """Tell whether it is part of a cross-validation that is written out as a loop over folds."""
    keys = {key for part in evaluation.data.rows for key, _ in part.path}
    return any(isinstance(key, tuple) and key[0] == "split" and len(key) > 2 for key in keys)  # noqa: PLR2004


def exported_alone(history: History) -> Iterator[Alone]:
    """Yield each saved model whose transformers are not saved anywhere."""
    saved = {obj for export in history.exports for obj in export.objects}
    seen: set[Obj] = set()
    for export in history.exports:
        for training in _trainings_in(history, export):
            if training.model in seen:
                continue
            missing: dict[AST, Learned] = {}
            for learned in sorted(training.data.learned, key=lambda each: order(each.place)):
                if learned.tool is not None and learned.tool not in saved:
                    missing.setdefault(learned.place[1], learned)
            if missing:
                seen.add(training.model)
                yield Alone(training, export.place, list(missing.values()))


def _trainings_in(history: History, export: Export) -> list[Training]:
    return [history.trainings[obj] for obj in export.objects if obj in history.trainings]
