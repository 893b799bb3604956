"""Which loaded modules are the user's own."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import nbpipe
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
