"""L2: what the code of a notebook means, by data flow across its cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.analysis.notebook_analysis import Analysis, CellFacts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbpipe.notebook import Notebook

__all__ = ["Analysis", "CellFacts", "analyze"]


def analyze(  # noqa: PLR0913 - what may be told about a notebook
    notebook: Notebook,
    *,
    python_magics: Iterable[str] = (),
    opaque_magics: Iterable[str] = (),
    library_versions: Iterable[str] = (),
    deepest: int | None = None,
    changes: bool = True,
) -> Analysis:
    """Analyse a notebook without executing anything; the facts are computed when they are asked for.

    Args:
        notebook: the notebook; one in another language has no code facts.
        python_magics: names of cell magics whose body is Python of this kernel.
        opaque_magics: names of cell magics whose body is not.
        library_versions: requirements that say which versions it runs with, where it does not say so itself.
        deepest: how deeply code may be nested to be looked at; a cell beyond it counts as one that does not parse.
        changes: whether `Analysis.top_down` also tells what each cell leaves behind (`Flow.changes`).
    """
    return Analysis(
        notebook,
        python_magics=python_magics,
        opaque_magics=opaque_magics,
        library_versions=library_versions,
        deepest=deepest,
        changes=changes,
    )
