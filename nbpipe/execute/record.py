"""The run record as JSON, beside the executed notebook."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import Enum
from typing import TYPE_CHECKING, Any

from nbpipe.execute.saving import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.records import RunRecord

_VERSION = 1


def record_path(output: Path) -> Path:
    """Give where the record of the run that wrote `output` goes."""
    return output.with_name(f"{output.stem}.run.json")


def record_as_json(record: RunRecord) -> dict[str, Any]:
    """Give the record as plain JSON values, with the version of this layout."""
    fields: dict[str, Any] = json.loads(json.dumps(asdict(record), default=_plain))
    return {"version": _VERSION, **fields}


def write_record(record: RunRecord, path: Path) -> None:
    """Save the record.

    Raises:
        ExecutionError: it cannot be written.
    """
    text = json.dumps(record_as_json(record), indent=2, ensure_ascii=False)
    write_atomically(path, (text + "\n").encode("utf-8", "backslashreplace"))


def _plain(value: Any) -> Any:
    """Give JSON for what JSON has no type for."""
    return value.value if isinstance(value, Enum) else repr(value)
