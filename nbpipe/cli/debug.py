"""``nbpipe debug``."""

from __future__ import annotations

import click

from nbpipe.cli import console


@click.command("debug")
@click.argument("pipeline")
@click.argument("step")
@click.option("--run", default="latest", show_default=True, metavar="RUN", help="Take the inputs of this run.")
@click.option("--pdb", "by_line", is_flag=True, help="Step through the call with pdb.")
@click.option("--notebook", metavar="FILE", help="Write a notebook with the step's code and inputs instead.")
@click.option("--python", metavar="PATH", help="Open it in this interpreter.")
def command(  # noqa: PLR0913 - one argument an option
    pipeline: str, step: str, *, run: str, by_line: bool, notebook: str | None, python: str | None
) -> int:
    """Open a step of a pipeline with its inputs of a past run loaded."""
    if notebook is not None:
        from nbpipe.api.debug_notebook import write_debug_notebook

        write_debug_notebook(pipeline, step, notebook, run=run)
        console.echo(f"{notebook}: step {step} with its inputs")
        return 0
    from nbpipe.api.debug import debug

    return debug(pipeline, step, run=run, python=python, by_line=by_line)
