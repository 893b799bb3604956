"""One run of the notebook in a fresh kernel, observed at the boundaries of its steps."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nbpipe.convert.refusal import refuse
from nbpipe.errors import ConversionError, ExecutionError, Interrupted
from nbpipe.execute.document import EXPECTED_ERROR_TAG, OWN_TAG, read_document
from nbpipe.execute.engine import execute_with_papermill
from nbpipe.execute.kernels import choose_kernel
from nbpipe.execute.limits import Limits
from nbpipe.execute.listener import CellStart, Listener
from nbpipe.execute.session import Session
from nbpipe.execute.stop import Stop
from nbpipe.records import CellResult, RunStatus
from nbpipe.runtime.inject import bootstrap_source, request_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from nbpipe.execute.document import Document
    from nbpipe.steps import StepCells

SEED: Final = 0
"""What the global generators are seeded with at the start, in the notebook and in the pipeline compared with it."""

_WITH_GENERATORS = ("numpy.random", "torch")
_GOOD = (RunStatus.OK, RunStatus.SKIPPED)


@dataclass(frozen=True, slots=True)
class Boundary:
    """What a kernel shows between two cells.

    Attributes:
        values: fingerprints by name (see `nbpipe.runtime.recorder.snapshot`).
        aliases: ``names`` and ``reason`` of values that share something that can change.
        generators, state, environ: digests and values by kind (see `nbpipe.runtime.recorder.observe`).
        files: ``read`` and ``written`` since the boundary before.
        contents: digests of those that were written and are there (see `nbpipe.runtime.written.contents`).
        imported: digests of what own modules held when they had been imported (see `nbpipe.runtime.module_state`).
        effects: own module to what importing it changed besides.
        unstorable: why values that a step may give cannot be stored, by name.
        types: ``[module, name]`` of each value's class, or None where it cannot be imported.
        numbers: the values that are numbers, or dicts of numbers.
    """

    values: dict[str, dict[str, Any]]
    aliases: list[dict[str, Any]]
    generators: dict[str, str]
    state: dict[str, str]
    environ: dict[str, str]
    files: dict[str, list[str]]
    types: dict[str, list[str] | None]
    numbers: dict[str, Any]
    contents: dict[str, dict[str, str]] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)
    effects: dict[str, list[str]] = field(default_factory=dict)
    unstorable: dict[str, str] = field(default_factory=dict)

    def digest(self, name: str) -> str:
        """Give the digest of a value, "" where the name is not bound."""
        return str(self.values[name]["digest"]) if name in self.values else ""


@dataclass(frozen=True, slots=True)
class Recording:
    """What an observed run showed.

    Attributes:
        before: the boundary before each step, by its name.
        after: the boundary behind each step.
        generators: states that the run started from.
        libraries: interpreter and distributions (see `nbpipe.runtime.watching.libraries`).
        saved: artifacts of the outputs that were stored, by step and name.
    """

    before: dict[str, Boundary]
    after: dict[str, Boundary]
    generators: dict[str, Any]
    libraries: dict[str, Any]
    saved: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def merged(self, names: Sequence[str], name: str) -> Recording:
        """Give what the run showed at the boundaries when some steps that follow each other are one."""
        before, after = {}, {}
        for step in self.before:
            if step not in names:
                before[step], after[step] = self.before[step], self.after[step]
            elif step == names[0]:
                inner = [self.after[names[0]]]
                inner += [side[part] for part in names[1:] for side in (self.before, self.after)]
                files = {kind: sorted({path for each in inner for path in each.files[kind]}) for kind in inner[0].files}
                contents = {path: digests for each in inner for path, digests in each.contents.items()}
                before[name] = self.before[step]
                problems = {key: why for each in inner for key, why in each.unstorable.items()}
                after[name] = replace(inner[-1], files=files, contents=contents, unstorable=problems)
        return Recording(before, after, self.generators, self.libraries)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to observe.

    Attributes:
        steps: the steps, in order.
        names: the notebook's names.
        modules: top-level modules that the notebook imports.
        left_out: indices of cells that are no part of the pipeline: they run, too, but may fail.
        saved: names to store behind each step; needs `store`.
        local: files of the author's own modules, by dotted name: what these hold is observed, too.
        given: names that each step may give, which may be impossible to store.
    """

    steps: tuple[StepCells, ...]
    names: tuple[str, ...]
    modules: tuple[str, ...]
    left_out: tuple[int, ...] = ()
    saved: Mapping[str, Sequence[str]] = field(default_factory=dict)
    store: Path | None = None
    local: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Sequence[str]] = field(default_factory=dict)


def record(  # noqa: PLR0913 - the options of a run
    path: Path,
    wanted: Wanted,
    *,
    kernel: str | None = None,
    limits: Limits | None = None,
    listener: Listener | None = None,
    stop: Stop | None = None,
) -> Recording:
    """Run a notebook in its folder, and observe it; nothing is written beside it.

    Raises:
        ConversionError: a cell fails, or takes more than it may.
        Interrupted: somebody asked to stop.
        ExecutionError: the kernel cannot be started, or does not answer.
    """
    document = read_document(path)
    choice = choose_kernel(document.notebook, kernel)
    with tempfile.TemporaryDirectory(prefix="nbpipe-record-") as folder:
        script = _Script(wanted, Path(folder))
        document.node.cells = list(script.cells(document))
        stop = stop or Stop()
        session = Session(
            document,
            choice,
            limits=limits or Limits(),
            listener=_Quiet(listener or Listener()),
            stop=stop,
            autosave_path=None,
            autosave_seconds=60.0,
            # Sets of texts are iterated in an order that depends on it: the pipeline gets the same.
            env={**os.environ, "PYTHONHASHSEED": str(SEED)},
        )
        execute_with_papermill(session, {})
        if stop.signal is not None:
            raise Interrupted(stop.signal)
        _check(session)
        return script.recording()


def _check(session: Session) -> None:
    """Raise where a cell does not end well.

    Raises:
        ConversionError: one fails, or takes more than it may.
    """
    own = session.injected
    for result in session.results:
        if result.status is RunStatus.NOT_RUN and own is not None and own.error is not None:
            raise ConversionError(f"the notebook's run was ended: {own.error.message.splitlines()[0]}")
        if result.status not in _GOOD:
            raise refuse(result.index, f"does not run in a fresh kernel: {_why(result)}")


def _why(result: CellResult) -> str:
    if result.error is None:
        return result.status.value
    named = f"{result.error.name}: " if result.status is RunStatus.FAILED else ""
    return f"{named}{result.error.message}".splitlines()[0]


def _may_fail(cell: Any) -> Any:
    from nbformat import from_dict

    tags = [*cell.metadata.get("tags", ()), EXPECTED_ERROR_TAG]
    return from_dict({**cell, "metadata": {**cell.metadata, "tags": tags}})  # type: ignore[no-untyped-call]


class _Quiet(Listener):
    """Passes on what is about the notebook's own cells."""

    def __init__(self, listener: Listener) -> None:
        self.listener = listener

    def cell_started(self, cell: CellStart) -> None:
        if cell.index is not None:
            self.listener.cell_started(cell)

    def cell_finished(self, result: CellResult) -> None:
        self.listener.cell_finished(result)


class _Script:
    """The requests that are run between the notebook's cells, and their answers."""

    def __init__(self, wanted: Wanted, folder: Path) -> None:
        self.wanted = wanted
        self.folder = folder
        self._count = 0
        self._same: dict[str, str] = {}  # the boundaries that are another one, by name

    def cells(self, document: Document) -> Iterator[Any]:
        """Give the notebook's cells with the requests among them."""
        first = {step.cells[0]: step.name for step in self.wanted.steps}
        last = {step.cells[-1]: step.name for step in self.wanted.steps}
        libraries = [module for module in _WITH_GENERATORS if self._may_use(module)]
        begin = {"seed": SEED, "libraries": libraries, "ignored": [str(self.folder)], "local": dict(self.wanted.local)}
        yield self._cell(bootstrap_source(), self._request("begin", "begin", **begin))
        seen = ""  # the boundary since which nothing ran
        for index, cell in enumerate(document.node.cells):
            if index in first and seen:
                self._same[f"before-{first[index]}"] = seen
            elif index in first:
                yield self._observe(f"before-{first[index]}")
            yield _may_fail(cell) if index in self.wanted.left_out else cell
            if index in last:
                seen = f"after-{last[index]}"
                yield self._observe(seen, self.wanted.given.get(last[index], ()))
                yield from self._save(last[index])
            elif cell.cell_type == "code" and cell.source.strip():
                seen = ""
        yield self._cell(self._request("libraries", "libraries", modules=list(self.wanted.modules)))

    def _may_use(self, module: str) -> bool:
        # numpy's generator is also the one of the libraries that are built on it.
        return bool(self.wanted.modules) if module == "numpy.random" else module in self.wanted.modules

    def _observe(self, key: str, given: Sequence[str] = ()) -> Any:
        names = list(self.wanted.names)
        pause = self._request("pause", f"{key}.pause", names=names, stored=list(given))
        return self._cell(pause, self._request("observe", key, names=names))

    def _save(self, step: str) -> Iterator[Any]:
        names = list(self.wanted.saved.get(step, ()))
        if names and self.wanted.store is not None:
            yield self._cell(self._request("save", f"saved-{step}", names=names, folder=str(self.wanted.store)))

    def _request(self, command: str, key: str, **arguments: Any) -> str:
        return request_source(command, path=str(self.folder / f"{key}.json"), **arguments)

    def _cell(self, *lines: str) -> Any:
        from nbformat import from_dict

        self._count += 1
        cell: dict[str, Any] = {
            "id": f"nbpipe-{self._count}",
            "cell_type": "code",
            "source": "\n".join(f"{line};" for line in lines),
            "metadata": {"tags": [OWN_TAG]},
            "outputs": [],
            "execution_count": None,
        }
        return from_dict(cell)  # type: ignore[no-untyped-call]

    def _answer(self, key: str) -> Any:
        path = self.folder / f"{key}.json"
        if not path.is_file():
            raise ExecutionError("the kernel did not answer while the notebook was recorded")
        answer = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(answer, dict) and "error" in answer:
            raise ConversionError(f"the values of the notebook cannot be recorded: {answer['error']}")
        return answer

    def recording(self) -> Recording:
        """Read the answers."""
        names = [step.name for step in self.wanted.steps]
        return Recording(
            {name: self._boundary(f"before-{name}") for name in names},
            {name: self._boundary(f"after-{name}") for name in names},
            self._answer("begin")["generators"],
            self._answer("libraries"),
            {name: self._answer(f"saved-{name}") for name in names if self.wanted.saved.get(name)},
        )

    def _boundary(self, key: str) -> Boundary:
        if key in self._same:
            other = self._boundary(self._same[key])
            return replace(other, files={kind: [] for kind in other.files})
        return Boundary(**self._answer(key), **self._answer(f"{key}.pause"))
