"""Schema, statistics and small histograms of tables and arrays: what a run is told by, without a row of its data.

A profile is JSON. Of a table: ``kind`` (``table``), ``rows``, ``columns`` (each ``name``, ``type`` and what
`summaries` gives), ``omitted`` (columns beyond the limit). Of an array: ``kind`` (``array``), ``shape``, ``type``, and
a summary of all its elements. ``sampled``: how many rows or elements the statistics are of, where they are not of all.

Only libraries that the process has loaded are touched; at most `CELLS` cells are looked at, so that the cost does not
grow with the data. Of texts only their number and how many differ is told: the texts may be names of people.
"""

from __future__ import annotations

import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from . import arrays, files, plain, tables

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["profile", "profile_files", "profiles"]

_MOST_FILES = 20
_READERS = (tables.profile_pandas, tables.profile_polars, tables.profile_arrow, arrays.profile_array, plain.profile)


def profile(value: Any) -> dict[str, Any] | None:
    """Give the profile of a value; None where it is no table or array, or cannot be read as one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for reader in _READERS:
            with suppress(Exception):  # a value of some other version of a library is no reason to lose a step
                found = reader(value)
                if found is not None:
                    return found
    return None


def profiles(values: Mapping[str, Any]) -> dict[str, Any]:
    """Give the profiles of values by name, of those that have any."""
    found = {name: profile(value) for name, value in values.items()}
    return {name: each for name, each in found.items() if each is not None}


def profile_files(paths: Mapping[str, Any]) -> dict[str, Any]:
    """Give, by path, what the beginning of each file tells of the table in it; of the first twenty that are tables."""
    found: dict[str, Any] = {}
    for path in paths:
        with warnings.catch_warnings(), suppress(Exception):
            warnings.simplefilter("ignore")
            each = files.profile_file(path)
            if each is not None:
                found[path] = each
        if len(found) == _MOST_FILES:
            break
    return found
