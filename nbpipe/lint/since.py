"""Findings that came with changes since a revision of the git repository: ``nbpipe check --since REF``.

A notebook is compared with the one at the revision, where it may have had another name: a cell is the same when the
cell with its id had its source, or, where no cell had its id, when any cell had its source. A finding counts where one
of its cells is not the same, and where the notebook at the revision did not have it: a change of one cell can break
another. Only for the latter is the old notebook checked as well. Git is asked a few times, however many notebooks
there are.
"""
# pathlib costs four tenths of a bare Python start, and `nbpipe check` counts those:
# ruff: noqa: PTH118, PTH120

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nbpipe.errors import ConfigError, NotebookError
from nbpipe.lint.baseline import finding_key
from nbpipe.lint.diagnostic import FileResult
from nbpipe.lint.registry import BY_NAME
from nbpipe.notebook.formats import parse_any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from nbpipe.lint.baseline import Finding
    from nbpipe.lint.diagnostic import CellReference, Diagnostic

ORIGIN = "--since"
# What git sets for its hooks, which makes the folder it is called in the root.
_OF_HOOKS = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX")
_REGULAR = (b"100644", b"100755")


class _Refused(Exception):  # noqa: N818 - not an error of this program
    """Git says that something cannot be done."""


class _Before:
    """A notebook at the revision."""

    __slots__ = ("_by_id", "_check", "_data", "_left", "_path", "_sources")

    def __init__(self, data: bytes, path: str, check: Callable[[bytes, str], FileResult]) -> None:
        """Take the file, and what checks it; of one that cannot be read, no cell is known."""
        self._data = data
        self._path = path
        self._check = check
        self._left: dict[Finding, int] | None = None
        self._by_id: dict[str, set[tuple[str, str]]] = {}  # sets: ids ought to be unique, and are not always
        self._sources: set[tuple[str, str]] = set()
        try:
            notebook = parse_any(data, path)
        except NotebookError:
            return
        for cell in notebook.cells:
            content = (cell.cell_type, cell.source)
            self._sources.add(content)
            if cell.id is not None:
                self._by_id.setdefault(cell.id, set()).add(content)

    def knows(self, item: Diagnostic, result: FileResult) -> bool:
        """Tell whether a finding was there before: in the same cells, and not more often."""
        places = [] if item.range is None else [item.range, *(related.range for related in item.related)]
        if not all(self._has(result.cells[place.cell]) for place in places):
            return False
        # What rules find that compare notebooks cannot be found in the old one alone.
        return BY_NAME[item.rule].across or self._takes(item, result)

    def _takes(self, item: Diagnostic, result: FileResult) -> bool:
        if self._left is None:
            self._left = {}
            old = self._check(self._data, self._path)
            for known in old.diagnostics:
                key = finding_key(known, old.cells)
                self._left[key] = self._left.get(key, 0) + 1
        key = finding_key(item, result.cells)
        left = self._left.get(key, 0)
        self._left[key] = left - 1
        return left > 0

    def _has(self, cell: CellReference) -> bool:
        content = (cell.cell_type, cell.source)
        return content in (self._by_id.get(cell.id, self._sources) if cell.id is not None else self._sources)


class Since:
    """What notebooks were like at a revision.

    Attributes:
        ref: the revision, as given.
    """

    def __init__(self, ref: str, folder: str, check: Callable[[bytes, str], FileResult]) -> None:
        """Ask git for what differs from the revision in the repository that `folder` lies in.

        Args:
            ref: a revision; with ``...`` at its end, where the present one branched off from it.
            folder: an existing one.
            check: checks the notebook that a file of that content and path would be.

        Raises:
            ConfigError: there is no git, no repository, or no such revision.
        """
        self.ref = ref
        self._check = check
        self._root, commit = _resolve(ref, folder)
        try:
            listed = _git(self._root, "ls-tree", "-r", "-z", "--full-tree", commit)
            command = ("diff", "--no-ext-diff", "--name-status", "-z", "-M", commit)
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

    def may_differ(self, path: str) -> bool:
        """Tell whether a notebook is new, or its file has changed."""
        name = self._name(path)
        return name in self._origins or name not in self._objects

    def filtered(self, result: FileResult) -> FileResult:
        """Give a result with the findings only that came with a change."""
        name = self._name(result.path)
        name = self._origins.get(name, name)
        if not result.diagnostics or name not in self._objects:
            return result
        before = _Before(self._content(name), result.path, self._check)
        found = tuple(item for item in result.diagnostics if not before.knows(item, result))
        return FileResult(result.path, found, result.cells, result.failures, outside=result.outside, flows=result.flows)

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
        return self._contents[name]


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

    left_out = () if "GIT_WORK_TREE" in os.environ else _OF_HOOKS
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and no argument can be an option
            ["git", "-C", folder, *arguments],  # noqa: S607 - the user's git is meant
            input=given,
            env={name: value for name, value in os.environ.items() if name not in left_out},
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
