"""Linter, formatter, types, layers and generated files: one test command runs all of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(sys.executable).parent

TOOLS = {
    "ruff-check": [str(SCRIPTS / "ruff"), "check", "--no-cache"],
    "ruff-format": [str(SCRIPTS / "ruff"), "format", "--check", "--no-cache"],
    "mypy": [sys.executable, "-m", "mypy"],
    "layers": [str(SCRIPTS / "lint-imports"), "--no-cache"],
    "generated": [sys.executable, "docs/generate.py", "--check"],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_the_tool_has_nothing_to_say(tool: str) -> None:
    done = subprocess.run(TOOLS[tool], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
