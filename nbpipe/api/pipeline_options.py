"""How a pipeline is run, as options in words: what `nbpipe run FOLDER` and `nbpipe.run` take."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from nbpipe.config import load_settings
from nbpipe.errors import ConfigError
from nbpipe.pipeline.limits import Limits
from nbpipe.pipeline.runner import RunOptions
from nbpipe.pipeline.selection import Selection
from nbpipe.sizes import parse_size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.config import Settings


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """How a pipeline is run.

    Attributes:
        timeout: seconds that the run may take.
        environment: NAME, to lay ``params.NAME.yaml`` over params.yaml.
        store: where values are kept, a folder or a URL of fsspec.
        cache: whether results of earlier runs are used.
        resume: an earlier run (``latest``, or its id) whose finished steps are not run again.
        first: only these steps and what depends on them.
        last: only these steps and what they depend on.
        only: only these steps.
        retries: how often a step that fails is run again; None, here and below: as the configuration says.
        retry_delay: seconds before the first of these; doubled for each further one.
        step_timeout: seconds that a step may take.
        step_memory: bytes that a step may take.
        tags: labels for the record and MLflow, name to value.
        note: what to say about the run there.
        tracking: whether to record the run in MLflow.
    """

    timeout: float | None = None
    environment: str | None = None
    store: str | None = None
    cache: bool = True
    resume: str | None = None
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    retries: int | None = None
    retry_delay: float | None = None
    step_timeout: float | None = None
    step_memory: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    tracking: bool = True

    @classmethod
    def of(cls, options: Mapping[str, Any], source: object) -> PipelineOptions:
        """Give the options of these names.

        Raises:
            ConfigError: one has no such name.
        """
        known = [item.name for item in fields(cls)]
        unknown = [name for name in options if name not in known]
        if unknown:
            raise ConfigError(f"{source}: is a folder; '{unknown[0]}' is no option of pipelines: {', '.join(known)}")
        return cls(**options)

    def run_options(self, folder: str | os.PathLike[str], jobs: int = 1, python: str | None = None) -> RunOptions:
        """Give what the runner takes.

        Args:
            folder: the pipeline's, where its configuration is looked for.
            jobs: how many steps may run side by side.
            python: the interpreter that steps run in.

        Raises:
            ConfigError: the configuration is wrong.
        """
        return RunOptions(
            jobs=jobs,
            python=python,
            timeout=self.timeout,
            cache=self.cache,
            selection=Selection(tuple(self.first), tuple(self.last), tuple(self.only)),
            limits=self._limits(load_settings(os.fspath(folder))),
            resume=self.resume,
            tags=dict(self.tags),
            note=self.note,
        )

    def _limits(self, settings: Settings) -> Limits:
        """Give what steps may take that do not say so themselves: what was asked for, else what is configured.

        Raises:
            ConfigError: what is configured is no size.
        """
        memory = self.step_memory
        if memory is None and settings.step_memory:
            try:
                memory = parse_size(settings.step_memory)
            except ConfigError as error:
                raise ConfigError(f"{settings.origin('step-memory')}: step-memory: {error}") from None
        return Limits(
            settings.step_retries if self.retries is None else self.retries,
            settings.step_retry_delay if self.retry_delay is None else self.retry_delay,
            (settings.step_timeout or None) if self.step_timeout is None else self.step_timeout,
            memory,
        )
