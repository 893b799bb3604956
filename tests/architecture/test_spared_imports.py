"""What libraries would import at length for nothing is kept out of nbpipe's own processes, and of no others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Give an environment with a package that says so when it is imported."""
    (tmp_path / "rfc3987_syntax.py").write_text("print('grammar built')\nis_valid_syntax = None\n")
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT)))}


def output(environ: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], env=environ, capture_output=True, text=True, check=True)
    return done.stdout


def test_the_grammar_of_iris_is_not_built(environ: dict[str, str]) -> None:
    code = "import sys; sys.argv = ['nbpipe', 'rules']\nfrom nbpipe.cli import main\nmain()\nimport nbformat"
    assert "grammar built" not in output(environ, "-c", code)


def test_who_uses_nbpipe_as_a_library_has_all_its_formats(environ: dict[str, str]) -> None:
    assert "grammar built" in output(environ, "-c", "import nbpipe.api.run, nbpipe.lab\nimport nbformat")
