"""Which kernel a notebook gets."""

from __future__ import annotations

import sys
from copy import copy
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from nbpipe.errors import ExecutionError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.notebook import Notebook

_OWN = {"python", "python3", f"python3.{sys.version_info.minor}"}


class KernelChoice:
    """A kernel that is installed, or this environment's Python in its place.

    Attributes:
        name: of the kernelspec.
        spec: jupyter_client's `KernelSpec`.
        note: what to tell the person when it is not the kernel that the notebook names, else None.
    """

    __slots__ = ("name", "note", "spec")

    def __init__(self, name: str, spec: Any, note: str | None = None) -> None:
        self.name = name
        self.spec = spec
        self.note = note

    @property
    def is_ipython(self) -> bool:
        """Whether ipykernel runs it, which takes IPython's options."""
        return any("ipykernel" in argument for argument in self.spec.argv)

    def behind(self, prefix: Sequence[str]) -> KernelChoice:
        """Give the same kernel, started by another program whose last arguments are the kernel's command."""
        if not prefix:
            return self
        argv = self.spec.argv
        # jupyter_client puts its own interpreter in the place of these, but only at the beginning.
        program = sys.executable if argv[0] in _OWN else argv[0]
        spec = copy(self.spec)
        spec.argv = [*prefix, program, *argv[1:]]
        return KernelChoice(self.name, spec, self.note)


def choose_kernel(notebook: Notebook, wanted: str | None = None) -> KernelChoice:
    """Find the kernel for a notebook: the one wanted, else the one it names, else (for Python) this environment's.

    Raises:
        ExecutionError: no such kernel is installed, and the notebook is not in Python.
        MissingExtraError: this environment cannot run kernels.
    """
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    kernelspec = notebook.metadata.get("kernelspec")
    named = wanted or (kernelspec.get("name") if isinstance(kernelspec, dict) else None)
    if isinstance(named, str) and named:
        try:
            return KernelChoice(named, KernelSpecManager().get_kernel_spec(named))
        except (NoSuchKernel, ValueError, OSError):
            if wanted or not notebook.is_python:
                raise ExecutionError(_unknown_kernel(notebook, named)) from None
    elif not notebook.is_python:
        raise ExecutionError(
            f"{notebook.path}: names no kernel for its language {notebook.language}; choose one with --kernel NAME"
        )
    return _this_python(f"kernel '{named}' is not installed" if named else "the notebook names no kernel")


def _unknown_kernel(notebook: Notebook, name: str) -> str:
    from jupyter_client.kernelspec import KernelSpecManager

    installed = ", ".join(sorted(KernelSpecManager().find_kernel_specs())) or "none"
    return f"{notebook.path}: kernel '{name}' is not installed (installed: {installed}); choose one with --kernel NAME"


def _this_python(reason: str) -> KernelChoice:
    from jupyter_client.kernelspec import KernelSpec

    if find_spec("ipykernel") is None:
        raise MissingExtraError("running a notebook", "run")
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = KernelSpec(argv=argv, display_name="Python 3", language="python")
    return KernelChoice("python3", spec, f"{reason}: using this environment's Python ({sys.executable})")
