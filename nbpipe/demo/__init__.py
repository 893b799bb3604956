"""A small real project, and the commands that take it through all that nbpipe does."""

from __future__ import annotations

from nbpipe.demo.chapters import Chapter, chapters
from nbpipe.demo.project import DemoProject, write_project

__all__ = ["Chapter", "DemoProject", "chapters", "write_project"]
