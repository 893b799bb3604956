"""The cells of a notebook, run one after the other; the status of each comes from what really happened to it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from nbpipe.execute.document import SKIP_TAG
from nbpipe.execute.limits import Clock
from nbpipe.execute.outcome import asked_to_exit, cell_error, reply_error, shown_error
from nbpipe.records import CellResult, RunError, RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbpipe.execute.kernel import Kernel
    from nbpipe.execute.limits import Limits

_GRACE_SECONDS = 2.0  # for a cell to end after it was interrupted


class CellRunner:
    """Runs cells in one kernel.

    Attributes:
        stopped: set by others when somebody asks to stop.
        unfinished: whether the kernel was left with a cell that would not end.
    """

    def __init__(self, client: Any, kernel: Kernel, limits: Limits, stopped: asyncio.Event) -> None:
        self._client = client
        self._kernel = kernel
        self._clock = Clock(limits)
        self._reply: dict[str, Any] = {}
        client.on_cell_executed = self._note_reply
        self.stopped = stopped
        self._stop_wait = asyncio.ensure_future(self.stopped.wait())
        self.unfinished = False

    def _note_reply(self, cell: Any, cell_index: int, execute_reply: dict[str, Any]) -> None:  # noqa: ARG002 - a hook of nbclient
        self._reply = execute_reply["content"]

    async def run(self, cell: Any, position: int) -> CellResult:
        """Run the code cell at `position` in the executed notebook.

        The result's index is `position`; whoever knows the source notebook translates it.
        """
        started = time.monotonic()
        limit, limit_name = self._clock.next_limit()
        self._reply = {}
        task = asyncio.ensure_future(self._client.async_execute_cell(cell, position))
        await asyncio.wait({task, self._stop_wait}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        broken_off: tuple[RunStatus, RunError] | None = None
        if not task.done():
            stopped = self.stopped.is_set()
            status = RunStatus.INTERRUPTED if stopped else RunStatus.TIMED_OUT
            broken_off = status, RunError(*_reason(limit_name, stopped=stopped))
            await self._break_off(task)
        status, error = broken_off or self._ending(task, cell)
        self._client.settle()
        return CellResult(position, status, time.monotonic() - started, error)

    async def _break_off(self, task: asyncio.Future[Any]) -> None:
        """Interrupt the cell; give up on it when it does not end soon."""
        await self._kernel.interrupt()
        await asyncio.wait({task}, timeout=_GRACE_SECONDS)
        if not task.done():
            self.unfinished = True
            task.cancel()
            await asyncio.wait({task})
        if not task.cancelled():
            task.exception()  # it is known how the cell ended; the exception adds nothing

    def _ending(self, task: asyncio.Future[Any], cell: Any) -> tuple[RunStatus, RunError | None]:
        """Say how a cell that came to its end by itself ended.

        A kernel whose cell called sys.exit or exit() has not finished the notebook.
        """
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

        error = task.exception()
        if error is None:
            if asked_to_exit(self._reply):
                return RunStatus.FAILED, cell_error("SystemExit", "")
            return RunStatus.OK, None
        if isinstance(error, CellExecutionError):
            return RunStatus.FAILED, shown_error(cell.outputs) or reply_error(self._reply)
        if isinstance(error, DeadKernelError):
            return RunStatus.DIED, RunError("DeadKernel", self._kernel.death(), self._kernel.log_tail())
        if isinstance(error, UnicodeEncodeError):
            return RunStatus.FAILED, RunError("UnicodeEncodeError", f"the cell cannot be sent to the kernel: {error}")
        if isinstance(error, CellTimeoutError):
            return RunStatus.FAILED, RunError("OutputLost", "the cell ended, but its outputs did not all arrive")
        raise error

    def close(self) -> None:
        """Forget the wait for a stop."""
        self._stop_wait.cancel()


def _reason(limit_name: str, *, stopped: bool) -> tuple[str, str]:
    return ("Interrupted", "somebody asked to stop") if stopped else ("Timeout", limit_name)


def runs(cell: Any) -> bool:
    """Tell whether there is anything to run in a cell: code, not blank, not tagged to be skipped."""
    return cell.cell_type == "code" and bool(cell.source.strip()) and SKIP_TAG not in cell.metadata.get("tags", ())


async def run_cells(
    cells: list[Any], runner: CellRunner, started: Callable[[int], None], finished: Callable[[CellResult], None]
) -> None:
    """Run the cells in order until one does not end well; each result goes to `finished`, also those not run.

    Args:
        cells: nbformat nodes, all cells of the notebook.
        runner: what runs one.
        started: told the position of each cell that is about to run.
        finished: told the result of each code cell, in order.
    """
    going = True
    for position, cell in enumerate(cells):
        if cell.cell_type != "code":
            continue
        if not going:
            finished(CellResult(position, RunStatus.NOT_RUN))
        elif not runs(cell):
            finished(CellResult(position, RunStatus.SKIPPED))
        elif runner.stopped.is_set():
            finished(CellResult(position, RunStatus.NOT_RUN))
        else:
            started(position)
            result = await runner.run(cell, position)
            going = result.status is RunStatus.OK
            finished(result)
