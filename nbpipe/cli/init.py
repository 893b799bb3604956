"""``nbpipe init``."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING

import click

from nbpipe.api.init import CI, plan
from nbpipe.cli import console

if TYPE_CHECKING:
    from nbpipe.api.init import Change


@click.command(
    "init",
    epilog="DIR is the project's folder, by default the current one; the hook and the job go into the root of its git "
    "repository. Nothing that is there is replaced: settings, hook and job are added where they are missing.",
)
@click.argument("folder", default=".", metavar="[DIR]")
@click.option("--ci", type=click.Choice(CI), help="The job to write.  [default: what the repository seems to use]")
@click.option("--dry-run", is_flag=True, help="Print what would be written, and write nothing.")
def command(folder: str, *, ci: str | None, dry_run: bool) -> int:
    """Write configuration, the pre-commit hook and a CI job into a project."""
    changes = list(plan(folder, ci or ""))
    for change in changes:
        _do(change, dry_run=dry_run)
    if ci is None and len(changes) < len(("settings", "hook", "job")):
        console.note("no CI job: --ci github or --ci gitlab writes one")
    if not dry_run:
        console.note("next: `nbpipe check`, and `pre-commit install` where the hook shall run before each commit")
    return int(any(change.missing for change in changes))


def _do(change: Change, *, dry_run: bool) -> None:
    if change.missing:
        console.warn(f"'{change.path}' is left as it is: {change.reason}. Add this to it by hand:")
        console.echo(change.missing.rstrip("\n"))
    elif change.reason:
        console.echo(f"kept {change.path}: {change.reason}")
    elif dry_run:
        before = (change.before or "").splitlines()
        name = str(change.path)
        for line in unified_diff(before, change.after.splitlines(), name if before else "/dev/null", name, lineterm=""):
            console.echo(line)
    else:
        change.apply()
        console.echo(f"{'wrote' if change.before is None else 'added to'} {change.path}")
