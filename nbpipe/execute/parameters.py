"""A notebook's parameters: those of its first cell tagged ``parameters``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.errors import ConfigError
from nbpipe.settings.parameters import Parameter, coerce_all, parameters_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nbpipe.notebook import Notebook

TAG = "parameters"


def notebook_parameters(notebook: Notebook) -> tuple[Parameter, ...] | None:
    """Give the parameters of a Python notebook; None when no cell is tagged ``parameters`` or it is not Python."""
    if not notebook.is_python:
        return None
    for cell in notebook.cells:
        if cell.cell_type == "code" and TAG in cell.tags:
            return parameters_of(cell.source) or _behind_magics(cell.source)
    return None


def _behind_magics(source: str) -> tuple[Parameter, ...]:
    """Read a cell that is not plain Python."""
    from nbpipe.notebook.ipython import to_python

    return parameters_of(to_python(source).text)


def check_parameters(notebook: Notebook, given: Mapping[str, Any]) -> dict[str, Any]:
    """Give the values for a notebook's parameters, typed as its own cell types them.

    The names and types of another language are not known: what is given for it is taken as it is.

    Raises:
        ConfigError: there is no parameters cell, a name is unknown or a value does not fit.
    """
    if not given or not notebook.is_python:
        return dict(given)
    parameters = notebook_parameters(notebook)
    if parameters is None:
        raise ConfigError(
            f"{notebook.path}: has no cell tagged 'parameters', so there is nothing to set; put the settings into "
            "one cell and give it that tag (JupyterLab: property inspector, cell tags)"
        )
    return coerce_all(parameters, given)


def effective_parameters(notebook: Notebook, given: Mapping[str, Any]) -> dict[str, Any]:
    """Give all parameters as the run sees them: defaults that can be read off, and what is given."""
    defaults = {item.name: item.default for item in notebook_parameters(notebook) or () if item.has_value}
    return {**defaults, **given}
