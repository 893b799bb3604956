"""Which major versions of libraries a notebook runs with: what it installs, what the user says, what its Python is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis.library_facts import library_file
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbpipe.notebook import Notebook

# Libraries whose facts differ between major versions.
VERSIONED = ("pandas",)
_EXACT = pattern(r"([A-Za-z0-9_.-]+)\s*(?:==|~=)\s*(\d+)")


def versions_of(notebook: Notebook, told: Iterable[str] = ()) -> dict[str, int]:
    """Give the major versions that are known.

    Args:
        notebook: its own ``%pip install pandas==2.2`` says most; next what the user tells, last the Python of its
            kernel, on which no newer version runs.
        told: requirements: ``pandas==2.2.3``.
    """
    found = _allowed(notebook.python_version)
    for requirement in told:
        found |= _exact(requirement)
    for cell in notebook.cells:
        if cell.cell_type == "code" and "install" in cell.source and "=" in cell.source:
            for line in cell.source.split("\n"):
                if "install" in line:
                    found |= _exact(line)
    return found


def _exact(text: str) -> dict[str, int]:
    return {name: int(major) for name, major in _EXACT.findall(text) if name in VERSIONED}


def _allowed(python: tuple[int, ...] | None) -> dict[str, int]:
    """Give the newest major versions that this Python can run, where it cannot run the newest of all."""
    found: dict[str, int] = {}
    for library in VERSIONED if python is not None else ():
        for major, needed in library_file(library).get("requires_python", {}).items():
            if python is not None and python < tuple(map(int, needed.split("."))):
                found[library] = min(found.get(library, int(major)), int(major) - 1)
    return found
