"""What differs between two runs: code, parameters, data, environment, and which results moved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from nbpipe.tracking.data import described_columns, size_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.records import RunRecord


class Difference(NamedTuple):
    """What differs between two runs.

    Attributes:
        what: ``parameters``, ``files read``, ``packages``...
        name: of the parameter, file, package...
        first: its value in the first run, None where it has none.
        second: and in the second.
    """

    what: str
    name: str
    first: Any
    second: Any


def diff_runs(first: RunRecord, second: RunRecord) -> list[Difference]:
    """Tell what differs between two runs: notebook, parameters, data, code, environment, how cells ended."""
    differences: list[Difference] = []
    others_by_kind = _facts(second)
    for what, facts in _facts(first).items():
        others = others_by_kind[what]
        names = dict.fromkeys([*facts, *others])
        differences += [
            Difference(what, name, facts.get(name), others.get(name))
            for name in names
            if facts.get(name) != others.get(name)
        ]
    return differences


def _facts(record: RunRecord) -> dict[str, Mapping[str, Any]]:
    origin = record.provenance
    git = origin.get("git") or {}
    seen = record.observed
    return {
        "run": {"source": record.source, "status": record.status.value, "user": origin.get("user"),
                "host": origin.get("host"), "commit": git.get("commit"), "uncommitted changes": git.get("diff"),
                "notebook": origin.get("sha256")},
        "parameters": record.parameters,
        "code": {**(origin.get("code") or {}).get("files", {}),
                 **{f"step {name}": digest for name, digest in (origin.get("steps") or {}).items()}},
        "files read": {item["path"]: item["sha256"] for item in seen.get("read") or ()},
        "files written": {item["path"]: item["sha256"] for item in seen.get("written") or ()},
        "own modules": {item["path"]: item["sha256"] for item in seen.get("modules") or ()},
        "folders listed": {item["path"]: item["sha256"] for item in seen.get("listed") or ()},
        "files absent": dict.fromkeys(seen.get("absent") or (), "absent"),
        "seeds": {item["generator"]: item["seed"] for item in seen.get("seeds") or ()},
        "python": {**(origin.get("python") or {}), "platform": origin.get("platform")},
        "packages": origin.get("packages") or {},
        "variables": origin.get("variables") or {},
        "cells": {f"cell {cell.index + 1}": cell.status.value for cell in record.cells},
        # Whether a result was computed or taken is no difference in what a run gave.
        "steps": {step.name: "ok" if step.status.value == "cached" else step.status.value for step in record.steps},
        "data": _data(record),
        "outputs": _outputs(record),
        "metrics": {name: value for step in record.steps for name, value in step.metrics.items()},
    }  # fmt: skip


def _data(record: RunRecord) -> dict[str, str]:
    """Give sizes and column statistics of files and outputs by name."""
    found: dict[str, str] = {}
    for step in record.steps:
        profiles = {Path(path).name: each for path, each in step.profiles.get("files", {}).items()}
        profiles |= {f"{step.name}.{name}": each for name, each in step.profiles.get("outputs", {}).items()}
        for name, profile in profiles.items():
            found[name] = size_of(profile)
            found |= {f"{name}: {column}": text for column, text in described_columns(profile).items()}
    return found


def _outputs(record: RunRecord) -> dict[str, str]:
    """Give the fingerprint of each output; of one whose fingerprint proves nothing, its key in the store."""
    return {
        f"{step.name}.{name}": step.fingerprints[name]["digest"] if _proves(step.fingerprints.get(name)) else key
        for step in record.steps
        for name, key in step.outputs.items()
    }


def _proves(known: Mapping[str, Any] | None) -> bool:
    return bool(known and known["proves"])
