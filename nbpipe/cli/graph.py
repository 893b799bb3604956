"""``nbpipe graph``."""

from __future__ import annotations

from pathlib import Path

import click

from nbpipe.api.graph import KINDS, graph
from nbpipe.cli import console
from nbpipe.errors import ConfigError, NotebookError
from nbpipe.graphs import FORMATS, draw
from nbpipe.notebook.save import save

_SUFFIXES = {".txt": "text", ".mmd": "mermaid", ".svg": "svg", ".html": "html", ".htm": "html", ".json": "json"}


@click.command(
    "graph",
    epilog="Nothing of a notebook is run. Names of modules, functions and classes are left out unless --imports is "
    "given; the drawing marks in red what is needed before it is made.",
)
@click.argument("path", metavar="NOTEBOOK|PIPELINE")
@click.option(
    "--format", "format_name", type=click.Choice(list(FORMATS)), help="By default that of the file, else text."
)
@click.option("-o", "--output", metavar="FILE", help="Write to a file, not to the terminal.")
@click.option("--cells", "kind", flag_value=KINDS[0], help="One node a cell, even where the notebook has steps.")
@click.option("--steps", "kind", flag_value=KINDS[1], help="One node a step.  [default where there are steps]")
@click.option("--imports", is_flag=True, help="Show imports, functions and classes that flow between cells, too.")
def command(path: str, *, format_name: str | None, output: str | None, kind: str | None, imports: bool) -> None:
    """Show the graph of a notebook's cells or steps, or of a pipeline's steps."""
    chosen = format_name or (_SUFFIXES.get(Path(output).suffix.lower()) if output else None)
    if output and chosen is None:
        raise ConfigError(f"-o {output}: which format? Name the file .svg, .html, .mmd, .json or .txt, or say --format")
    text = draw(graph(path, kind=kind, imports=imports), chosen or "text")
    if output is None:
        console.echo(text.rstrip("\n"))
        return
    try:
        save(output, text)
    except NotebookError as error:
        raise ConfigError(f"-o {output}: {error}") from None
    console.echo(f"wrote {output}")
