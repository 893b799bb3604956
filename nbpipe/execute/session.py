"""One run of one notebook: kernel up, cells, saving, kernel down."""

from __future__ import annotations

import asyncio
import signal
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from nbpipe.errors import ExecutionError, Interrupted
from nbpipe.execute.cells import CellRunner, run_cells
from nbpipe.execute.document import MARK
from nbpipe.execute.environment import ask_environment, is_other
from nbpipe.execute.hiding import hide_secrets, tidy_injected
from nbpipe.execute.kernel import Kernel
from nbpipe.execute.listener import CellStart
from nbpipe.execute.loops import run_to_end, value_of
from nbpipe.execute.saving import Autosave
from nbpipe.execute.stamps import stamp_cell
from nbpipe.execute.starting import turn_to_start
from nbpipe.records import CellResult, RunStatus

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from nbpipe.execute.document import Document
    from nbpipe.execute.kernels import KernelChoice
    from nbpipe.execute.limits import Limits
    from nbpipe.execute.listener import Listener
    from nbpipe.execute.observation import Observation
    from nbpipe.execute.stop import Stop
    from nbpipe.secrets.redaction import Redactor


class Session:
    """What the engine needs to run a notebook, and what comes of it.

    Attributes:
        document: the notebook.
        choice: its kernel.
        node: the executed notebook (nbformat), from when papermill has injected the parameters.
        results: how each code cell of the source ended, in order; `index` is the place in the source.
        injected: how the injected cell ended, if there is one.
        environment: Python and packages of the kernel, where they are not nbpipe's own.
        allows_errors: whether cells that raise an exception do not end the run.
        observed: what the kernel's interpreter showed; see `nbpipe.execute.observation`.
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
        allow_errors: bool = False,
        observation: Observation | None = None,
        turn: AbstractContextManager[object] | None = None,
        redactor: Redactor | None = None,
        folder: Path | None = None,
    ) -> None:
        """Prepare.

        Args:
            document: the notebook.
            choice: its kernel.
            limits: what it may take.
            listener: hears of its cells.
            stop: how somebody asks to stop.
            autosave_path: where the unfinished result is saved; None for nowhere.
            autosave_seconds: how often.
            env: the kernel's environment.
            allow_errors: go on behind cells that raise an exception.
            observation: what is asked of the kernel's interpreter.
            turn: entered before the first cell runs and left behind the last: where several notebooks run side by
                side, a kernel comes up while it waits for its turn.
            redactor: hides the values of secret parameters in what is saved and told.
            folder: where the kernel works; by default where the notebook is.
        """
        self.document = document
        self.choice = choice
        self.node: Any = document.node
        self.results: list[CellResult] = []
        self.injected: CellResult | None = None
        self.environment: dict[str, Any] | None = None
        self.observed: dict[str, Any] = {}
        self._limits = limits
        self._listener = listener
        self._stop = stop
        self._autosave_path = autosave_path
        self._autosave_seconds = autosave_seconds
        self._env = env
        self.allows_errors = allow_errors
        self._observation = observation
        self._turn = turn or nullcontext()
        self._redactor = redactor
        self._folder = folder or document.path.parent
        self._kernel: Kernel | None = None
        self._places: list[int | None] = []

    def execute(self, node: Any) -> None:
        """Run the notebook that papermill hands over.

        Raises:
            ExecutionError: the kernel does not come up.
        """
        self.node = node
        self._places = [cell.metadata.pop(MARK, None) for cell in node.cells]
        tidy_injected(node, self._redactor)
        run_to_end(self._run())

    async def _run(self) -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        hurried = True
        with self._stop.telling(partial(_set_soon, loop, stopped), self._kill):
            try:
                client = await self._unless(stopped, self._start())
                if self._kernel is None:
                    return
                async with _in_turn(self._turn, stopped):
                    runner = CellRunner(client, self._kernel, self._limits, stopped)
                    await self._run_cells(client, runner)
                hurried = runner.unfinished
            finally:
                if self._kernel is not None:
                    await self._kernel.end(hurried=hurried)

    def _kill(self) -> None:
        if self._kernel is not None:
            self._kernel.kill()

    async def _start(self) -> Any:
        """Start a kernel and give the client that talks to it; one that does not come up is tried once more.

        Raises:
            ExecutionError: it does not come up the second time either.
        """
        async with turn_to_start():
            try:
                return await self._start_once()
            except _NotUpError:
                return await self._start_once()

    async def _start_once(self) -> Any:
        from nbpipe.execute.client import CellClient

        if self._kernel is not None:
            await self._kernel.end(hurried=True)
        kernel = self._kernel = Kernel(self.choice)
        await kernel.start(self._folder, self._env)
        client = CellClient(
            self.node,
            kernel,
            self._limits,
            allow_errors=self.allows_errors,
            printed=self._tell_printed,
        )
        await self._connect(client, kernel)
        return client

    async def _unless(self, stopped: asyncio.Event, starting: Coroutine[Any, Any, Any]) -> Any:
        """Wait for the kernel, but not when somebody asks to stop.

        Raises:
            Interrupted: somebody did.
        """
        tasks = asyncio.ensure_future(starting), asyncio.ensure_future(stopped.wait())
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if not tasks[0].done():
                raise Interrupted(self._stop.signal or signal.SIGINT, "interrupted before the first cell")
            return await tasks[0]
        finally:
            for task in tasks:
                task.cancel()

    async def _connect(self, client: Any, kernel: Kernel) -> None:
        """Wait until the kernel answers, and note which language it speaks."""
        client.startup_timeout = int(self._limits.start)
        try:
            await client.async_start_new_kernel_client()
            info = await client.async_wait_for_reply(await value_of(client.kc.kernel_info()))
        except (RuntimeError, TimeoutError) as error:
            why = kernel.log_tail().splitlines()[-1:] or [str(error)]
            path = self.document.notebook.path
            raise _NotUpError(f"{path}: kernel '{self.choice.name}' did not come up: {why[0]}") from error
        self.node.metadata["language_info"] = info["content"]["language_info"]
        if is_other(self.choice):
            self.environment = await ask_environment(client)
        if self._observation is not None:
            await self._observation.begin(client)

    def _tell_printed(self, name: str, text: str) -> None:
        self._listener.cell_printed(name, text if self._redactor is None else self._redactor.text(text))

    async def _run_cells(self, client: Any, runner: CellRunner) -> None:
        save = asyncio.ensure_future(self._autosave(client))
        cells = self.node.cells

        def started(position: int) -> None:
            place = self._places[position]
            title = "parameters" if place is None else self.document.titles[place]
            self._listener.cell_started(CellStart(place, len(self.document.notebook.cells), title))

        def finished(result: CellResult) -> None:
            stamp_cell(cells[result.index], result)
            if self._redactor is not None:
                hide_secrets(cells[result.index], self._redactor)
            place = self._places[result.index]
            if place is None:
                if self.injected is None or self.injected.status is RunStatus.OK:
                    self.injected = result
                return
            moved = replace(result, index=place)
            self.results.append(moved)
            self._listener.cell_finished(moved)
            if client.cut and result.seconds is not None:
                self._listener.warned(f"{self.document.notebook.path}: cell {place + 1}: {client.cut.strip()}")

        try:
            await run_cells(cells, runner, started, finished, allow_errors=self.allows_errors)
            client.set_widgets_metadata()
            if self._observation is not None:
                self.observed = await self._observation.end(client, is_answering=runner.is_answering)
        finally:
            save.cancel()
            runner.close()
            await value_of(client.kc.stop_channels())

    async def _autosave(self, client: Any) -> None:
        """Save while cells run."""
        if self._autosave_path is None:
            return
        autosave = Autosave(self._autosave_path, self.node, self._autosave_seconds, client)
        await autosave.run()


class _NotUpError(ExecutionError):
    """A kernel was started and does not answer, which another try may mend."""


@asynccontextmanager
async def _in_turn(turn: AbstractContextManager[object], stopped: asyncio.Event) -> AsyncIterator[None]:
    """Hold a turn within the block; the wait for it, in a thread, ends when somebody asks to stop."""
    if isinstance(turn, nullcontext):
        yield
        return
    waiting = asyncio.ensure_future(asyncio.to_thread(turn.__enter__))
    stopping = asyncio.ensure_future(stopped.wait())
    await asyncio.wait((waiting, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    try:
        yield
    finally:
        await waiting
        turn.__exit__(None, None, None)


def _set_soon(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    """Set an event of a loop from a signal handler or another thread."""
    loop.call_soon_threadsafe(event.set)
