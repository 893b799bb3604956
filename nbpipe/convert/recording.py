"""One run of the notebook in a fresh kernel, observed at the boundaries of its steps."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nbpipe.convert.recorded import Boundary, Recording, Wanted
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
    from collections.abc import Iterator, Sequence

    from nbpipe.execute.document import Document

SEED: Final = 0
"""What the global generators are seeded with at the start, in the notebook and in the pipeline compared with it."""

_WITH_GENERATORS = ("numpy.random", "torch")
_BEGINNING = 200  # characters of a shown value
_GOOD = (RunStatus.OK, RunStatus.SKIPPED)


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
        _check_scripts(session, wanted)
        return replace(script.recording(), shown=_shown(session.node.cells))


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


def _check_scripts(session: Session, wanted: Wanted) -> None:
    """Raise where IPython shows the error of a script that a cell runs, and goes on as if nothing had happened.

    Raises:
        ConversionError: it does.
    """
    for index, cell in enumerate(_own(session.node.cells)):
        for output in cell.get("outputs", ()) if index not in wanted.left_out else ():
            if output.output_type == "error":
                raise refuse(index, f"the script that it runs fails: {output.ename}: {output.evalue}".splitlines()[0])


def _own(cells: Sequence[Any]) -> Iterator[Any]:
    return (cell for cell in cells if OWN_TAG not in cell.metadata.get("tags", ()))


def _shown(cells: Sequence[Any]) -> dict[int, str]:
    """Give what each of the notebook's own cells shows as its value, of all that ran."""
    return {
        index: str(output.data["text/plain"])[:_BEGINNING]
        for index, cell in enumerate(_own(cells))
        for output in cell.get("outputs", ())
        if output.output_type == "execute_result" and "text/plain" in output.data
    }


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
