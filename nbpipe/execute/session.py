"""One run of one notebook: kernel up, cells, saving, kernel down."""

from __future__ import annotations

import asyncio
import signal
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from nbpipe.errors import ExecutionError, Interrupted
from nbpipe.execute.cells import CellRunner, run_cells
from nbpipe.execute.document import MARK
from nbpipe.execute.environment import ask_environment, is_other
from nbpipe.execute.kernel import Kernel
from nbpipe.execute.listener import CellStart
from nbpipe.execute.saving import Autosave
from nbpipe.execute.stamps import stamp_cell
from nbpipe.records import CellResult

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping
    from pathlib import Path

    from nbpipe.execute.document import Document
    from nbpipe.execute.kernels import KernelChoice
    from nbpipe.execute.limits import Limits
    from nbpipe.execute.listener import Listener
    from nbpipe.execute.stop import Stop


class Session:
    """What the engine needs to run a notebook, and what comes of it.

    Attributes:
        document: the notebook.
        choice: its kernel.
        node: the executed notebook (nbformat), from when papermill has injected the parameters.
        results: how each code cell of the source ended, in order; `index` is the place in the source.
        injected: how the injected cell ended, if there is one.
        environment: Python and packages of the kernel, where they are not nbpipe's own.
    """

    def __init__(  # noqa: PLR0913 - all of what a run needs
        self,
        document: Document,
        choice: KernelChoice,
        *,
        limits: Limits,
        listener: Listener,
        stop: Stop,
        autosave_path: Path | None,
        autosave_seconds: float,
        env: Mapping[str, str],
    ) -> None:
        self.document = document
        self.choice = choice
        self.node: Any = document.node
        self.results: list[CellResult] = []
        self.injected: CellResult | None = None
        self.environment: dict[str, Any] | None = None
        self._limits = limits
        self._listener = listener
        self._stop = stop
        self._autosave_path = autosave_path
        self._autosave_seconds = autosave_seconds
        self._env = env
        self._places: list[int | None] = []

    def execute(self, node: Any) -> None:
        """Run the notebook that papermill hands over.

        Raises:
            ExecutionError: the kernel does not come up.
        """
        self.node = node
        self._places = [cell.metadata.pop(MARK, None) for cell in node.cells]
        run_to_end(self._run())

    async def _run(self) -> None:
        from nbpipe.execute.client import CellClient

        kernel = Kernel(self.choice)
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        hurried = True
        with self._stop.telling(partial(_set_soon, loop, stopped), kernel.kill):
            try:
                await kernel.start(self.document.path.parent, self._env)
                client = CellClient(self.node, kernel)
                await self._unless(stopped, self._connect(client, kernel))
                runner = CellRunner(client, kernel, self._limits, stopped)
                await self._run_cells(client, runner)
                hurried = runner.unfinished
            finally:
                await kernel.end(hurried=hurried)

    async def _unless(self, stopped: asyncio.Event, connecting: Coroutine[Any, Any, None]) -> None:
        """Wait for the kernel, but not when somebody asks to stop.

        Raises:
            Interrupted: somebody did.
        """
        tasks = asyncio.ensure_future(connecting), asyncio.ensure_future(stopped.wait())
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if not tasks[0].done():
                raise Interrupted(self._stop.signal or signal.SIGINT, "interrupted before the first cell")
            await tasks[0]
        finally:
            for task in tasks:
                task.cancel()

    async def _connect(self, client: Any, kernel: Kernel) -> None:
        """Wait until the kernel answers, and note which language it speaks."""
        client.startup_timeout = int(self._limits.start)
        try:
            await client.async_start_new_kernel_client()
            info = await client.async_wait_for_reply(await _value(client.kc.kernel_info()))
        except (RuntimeError, TimeoutError) as error:
            why = kernel.log_tail().splitlines()[-1:] or [str(error)]
            path = self.document.notebook.path
            raise ExecutionError(f"{path}: kernel '{self.choice.name}' did not come up: {why[0]}") from error
        self.node.metadata["language_info"] = info["content"]["language_info"]
        if is_other(self.choice):
            self.environment = await ask_environment(client)

    async def _run_cells(self, client: Any, runner: CellRunner) -> None:
        save = asyncio.ensure_future(self._autosave(client))
        cells = self.node.cells

        def started(position: int) -> None:
            place = self._places[position]
            title = "parameters" if place is None else self.document.titles[place]
            self._listener.cell_started(CellStart(place, len(self.document.notebook.cells), title))

        def finished(result: CellResult) -> None:
            stamp_cell(cells[result.index], result)
            place = self._places[result.index]
            if place is None:
                self.injected = result
                return
            moved = CellResult(place, result.status, result.seconds, result.error)
            self.results.append(moved)
            self._listener.cell_finished(moved)

        try:
            await run_cells(cells, runner, started, finished)
            client.set_widgets_metadata()
        finally:
            save.cancel()
            runner.close()
            await _value(client.kc.stop_channels())

    async def _autosave(self, client: Any) -> None:
        """Save while cells run."""
        if self._autosave_path is None:
            return
        autosave = Autosave(self._autosave_path, self.node, self._autosave_seconds, client)
        await autosave.run()


def _set_soon(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    """Set an event of a loop from a signal handler or another thread."""
    loop.call_soon_threadsafe(event.set)


async def _value(result: Any) -> Any:
    """Give the result of a call that some versions of jupyter_client make awaitable."""
    return await result if asyncio.iscoroutine(result) or asyncio.isfuture(result) else result


def run_to_end(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine in its own event loop; in its own thread where a loop already runs (a notebook, a server)."""

    def run() -> None:
        # zmq needs a loop that can watch sockets, which Windows' default cannot.
        with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(coroutine)

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        run()
        return
    failures: list[BaseException] = []

    def run_in_thread() -> None:
        try:
            run()
        except BaseException as error:  # noqa: BLE001 - raised again below, in the caller's thread
            failures.append(error)

    thread = threading.Thread(target=run_in_thread, name="nbpipe-run")
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
