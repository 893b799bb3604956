"""Configuration.

The command line wins over the environment, that over the file, that over the default. The file is the nearest
``nbpipe.toml``, or ``pyproject.toml`` with a ``[tool.nbpipe]`` table, at or above the folder of what is worked on.
"""

from __future__ import annotations

from nbpipe.config.kinds import LEVELS, Kind
from nbpipe.config.load import find_table, load_settings
from nbpipe.config.settings import KEYS, Key, Settings

__all__ = ["KEYS", "LEVELS", "Key", "Kind", "Settings", "find_table", "load_settings"]
