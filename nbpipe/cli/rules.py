"""``nbpipe rules``."""

from __future__ import annotations

import click

from nbpipe.api.rules import all_rules
from nbpipe.cli import console


@click.command()
@click.option(
    "--output-format", type=click.Choice(["table", "json"]), default="table", show_default=True, help="How to list."
)
def command(output_format: str) -> None:
    """List the rules of check."""
    rules = all_rules()
    if output_format == "json":
        import json

        console.echo(json.dumps(rules, indent=1))
        return
    width = max(len(rule["name"]) for rule in rules)
    for rule in rules:
        default = " (preview)" if rule["preview"] else "" if rule["default"] else " (opt-in)"
        console.echo(f"{rule['code']}  {rule['name']:{width}}  {rule['severity']:7}  {rule['summary']}{default}")
