"""One running kernel: started in the notebook's folder, heard over private sockets, always ended."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from nbpipe.errors import ExecutionError
from nbpipe.execute.guard import VARIABLE, end_group, end_marked
from nbpipe.execute.guarding import GUARD
from nbpipe.execute.places import private_folder, sweep_once, transport

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbpipe.execute.kernels import KernelChoice

_END_SECONDS = 5.0  # half of it for a polite end, half after SIGTERM, then SIGKILL
_HURRIED_END_SECONDS = 2.0
_LOOK_SECONDS = 0.01
_LOG_TAIL = 4000


class Kernel:
    """A kernel process and jupyter_client's manager of it.

    Attributes:
        manager: jupyter_client's `AsyncKernelManager`.
    """

    def __init__(self, choice: KernelChoice) -> None:
        """Make its private folder; end what runs that were killed have left."""
        from jupyter_client.manager import AsyncKernelManager

        sweep_once()
        self._choice = choice
        self._folder = private_folder()
        self._log = self._folder / "log"
        self._process: Any = None
        self.manager = AsyncKernelManager(
            kernel_name=choice.name,
            connection_file=str(self._folder / "c.json"),
            **transport(self._folder),
        )
        # The choice is made: do not let jupyter_client look the name up again.
        self.manager._kernel_spec = choice.spec  # noqa: SLF001 - there is no public way to hand over a spec
        self._arguments = ["--HistoryManager.hist_file=:memory:"] if choice.is_ipython else []

    async def start(self, cwd: Path, env: Mapping[str, str]) -> None:
        """Start the process in the folder `cwd`.

        Raises:
            ExecutionError: its program cannot be run.
        """
        try:
            with self._log.open("wb") as log:
                await self.manager.start_kernel(
                    extra_arguments=self._arguments,
                    cwd=str(cwd),
                    env={**env, VARIABLE: self.mark},
                    stdout=log,
                    stderr=log,
                )
        except OSError as error:
            raise ExecutionError(
                f"kernel '{self._choice.name}' cannot be started: {self._choice.spec.argv[0]}: {error.strerror}; "
                "install it again or choose another with --kernel NAME"
            ) from error
        # The provisioner forgets the process when it has ended, and with it how it ended.
        self._process = getattr(self.manager.provisioner, "process", None)
        if self._process is not None:
            GUARD.add(self.mark, self._process.pid)

    @property
    def mark(self) -> str:
        """What the environments of the kernel and of all that it starts have in common; see `nbpipe.execute.guard`."""
        return str(self._folder)

    @property
    def pid(self) -> int | None:
        """The process's number; None where the kernel is no process of this machine."""
        return self._process.pid if self._process is not None else None

    async def interrupt(self) -> None:
        """Ask the running cell to stop."""
        with suppress(RuntimeError, OSError):
            await self.manager.interrupt_kernel()

    def kill(self) -> None:
        """End the kernel and what it started in its process group, now."""
        if self._process is None:
            return
        if hasattr(os, "killpg"):
            end_group(self._process.pid)
        else:
            with suppress(OSError):
                self._process.kill()

    async def end(self, *, hurried: bool = False) -> None:
        """End the kernel and all that it started; remove its folder.

        Politely first, then SIGTERM, then SIGKILL, each for a bounded time. What the kernel started is ended too, also
        where it left the kernel's process group.
        """
        seconds = _HURRIED_END_SECONDS if hurried else _END_SECONDS
        try:
            if await self.manager.is_alive():
                with suppress(RuntimeError, OSError, TimeoutError):
                    await asyncio.wait_for(self._shut_down(seconds), 2 * seconds + 5)
        finally:
            # Children outlive a kernel that ended politely.
            self.kill()
            if self._process is not None:
                self._process.wait()
                end_marked(self.mark)
                GUARD.remove(self.mark)
            await self.manager.cleanup_resources()
            shutil.rmtree(self._folder, ignore_errors=True)

    async def _shut_down(self, seconds: float) -> None:
        """Ask the kernel to end; where it does not, terminate it, each for half of a time."""
        if self._process is None:
            self.manager.shutdown_wait_time = seconds
            await self.manager.shutdown_kernel()
            return
        await self.manager.interrupt_kernel()
        await self.manager.request_shutdown()
        if not await self._ended(seconds / 2):
            await self.manager.signal_kernel(signal.SIGTERM)
            await self._ended(seconds / 2)

    async def _ended(self, seconds: float) -> bool:
        """Wait for the process; jupyter_client looks ten times a second, which adds up over many notebooks."""
        deadline = asyncio.get_running_loop().time() + seconds
        while self._process.poll() is None:
            if asyncio.get_running_loop().time() > deadline:
                return False
            await asyncio.sleep(_LOOK_SECONDS)
        return True

    def death(self) -> str:
        """Say how the process ended: by which signal or with which exit code."""
        code = self._process.poll() if self._process is not None else None
        if code is None:
            return "the kernel stopped answering"
        if code >= 0:
            return f"the kernel ended with exit code {code}"
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        hint = " (often: out of memory)" if name == "SIGKILL" else ""
        return f"the kernel was killed by {name}{hint}"

    def log_tail(self) -> str:
        """Give the end of what the process wrote past the notebook: a failed start, a native crash."""
        try:
            return self._log.read_bytes()[-_LOG_TAIL:].decode(errors="replace").strip()
        except OSError:
            return ""
