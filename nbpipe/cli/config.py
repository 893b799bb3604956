"""``nbpipe config``."""

from __future__ import annotations

import json

import click

from nbpipe.api.check import settings_for
from nbpipe.cli import console
from nbpipe.config import KEYS


@click.command()
@click.argument("path", default=".")
@click.option(
    "--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to show them."
)
def command(path: str, output_format: str) -> None:
    """Show which settings are in force, and from where.

    PATH is the file or folder whose settings to show; by default the current folder.
    """
    settings = settings_for([path])
    rows = [(name, settings.values.get(name, key.default), settings.origin(name)) for name, key in KEYS.items()]
    if output_format == "json":
        shown = {name: {"value": value, "origin": origin} for name, value, origin in rows}
        console.echo(json.dumps({"file": settings.file or None, "settings": shown}, indent=1))
        return
    console.echo(f"configuration file: {settings.file or 'none'}")
    for name, value, origin in rows:
        console.echo(f"{name} = {json.dumps(value)}  # {origin}")
