"""The package itself: lazy names that subpackages of the same name do not hide."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

import pytest

import nbpipe


def test_the_public_functions_are_there() -> None:
    for name in nbpipe._API:
        assert callable(getattr(nbpipe, name))
        assert name in dir(nbpipe)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'nbpipe' has no attribute 'chek'"):
        _ = nbpipe.chek


def test_a_subpackage_does_not_take_the_place_of_a_function_of_its_name() -> None:
    setattr(nbpipe, "check", ModuleType("nbpipe.check"))  # noqa: B010 - as the import system does

    assert not isinstance(nbpipe.check, ModuleType)


def test_importing_the_package_imports_nothing_of_it() -> None:
    code = "import sys, nbpipe; print([name for name in sys.modules if name.startswith('nbpipe.')])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
