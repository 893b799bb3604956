"""Cells run by IPython itself, in this process, for comparison with the plain Python that takes their place."""

from __future__ import annotations

import contextlib
import os
import sys
import types
from typing import TYPE_CHECKING, Any
from unittest import mock

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Cells:
    """A shell that keeps nothing of what it runs, with a namespace."""

    def __init__(self, module: types.ModuleType) -> None:
        self.module = module
        config = Config()
        config.HistoryManager.enabled = False
        with _main_kept():
            make: Any = InteractiveShell
            self.shell = make(user_module=module, user_ns=module.__dict__, config=config)

    def run(self, source: str) -> None:
        """Run a cell.

        Raises:
            BaseException: what it raises.
        """
        with mock.patch.object(sys, "displayhook"), mock.patch.object(sys, "argv"), _main_kept():
            self.shell.run_cell(source, silent=False).raise_error()


@contextlib.contextmanager
def _main_kept() -> Iterator[None]:
    main = sys.modules["__main__"]
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def plain_value(value: Any) -> Any:
    """Give what plain Python has in place of a value of IPython's."""
    kind = f"{type(value).__module__}.{type(value).__name__}"
    if kind == "IPython.utils.text.SList":
        return list(value)
    if kind == "IPython.utils.capture.CapturedIO":
        return types.SimpleNamespace(stdout=value.stdout, stderr=value.stderr)
    return value


def ran_by_ipython(sources: Iterable[str]) -> dict[str, Any]:
    """Give the names that cells bind when IPython runs them."""
    module = types.ModuleType("__main__")
    cells = Cells(module)
    known = set(vars(module))
    environ = dict(os.environ)
    try:
        for source in sources:
            cells.run(source)
    finally:
        os.environ.clear()
        os.environ.update(environ)
    return {name: plain_value(value) for name, value in vars(module).items() if name not in known}
