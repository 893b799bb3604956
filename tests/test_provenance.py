from __future__ import annotations

import hashlib
import json
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe import provenance

if TYPE_CHECKING:
    import pytest


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", "-C", str(folder), *identity, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_git_state_follows_the_repository(tmp_path: Path) -> None:
    assert provenance.git_state(tmp_path) is None
    git(tmp_path, "init", "-b", "trunk")
    assert provenance.git_state(tmp_path) == {"commit": None, "branch": "trunk", "dirty": False}
    (tmp_path / "a").write_text("1")
    git(tmp_path, "add", "a")
    git(tmp_path, "commit", "-m", "x")
    commit = git(tmp_path, "rev-parse", "HEAD")
    assert provenance.git_state(tmp_path) == {"commit": commit, "branch": "trunk", "dirty": False}
    (tmp_path / "a").write_text("2")
    git(tmp_path, "checkout", "--detach")
    assert provenance.git_state(tmp_path) == {"commit": commit, "branch": None, "dirty": True}


def test_no_git_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert provenance.git_state(tmp_path) is None


def test_what_is_captured_is_plain_and_holds_no_environment_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_SECRET", "hunter2-in-the-environment")
    (tmp_path / "a.ipynb").write_bytes(b"x")
    captured = provenance.capture(tmp_path / "a.ipynb")
    text = json.dumps(captured)
    assert "hunter2" not in text
    assert set(captured) == {"user", "host", "git", "python", "platform", "packages", "sha256"}
    assert captured["sha256"] == hashlib.sha256(b"x").hexdigest()
    assert provenance.capture(tmp_path)["sha256"] is None


def test_packages_are_those_that_are_installed() -> None:
    found = provenance.packages()
    assert found["click"] == version("click")
    assert found["jupyter-client"] == version("jupyter-client")
    assert list(found) == sorted(found)


def test_ids_sort_by_time_and_differ() -> None:
    early, late = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)
    assert provenance.new_run_id(early).startswith("20260102T030405-")
    assert provenance.new_run_id(early) < provenance.new_run_id(late)
    assert provenance.new_run_id(early) != provenance.new_run_id(early)


def test_a_file_that_cannot_be_read_has_no_hash() -> None:
    assert provenance.file_sha256(Path("/does/not/exist")) is None
