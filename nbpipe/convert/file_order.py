"""Files that one step writes and another uses: the order of the steps, as edges that no value shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.convert.left_out import needed
from nbpipe.steps import Note, Role

if TYPE_CHECKING:
    from nbpipe.convert.recorded import Recording
    from nbpipe.convert.source import Source
    from nbpipe.steps import StepCells


def file_order(source: Source, recording: Recording) -> tuple[dict[str, tuple[str, ...]], tuple[Note, ...]]:
    """Give, by step, the steps that must have ended before for a file's sake, and what to tell of it.

    A step comes after the one that wrote what it reads or writes over, and after those that read what it writes over.
    What programs read, and what they write elsewhere, nobody sees: see `_Programs`.

    Raises:
        ConversionError: a cell that is left out (or kept, see `needed`) writes a file that a step reads.
    """
    _refuse_left_out(source, recording)
    writer: dict[str, str] = {}
    readers: dict[str, list[str]] = {}
    before: dict[str, tuple[str, ...]] = {}
    notes: list[Note] = []
    programs = _Programs()
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
        others, why = programs.before(step, files, known=tuple(found))
        if why:
            notes.append(Note(step.cells[0], f"step '{step.name}' {why}"))
        before[step.name] = tuple(other for other in dict.fromkeys((*found, *others)) if other != step.name)
    return before, tuple(notes)


class _Programs:
    """The order of steps that start programs, among themselves and with those that write files.

    A program may read whatever was written before, and write where nobody looks. So a step that starts one comes after
    all that wrote files, or started programs, before; and all that write files, or read what a program may have written
    unseen, come after it. Each comes directly after the last ones only: they came after the others.
    """

    def __init__(self) -> None:
        self._last = ""  # the step that started programs last
        self._started: list[str] = []  # which these were
        self._writers: list[str] = []  # steps that wrote files since then

    def before(self, step: StepCells, files: dict[str, list[str]], known: tuple[str, ...]) -> tuple[list[str], str]:
        """Give the steps that must have ended before a step, and why, "" where it is plain from files.

        Args:
            step: the next step.
            files: what it met; see `nbpipe.runtime.observing.FileObserver.found`.
            known: steps after which it runs for the sake of files that were seen.
        """
        names, why = self._before(files)
        is_told = not set(names) <= set(known)
        if files["programs"]:
            self._last, self._started, self._writers = step.name, files["programs"], []
        elif files["written"]:
            self._writers.append(step.name)
        return names, why if is_told else ""

    def _before(self, files: dict[str, list[str]]) -> tuple[list[str], str]:
        last = [self._last] if self._last else []
        if files["programs"]:
            names = [*last, *self._writers]
            what = f"starts {_listed(files['programs'])}, and what that reads is not known"
            return names, f"{what}: it runs after {_steps(names)}" if names else ""
        other = f"{_listed(self._started)} in step '{self._last}'"
        if last and files["written"]:
            return last, f"writes files, which {other} may read: it runs after that one"
        if last and files["unexplained"]:
            path = _short(files["unexplained"][0])
            return last, f"reads the file {path}, which {other} may have written: it runs after that one"
        return [], ""


def _refuse_left_out(source: Source, recording: Recording) -> None:
    """Raise for a file that a cell outside the steps writes and a step uses: the pipeline would not write it."""
    made: dict[str, list[int]] = {}
    unseen: list[int] = []  # cells tagged skip, one of which starts programs
    end = -1
    for step in source.steps:
        outside = [cell for cell in source.plan.roles if end < cell < step.cells[0]]
        if outside:
            files = recording.before[step.name].files
            made.update(dict.fromkeys(files["written"], outside))
            if files["programs"]:
                unseen = [cell for cell in outside if source.plan.roles[cell].role is Role.SKIP] or unseen
        files = recording.after[step.name].files
        for path in sorted(made.keys() & set(files["read"])):
            raise needed(source, made[path], f"writes the file {_short(path)}, which step '{step.name}' reads")
        for path in files["unexplained"] if unseen else ():
            raise needed(source, unseen, f"may write the file {_short(path)}, which step '{step.name}' reads")
        for path in files["written"]:
            made.pop(path, None)
        end = step.cells[-1]


def _short(path: str) -> str:
    return path.rpartition("/")[2] or path


def _listed(programs: list[str]) -> str:
    return ", ".join(programs)


def _steps(names: list[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    return f"step {quoted[0]}" if len(quoted) == 1 else f"steps {', '.join(quoted[:-1])} and {quoted[-1]}"
