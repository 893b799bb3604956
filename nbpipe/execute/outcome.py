"""What a cell's end means: the error that people read, the status that is true."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nbpipe.records import RunError, RunStatus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbpipe.records import CellResult

# Colours and other terminal control sequences (ECMA-48).
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")

_HINTS = {
    "StdinNotImplementedError": "the cell waits for typed input, which nobody can give here; "
    "make the value a parameter (a cell tagged 'parameters') and pass it with -p NAME=VALUE",
    "SystemExit": "the cell called sys.exit({message}) or exit(): the cells after it were not run",
}


def cell_error(name: str, message: str, traceback: Iterable[str] = ()) -> RunError:
    """Give an error as people read it: no colours, and what to do where that is known."""
    text = _ANSI.sub("", message)
    text = _HINTS[name].format(message=text) if name in _HINTS else text
    return RunError(name, text, _ANSI.sub("", "\n".join(traceback)))


def shown_error(outputs: Iterable[Any]) -> RunError | None:
    """Give the first error that a cell shows; the kernel's reply names none when it was a display that failed."""
    for output in outputs:
        if output.output_type == "error":
            return cell_error(output.ename, output.evalue, output.traceback)
    return None


def reply_error(reply: dict[str, Any]) -> RunError:
    """Give the error of a kernel's execute_reply."""
    return cell_error(reply.get("ename") or "Error", reply.get("evalue") or "", reply.get("traceback") or ())


def asked_to_exit(reply: dict[str, Any]) -> bool:
    """Tell whether the cell called IPython's exit() or quit(), which end the kernel without an error."""
    return any(payload.get("source") == "ask_exit" for payload in reply.get("payload") or ())


def run_status(cells: Iterable[CellResult], *, allow_errors: bool = False) -> tuple[RunStatus, RunError | None]:
    """Give the status of the run: that of the first cell which did not end well; allowed errors do not count."""
    good = (RunStatus.OK, RunStatus.SKIPPED, *((RunStatus.FAILED,) if allow_errors else ()))
    for cell in cells:
        if cell.status not in good:
            return cell.status, cell.error
    return RunStatus.OK, None


def explain(status: RunStatus, error: RunError | None) -> str:
    """Give a status and its reason as one text: ``failed: ValueError: ...``, ``died: the kernel was...``."""
    if error is None:
        return status.value
    # Only the names of exceptions of the notebook's own code say something.
    name = f"{error.name}: " if status is RunStatus.FAILED else ""
    return f"{status.value}: {name}{error.message}"
