"""What the linter says: diagnostics, the places they relate to, and fixes. Plain slotted classes: `check` is hot."""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    from nbpipe.lint.failure import RuleFailure
    from nbpipe.notebook.model import Cell, Range

    Flows = dict[tuple[int, int], tuple[str, ...]]


class Severity(IntEnum):
    """How bad a finding is; the worse, the greater."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        """The word for it: ``info``, ``warning`` or ``error``."""
        return self.name.lower()


class Applicability(Enum):
    """Whether a fix may be applied unasked (SAFE), when asked for (UNSAFE), or only be shown."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY_ONLY = "display-only"


class Edit:
    """Replaces the text in a range of one cell by `content`."""

    __slots__ = ("content", "range")

    def __init__(self, range: Range, content: str) -> None:  # noqa: A002 - LSP's name
        self.range = range
        self.content = content


class CellEdit:
    """Inserts, deletes or moves a whole cell.

    Attributes:
        kind: ``insert-cell``, ``delete-cell`` or ``move-cell``.
        cell: index of the cell to delete or move; None for an insertion.
        after: index of the cell after which it goes, -1 for the top; None for a deletion.
        cell_type, tags, content: of the cell to insert.
    """

    __slots__ = ("after", "cell", "cell_type", "content", "kind", "tags")

    def __init__(  # noqa: PLR0913 - the fields of the schema
        self,
        kind: str,
        *,
        cell: int | None = None,
        after: int | None = None,
        cell_type: str = "code",
        tags: tuple[str, ...] = (),
        content: str = "",
    ) -> None:
        self.kind = kind
        self.cell = cell
        self.after = after
        self.cell_type = cell_type
        self.tags = tags
        self.content = content


class FieldEdit:
    """Gives a cell, or the notebook where `cell` is None, another value for one field that is not its source.

    Attributes:
        name: as nbformat 4 names it: ``outputs``, ``execution_count``, ``metadata``, ``id``.
        value: what JSON can hold.
    """

    __slots__ = ("cell", "name", "value")

    def __init__(self, cell: int | None, name: str, value: Any) -> None:
        self.cell = cell
        self.name = name
        self.value = value


class FormatEdit:
    """Rewrites the whole file in another major version of nbformat; see `nbpipe.notebook.upgrade`."""

    __slots__ = ("nbformat",)

    def __init__(self, nbformat: int) -> None:
        self.nbformat = nbformat


class FileEdit:
    """Replaces whole lines of the notebook file, 1-based and both included, by `content` (without a last line end)."""

    __slots__ = ("content", "end_line", "start_line")

    def __init__(self, start_line: int, end_line: int, content: str) -> None:
        self.start_line = start_line
        self.end_line = end_line
        self.content = content


class Fix:
    """Edits that together remove the cause of a diagnostic.

    Attributes:
        file_edits: the same as lines of the file, from the bottom up; () when not asked for, or where that cannot be.
    """

    __slots__ = ("applicability", "edits", "file_edits", "title")

    def __init__(
        self, title: str, edits: tuple[Edit | CellEdit | FieldEdit | FormatEdit, ...], applicability: Applicability
    ) -> None:
        self.title = title
        self.edits = edits
        self.applicability = applicability
        self.file_edits: tuple[FileEdit, ...] = ()


class Related:
    """Another place that a diagnostic is about, and what happens there.

    Attributes:
        json_line: 1-based line in the file; None when not known or not asked for.
    """

    __slots__ = ("json_line", "message", "range")

    def __init__(self, range: Range, message: str) -> None:  # noqa: A002 - LSP's name
        self.range = range
        self.message = message
        self.json_line: int | None = None


class Diagnostic:
    """One finding.

    Attributes:
        code, rule: of the rule, as ``NB102`` and ``undefined-name``.
        message: one line.
        path: the notebook's, with forward slashes.
        range: where; None when it is the file as a whole.
        json_line: 1-based line in the file; None when not known or not asked for.
        json_end_line: the same of the last line of the range.
        redact: where secrets stand that nothing may show: reports get cells and messages without them.
    """

    __slots__ = (
        "code", "fix", "json_end_line", "json_line", "message", "path", "range", "redact", "related", "rule",
        "severity",
    )  # fmt: skip

    def __init__(  # noqa: PLR0913 - the fields of the schema
        self,
        code: str,
        rule: str,
        message: str,
        severity: Severity,
        *,
        path: str,
        range: Range | None,  # noqa: A002 - LSP's name
        related: tuple[Related, ...] = (),
        fix: Fix | None = None,
        json_line: int | None = None,
        redact: tuple[Range, ...] = (),
    ) -> None:
        self.code = code
        self.rule = rule
        self.message = message
        self.severity = severity
        self.path = path
        self.range = range
        self.related = related
        self.fix = fix
        self.json_line = json_line
        self.json_end_line = json_line
        self.redact = redact

    def key(self) -> tuple[tuple[int, ...], str, str]:
        """Give the order of showing within a notebook: by place, then code, then message."""
        return (self.range.key() if self.range is not None else (), self.code, self.message)

    def __repr__(self) -> str:
        return f"Diagnostic({self.code}, {self.severity.label}, {self.range}, {self.message!r})"


class CellReference:
    """A cell as reports name and show it.

    Attributes:
        number: counts all cells from 1, as people do.
        source: its text, which reports show through `reporting.shown_source`.
    """

    __slots__ = ("cell_type", "execution_count", "id", "number", "source")

    def __init__(self, cell: Cell) -> None:
        self.number = cell.index + 1
        self.cell_type = cell.cell_type
        self.id = cell.id
        self.execution_count = cell.execution_count
        self.source = cell.source


if TYPE_CHECKING:
    Cells: TypeAlias = Mapping[int, CellReference]


class FileResult:
    """What checking one file gave.

    Attributes:
        path: as shown, with forward slashes.
        diagnostics: in the order of showing.
        cells: by index, those at least that the diagnostics speak of.
        failures: rules that raised.
        outside: files besides the notebook that the result depends on, each with what `signature` gave for it.
        flows: names that flow from one cell to another, by the two indexes; empty when not asked for.
        fragments: by rule's code, what the notebook is compared with others by; see `Rule.fragments`.
        compared: it holds what comparing the notebook with others gave; another result holds the rest.
    """

    __slots__ = ("cells", "compared", "diagnostics", "failures", "flows", "fragments", "outside", "path")

    def __init__(  # noqa: PLR0913 - what checking gives
        self,
        path: str,
        diagnostics: tuple[Diagnostic, ...] = (),
        cells: Cells | None = None,
        failures: tuple[RuleFailure, ...] = (),
        outside: Mapping[str, str] | None = None,
        flows: Flows | None = None,
        fragments: Mapping[str, list[Any]] | None = None,
        *,
        compared: bool = False,
    ) -> None:
        self.path = path
        self.diagnostics = diagnostics
        self.cells = cells or {}
        self.failures = failures
        self.outside = outside or {}
        self.flows: Flows = flows if flows is not None else {}
        self.fragments = fragments or {}
        self.compared = compared

    def but(
        self, *, diagnostics: tuple[Diagnostic, ...] | None = None, failures: Sequence[RuleFailure] = ()
    ) -> FileResult:
        """Give the same result with other diagnostics, or with more failures."""
        return FileResult(
            self.path,
            self.diagnostics if diagnostics is None else diagnostics,
            self.cells,
            (*self.failures, *failures),
            self.outside,
            self.flows,
            self.fragments,
            compared=self.compared,
        )

    def with_failures(self, failures: Sequence[RuleFailure]) -> FileResult:
        """Give the same result with more failures."""
        return self.but(failures=failures) if failures else self
