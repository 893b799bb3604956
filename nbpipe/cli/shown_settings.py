"""Writes which settings are in force, and from where: ``nbpipe config`` and ``nbpipe check --show-settings``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from nbpipe.api.check import settings_for
from nbpipe.cli import console
from nbpipe.config import KEYS
from nbpipe.lint.reporters import make_reporter
from nbpipe.lint.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def show_settings(
    paths: Sequence[str], arguments: Mapping[str, Sequence[str]] | None = None, *, as_json: bool = False
) -> int:
    """Write the settings for some paths, and give the exit code.

    Args:
        paths: files or folders.
        arguments: key name to the texts given on the command line.
        as_json: whether to write them for programs.

    Raises:
        ConfigError: a check with them would be refused.
    """
    settings = settings_for(paths, arguments=arguments)
    Selection(settings)
    make_reporter(settings.output_format, settings.origin("output-format"), console.style)
    rows = [(name, settings.values.get(name, key.default), settings.origin(name)) for name, key in KEYS.items()]
    if as_json:
        shown = {name: {"value": value, "origin": origin} for name, value, origin in rows}
        console.echo(json.dumps({"file": settings.file or None, "settings": shown}, indent=1))
        return 0
    console.echo(f"configuration file: {settings.file or 'none'}")
    for name, value, origin in rows:
        console.echo(f"{name} = {json.dumps(value)}  # {origin}")
    return 0
