"""Finds all settings that are hard-coded in the cells of a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.settings.hyperparameters import find_hyperparameters
from nbpipe.settings.naming import name_all
from nbpipe.settings.paths import find_paths

if TYPE_CHECKING:
    from nbpipe.analysis import Analysis
    from nbpipe.settings.setting import Setting

__all__ = ["find_hyperparameters", "find_paths", "find_settings"]


def find_settings(analysis: Analysis) -> tuple[Setting, ...]:
    """Give the paths and hyperparameters that stand in cells as literals, named, in order of place."""
    found = [*find_paths(analysis), *find_hyperparameters(analysis)]
    found.sort(key=lambda setting: setting.range.key())
    name_all(found)
    return tuple(found)
