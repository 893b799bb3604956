"""Run records of a project: written when a run ends, read when somebody asks."""

from __future__ import annotations

import json
import os
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from nbpipe.errors import PipelineError, did_you_mean
from nbpipe.records import RunRecord, latest_started, record_from_json

_VERSION = 1
_LOOKED_AT = 20
_IGNORED = ("/runs/", "/store/", "/cache/")


def write_record(record: RunRecord, folder: Path) -> Path:
    """Save a record as ``<folder>/<id>.json``, whole or not at all; give the file."""
    path = folder / f"{record.id}.json"
    content = {"version": _VERSION, **_plain(record)}
    # A line a step: laid out in full, writing a long run takes as long as a step.
    content["steps"] = [json.dumps(step, default=_plain) for step in record.steps]
    lines = [f"{json.dumps(name)}: {_shown(name, value)}" for name, value in content.items()]
    temporary = path.with_suffix(".partial")
    temporary.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    os.replace(temporary, path)  # noqa: PTH105 - one call, no object
    return path


def _shown(name: str, value: Any) -> str:
    return "[\n" + ",\n".join(value) + "\n]" if name == "steps" else json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: getattr(value, each.name) for each in fields(value)}
    return value.value if isinstance(value, Enum) else str(value)


def read_record(folder: Path, run: str) -> RunRecord:
    """Read the record of a run by its id, a unique beginning of it, or ``latest``.

    Raises:
        PipelineError: there is no such run, or its record cannot be read.
    """
    paths = sorted(folder.glob("*.json"), reverse=True)
    found = latest_started(paths) if run == "latest" else [path for path in paths if path.stem.startswith(run)]
    found = [path for path in found if path.stem == run] or found
    if len(found) != 1:
        many = f"; {len(found)} runs begin so" if found else did_you_mean(run, [path.stem for path in paths])
        raise PipelineError(f"no run '{run}' in {folder}{many}")
    try:
        return record_from_json(json.loads(found[0].read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise PipelineError(f"the record of run '{found[0].stem}' cannot be read: {error}") from None


def write_plan(folder: Path, parameters: dict[str, Any], environment: str | None) -> None:
    """Keep in a run's folder what it was asked for, so that it can be taken up again however it ends."""
    content = {"version": _VERSION, "parameters": parameters, "environment": environment}
    (folder / "plan.json").write_text(json.dumps(content), encoding="utf-8")


def begin_run(mark: Path, folder: Path, parameters: dict[str, Any], environment: str | None) -> None:
    """Make the folder of a run's logs and details.

    Args:
        mark: the project's ``.nbpipe``.
        folder: of the run.
        parameters: encoded values by name.
        environment: see `nbpipe.pipeline.project.Project`.

    Raises:
        PipelineError: it cannot be written.
    """
    try:
        folder.mkdir(parents=True)
        ignore_own_files(mark)
        write_plan(folder, parameters, environment)
    except OSError as error:
        raise PipelineError(f"{mark}: cannot be written: {error.strerror}") from None


def read_plan(folder: Path) -> dict[str, Any]:
    """Read what `write_plan` kept: ``parameters`` (encoded) and ``environment``.

    Raises:
        PipelineError: it cannot be read.
    """
    try:
        content = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
        return {"parameters": dict(content["parameters"]), "environment": content["environment"]}
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise PipelineError(f"what run '{folder.name}' was asked for cannot be read: {error}") from None


def earlier_runs(runs: Path, wanted: str | None) -> tuple[Path, ...]:
    """Give the folders of the newest runs; of one, by its id, a unique beginning of it, or ``latest``.

    Raises:
        PipelineError: the wanted one is not there.
    """
    # By time: ids of runs that began in one second do not tell which was first.
    plans = sorted(runs.glob("*/plan.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    folders = [path.parent for path in plans]
    if wanted is None:
        return tuple(folders[:_LOOKED_AT])
    found = folders[:1] if wanted == "latest" else [path for path in folders if path.name.startswith(wanted)]
    if len(found) != 1:
        many = f"; {len(found)} runs begin so" if found else did_you_mean(wanted, [path.name for path in folders])
        raise PipelineError(f"no run '{wanted}' in {runs}{many}")
    return tuple(found)


def ignore_own_files(folder: Path) -> None:
    """Let git ignore what runs leave in a project's ``.nbpipe``."""
    ignore = folder / ".gitignore"
    present = ignore.read_text(encoding="utf-8") if ignore.exists() else ""
    missing = [line for line in _IGNORED if line not in present.splitlines()]
    if missing:
        ignore.write_text("".join(f"{line}\n" for line in (*present.splitlines(), *missing)), encoding="utf-8")


def log_of(record: RunRecord, step: str) -> Path:
    """Give the file with what a step of a run printed; it is there once the step has begun."""
    return Path(record.source) / ".nbpipe" / "runs" / record.id / f"{step}.log"
