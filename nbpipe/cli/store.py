"""``nbpipe store``."""

from __future__ import annotations

import click

from nbpipe.cli import console
from nbpipe.errors import ConfigError


@click.command("store", epilog="Values and code of a removed run are gone; its record stays.")
@click.argument("folder", metavar="PIPELINE")
@click.argument("action", required=False, metavar="[gc]")
@click.option("--keep-runs", type=click.IntRange(min=0), metavar="N", help="With gc: what the last N runs use stays.")
@click.option("--now", is_flag=True, help="With gc: also what was written in the last hour; no run may go on.")
@click.option("--dry-run", is_flag=True, help="With gc: only say how much would go.")
@click.option("--store", "place", metavar="PLACE", help="The folder or fsspec URL that values are kept at.")
def command(  # noqa: PLR0913 - one argument an option
    folder: str, action: str | None, *, keep_runs: int | None, now: bool, dry_run: bool, place: str | None
) -> int:
    """Show the size of a pipeline's store of values, and collect its garbage."""
    from nbpipe.api.store import collect_garbage, open_store, store_size
    from nbpipe.pipeline.garbage import YOUNG_SECONDS, in_words

    if action not in (None, "gc"):
        raise ConfigError(f"nbpipe store {folder} {action}: there is only 'gc'")
    if (action is None) != (keep_runs is None):
        raise ConfigError("write it as: nbpipe store PIPELINE gc --keep-runs N")
    store = open_store(folder, place)
    if keep_runs is not None:
        gone = collect_garbage(store, keep_runs, folder=folder, young=0.0 if now else YOUNG_SECONDS, dry=dry_run)
        console.echo(f"{store}: {gone.files} files, {in_words(gone.bytes)} {'would go' if dry_run else 'removed'}")
    size = store_size(store)
    console.echo(
        f"{store}: {size.artifacts} artifacts and {size.results} results of steps, used by {size.runs} runs, "
        f"{in_words(size.bytes)}"
    )
    return 0
