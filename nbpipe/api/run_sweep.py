"""Runs a pipeline once for each of several settings, and compares: what `nbpipe run --sweep` calls."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from nbpipe.api.run_pipeline import resumed, tracked_at, with_tracking
from nbpipe.errors import ConfigError, Interrupted
from nbpipe.execute.stop import Stop
from nbpipe.pipeline.listener import PipelineListener
from nbpipe.pipeline.runner import RunOptions, run
from nbpipe.pipeline.together import Together

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from nbpipe.records import RunRecord

MAX_POINTS = 10_000


class Told(Protocol):
    """Who hears how a sweep goes; called from several threads."""

    def ended(self, shown: str, record: RunRecord) -> None:
        """Hear how one run ended."""

    def warned(self, message: str) -> None:
        """Hear something that a person should see."""


@dataclass(frozen=True, slots=True)
class SweepRow:
    """One run of a sweep.

    Attributes:
        point: what was set, as text, by parameter.
        record: of the run.
    """

    point: Mapping[str, Any]
    record: RunRecord

    @property
    def metrics(self) -> dict[str, float]:
        """All metrics of the run, by name."""
        return {name: value for step in self.record.steps for name, value in step.metrics.items()}

    @property
    def shown(self) -> str:
        """The point as ``a=1, b=2``."""
        return show(self.point)


def show(point: Mapping[str, Any]) -> str:
    """Give a point as ``a=1, b=2``."""
    return ", ".join(f"{name}={value}" for name, value in point.items())


def sweep_points(given: Sequence[str], *, in_step: bool = False) -> tuple[dict[str, str], ...]:
    """Give the points of texts such as ``a=0.1,1,10``: all combinations, or the values taken in step.

    Raises:
        ConfigError: a text is not of that form, or lists that are to be taken in step differ in length.
    """
    values: dict[str, list[str]] = {}
    for text in given:
        name, equals, listed = text.partition("=")
        found = [value.strip() for value in listed.split(",") if value.strip()]
        if not equals or not name.strip() or not found:
            raise ConfigError(f"--sweep {text}: write it as NAME=VALUE,VALUE,...")
        if name.strip() in values:
            raise ConfigError(f"--sweep {text}: '{name.strip()}' is set twice")
        values[name.strip()] = found
    lengths = {len(found) for found in values.values()}
    if in_step and len(lengths) > 1:
        raise ConfigError("--sweep-list takes lists of one length; they have " + ", ".join(map(str, sorted(lengths))))
    points = zip(*values.values(), strict=True) if in_step else itertools.product(*values.values())
    rows = tuple(dict(zip(values, point, strict=True)) for point in itertools.islice(points, MAX_POINTS + 1))
    if len(rows) > MAX_POINTS:
        raise ConfigError(f"a sweep of more than {MAX_POINTS} runs; take fewer values")
    return rows


def run_sweep(  # noqa: PLR0913 - the options of a run, for many
    folder: str | os.PathLike[str],
    points: Sequence[Mapping[str, Any]],
    *,
    parameters: Mapping[str, Any] | None = None,
    tracking: bool = True,
    options: RunOptions | None = None,
    environment: str | None = None,
    store: str | None = None,
    told: Told | None = None,
) -> tuple[SweepRow, ...]:
    """Run a pipeline once for each point, as many side by side as there are jobs; what they share runs once.

    Args:
        folder: the project.
        points: parameters that each run sets, by name.
        parameters: those that all set.
        tracking: whether to record the runs in MLflow.
        options: how to run each; its jobs are how many runs go on side by side.
        environment: see `nbpipe.api.run_pipeline.run_pipeline`.
        store: see there.
        told: hears how it goes.

    Raises:
        ConfigError: the folder is no pipeline, or a point's parameter is unknown or ill-typed: nothing has run then.
        PipelineError: the pipeline does not load, or a result cannot be saved.
        Interrupted: somebody asked to stop; what ended before is recorded.
    """
    settings = options or RunOptions()
    project, common = resumed(folder, parameters or {}, replace(settings, resume=None), environment, store)
    for point in points:
        project.settle({**common, **point})
    stop, jobs = Stop(), max(1, settings.jobs)
    together = Together(stop)

    def one(point: Mapping[str, Any]) -> SweepRow | None:
        if stop.signal is not None:
            return None
        listener = with_tracking((_Warnings(told),), tracking=tracking)
        tracked = tracked_at(project) if tracking else None
        each = replace(settings, jobs=1, resume=None, together=together, tracked=tracked)
        record = run(project, {**common, **point}, each, listener=listener, stop=together)
        if told is not None:
            told.ended(show(point), record)
        return SweepRow(point, record)

    with stop.listening(), together.open(), ThreadPoolExecutor(jobs, thread_name_prefix="nbpipe-sweep") as pool:
        rows = list(pool.map(one, points))
    if stop.signal is not None:
        raise Interrupted(stop.signal, f"{folder}: interrupted; the runs that ended are recorded")
    return tuple(row for row in rows if row is not None)


class _Warnings(PipelineListener):
    """Passes on warnings only."""

    def __init__(self, told: Told | None) -> None:
        self._told = told

    def warned(self, message: str) -> None:
        if self._told is not None:
            self._told.warned(message)
