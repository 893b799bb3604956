"""The document: notebooks, cells and places in them, as nbformat names them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from nbpipe.notebook.locate import Places

# Languages whose cells are Python in all but name (besides "python3" and the like), and kernels that say no language.
_LANGUAGES = {"ipython": "python", "pyspark": "python", "pyspark3": "python", "sage": "python"}
_KERNELS = {"ir": "r", "pysparkkernel": "python", "sparkkernel": "scala", "javascript": "javascript", "bash": "bash"}


class Range:
    """A stretch of one cell's source; lines and columns (characters) count from 0, the end is exclusive.

    Attributes:
        cell: index of the cell among all cells of the notebook, from 0.
    """

    __slots__ = ("cell", "end_column", "end_line", "start_column", "start_line")

    def __init__(self, cell: int, start_line: int, start_column: int, end_line: int, end_column: int) -> None:
        self.cell = cell
        self.start_line = start_line
        self.start_column = start_column
        self.end_line = end_line
        self.end_column = end_column

    def key(self) -> tuple[int, int, int, int, int]:
        """Give the order of reading: by cell, then start, then end."""
        return (self.cell, self.start_line, self.start_column, self.end_line, self.end_column)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Range) and self.key() == other.key()

    def __hash__(self) -> int:
        return hash(self.key())

    def __repr__(self) -> str:
        return f"Range{self.key()}"


class Cell:
    """One cell, as nbformat 4 has it (older formats are upgraded on reading).

    Attributes:
        index: place among all cells, from 0.
        cell_type: ``code``, ``markdown`` or ``raw``.
        source: the text, lines joined.
        id: the nbformat 4.5 id, or None.
        execution_count: the recorded count of the last run, or None.
        metadata: the cell's metadata (never None).
        raw_outputs: outputs as the file has them, untouched; see `outputs`.
    """

    __slots__ = ("_outputs", "cell_type", "execution_count", "id", "index", "metadata", "raw_outputs", "source")

    def __init__(  # noqa: PLR0913 - the fields of nbformat
        self,
        index: int,
        cell_type: str,
        source: str,
        *,
        id: str | None = None,  # noqa: A002 - nbformat's name
        execution_count: int | None = None,
        metadata: Mapping[str, Any] | None = None,
        raw_outputs: Sequence[Any] = (),
    ) -> None:
        self.index = index
        self.cell_type = cell_type
        self.source = source
        self.id = id
        self.execution_count = execution_count
        self.metadata: Mapping[str, Any] = metadata if metadata is not None else {}
        self.raw_outputs = raw_outputs
        self._outputs: tuple[Mapping[str, Any], ...] | None = None

    @property
    def tags(self) -> tuple[str, ...]:
        """Give the cell's tags, in the order of the file; what is not text is left out."""
        tags = self.metadata.get("tags")
        return tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()

    @property
    def outputs(self) -> tuple[Mapping[str, Any], ...]:
        """Give the stored outputs in nbformat 4's shape, texts joined; worked out on first use."""
        if self._outputs is None:
            if not self.raw_outputs:
                return ()
            from nbpipe.notebook.outputs import upgraded

            self._outputs = upgraded(self.raw_outputs)
        return self._outputs

    @property
    def has_error(self) -> bool:
        """Say whether a stored output is a traceback, without reading the others."""
        return any(
            isinstance(output, dict) and output.get("output_type") in ("error", "pyerr") for output in self.raw_outputs
        )

    def __repr__(self) -> str:
        return f"Cell({self.index}, {self.cell_type!r}, {self.source!r})"


class Notebook:
    """One notebook file, read; nothing in it changes (see `nbpipe.notebook.write` for writing changes back).

    Attributes:
        cells: all cells, in the order of the file.
        metadata: the notebook's metadata (never None).
        nbformat: major version of the format the file is in (the cells are in the shape of 4 whatever it says).
        nbformat_minor: minor version.
        path: where it was read from, as given; empty when it was not a file.
        text: the file's text, byte order mark and line ends included.
        format: ``ipynb``, or the text format the file is in (``percent``, ``light``, ``md``, ``rmd``, ``qmd``,
            ``databricks``): those have no counts, outputs or ids.
    """

    __slots__ = ("__dict__", "_places", "cells", "format", "metadata", "nbformat", "nbformat_minor", "path", "text")

    def __init__(  # noqa: PLR0913 - the fields of nbformat
        self,
        cells: tuple[Cell, ...],
        metadata: Mapping[str, Any],
        *,
        nbformat: int = 4,
        nbformat_minor: int = 5,
        path: str = "",
        text: str = "",
        format: str = "ipynb",  # noqa: A002 - the field's term
    ) -> None:
        self.cells = cells
        self.metadata = metadata
        self.nbformat = nbformat
        self.nbformat_minor = nbformat_minor
        self.path = path
        self.text = text
        self.format = format
        self._places: Places | None = None

    def with_cells(self, cells: tuple[Cell, ...]) -> Notebook:
        """Give the same notebook with other cells."""
        return Notebook(
            cells,
            self.metadata,
            nbformat=self.nbformat,
            nbformat_minor=self.nbformat_minor,
            path=self.path,
            text=self.text,
            format=self.format,
        )

    @property
    def language(self) -> str:
        """Give the language of the code cells, lower case; ``python`` where the notebook does not say."""
        info, kernel = self._section("language_info"), self._section("kernelspec")
        for said in (info.get("name"), kernel.get("language")):
            if isinstance(said, str) and said.strip():
                language = said.strip().lower()
                return "python" if language.startswith("python") else _LANGUAGES.get(language, language)
        name = kernel.get("name")
        if not isinstance(name, str):
            return "python"
        name = name.lower()
        return "julia" if name.startswith("julia") else _KERNELS.get(name, "python")

    @property
    def is_python(self) -> bool:
        """Say whether the code cells are Python."""
        return self.language == "python"

    @property
    def python_version(self) -> tuple[int, int] | None:
        """Give (major, minor) of the Python that last ran the notebook, or None where it is not recorded."""
        version = self._section("language_info").get("version")
        if not (isinstance(version, str) and self.is_python):
            return None
        numbers = version.split(".")[:2]
        if len(numbers) < 2 or not all(number.isascii() and number.isdigit() for number in numbers):  # noqa: PLR2004
            return None
        return int(numbers[0]), int(numbers[1])

    @property
    def is_text(self) -> bool:
        """Say whether the file is a script or Markdown, not JSON."""
        return self.format != "ipynb"

    @property
    def places(self) -> Places:
        """Give where each cell stands in the JSON `text`; worked out on first use."""
        if self._places is None:
            from nbpipe.notebook.locate import find_places

            self._places = find_places(self.text)
        return self._places

    def json_line(self, cell: int, line: int = 0) -> int | None:
        """Give the 1-based line of the file that holds line `line` (from 0) of a cell's source.

        None where the notebook does not come from text or there is no such cell.
        """
        known = self.text and 0 <= cell < len(self.places.cells)
        return self.places.source_line(cell, line) if known else None

    def _section(self, name: str) -> Mapping[str, Any]:
        """Give a section of the metadata, empty where it is missing or not an object."""
        section = self.metadata.get(name)
        return section if isinstance(section, dict) else {}
