"""Models as they are used: what each was fitted on, and on what it was then tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbpipe.analysis.learning.facts import Fact, Place
    from nbpipe.analysis.values import Obj


class Training:
    """One fit of one model.

    Attributes:
        model: the object that was fitted.
        name: of its class; ``model`` where that is not known.
        data: what is known of the features it was fitted on.
        place: where.
        tuned: it was made in a loop, with a setting that the loop changes.
    """

    __slots__ = ("data", "model", "name", "place", "tuned")

    def __init__(self, model: Obj, name: str, data: Fact, place: Place, *, tuned: bool = False) -> None:
        self.model = model
        self.name = name
        self.data = data
        self.place = place
        self.tuned = tuned


class Evaluation:
    """One use of a fitted model on data: the nearest fit before it is the one that counts.

    Attributes:
        training: that fit.
        data: what is known of the features it was asked about.
        place: where.
        measured: a score was computed from what it gave.
        validating: the data is called validation data where it is passed.
    """

    __slots__ = ("data", "measured", "place", "training", "validating")

    def __init__(
        self, training: Training, data: Fact, place: Place, *, measured: bool = False, validating: bool = False
    ) -> None:
        self.training = training
        self.data = data
        self.place = place
        self.measured = measured
        self.validating = validating


class Export:
    """Something was written to a file.

    Attributes:
        objects: what was written, with everything that it holds.
    """

    __slots__ = ("objects", "place")

    def __init__(self, objects: tuple[Obj, ...], place: Place) -> None:
        self.objects = objects
        self.place = place


class Choice:
    """The best of several scores was picked, by `max`, by sorting, by a comparison.

    Attributes:
        evaluations: those that gave the scores.
    """

    __slots__ = ("evaluations", "place")

    def __init__(self, evaluations: frozenset[Evaluation], place: Place) -> None:
        self.evaluations = evaluations
        self.place = place


class History:
    """What happened to models and data in one run of a notebook, in order.

    Attributes:
        splits: where each division that tells training rows from others was made, by division.
        tensors: data made into tensors of torch, with the place: what loops of the notebook's own then train and try.
        complemented: divisions of which the other side was taken, too.
        cross_validated: data handed to cross-validation, with the place.
    """

    def __init__(self) -> None:
        self.trainings: dict[Obj, Training] = {}
        self.evaluations: list[Evaluation] = []
        self.cross_validated: list[tuple[Fact, Place]] = []
        self.exports: list[Export] = []
        self.choices: list[Choice] = []
        self.splits: dict[object, Place] = {}
        self.complemented: set[object] = set()
        self.tensors: list[tuple[Fact, Place]] = []
        self.searches = 0
