"""Which steps of a pipeline are to run: from one on, up to one, or only some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.pipeline.model import Pipeline


@dataclass(frozen=True, slots=True)
class Selection:
    """Names of steps; what they leave out is not run.

    Attributes:
        first: only these and what depends on them.
        last: only these and what they depend on.
        only: only these.
    """

    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    def selected(self, pipeline: Pipeline, dependencies: Mapping[str, frozenset[str]]) -> frozenset[str]:
        """Name the steps that are to run.

        Args:
            pipeline: the steps.
            dependencies: step to all that must have run before it.

        Raises:
            PipelineError: there is no such step.
        """
        for name in (*self.first, *self.last, *self.only):
            pipeline.step(name)
        found = set(dependencies)
        if self.first:
            found &= {name for name, before in dependencies.items() if name in self.first or before & set(self.first)}
        if self.last:
            found &= set(self.last).union(*(dependencies[name] for name in self.last))
        if self.only:
            found &= set(self.only)
        return frozenset(found)

    def needed(self, pipeline: Pipeline, dependencies: Mapping[str, frozenset[str]]) -> frozenset[str]:
        """Name the steps that are not to run, but whose results those that are depend on."""
        selected = self.selected(pipeline, dependencies)
        return frozenset[str]().union(*(dependencies[name] for name in selected)) - selected
