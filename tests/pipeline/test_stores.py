"""Stores: in a folder, at URLs, on a server; shared, damaged, full, read-only, collected."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import uuid
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from nbpipe.api.store import collect_garbage, open_store, store_size
from nbpipe.cli import main
from nbpipe.errors import PipelineError
from nbpipe.pipeline.project import load_project
from nbpipe.pipeline.runner import RunOptions, run
from nbpipe.pipeline.values import load_output
from nbpipe.records import RunStatus
from nbpipe.runtime.fingerprints import fingerprint
from nbpipe.runtime.serializers import load_value, save_value
from nbpipe.runtime.store import CorruptedArtifact, Store, StoreFault
from tests.pipeline.projects import copied, ran, written

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUCKET = "nbpipe-test"


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a bucket on an S3-compatible server of its own, reached through the environment's variables."""
    log = tmp_path_factory.mktemp("s3") / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    try:
        address = _address(server, log)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {
                "AWS_ACCESS_KEY_ID": "nobody",
                "AWS_SECRET_ACCESS_KEY": "nothing",
                "AWS_DEFAULT_REGION": "us-east-1",
                "AWS_ENDPOINT_URL": address,
                "FSSPEC_S3_ENDPOINT_URL": address,
            }.items():
                patch.setenv(name, value)
            program = (
                "import s3fs, sys; "
                f"s3fs.S3FileSystem(endpoint_url={address!r}, key='nobody', secret='nothing').mkdir({BUCKET!r})"
            )
            subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
            yield f"s3://{BUCKET}/values"
    finally:
        server.kill()
        server.wait()


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    while server.poll() is None:
        for line in log.read_text().splitlines():
            if "Running on http://" in line:
                return line.split("Running on ")[1].split()[0]
        threading.Event().wait(0.05)
    raise AssertionError(log.read_text())


@pytest.fixture(params=["folder", "file", "memory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return {
        "folder": str(tmp_path / "store"),
        "file": f"file://{tmp_path / 'store'}",
        "memory": f"memory://{uuid.uuid4().hex}",
    }[request.param]


def test_values_go_and_come_back_wherever_the_store_is(place: str) -> None:
    store = Store(place)
    values: list[Any] = [{"a": [1, 2]}, np.arange(5.0), "text", {1, 2}]
    kept = [save_value(value, store) for value in values]
    for value, artifact in zip(values, kept, strict=True):
        assert fingerprint(load_value(Store(place), artifact.key)) == fingerprint(value)
        assert Store(place).artifact(artifact.key) == artifact
    assert save_value({"a": [1, 2]}, store) == kept[0]
    assert store_size(store).artifacts == 4


def test_damage_is_found_wherever_the_store_is(place: str) -> None:
    store = Store(place)
    artifact = save_value([1, 2], store)
    store.write(f"objects/{artifact.key[:2]}/{artifact.key[2:]}", b"[1, 3]")
    assert not store.is_whole(artifact.key)
    with pytest.raises(CorruptedArtifact, match="is damaged"):
        load_value(store, artifact.key)
    store.remove(artifact.key)
    with pytest.raises(CorruptedArtifact, match="is not in the store"):
        load_value(store, artifact.key)


def test_a_pipeline_keeps_its_values_on_a_server(s3: str, tmp_path: Path) -> None:
    root = copied("plain", tmp_path)
    project = load_project(root, store=s3)
    record = run(project, {}, RunOptions())
    assert record.status is RunStatus.OK, record.error
    assert not (root / ".nbpipe" / "store").exists()
    again = run(project, {}, RunOptions())
    assert {step.status for step in again.steps} == {RunStatus.CACHED}
    assert load_output(project, again, "report", "summary") == load_output(project, record, "report", "summary")
    store = Store(s3)
    key = record.steps[-1].outputs["summary"]
    store.write(f"objects/{key[:2]}/{key[2:]}", b"{}")
    mended = run(project, {}, RunOptions())
    assert [step.name for step in mended.steps if step.status is RunStatus.OK] == ["report"]
    assert collect_garbage(store, 0, young=0.0).files > 0
    assert store_size(store).artifacts == 0


def test_runs_side_by_side_share_a_store(tmp_path: Path) -> None:
    root = copied("plain", tmp_path)
    records: list[Any] = []
    threads = [threading.Thread(target=lambda: records.append(ran(root, cache=False))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [record.status for record in records] == [RunStatus.OK] * 4
    assert len({tuple(sorted(record.steps[-1].outputs.items())) for record in records}) == 1
    assert list((root / ".nbpipe" / "store" / "staging").iterdir()) == []


def test_garbage_is_what_no_recent_run_uses(tmp_path: Path) -> None:
    root = copied("plain", tmp_path)
    records = [ran(root, parameters={"scale": scale}) for scale in (1.0, 2.0, 3.0)]
    store = open_store(root)
    assert collect_garbage(store, 1).files == 2  # all else is young
    dry = collect_garbage(store, 1, young=0.0, dry=True)
    assert dry.files > 0
    assert collect_garbage(store, 1, young=0.0) == dry
    project = load_project(root)
    assert load_output(project, records[2], "report", "summary") is not None
    with pytest.raises(PipelineError, match=r"is not in the store .*; run the pipeline again"):
        load_output(project, records[0], "scale", "rows")
    assert {step.status for step in ran(root, parameters={"scale": 3.0}).steps} == {RunStatus.CACHED}
    again = ran(root, parameters={"scale": 1.0})
    assert [step.name for step in again.steps if step.status is RunStatus.OK] == ["scale", "sample", "report"]


def test_the_code_of_runs_that_are_not_kept_goes_with_their_values(tmp_path: Path) -> None:
    root = copied("plain", tmp_path)
    steps = next((root / "plain" / "steps").glob("*.py"))
    homes = []
    for number in range(3):
        steps.write_text(f"{steps.read_text()}\nNUMBER = {number}\n")
        record = ran(root)
        homes.append(root / ".nbpipe" / "runs" / "code" / f"{record.provenance['code']['sha256']}.zip")
    assert all(home.is_file() for home in homes)
    store = open_store(root)
    collect_garbage(store, 1, folder=root)
    assert all(home.is_file() for home in homes), "what is young may belong to a run that goes on"
    collect_garbage(store, 2, folder=root, young=0.0, dry=True)
    assert all(home.is_file() for home in homes)
    collect_garbage(store, 2, folder=root, young=0.0)
    assert [home.is_file() for home in homes] == [False, True, True]


def test_the_store_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = copied("plain", tmp_path)
    ran(root)
    assert main(["store", str(root)]) == 0
    assert "results of steps, used by 1 runs" in capsys.readouterr().out
    assert main(["store", str(root), "gc", "--keep-runs", "0", "--now"]) == 0
    assert "0 artifacts and 0 results of steps, used by 0 runs" in capsys.readouterr().out
    for wrong in (["gc"], ["--keep-runs", "1"], ["clean"]):
        assert main(["store", str(root), *wrong]) == 2


def test_a_place_that_is_none_is_said(tmp_path: Path) -> None:
    root = copied("plain", tmp_path)
    with pytest.raises(PipelineError, match="the store nowhere://here"):
        open_store(root, "nowhere://here")
    with pytest.raises(StoreFault, match="the store nowhere://here"):
        Store("nowhere://here")


LIMITED = """
import resource, signal
def a():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    return 'x' * 1_000_000
"""


def test_a_full_store_is_one_line_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    record = ran(written(tmp_path, "Step('a', 'shop.steps:a', outputs=('x',)),", LIMITED))
    assert record.status is RunStatus.FAILED
    assert record.error is not None
    assert "cannot be written: File too large" in record.error.message
    assert record.error.traceback == ""
    assert list((tmp_path / "shop" / ".nbpipe" / "store" / "staging").iterdir()) == []
