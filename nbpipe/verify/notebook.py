"""Running a notebook fresh and comparing what it shows with what is stored in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.errors import ExecutionError, NotebookError
from nbpipe.execute.outcome import explain
from nbpipe.notebook import read_notebook
from nbpipe.notebook.formats import is_text_name
from nbpipe.records import RunStatus
from nbpipe.verify.cell_options import options_of
from nbpipe.verify.comparing import compare_notebooks, context_of
from nbpipe.verify.context import Tolerance
from nbpipe.verify.environment import Drift, drift
from nbpipe.verify.explaining import Evidence
from nbpipe.verify.fresh import Fresh, Options, run_fresh
from nbpipe.verify.prediction import Prediction
from nbpipe.verify.repeat import Repeated, repeat
from nbpipe.verify.verdict import GOOD, CellVerdict, NotebookVerdict, Outcome, Stage, Verdict

if TYPE_CHECKING:
    from nbpipe.notebook import Notebook
    from nbpipe.records import RunRecord
    from nbpipe.verify.controls import Controls


@dataclass(frozen=True, slots=True)
class Strictness:
    """What a comparison takes for the same.

    Attributes:
        off: names of normalisers that may not be used.
        runs: how many times a notebook is run; from 2 on the causes of differences between runs are looked for.
    """

    tolerance: Tolerance = field(default_factory=Tolerance)
    off: frozenset[str] = frozenset()
    runs: int = 1


_STRICTNESS = Strictness()
_SLOWER = 10  # times longer than the plain runs may those take that hold things still
_SLOW_START_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Verified:
    """A verdict, and what it was made of.

    Attributes:
        stored: the notebook as it was read, None where it could not be.
        fresh: its first run, None where it could not be run.
        modules: top-level modules that it imports.
    """

    verdict: NotebookVerdict
    stored: Notebook | None = None
    fresh: Fresh | None = None
    modules: tuple[str, ...] = ()


def verify_notebook(path: str, options: Options, strictness: Strictness = _STRICTNESS) -> Verified:
    """Run a notebook in a fresh kernel, in its own folder, and compare cell by cell; the file is not touched.

    A notebook that cannot be read or started is a verdict (failed), not an exception.

    Raises:
        ConfigError: the file does not exist, or a cell's verify option means nothing.
        MissingExtraError: what runs notebooks is not installed.
        Interrupted: somebody asked to stop.
    """
    stage = Stage.FOUND
    if is_text_name(path):
        reason = "it is a text notebook, which stores no outputs"
        return Verified(NotebookVerdict(path, Verdict.NOTHING, reason, stage=Stage.READ))
    try:
        stored = read_notebook(path)
        stage = Stage.READ
        asked = options_of(stored)
        prediction = Prediction(stored, path)
        if prediction.parses:
            stage = Stage.PARSES
        modules = prediction.modules

        plain = [run_fresh(Path(path), options, modules=modules) for _ in range(strictness.runs)]
        bounded = _bounded(options, max(fresh.record.seconds for fresh in plain))

        def run(controls: Controls, until: int) -> Fresh:
            return run_fresh(Path(path), bounded, controls=controls, modules=modules, until=until)

    except (NotebookError, ExecutionError) as error:
        return Verified(NotebookVerdict(path, Verdict.FAILED, str(error).removeprefix(f"{path}: "), stage=stage))
    fresh = plain[0]
    cells = compare_notebooks(stored, fresh, context_of(fresh, strictness.tolerance, strictness.off), asked)
    repeated: Repeated | None = None
    if len(plain) > 1:
        repeated = repeat(stored, plain, run, strictness.tolerance, strictness.off, asked, prediction)
    moved = drift(stored, fresh)
    day = fresh.ended.astimezone().date().isoformat()
    cells = Evidence(prediction, moved, fresh_folder(fresh), repeated, day).explained(cells)
    runs = repeated.runs if repeated is not None else 1
    return Verified(_verdict(path, stored, fresh, cells, moved, stage, runs), stored, fresh, modules)


def _bounded(options: Options, seconds: float) -> Options:
    """Give the options of runs that hold things still: where this makes code wait for itself, it must not for ever."""
    most = _SLOWER * seconds + _SLOW_START_SECONDS
    total = most if options.limits.total is None else min(most, options.limits.total)
    return replace(options, limits=replace(options.limits, total=total))


def fresh_folder(fresh: Fresh) -> Path:
    """Give the folder that a run ran in."""
    return Path(fresh.record.source).parent


def _verdict(  # noqa: PLR0913 - what a verdict is made of
    path: str,
    stored: Notebook,
    fresh: Fresh,
    cells: tuple[CellVerdict, ...],
    moved: Drift,
    stage: Stage,
    runs: int,
) -> NotebookVerdict:
    verdict, reason = _judge(stored, cells, fresh.record)
    found = NotebookVerdict(path, verdict, reason, cells, fresh.record, moved.note, runs=runs)
    return replace(found, stage=_stage(found, fresh, stage))


def _stage(found: NotebookVerdict, fresh: Fresh, stage: Stage) -> Stage:
    """Give how far a notebook came whose kernel came up.

    One that runs to the end has parsed, and has its imports, whatever was read in its code.
    """
    if found.verdict is Verdict.REPRODUCIBLE:
        return Stage.IDENTICAL
    if found.verdict is Verdict.EQUIVALENT:
        return Stage.EQUIVALENT
    if found.verdict is not Verdict.FAILED:
        return Stage.RUNS
    if stage is not Stage.PARSES:
        return stage
    error = fresh.record.error
    missing = bool(fresh.kernel.get("missing")) or (error is not None and error.name == "ModuleNotFoundError")
    return Stage.KERNEL if missing else Stage.IMPORTS


def _judge(stored: Notebook, cells: tuple[CellVerdict, ...], record: RunRecord) -> tuple[Verdict, str]:
    """Give the verdict and one line why."""
    if record.status is not RunStatus.OK:
        why = explain(record.status, record.error)
        at = next((cell for cell in cells if cell.outcome is Outcome.ERROR), None)
        return Verdict.FAILED, f"cell {at.index + 1} ({at.title}) {why}" if at else why
    code = [cell for cell in stored.cells if cell.cell_type == "code"]
    bad = [cell for cell in cells if cell.outcome not in GOOD]
    if not any(cell.outputs for cell in code) and not any(cell.execution_count for cell in code):
        return Verdict.NOTHING, "it runs to the end, but no output is stored in it: run it, save it, verify it again"
    if bad:
        first = f"cell {bad[0].index + 1} ({bad[0].title}): {bad[0].outcome.value}"
        return Verdict.NOT_REPRODUCIBLE, first if len(bad) == 1 else f"{len(bad)} cells differ; first {first}"
    if not any(cell.outputs for cell in code):
        return Verdict.NOTHING, "it runs to the end, but shows nothing that could be compared"
    needed = dict.fromkeys(name for cell in cells for name in cell.needed)
    if needed:
        return Verdict.EQUIVALENT, ", ".join(needed)
    return Verdict.REPRODUCIBLE, ""
