from __future__ import annotations

import ast
import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from nbpipe.runtime import inject

if TYPE_CHECKING:
    from pathlib import Path


def _run(program: str) -> str:
    """Run a program isolated from this environment's path and from the current folder."""
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stderr
    return done.stdout


def _answer(before: str, command: str, **arguments: Any) -> Any:
    request = inject.request_source(command, **arguments)
    return inject.read_answer(_run(f"{before}\n{inject.bootstrap_source()}\nprint(repr({request}), end='')"))


def test_the_runtime_works_where_nbpipe_is_not_installed() -> None:
    found = _answer("items = [1]\nother = {'part': items}", "observe")
    assert set(found["values"]) == {"items", "other"}
    reason = "items and other['part'] are one list"
    assert found["aliases"] == [{"names": ["items", "other"], "reason": reason, "inside": []}]


def test_it_leaves_no_name_and_imports_neither_nbpipe_nor_a_library() -> None:
    program = (
        f"before = set(globals())\n{inject.bootstrap_source()}\n{inject.request_source('observe')}\n"
        "import sys, json\n"
        "print(json.dumps([sorted(set(globals()) - before - {'sys', 'json', 'before'}), sorted(sys.modules)]))"
    )
    names, modules = json.loads(_run(program))
    assert names == []
    assert not {"nbpipe", "numpy", "pandas", "cloudpickle"} & set(modules)


def test_fingerprints_are_those_of_this_process() -> None:
    from nbpipe.runtime.fingerprints import fingerprint

    found = _answer("value = {'a': [1.5, {'x', 'y'}]}", "observe", names=["value"])
    assert found["values"]["value"] == fingerprint({"a": [1.5, {"x", "y"}]})._asdict()


def test_the_bootstrap_is_one_line_and_may_be_run_again() -> None:
    source = inject.bootstrap_source()
    assert "\n" not in source
    assert _answer(source, "states")["random"]


@pytest.mark.parametrize("file", sorted(inject.FOLDER.rglob("*.py")), ids=lambda path: path.stem)
def test_the_runtime_is_python_3_9_and_imports_only_the_standard_library(file: Path) -> None:
    tree = ast.parse(file.read_text(), feature_version=(3, 9))
    allowed = set(sys.stdlib_module_names)
    for node in tree.body:
        if isinstance(node, ast.Import):
            assert {name.name.partition(".")[0] for name in node.names} <= allowed
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            assert (node.module or "").partition(".")[0] in allowed
    everything = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level == 0]
    assert not [node.module for node in everything if (node.module or "").startswith("nbpipe")]
