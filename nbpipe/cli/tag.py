"""``nbpipe tag``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nbpipe.api.graph import telling_line
from nbpipe.api.tag import tag
from nbpipe.cli import console
from nbpipe.steps.suggestion import WAYS

if TYPE_CHECKING:
    from nbpipe.api.tag import TagResult

_COLOURS = {"skip": "dim", "parameters": "cyan", "imports": "cyan", "definitions": "cyan"}


@click.command(
    "tag",
    epilog="Nothing of the notebook is run. With --write the tags are written into the file, and every other byte of "
    "it stays; look at the suggestion first, and change in it what you know better.",
)
@click.argument("notebook")
@click.option(
    "--split",
    type=click.Choice(WAYS),
    default=WAYS[0],
    show_default=True,
    help="By what code does and what flows, or by headings.",
)
@click.option("--write", is_flag=True, help="Write the tags into the notebook.")
@click.option("--replace", is_flag=True, help="Suggest anew, although cells are tagged as steps already.")
@click.option("--diff", is_flag=True, help="Show how the tags of each cell would change.")
def command(notebook: str, *, split: str, write: bool, replace: bool, diff: bool) -> None:
    """Suggest which cells form which step of a pipeline."""
    result = tag(notebook, split=split, write=write, replace=replace)
    _show_diff(result) if diff else _show(result)
    count = len(result.steps)
    said = f"{count} {'step' if count == 1 else 'steps'}: {', '.join(result.steps)}"
    if result.is_written:
        console.echo(f"{said}; tags written to {notebook}")
    else:
        console.echo(f"{said}; to apply: nbpipe tag {notebook} --write")


def _show(result: TagResult) -> None:
    width = max(len(", ".join(cell.after)) for cell in result.cells)
    for cell in result.cells:
        tags = f"{', '.join(cell.after):{width}}"
        colour = _COLOURS.get(cell.after[-1], "bold")
        line = telling_line(cell.source)
        console.echo(f"cell {cell.cell + 1:<3} {console.style(tags, colour)}  {line}")
        console.echo(console.style(f"{'':{9 + width + 1}}{cell.reason}", "dim"))


def _show_diff(result: TagResult) -> None:
    for cell in result.changed:
        console.echo(console.style(f"{result.path}, cell {cell.cell + 1}: {telling_line(cell.source)}", "bold"))
        for mark, tags, colour in (("-", cell.before, "red"), ("+", cell.after, "green")):
            if tags:
                console.echo(console.style(f"{mark}tags: {', '.join(tags)}", colour))
