"""What steps may take: as it was asked for, else as it is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nbpipe.api.pipeline_options import PipelineOptions
from nbpipe.cli import main
from nbpipe.errors import ConfigError
from nbpipe.pipeline.limits import Limits
from tests.pipeline.projects import written

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURED = """
[tool.nbpipe]
step-retries = 2
step-retry-delay = 0.5
step-timeout = 30
step-memory = "2GB"
"""


def test_limits_of_steps_are_configured_and_options_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    assert PipelineOptions().run_options(folder).limits == Limits()
    (tmp_path / "pyproject.toml").write_text(CONFIGURED)
    assert PipelineOptions().run_options(folder).limits == Limits(2, 0.5, 30.0, 2 * 10**9)
    asked = PipelineOptions(retries=0, retry_delay=3.0, step_timeout=1.0, step_memory=5)
    assert asked.run_options(folder).limits == Limits(0, 3.0, 1.0, 5)
    monkeypatch.setenv("NBPIPE_STEP_RETRIES", "4")
    assert PipelineOptions().run_options(folder).limits.retries == 4


def test_a_size_that_is_none_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "nbpipe.toml").write_text('step-memory = "much"\n')
    with pytest.raises(ConfigError, match=r"nbpipe.toml: step-memory: 'much' is no size; write it as 500MB or 2GiB"):
        PipelineOptions().run_options(tmp_path)


def test_a_configured_retry_is_made_and_a_step_that_says_otherwise_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    steps = "Step('a', 'shop.steps:fail'), Step('b', 'shop.steps:fail', after=('a',), retries=0),"
    code = """
    import pathlib
    def fail():
        tried = pathlib.Path('tried')
        tried.write_text(tried.read_text() + '.' if tried.exists() else '.')
        if tried.read_text() != '..':
            raise OSError('try again')
    """
    root = written(tmp_path, steps, code)
    (root / "nbpipe.toml").write_text("step-retries = 1\nstep-retry-delay = 0.01\n")
    assert main(["run", str(root), "--no-tracking"]) == 1
    told = capsys.readouterr().err
    assert "a  failed (step 'a': try again" in told
    assert "try 2 of 2 in 0.01 s" in told
    assert "step b failed" in told
    assert told.count("try 2 of") == 1
