"""Files that one step writes and another uses: the order of the steps, as edges that no value shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.convert.left_out import needed
from nbpipe.steps import Note

if TYPE_CHECKING:
    from nbpipe.convert.recorded import Recording
    from nbpipe.convert.source import Source


def file_order(source: Source, recording: Recording) -> tuple[dict[str, tuple[str, ...]], tuple[Note, ...]]:
    """Give, by step, the steps that must have ended before for a file's sake, and what to tell of it.

    A step comes after the one that wrote what it reads or writes over, and after those that read what it writes over.

    Raises:
        ConversionError: a cell that is left out (or kept, see `needed`) writes a file that a step reads.
    """
    _refuse_left_out(source, recording)
    writer: dict[str, str] = {}
    readers: dict[str, list[str]] = {}
    before: dict[str, tuple[str, ...]] = {}
    notes: list[Note] = []
    for step in source.steps:
        files = recording.after[step.name].files
        found: dict[str, None] = {}
        for path in sorted({*files["read"], *files["written"]}):
            if path in writer:
                found[writer[path]] = None
                what = f"uses the file {_short(path)}, which step '{writer[path]}' writes: it runs after that one"
                notes.append(Note(step.cells[0], f"step '{step.name}' {what}"))
        for path in files["written"]:
            found.update(dict.fromkeys(readers.pop(path, ())))
            writer[path] = step.name
        for path in files["read"]:
            readers.setdefault(path, []).append(step.name)
        before[step.name] = tuple(other for other in found if other != step.name)
    return before, tuple(notes)


def _refuse_left_out(source: Source, recording: Recording) -> None:
    """Raise for a file that a cell outside the steps writes and a step uses: the pipeline would not write it."""
    made: dict[str, list[int]] = {}
    end = -1
    for step in source.steps:
        outside = [cell for cell in source.plan.roles if end < cell < step.cells[0]]
        if outside:
            made.update(dict.fromkeys(recording.before[step.name].files["written"], outside))
        files = recording.after[step.name].files
        for path in sorted(made.keys() & set(files["read"])):
            raise needed(source, made[path], f"writes the file {_short(path)}, which step '{step.name}' reads")
        for path in files["written"]:
            made.pop(path, None)
        end = step.cells[-1]


def _short(path: str) -> str:
    return path.rpartition("/")[2] or path
