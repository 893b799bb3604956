"""Findings in cells that changed since a revision of the git repository: ``nbpipe check --since REF``.

A notebook is compared with the one at the revision, where it may have had another name: a cell is the same when the
cell with its id had its source, or, where no cell had its id, when any cell had its source. Git is asked four times,
however many notebooks there are.
"""
# pathlib costs four tenths of a bare Python start, and `nbpipe check` counts those:
# ruff: noqa: PTH118, PTH120

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nbpipe.errors import ConfigError, NotebookError
from nbpipe.lint.diagnostic import FileResult
from nbpipe.lint.engine import INVALID
from nbpipe.notebook.read import parse_notebook

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbpipe.lint.diagnostic import CellReference, Diagnostic

ORIGIN = "--since"
_REGULAR = (b"100644", b"100755")


class _Refused(Exception):  # noqa: N818 - not an error of this program
    """Git says that something cannot be done."""


class _Cells:
    """The cells of a notebook at the revision."""

    __slots__ = ("_by_id", "_sources")

    def __init__(self, data: bytes) -> None:
        """Take the file; of one that cannot be read, no cell is known."""
        self._by_id: dict[str, set[tuple[str, str]]] = {}  # sets: ids ought to be unique, and are not always
        self._sources: set[tuple[str, str]] = set()
        try:
            notebook = parse_notebook(data)
        except NotebookError:
            return
        for cell in notebook.cells:
            content = (cell.cell_type, cell.source)
            self._sources.add(content)
            if cell.id is not None:
                self._by_id.setdefault(cell.id, set()).add(content)

    def has(self, cell: CellReference) -> bool:
        content = (cell.cell_type, cell.source)
        return content in (self._by_id.get(cell.id, self._sources) if cell.id is not None else self._sources)


class Since:
    """What notebooks were like at a revision.

    Attributes:
        ref: the revision, as given.
    """

    def __init__(self, ref: str, folder: str) -> None:
        """Ask git for what differs from the revision in the repository that `folder` lies in.

        Args:
            ref: a revision; with ``...`` at its end, where the present one branched off from it.
            folder: an existing one.

        Raises:
            ConfigError: there is no git, no repository, or no such revision.
        """
        self.ref = ref
        self._root, commit = _resolve(ref, folder)
        try:
            listed = _git(self._root, "ls-tree", "-r", "-z", "--full-tree", commit)
            command = ("diff", "--no-ext-diff", "--name-status", "-z", "-M", commit, "--", "*.ipynb")
            changed = _git(self._root, *command)
        except _Refused as error:
            raise ConfigError(f"{ORIGIN}: git cannot compare with '{ref}': {error}") from None
        self._origins = dict(_changes(changed.split(b"\0")))
        self._objects: dict[bytes, bytes] = {}
        for line in listed.split(b"\0"):
            head, _, path = line.partition(b"\t")
            mode, _, rest = head.partition(b" ")
            if mode in _REGULAR:
                self._objects[path] = rest.rpartition(b" ")[2]
        self._contents: dict[bytes, bytes] | None = None
        self._cells: dict[bytes, _Cells] = {}

    def may_differ(self, path: str) -> bool:
        """Tell whether a notebook is new, or its file has changed."""
        name = self._name(path)
        return name in self._origins or name not in self._objects

    def filtered(self, result: FileResult) -> FileResult:
        """Give a result with the findings only that speak of a cell that is new or has changed."""
        if not result.diagnostics:
            return result
        found = tuple(item for item in result.diagnostics if self._is_new(item, result))
        return FileResult(result.path, found, result.cells, result.failures, outside=result.outside, flows=result.flows)

    def _is_new(self, item: Diagnostic, result: FileResult) -> bool:
        name = self._name(result.path)
        before = self._origins.get(name, name)
        if before not in self._objects:
            return True
        if item.range is None:
            return item.rule == INVALID and name in self._origins
        if before not in self._cells:
            self._cells[before] = _Cells(self._content(before))
        ranges = (item.range, *(related.range for related in item.related))
        return any(not self._cells[before].has(result.cells[place.cell]) for place in ranges)

    def _name(self, path: str) -> bytes:
        """Give the path as git knows it; raises ConfigError outside of the repository."""
        full = os.path.join(os.path.realpath(os.path.dirname(path) or "."), os.path.basename(path))  # noqa: PTH119
        inside = full.removeprefix(os.path.join(self._root, ""))
        if inside == full:
            raise ConfigError(f"{ORIGIN}: '{path}' is not in the git repository {self._root}")
        return os.fsencode(inside.replace(os.sep, "/"))

    def _content(self, name: bytes) -> bytes:
        """Give a file at the revision; all that changed are read with the first."""
        if self._contents is None:
            wanted = [path for path in dict.fromkeys((name, *self._origins.values())) if path in self._objects]
            asked = b"".join(self._objects[path] + b"\n" for path in wanted)
            try:
                answer = _git(self._root, "cat-file", "--batch", given=asked)
            except _Refused as error:
                raise ConfigError(f"{ORIGIN}: git cannot read the notebooks at '{self.ref}': {error}") from None
            self._contents = dict(zip(wanted, _blobs(answer), strict=True))
        return self._contents.pop(name)


def _resolve(ref: str, folder: str) -> tuple[str, str]:
    """Give the root of the repository and the commit that a revision means."""
    try:
        root = os.fsdecode(_git(folder, "rev-parse", "--show-toplevel").removesuffix(b"\n"))
    except _Refused as error:
        raise ConfigError(f"{ORIGIN}: '{folder}' is in no git repository: {error}") from None
    name = ref.removesuffix("...")
    try:
        commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}").decode().strip()
    except _Refused:
        hint = "in a shallow clone, fetch it first"
        raise ConfigError(f"{ORIGIN}: git knows no revision '{name}' in {root}; {hint}") from None
    if name == ref:
        return os.path.realpath(root), commit
    try:
        return os.path.realpath(root), _git(root, "merge-base", commit, "HEAD").decode().strip()
    except _Refused:
        raise ConfigError(f"{ORIGIN}: '{name}' and HEAD have no commit in common, as far as was fetched") from None


def _changes(fields: Sequence[bytes]) -> Iterable[tuple[bytes, bytes]]:
    """Yield each path that differs, with the one it had before."""
    rest = iter(fields)
    for status in rest:
        if not status:
            return
        before = next(rest)
        yield (next(rest) if status[:1] in {b"R", b"C"} else before), before


def _blobs(answer: bytes) -> Iterable[bytes]:
    """Yield the contents that ``git cat-file --batch`` wrote."""
    place = 0
    while place < len(answer):
        end = answer.index(b"\n", place)
        if answer.endswith(b" missing", place, end):  # the clone is not whole
            yield b""
            place = end + 1
            continue
        size = int(answer[place:end].rpartition(b" ")[2])
        yield answer[end + 1 : end + 1 + size]
        place = end + 1 + size + 1


def _git(folder: str, *arguments: str, given: bytes = b"") -> bytes:
    """Run git and give what it wrote; raises _Refused with its complaint, and ConfigError where there is no git."""
    import subprocess  # costs start-up time

    try:
        done = subprocess.run(  # noqa: S603 - no shell, and no argument can be an option
            ["git", "-C", folder, *arguments],  # noqa: S607 - the user's git is meant
            input=given,
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise ConfigError(f"{ORIGIN} needs git, which is not installed, or not on the PATH") from None
    except OSError as error:
        raise ConfigError(f"{ORIGIN}: git cannot be run: {error.strerror or error}") from None
    if done.returncode:
        complaint = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise _Refused(complaint.removeprefix("fatal: ") or f"git {arguments[0]} ended with {done.returncode}")
    return done.stdout
