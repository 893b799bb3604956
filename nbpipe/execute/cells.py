"""The cells of a notebook, run one after the other; the status of each comes from what really happened to it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from nbpipe.execute.document import EXPECTED_ERROR_TAG, OWN_TAG, SKIP_TAG
from nbpipe.execute.limits import Clock
from nbpipe.execute.outcome import asked_to_exit, cell_error, reply_error, shown_error
from nbpipe.execute.watch import Watch
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
        self._watch = Watch(kernel, client, limits)
        self._watching = asyncio.ensure_future(self._watch.run())
        self._waits = {asyncio.ensure_future(event.wait()) for event in (self.stopped, self._watch.over)}
        self.unfinished = False
        self._dead = False

    def _note_reply(self, cell: Any, cell_index: int, execute_reply: dict[str, Any]) -> None:  # noqa: ARG002 - a hook of nbclient
        self._reply = execute_reply["content"]

    async def run(self, cell: Any, position: int) -> CellResult:
        """Run the code cell at `position` in the executed notebook.

        The result's index is `position`; whoever knows the source notebook translates it.
        """
        started = time.monotonic()
        limit, limit_name = self._clock.next_limit(own=OWN_TAG in cell.metadata.get("tags", ()))
        self._reply = {}
        self._watch.begin()
        task = asyncio.ensure_future(self._client.async_execute_cell(cell, position))
        await asyncio.wait({task, *self._waits}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
        broken_off: tuple[RunStatus, RunError] | None = self._watch.ending
        if not task.done() or broken_off is not None:
            broken_off = broken_off or self._why(limit_name)
            await self._break_off(task)
        status, error = broken_off or self._ending(task, cell)
        self._dead = status is RunStatus.DIED or asked_to_exit(self._reply)
        self._client.finish(cell)
        return CellResult(position, status, time.monotonic() - started, error, *self._watch.end())

    def _why(self, limit_name: str) -> tuple[RunStatus, RunError]:
        """Say why a cell that has not ended is broken off."""
        if self.stopped.is_set():
            return RunStatus.INTERRUPTED, RunError("Interrupted", "somebody asked to stop")
        return RunStatus.TIMED_OUT, RunError("Timeout", limit_name)

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
            if self._reply.get("status") == "error" and EXPECTED_ERROR_TAG not in cell.metadata.get("tags", ()):
                return RunStatus.FAILED, shown_error(cell.outputs) or reply_error(self._reply)
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

    @property
    def is_answering(self) -> bool:
        """Whether the kernel can be asked something: it lives, and no cell is left running."""
        return not self.unfinished and not self._dead

    def close(self) -> None:
        """Stop watching."""
        for waiting in (self._watching, *self._waits):
            waiting.cancel()
        self._watch.close()


def runs(cell: Any) -> bool:
    """Tell whether there is anything to run in a cell: code, not blank, not tagged to be skipped."""
    return cell.cell_type == "code" and bool(cell.source.strip()) and SKIP_TAG not in cell.metadata.get("tags", ())


async def run_cells(
    cells: list[Any],
    runner: CellRunner,
    started: Callable[[int], None],
    finished: Callable[[CellResult], None],
    *,
    allow_errors: bool = False,
) -> None:
    """Run the cells in order until one does not end well; each result goes to `finished`, also those not run.

    Args:
        cells: nbformat nodes, all cells of the notebook.
        runner: what runs one.
        started: told the position of each cell that is about to run.
        finished: told the result of each code cell, in order.
        allow_errors: go on behind a cell that raises an exception.
    """
    good = (RunStatus.OK, RunStatus.FAILED) if allow_errors else (RunStatus.OK,)
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
            going = result.status in good
            finished(result)
