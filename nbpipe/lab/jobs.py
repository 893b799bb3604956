"""What takes long: each job in a process of its own, which writes what happens line by line and can be cancelled.

A process, not a thread: it is interrupted as the command line is, by a signal; it cannot take the server with it; and
the server does not have to import what the job needs.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import uuid
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Json = dict[str, Any]

MOST_KEPT = 50
_LONGEST_LINE = 64 * 1024 * 1024
_GRACE_SECONDS = 20.0
_ENDED = ("done", "failed", "cancelled")


class Job:
    """One verification, conversion or run.

    Attributes:
        id: names it to the browser.
        kind: ``verify``, ``convert``, ``run``, ``parameters`` or ``view``.
        file: what it is about, a notebook or the folder of a pipeline.
        events: what happened, in order; the last of an ended job says how.
    """

    def __init__(self, kind: str, file: Path) -> None:
        self.id = uuid.uuid4().hex
        self.kind = kind
        self.file = file
        self.events: list[Json] = []
        self._changed = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._asked_to_stop = False

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen."""
        return bool(self.events) and self.events[-1]["event"] in _ENDED

    @property
    def is_serving(self) -> bool:
        """Whether it ended well and its process stays, for what it gave: the address of a server."""
        return (
            self.kind == "view"
            and self._process is not None
            and self._process.returncode is None
            and (not self.has_ended or self.events[-1]["event"] == "done")
        )

    async def run(self, request: Json) -> None:
        """Run the job to its end, in the folder of its file.

        Args:
            request: what `nbpipe.lab.worker` shall do.
        """
        self._process = process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "nbpipe.lab.worker",
            cwd=self.file.parent,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
            start_new_session=True,  # so that Ctrl-C in the server's terminal does not reach it twice
        )
        if process.stdin is None or process.stdout is None or process.stderr is None:
            raise AssertionError("all three are pipes")
        errors = asyncio.ensure_future(_last_lines(process.stderr))
        process.stdin.write(json.dumps(request).encode() + b"\n")  # and stays open: its end is that of the server
        if self._asked_to_stop:
            self._signal(signal.SIGTERM)
        async for line in process.stdout:
            self._add(json.loads(line))
        await process.wait()
        process.stdin.close()
        if not self.has_ended:
            text = await errors
            ending = "cancelled" if self._asked_to_stop else "failed"
            self._add({"event": ending, "message": text or f"the process ended with {process.returncode}"})
        await errors

    async def wait(self, after: int, seconds: float) -> list[Json]:
        """Give the events from number `after` on, as soon as there are any, or none after some seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while len(self.events) <= after and not self.has_ended:
                    self._changed.clear()
                    await self._changed.wait()
        return self.events[after:]

    async def cancel(self) -> None:
        """Ask the job to stop, and end it where it does not."""
        if self.has_ended:
            return
        self._asked_to_stop = True
        if self._process is None:
            return  # it is being started, and told then
        for number in (signal.SIGINT, signal.SIGTERM):
            self._signal(number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), _GRACE_SECONDS)
                return
        self._process.kill()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                if os.name == "nt":
                    self._process.terminate()
                else:
                    self._process.send_signal(number)

    def _add(self, event: Json) -> None:
        self.events.append(event)
        self._changed.set()


class Jobs:
    """The jobs of a server: those that run, and the last ones that ended."""

    def __init__(self) -> None:
        self._jobs: dict[str, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, kind: str, request: Json, file: Path) -> Job:
        """Begin a job about a file, in its folder."""
        job = Job(kind, file)
        self._jobs[job.id] = job
        task = asyncio.get_running_loop().create_task(job.run(request))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        ended = [known.id for known in self._jobs.values() if known.has_ended and not known.is_serving]
        for name in ended[: max(0, len(self._jobs) - MOST_KEPT)]:
            del self._jobs[name]
        return job

    def get(self, name: str) -> Job | None:
        """Give a job, None where there is none of that id."""
        return self._jobs.get(name)

    def serving(self, file: Path) -> Job | None:
        """Give the job that serves pages about a file, None where there is none."""
        return next((job for job in self._jobs.values() if job.file == file and job.is_serving), None)

    def running(self) -> list[Job]:
        """Give the jobs that have not ended."""
        return [job for job in self._jobs.values() if not job.has_ended]


async def _last_lines(stream: asyncio.StreamReader, most: int = 20) -> str:
    """Read to the end and give the last lines."""
    lines: list[str] = []
    while data := await stream.readline():
        lines = [*lines[1 - most :], data.decode(errors="replace")]
    return "".join(lines).strip()
