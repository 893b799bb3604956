"""The demo's story: the commands that a person would type, and what each is to show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbpipe.demo.project import DemoProject


@dataclass(frozen=True, slots=True)
class Chapter:
    """One command of the story.

    Attributes:
        text: what it is about, a line or more.
        arguments: of nbpipe's command line.
        exit_code: what it ends with when all is as told: 1 where it is to find something.
    """

    text: str
    arguments: tuple[str, ...]
    exit_code: int = 0


def chapters(project: DemoProject) -> tuple[Chapter, ...]:
    """Give the story of a project."""
    messy, clean, pipeline = str(project.messy), str(project.clean), str(project.pipeline)
    return (
        Chapter(
            "messy.ipynb is how notebooks end up: cells run in any order, one deleted, settings all over.\n"
            "Nothing is executed to see it.",
            ("check", messy, "--output-format", "concise"),
            exit_code=1,
        ),
        Chapter("Nor can its results be got again.", ("verify", messy), exit_code=1),
        Chapter("clean.ipynb does the same work right.", ("check", clean)),
        Chapter(
            "It comes without outputs. This is its author's run, on this machine, which stores them.",
            ("run", clean, "--in-place"),
        ),
        Chapter("A fresh run gives the outputs that are stored, cell by cell.", ("verify", clean)),
        Chapter(
            "Another setting, without an edit. The result goes into a notebook of its own, the run into MLflow.",
            ("run", clean, "-p", "n_estimators=10"),
        ),
        Chapter(
            "Its tagged cells become a pipeline of plain Python. Every value that a step hands on is compared\n"
            "with what the notebook has at that point, or nothing is written.",
            ("convert", clean),
        ),
        Chapter("The pipeline runs without the notebook, each step in a process of its own.", ("run", pipeline)),
    )
