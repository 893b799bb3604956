"""A pipeline run that starts as a recorded notebook did: the same generator states, the same hash seed."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from nbpipe.convert.recording import SEED
from nbpipe.pipeline.limits import Limits
from nbpipe.pipeline.runner import RunOptions, run
from nbpipe.runtime.generators import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbpipe.pipeline.listener import PipelineListener
    from nbpipe.pipeline.project import Project
    from nbpipe.pipeline.runner import Stop
    from nbpipe.records import RunRecord


@contextmanager
def hash_seed() -> Iterator[None]:
    """Let processes that are started within the block hash texts as the recorded notebook's kernel did."""
    before = os.environ.get("PYTHONHASHSEED")
    os.environ["PYTHONHASHSEED"] = str(SEED)
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONHASHSEED"]
        else:
            os.environ["PYTHONHASHSEED"] = before


def run_from(  # noqa: PLR0913 - the options of a run
    project: Project,
    generators: dict[str, Any],
    *,
    parameters: Mapping[str, Any] | None = None,
    python: str | None = None,
    timeout: float | None = None,
    limits: Limits | None = None,
    listener: PipelineListener | None = None,
    stop: Stop | None = None,
) -> RunRecord:
    """Run a pipeline, one step after another, each in a fresh process.

    Results of earlier runs are not used: a proof shows what the code computes now.

    Args:
        project: the pipeline.
        generators: states to start from (see `nbpipe.runtime.generators`).
        parameters: values over those of params.yaml.
        python: the interpreter of the steps; None for this one.
        timeout: seconds that the run may take; None: no limit.
        limits: what steps may take that do not say so themselves; None: all they want.
        listener: hears how it goes.
        stop: how somebody asks to stop.
    """
    interpreter = None if python in (None, sys.executable) else python
    options = RunOptions(
        jobs=1,
        python=interpreter,
        timeout=timeout,
        generators={**generators, SYSTEM: SEED},
        cache=False,
        fork=False,
        limits=limits or Limits(),
    )
    with hash_seed():
        return run(project, dict(parameters or {}), options, listener=listener, stop=stop)
