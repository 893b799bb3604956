"""The end of the process: at once where nobody asked for anything to be done then, and never with something lost."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = "import sys; from nbpipe.cli import program; sys.exit(program())"
# What is only run while the interpreter takes its modules apart.
TAKEN_APART = "import os, sys; sys.kept = type('', (), {'__del__': lambda _, write=os.write: write(1, b'apart')})(); "
AT_EXIT = "import atexit; atexit.register(print, 'the end'); "


@pytest.mark.parametrize(("before", "end"), [(TAKEN_APART, ""), (TAKEN_APART + AT_EXIT, "the end\napart")])
def test_what_is_to_be_done_is_done(before: str, end: str, tmp_path: Path) -> None:
    cell: dict[str, object] = {"cell_type": "code", "source": "print(nowhere)", "metadata": {}, "outputs": []}
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    command = [sys.executable, "-c", before + PROGRAM, "check", "--output-format", "concise", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "NB102" in done.stdout  # though it is written in blocks, as no terminal reads it
    assert done.stdout.rpartition(".\n")[2] == end


def test_standard_output_may_be_closed() -> None:
    command = f"{sys.executable} -m nbpipe check --quiet --output-format concise - >&- 2>&-"
    done = subprocess.run(["/bin/sh", "-c", command], input=b"", capture_output=True, check=False)
    assert done.returncode in {0, 1, 2}
