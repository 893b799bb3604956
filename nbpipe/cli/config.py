"""``nbpipe config``."""

from __future__ import annotations

import click

from nbpipe.cli.shown_settings import show_settings


@click.command()
@click.argument("path", default=".")
@click.option(
    "--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to show them."
)
def command(path: str, output_format: str) -> int:
    """Show which settings are in force, and from where.

    PATH is the file or folder whose settings to show; by default the current folder.
    """
    return show_settings([path], as_json=output_format == "json")
