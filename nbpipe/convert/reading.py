"""What is found out about a notebook that is to be converted without running it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.analysis import analyze
from nbpipe.convert.dataflow import DataFlow
from nbpipe.convert.hazards import refuse_static
from nbpipe.convert.layout import Layout, lay_out
from nbpipe.convert.parameter_files import check_values
from nbpipe.convert.process_state import refuse_patches
from nbpipe.convert.source import Source, read_source
from nbpipe.convert.star_imports import has_star_imports, named
from nbpipe.convert.taking_along import take_along
from nbpipe.errors import ConversionError
from nbpipe.execute.document import load_notebook
from nbpipe.execute.kernels import choose_kernel
from nbpipe.steps.headings import without_accents

if TYPE_CHECKING:
    from collections.abc import Collection

    from nbpipe.analysis import Analysis
    from nbpipe.settings.parameters import Parameter
    from nbpipe.steps import StepPlan


def read_analysis(path: Path, kernel: str | None = None) -> Analysis:
    """Analyse a notebook that is to be converted; star imports name what they bind.

    Args:
        path: the notebook.
        kernel: see `convert_notebook`.

    Raises:
        NotebookError: the file is not a notebook.
        ConversionError: it is not one of Python.
    """
    notebook = load_notebook(path)[1]
    if not notebook.is_python:
        raise ConversionError(f"is a notebook in {notebook.language}; only Python can be converted")
    if has_star_imports(notebook):
        notebook = named(notebook, path.resolve().parent, lambda: choose_kernel(notebook, kernel).spec.argv[0])
    return analyze(notebook)


def read_statically(
    analysis: Analysis,
    plan: StepPlan,
    declared: tuple[Parameter, ...] = (),
    *,
    any_order: bool = False,
    others: Collection[str] = (),
) -> tuple[Source, Layout, DataFlow]:
    """Read a notebook as far as that goes without running it; the data flow is not solved yet.

    Args:
        analysis: of the notebook.
        plan: its steps.
        declared: parameters that no cell gives a value.
        any_order: see `convert_notebook`.
        others: modules of which a run showed that they are not the author's files beside the notebook.

    Raises:
        ConversionError: the meaning surely cannot be kept, or only by merging steps.
    """
    path = Path(analysis.notebook.path)
    source = take_along(read_source(analysis, plan, declared), path.resolve().parent, package_name(path), others)
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
