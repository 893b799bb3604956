"""nbpipe as an engine of papermill: papermill loads and injects parameters, the session runs and saves.

Two of papermill's ways are avoided on purpose. It is given no output path, because it would save the whole
notebook twice a cell and not in one step. And it gets an empty notebook back, because its own search for
errors would also stop at errors that a cell is tagged to raise.
"""

from __future__ import annotations

import logging
from functools import cache
from typing import TYPE_CHECKING, Any

from nbpipe.execute.literals import literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.execute.session import Session

_NAME = "nbpipe"
_PYTHON = "nbpipe-python"


class Engine:
    """What papermill asks of an engine."""

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:  # noqa: ARG003 - papermill's signature
        """Give the kernel's name, which only chooses how parameters are written."""
        return name or _PYTHON

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:  # noqa: ARG003 - papermill's signature
        """Give the language."""
        return language or "python"

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, *, session: Session, **_: Any) -> Any:  # noqa: ARG003
        """Run the notebook, parameters and all, in a session."""
        import nbformat

        session.execute(nb)
        new: Any = nbformat.v4.new_notebook
        return new()


def codify(parameters: Mapping[str, Any], comment: str = "Parameters") -> str:
    """Write parameters as Python; unlike papermill's own writer it keeps tuples, sets and dates."""
    lines = [f"{name} = {literal(value)}" for name, value in parameters.items()]
    return "\n".join([f"# {comment}", *lines])


@cache
def _register() -> None:
    """Make papermill know the engine and how it writes parameters."""
    from papermill.engines import papermill_engines
    from papermill.translators import Translator, papermill_translators

    class PythonTranslator(Translator):  # type: ignore[misc]
        """Writes Python."""

        @classmethod
        def codify(cls, parameters: Mapping[str, Any], comment: str = "Parameters") -> str:
            """Write the injected cell."""
            return codify(parameters, comment)

    papermill_translators.register(_PYTHON, PythonTranslator)
    papermill_engines.register(_NAME, Engine)
    # What papermill has to say is either wrong for us (it misses an output path) or already said better.
    logging.getLogger("papermill").addHandler(logging.NullHandler())


def execute_with_papermill(session: Session, parameters: Mapping[str, Any]) -> None:
    """Hand the session's notebook to papermill, which hands it back to `Session.execute` with parameters injected."""
    from papermill import execute_notebook

    _register()
    language = session.document.notebook.language
    execute_notebook(
        session.document.node,
        None,
        parameters=dict(parameters),
        engine_name=_NAME,
        kernel_name=_PYTHON if language == "python" else session.choice.name,
        language=language,
        progress_bar=False,
        session=session,
    )
