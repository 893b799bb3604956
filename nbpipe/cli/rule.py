"""``nbpipe rule``."""

from __future__ import annotations

import click

from nbpipe.api.rules import rule_page
from nbpipe.cli import console


@click.command()
@click.argument("name_or_code")
def command(name_or_code: str) -> None:
    """Explain a rule of check."""
    console.echo(rule_page(name_or_code).rstrip("\n"))
