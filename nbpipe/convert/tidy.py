"""ruff on the generated files: sorted imports, one layout, and which rules the notebook's own text breaks."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from nbpipe.errors import ConversionError, MissingExtraError

if TYPE_CHECKING:
    from pathlib import Path


def check_installed() -> None:
    """Raise unless what writes code is installed.

    Raises:
        MissingExtraError: it is not.
    """
    if find_spec("libcst") is None or find_spec("ruff") is None:
        raise MissingExtraError("converting a notebook", "convert")


def tidy(folder: Path) -> None:
    """Sort imports, drop those that a module does not use, and format, by the project's own settings."""
    _ruff(folder, "check", "--fix", "--select", "I,F401", "--exit-zero", "--quiet")
    _ruff(folder, "format", "--quiet")


def broken_rules(folder: Path) -> list[str]:
    """Give the codes of the project's rules that its text breaks."""
    output = _ruff(folder, "check", "--exit-zero", "--output-format", "json")
    found = {str(finding["code"]) for finding in json.loads(output) if finding["code"]}
    return sorted(found)


def _ruff(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "ruff", *arguments, "--no-cache", "."]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - our own tool
    if result.returncode:
        lines = result.stderr.strip().splitlines() or ["no message"]
        raise ConversionError(f"the generated code cannot be formatted: {lines[-1]}")
    return result.stdout
