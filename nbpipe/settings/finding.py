"""Finds all settings that are hard-coded in the cells of a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.keeping import kept
from nbpipe.settings.constants import find_constants
from nbpipe.settings.endpoints import find_endpoints
from nbpipe.settings.hyperparameters import find_hyperparameters
from nbpipe.settings.naming import name_all
from nbpipe.settings.paths import find_paths

if TYPE_CHECKING:
    from nbpipe.analysis import Analysis
    from nbpipe.settings.setting import Setting

__all__ = ["find_constants", "find_endpoints", "find_hyperparameters", "find_paths", "find_settings"]


@kept
def find_settings(analysis: Analysis) -> tuple[Setting, ...]:
    """Give the settings that stand in cells as literals, in order of place, each with the name that it would have.

    These are paths, hyperparameters and endpoints, and the constants that are none of them. A literal that is used in
    several ways comes once for each. Worked out once for all rules.
    """
    found = [*find_paths(analysis), *find_hyperparameters(analysis), *find_endpoints(analysis)]
    known = {setting.range for setting in found}
    found += [setting for setting in find_constants(analysis) if setting.range not in known]
    found.sort(key=lambda setting: setting.range.key())
    name_all(found, analysis)
    return tuple(found)
