"""Which cell and line of the notebook a line of a step came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class SourceMap:
    """Lines of a package's files to lines of cells.

    Attributes:
        package: folder of the package.
        notebook: how the notebook is named to people.
        spans: file, relative to the package, to ``(first line, last line, cell index, first line in the cell)``;
            lines count from 1, cells from 0.
    """

    package: Path
    notebook: str = ""
    spans: dict[str, tuple[tuple[int, int, int, int], ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, package: Path, project: dict[str, Any]) -> SourceMap:
        """Read the map from a project's description."""
        spans = {}
        entries = project.get("source_map")
        for file, found in (entries if isinstance(entries, dict) else {}).items():
            spans[file] = tuple((first, last, cell, line) for first, last, cell, line in found)
        return cls(package, Path(str(project.get("notebook") or "")).name, spans)

    def locate(self, file: str, line: int) -> str:
        """Give where a line is, for people: ``steps/train.py, line 12 (churn.ipynb, cell 4, line 2)``.

        Empty for a file outside the package.
        """
        try:
            name = Path(file).resolve().relative_to(self.package.resolve()).as_posix()
        except ValueError:
            return ""
        place = f"{name}, line {line}"
        for first, last, cell, first_in_cell in self.spans.get(name, ()):
            if first <= line <= last:
                notebook = f"{self.notebook}, " if self.notebook else ""
                return f"{place} ({notebook}cell {cell + 1}, line {first_in_cell + line - first})"
        return place

    def innermost(self, frames: list[list[Any]]) -> str:
        """Give where the deepest of a traceback's frames in the package is, or ""."""
        for file, line, _ in reversed(frames):
            place = self.locate(file, line or 0)
            if place:
                return place
        return ""

    def annotate(self, traceback: str, frames: list[list[Any]]) -> str:
        """Name the cell below each line of a traceback that came from one."""
        for file, line, _ in frames:
            cell = self.locate(file, line or 0).partition(" (")[2].removesuffix(")")
            mark = f'File "{file}", line {line}, '
            if cell and f"{mark}({cell}) " not in traceback:
                traceback = traceback.replace(mark, f"{mark}({cell}) ")
        return traceback
