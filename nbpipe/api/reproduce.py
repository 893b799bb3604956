"""Runs a recorded run of a pipeline again and compares: what `nbpipe run --reproduce RUN` calls."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.api.run import finished
from nbpipe.api.run_pipeline import tracked_at, with_tracking
from nbpipe.errors import ConfigError, PipelineError
from nbpipe.execute.stop import Stop
from nbpipe.pipeline.process import HASH_SEED
from nbpipe.pipeline.project import load_project
from nbpipe.pipeline.reproduction import Reproduced, compare_runs, starting_states
from nbpipe.pipeline.runner import RunOptions, run
from nbpipe.pipeline.runs import read_plan, read_record
from nbpipe.pipeline.snapshot import has_code, unpack_code
from nbpipe.runtime.parameters import decode
from nbpipe.tracking.differences import Difference, diff_runs
from nbpipe.tracking.history import History
from nbpipe.tracking.store import project_folder

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Sequence

    from nbpipe.pipeline.listener import PipelineListener
    from nbpipe.records import RunRecord

_CAUSES = ("code", "files read", "seeds", "python", "packages", "variables")


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A recorded run, done again.

    Attributes:
        before: the recorded run.
        after: the run that did it again.
        compared: what the one gave beside what the other did.
        differences: in code, data and environment, from which differences of results may come.
        changed_code: files of the code that have changed since; the run used them as they were.
        is_as_it_was: whether the code could be had as it was.
    """

    before: RunRecord
    after: RunRecord
    compared: tuple[Reproduced, ...]
    differences: tuple[Difference, ...]
    changed_code: tuple[str, ...] = ()
    is_as_it_was: bool = True

    @property
    def is_equal(self) -> bool:
        """Whether all that the recorded run gave was given again."""
        return bool(self.compared) and all(each.is_equal for each in self.compared)


def reproduce(
    run_id: str,
    folder: str | os.PathLike[str] | None = None,
    *,
    tracking: bool = True,
    options: RunOptions | None = None,
    listeners: Sequence[PipelineListener] = (),
) -> Reproduction:
    """Run a recorded run of a pipeline again and compare what both gave, by fingerprint.

    It runs the code that was kept of the run, with its parameters, the generator states it began with and its seed of
    hashes, and nothing that is known of earlier runs. Files that it writes are put back afterwards as they were before.

    Args:
        run_id: of the run, a unique part of it, or ``latest``.
        folder: the pipeline's; None: the run is looked for in the project of the current folder.
        tracking: whether to record the run in MLflow.
        options: how to run.
        listeners: hear how it goes.

    Raises:
        ConfigError: there is no such run, or it is a notebook's.
        PipelineError: the pipeline does not load, or what the run was asked for cannot be read.
        Interrupted: somebody asked to stop.
    """
    before = _recorded(run_id, folder)
    home = Path(before.source)
    work = home / ".nbpipe" / "runs" / before.id
    plan, code = read_plan(work), before.provenance.get("code") or {}
    store = before.provenance.get("store")
    with tempfile.TemporaryDirectory(prefix="nbpipe-reproduced-") as place:
        is_kept = has_code(home, code.get("sha256", ""))
        if is_kept:
            unpack_code(home, code, Path(place))
        source = Path(place) if is_kept else home
        project = load_project(source, environment=plan["environment"], store=store, home=home if is_kept else None)
        known = {parameter.name for parameter in project.parameters}
        parameters = {name: decode(value) for name, value in plan["parameters"].items() if name in known}
        settings = replace(
            options or RunOptions(),
            cache=False,
            generators=starting_states(project, work),
            hash_seed=(before.provenance.get("variables") or {}).get(HASH_SEED) or "",
            tracked=tracked_at(project) if tracking else None,
            tags={**(options.tags if options else {}), "nbpipe.reproduces": before.id},
        )
        stop = Stop()
        with stop.listening(), _put_back(path for step in before.steps for path in step.written):
            after = run(project, parameters, settings, listener=with_tracking(listeners, tracking=tracking), stop=stop)
        finished(after, stop)
        compared = compare_runs(project, before, after, settings.python)
        changed = tuple(_changed(home, code)) if is_kept else ()
    causes = tuple(each for each in diff_runs(before, after) if each.what in _CAUSES)
    return Reproduction(before, after, compared, causes, changed, is_kept)


def _recorded(run_id: str, folder: str | os.PathLike[str] | None) -> RunRecord:
    if folder is not None:
        return read_record(load_project(folder).runs, run_id)
    record = History(project_folder(Path.cwd())).find(run_id)[1]
    if record.kind != "pipeline":
        raise ConfigError(
            f"run {record.id} is of a notebook: `nbpipe verify {record.source}` runs it again and compares"
        )
    if not Path(record.source).is_dir():
        raise PipelineError(f"run {record.id}: its pipeline {record.source} is gone")
    return record


def _changed(home: Path, code: dict[str, dict[str, str]]) -> Iterator[str]:
    """Name the files of a run's code that are not what they were."""
    for name, digest in code["files"].items():
        try:
            now = hashlib.sha256((home / name).read_bytes()).hexdigest()
        except OSError:
            now = ""
        if now != digest:
            yield name


@contextmanager
def _put_back(paths: Iterable[str]) -> Iterator[None]:
    """Leave files as they are now, whatever becomes of them in the block."""
    with tempfile.TemporaryDirectory(prefix="nbpipe-kept-") as place:
        kept: dict[str, Path | None] = {}
        for number, path in enumerate(dict.fromkeys(paths)):
            copy = Path(place) / str(number)
            try:
                shutil.copy2(path, copy)
                kept[path] = copy
            except FileNotFoundError:
                kept[path] = None
        try:
            yield
        finally:
            for path, copied in kept.items():
                with suppress(OSError):
                    if copied is None:
                        Path(path).unlink(missing_ok=True)
                    else:
                        shutil.copy2(copied, path)
