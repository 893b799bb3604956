from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.pipeline.projects import copied

ROOT = Path(__file__).parents[2]


def test_a_package_without_a_project_says_so(tmp_path: Path) -> None:
    root = copied("plain", tmp_path)
    (root / ".nbpipe" / "project.json").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "plain"],
        cwd=root,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "lies in no folder with .nbpipe/project.json" in done.stderr
