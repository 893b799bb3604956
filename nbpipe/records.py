"""What ran and how it ended: the facts that execute and pipeline give and that tracking, verify and reports take."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


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
        inputs: input name to ``step`` (which gave it) and ``key``.
        read: path to SHA-256, of the files that it read.
        written: path to SHA-256, of the files that it wrote.
        profiles: ``outputs`` and ``files`` (those it read), each name to what `nbpipe.runtime.profiles` tells of it.
        fingerprints: output name to ``digest``, and whether that ``proves`` equality.
        generators: global random generator that it drew from or seeded, to ``seeded`` or ``continued``.
        seeds: ``generator`` and ``seed``, of each that it gave one.
        hidden: why its result may depend on more than was seen.
        logged: what its own calls of MLflow left; see `nbpipe.runtime.own_calls`.
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
    inputs: dict[str, dict[str, str]] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    fingerprints: dict[str, dict[str, Any]] = field(default_factory=dict)
    generators: dict[str, str] = field(default_factory=dict)
    seeds: list[dict[str, Any]] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    logged: dict[str, Any] = field(default_factory=dict)


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


def record_from_json(content: dict[str, Any]) -> RunRecord:
    """Read a record from what its fields are as JSON.

    Raises:
        TypeError, ValueError, KeyError, AttributeError: it is none.
    """
    fields = {name: value for name, value in content.items() if name != "version"}
    fields["status"] = RunStatus(fields["status"])
    fields["error"] = _error(fields["error"])
    for name, kind in (("cells", CellResult), ("steps", StepResult)):
        fields[name] = tuple(
            kind(**{**part, "status": RunStatus(part["status"]), "error": _error(part["error"])})
            for part in fields[name]
        )
    return RunRecord(**fields)


def _error(content: dict[str, str] | None) -> RunError | None:
    return None if content is None else RunError(**content)


def latest_started(paths: Sequence[Path]) -> list[Path]:
    """Give, of the files of records, that of the run that started last, in a list; none where there is none.

    Ids tell the second in which runs started; within one, the records themselves do.
    """
    second = max((path.stem.partition("-")[0] for path in paths), default="")
    tied = [path for path in paths if path.stem.partition("-")[0] == second]
    return [max(tied, key=lambda path: (_started(path), path.stem))] if tied else []


def _started(path: Path) -> str:
    """Give when the run of a record started; "" where it cannot be read."""
    try:
        return str(json.loads(path.read_text(encoding="utf-8"))["started"])
    except (OSError, ValueError, TypeError, KeyError):
        return ""
