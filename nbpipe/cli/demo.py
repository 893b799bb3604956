"""``nbpipe demo``."""

from __future__ import annotations

import shlex
import sys
import time

import click

from nbpipe.cli import console, frame
from nbpipe.demo import DemoProject, chapters, write_project
from nbpipe.tracking.store import open_store

_STOPPED = (130, 143)  # by somebody; the command has said so


@click.command(
    "demo",
    epilog="DIR is a new or empty folder, nbpipe-demo by default. Every command of the demo is shown as you would "
    "type it. Exits with 0 when all of them ended as told.",
)
@click.argument("folder", default="nbpipe-demo", metavar="[DIR]")
def command(folder: str) -> int:
    """Write a small real project and take it through all that nbpipe does."""
    began = time.monotonic()
    project = write_project(folder)
    console.STATE.plain_progress = False  # a line a cell, eight times over, would bury what is shown
    _introduce(project)
    for chapter in chapters(project):
        console.echo()
        console.echo(console.style(chapter.text, "bold"))
        console.echo(console.style(f"$ nbpipe {shlex.join(chapter.arguments)}", "cyan"))
        sys.stdout.flush()  # a reader of a pipe shall see what takes so long
        code = frame.dispatch(chapter.arguments)
        if code in _STOPPED:
            return code
        if code != chapter.exit_code:
            console.error(f"the demo stops: this was to exit with {chapter.exit_code}, and it did with {code}")
            return code or 1
    _conclude(project, time.monotonic() - began)
    return 0


def _introduce(project: DemoProject) -> None:
    data, rows, columns = project.data.relative_to(project.folder), project.rows, project.columns
    console.echo(f"Wrote {project.folder}:")
    console.echo(f"  {data.as_posix()}: {rows} tumours, {columns} columns, from scikit-learn")
    console.echo(f"  {project.messy.name}, {project.clean.name}: two notebooks that tell malignant from benign ones")


def _conclude(project: DemoProject, seconds: float) -> None:
    console.echo()
    console.echo(console.style(f"That was all, in {seconds:.0f} s. Look around:", "bold"))
    console.echo(f"  {project.pipeline / 'README.md'}  the pipeline")
    console.echo(f"  nbpipe check {shlex.quote(str(project.messy))}  the findings with their code")
    console.echo("  nbpipe rule NB104  what a finding means")
    console.echo("The pipeline's run in a browser, with one nested run for each step:")
    console.echo(console.style(f"  {open_store(project.pipeline).hint()}", "cyan"))
