"""What is found out about a notebook that is to be converted without running it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.analysis import analyze
from nbpipe.convert.dataflow import DataFlow
from nbpipe.convert.hazards import refuse_static
from nbpipe.convert.layout import Layout, lay_out
from nbpipe.convert.parameter_files import check_values
from nbpipe.convert.plain.notebook import plain_notebook
from nbpipe.convert.process_state import refuse_patches
from nbpipe.convert.source import Source, read_source
from nbpipe.convert.star_imports import has_star_imports, named
from nbpipe.convert.taking_along import take_along
from nbpipe.errors import ConversionError
from nbpipe.execute.document import load_notebook
from nbpipe.execute.kernels import choose_kernel
from nbpipe.steps.headings import without_accents

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from nbpipe.analysis import Analysis
    from nbpipe.convert.division import Division
    from nbpipe.convert.plain.notebook import PlainNotebook
    from nbpipe.notebook import Notebook


@dataclass(frozen=True, slots=True)
class Readable:
    """A notebook that is to be converted.

    Attributes:
        analysis: of it, with Python instead of IPython's syntax, and names instead of stars.
        original: as its file has it.
        plain: what became of IPython's syntax.
    """

    analysis: Analysis
    original: Notebook
    plain: PlainNotebook


def read_notebook(path: Path, kernel: str | None = None) -> Readable:
    """Read and analyse a notebook that is to be converted.

    Args:
        path: the notebook.
        kernel: see `convert_notebook`.

    Raises:
        NotebookError: the file is not a notebook.
        ConversionError: it is not one of Python.
    """
    original = load_notebook(path)[1]
    if not original.is_python:
        raise ConversionError(f"is a notebook in {original.language}; only Python can be converted")
    return readable(original, path.resolve().parent, lambda: choose_kernel(original, kernel).spec.argv[0])


def readable(original: Notebook, folder: Path, python: Callable[[], str]) -> Readable:
    """Analyse a notebook of Python that is to be converted.

    Args:
        original: as its file has it.
        folder: where it runs.
        python: gives the interpreter that it runs with; called only where there is something to ask.
    """
    analysis = analyze(original)
    plain = plain_notebook(analysis, folder)
    notebook = plain.notebook
    if has_star_imports(notebook):
        notebook = named(notebook, folder, python)
    return Readable(analysis if notebook is original else analyze(notebook), original, plain)


def plain_analysis(notebook: Notebook, folder: Path) -> Analysis:
    """Analyse a notebook with Python in place of IPython's syntax, and of the scripts that it runs.

    Args:
        notebook: it.
        folder: where it runs.
    """
    analysis = analyze(notebook)
    plain = plain_notebook(analysis, folder).notebook
    return analysis if plain is notebook else analyze(plain)


def read_analysis(path: Path, kernel: str | None = None) -> Analysis:
    """Analyse a notebook that is to be converted (see `read_notebook`).

    Raises:
        NotebookError: the file is not a notebook.
        ConversionError: it is not one of Python.
    """
    return read_notebook(path, kernel).analysis


def read_statically(
    analysis: Analysis, division: Division, *, any_order: bool = False, others: Collection[str] = ()
) -> tuple[Source, Layout, DataFlow]:
    """Read a notebook as far as that goes without running it; the data flow is not solved yet.

    Args:
        analysis: of the notebook.
        division: its steps.
        any_order: see `convert_notebook`.
        others: modules of which a run showed that they are not the author's files beside the notebook.

    Raises:
        ConversionError: the meaning surely cannot be kept, or only by merging steps.
    """
    path = Path(analysis.notebook.path)
    source = read_source(analysis, division.plan, division.declared, division.reasons)
    source = take_along(source, path.resolve().parent, package_name(path), others)
    layout = lay_out(source)
    check_values(layout.parameters.values())
    refuse_static(source, layout, any_order=any_order)
    refuse_patches(source, layout)
    flow = DataFlow(source, layout)
    flow.foreseen = DataFlow(source, layout).solve()
    return source, layout, flow


def package_name(path: Path) -> str:
    """Give the name of the package of a notebook's pipeline: ``<slug>_pipeline``."""
    slug = re.sub(r"\W+", "_", without_accents(path.stem).lower(), flags=re.ASCII).strip("_") or "notebook"
    slug = f"notebook_{slug}" if slug[0].isdigit() else slug
    return slug if slug.endswith("_pipeline") else f"{slug}_pipeline"
