"""What each command leaves in sys.modules: the light ones stay light."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Never for any command that only looks at notebooks.
HEAVY = {
    "IPython",
    "ipykernel",
    "jupyter_client",
    "jupytext",
    "libcst",
    "mlflow",
    "multiprocessing",
    "nbclient",
    "nbformat",
    "numpy",
    "pandas",
    "papermill",
    "rich",
    "sklearn",
    "yaml",
}
# Never for a plain check: each of these costs a noticeable part of a bare Python start.
COSTLY = {"argparse", "asyncio", "click", "dataclasses", "inspect", "pathlib", "subprocess", "tokenize", "tomllib"}

SOURCES = (
    "import numpy as np\nimport pandas as pd",
    "df = pd.DataFrame({'a': np.arange(10)})",
    "def f(x):\n    return x.a.mean()",
    "print(f(df))",
    "%time df['b'] = df.a * 2",
    "!ls\ndf.head()",
)


def modules(folder: Path, *arguments: str) -> set[str]:
    """Run a command line in a process of its own and give the names of what it imported."""
    code = (
        "import sys, json; before = set(sys.modules)\n"
        "from nbpipe.cli import main\n"
        f"code = main({list(arguments)!r})\n"
        "print('\\n' + json.dumps([code, sorted(set(sys.modules) - before)]))"
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("NBPIPE_")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    exit_code, names = json.loads(done.stdout.splitlines()[-1])
    assert exit_code == 0, done.stderr
    return set(names)


def top(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cells = [
        {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": number}
        for number, source in enumerate(SOURCES, 1)
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (tmp_path / "six.ipynb").write_text(json.dumps(document))
    return tmp_path


@pytest.mark.parametrize("arguments", [(), ("--output-format", "json"), ("-q", "--output-format=concise", ".")])
def test_a_plain_check_imports_nothing_that_costs(folder: Path, arguments: tuple[str, ...]) -> None:
    names = modules(folder, "check", *arguments)

    assert not top(names) & (HEAVY | COSTLY)
    assert "nbpipe.records" not in names


def test_a_rule_is_imported_only_for_a_notebook_that_can_trigger_it(folder: Path) -> None:
    assert "nbpipe.lint.rules.reproducibility.missing_random_state" not in modules(folder, "check")


@pytest.mark.parametrize(
    "arguments", [("--help",), ("--version",), ("check", "--help"), ("rules",), ("rule", "NB002"), ("config",)]
)
def test_looking_around_imports_nothing_heavy(folder: Path, arguments: tuple[str, ...]) -> None:
    assert not top(modules(folder, *arguments)) & HEAVY


def test_help_imports_no_command(folder: Path) -> None:
    names = modules(folder, "--help")

    assert not {name for name in names if name.startswith(("nbpipe.api.", "nbpipe.lint", "nbpipe.notebook"))}
    assert not names & {"nbpipe.cli.check", "nbpipe.cli.rules"}
