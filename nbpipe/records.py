"""What ran and how it ended: the facts that execute and pipeline give and that tracking, verify and reports take."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class RunStatus(Enum):
    """How a cell, a step or a whole run ended."""

    OK = "ok"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    DIED = "died"
    INTERRUPTED = "interrupted"
    CACHED = "cached"
    SKIPPED = "skipped"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class RunError:
    """Why a cell or step failed: the exception's name and message, and its traceback without colours."""

    name: str
    message: str
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class CellResult:
    """How one code cell ran.

    Attributes:
        index: place among all cells of the notebook, from 0.
        seconds: wall time; None where the cell did not run.
        cpu_seconds: CPU time of the kernel and of what it started meanwhile; None where unknown.
        peak_memory: bytes, the most that the kernel had in memory during the cell, as far as could be seen from
            outside; None where unknown.
    """

    index: int
    status: RunStatus
    seconds: float | None = None
    error: RunError | None = None
    cpu_seconds: float | None = None
    peak_memory: int | None = None


@dataclass(frozen=True, slots=True)
class StepResult:
    """How one pipeline step ran.

    Attributes:
        seconds: wall time; None where the step did not run.
        cpu_seconds: CPU time of the step's process.
        peak_memory: bytes, the largest resident size of the step's process.
        outputs: output name to artifact key in the store.
        metrics: metric name to value.
        reason: why it ran, or from which run its result is.
        attempts: how often it ran.
        figures: name to key in the store, of the pictures that it returned or left open.
    """

    name: str
    status: RunStatus
    seconds: float | None = None
    cpu_seconds: float | None = None
    peak_memory: int | None = None
    outputs: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    error: RunError | None = None
    reason: str = ""
    attempts: int = 1
    figures: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of a notebook or a pipeline.

    Attributes:
        id: unique, sortable by time.
        kind: ``notebook`` or ``pipeline``.
        source: path of the notebook, or folder of the pipeline.
        started: ISO 8601, UTC.
        seconds: wall time.
        parameters: name to value, as the run saw them.
        provenance: who, host, git, packages...: see `nbpipe.provenance`.
        output: path of the executed notebook; "" where there is none.
        tags: labels that somebody gave the run, name to value ("" where there is only a name).
        note: what somebody wrote about the run.
        observed: files read and written, seeds and effects that its interpreter showed; see
            `nbpipe.execute.observation`. Empty where nothing was observed.
    """

    id: str
    kind: str
    source: str
    status: RunStatus
    started: str
    seconds: float
    parameters: dict[str, Any] = field(default_factory=dict)
    cells: tuple[CellResult, ...] = ()
    steps: tuple[StepResult, ...] = ()
    provenance: dict[str, Any] = field(default_factory=dict)
    error: RunError | None = None
    output: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    note: str = ""
    observed: dict[str, Any] = field(default_factory=dict)
