"""Which loaded modules are the user's own."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import nbpipe
from nbpipe.runtime import modules
from nbpipe.runtime.modules import own_modules

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_modules_beside_the_code_count_and_those_without_a_file_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_of_ours.py").write_text("X = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    importlib.import_module("own_of_ours")
    made_up = ModuleType("made_up")
    made_up.__file__ = "_ops.py"  # as `torch.ops` has it
    monkeypatch.setitem(sys.modules, "made_up", made_up)
    found = own_modules()
    assert found["own_of_ours"] == str(tmp_path / "own_of_ours.py")
    assert "made_up" not in found
    assert not {"json", "pytest", nbpipe.runtime.modules.__name__} & found.keys()


def test_what_is_loaded_later_is_found_beside_what_was_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("own_before", "own_after", "own_at_last"):
        (tmp_path / f"{name}.py").write_text("X = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(modules, "_before", {})
    monkeypatch.setattr(modules, "_last", [])
    importlib.import_module("own_before")
    monkeypatch.setitem(sys.modules, "a_mark", ModuleType("a_mark"))
    modules.remember()
    looked_at: list[None] = []

    def not_own() -> tuple[str, ...]:
        looked_at.append(None)
        return ()

    monkeypatch.setattr(modules, "_not_own", not_own)
    importlib.import_module("own_after")
    found = own_modules()
    assert len(looked_at) == 1, "a thousand modules are not looked at again"
    assert {name for name in found if name.startswith("own_")} >= {"own_before", "own_after"}
    # Without the mark nothing tells what is new: then all are looked at.
    monkeypatch.delitem(sys.modules, "a_mark")
    importlib.import_module("own_at_last")
    assert {"own_before", "own_after", "own_at_last"} <= own_modules().keys()
    assert len(looked_at) > 3
