from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbpipe.errors import PipelineError
from nbpipe.pipeline.runs import read_record, write_record
from nbpipe.records import RunError, RunRecord, RunStatus, StepResult
from nbpipe.tracking.history import History

if TYPE_CHECKING:
    from pathlib import Path


def _record(name: str, started: str = "2024") -> RunRecord:
    error = RunError("ValueError", "bad", "Traceback")
    steps = (
        StepResult("a", RunStatus.OK, 1.5, 0.5, 100, {"x": "key.json"}, {"mse": 0.25}),
        StepResult("b", RunStatus.FAILED, error=error),
    )
    return RunRecord(name, "pipeline", "/shop", RunStatus.FAILED, started, 2.0, {"n": 1}, steps=steps, error=error)


def test_a_record_survives_writing(tmp_path: Path) -> None:
    record = _record("20240101T000000-aa")
    assert write_record(record, tmp_path) == tmp_path / "20240101T000000-aa.json"
    assert read_record(tmp_path, record.id) == record
    assert [path.name for path in tmp_path.iterdir()] == ["20240101T000000-aa.json"]


def test_runs_are_found_by_a_beginning_and_the_latest_by_that_word(tmp_path: Path) -> None:
    for name in ("20240101T000000-aa", "20240102T000000-bb"):
        write_record(_record(name), tmp_path)
    assert read_record(tmp_path, "20240101").id == "20240101T000000-aa"
    assert read_record(tmp_path, "latest").id == "20240102T000000-bb"
    with pytest.raises(PipelineError, match="2 runs begin so"):
        read_record(tmp_path, "2024")
    with pytest.raises(PipelineError, match=r"no run '20240101T000000-ab' .* Did you mean"):
        read_record(tmp_path, "20240101T000000-ab")
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(PipelineError, match="cannot be read"):
        read_record(tmp_path, "broken")


def test_the_latest_is_the_run_that_started_last_within_a_second_too(tmp_path: Path) -> None:
    runs = tmp_path / "shop" / ".nbpipe" / "runs"
    runs.mkdir(parents=True)
    for name, started in (("aa", "10.7"), ("zz", "10.2"), ("mm", "10.9"), ("bb", "10.1")):
        write_record(_record(f"20240101T000010-{name}", f"2024-01-01T00:00:{started}"), runs)
    write_record(_record("20240101T000009-zz", "2024-01-01T00:00:09.9"), runs)
    assert read_record(runs, "latest").id == "20240101T000010-mm"
    assert History(tmp_path).find("latest")[1].id == "20240101T000010-mm"
