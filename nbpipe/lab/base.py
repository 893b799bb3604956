"""What all handlers do alike: who may call, where the file is, work away from the event loop, errors as one line."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from jupyter_server.base.handlers import APIHandler
from tornado.web import Finish, HTTPError

from nbpipe.api.check import settings_for
from nbpipe.errors import NbpipeError
from nbpipe.lab.paths import OutsideError, local_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from nbpipe.config import Settings
    from nbpipe.lab.routes import Shared

T = TypeVar("T")


class Handler(APIHandler):
    """Base of the handlers; each of their methods is `tornado.web.authenticated`."""

    shared: Shared

    def initialize(self, shared: Shared) -> None:
        """Take what the handlers share."""
        super().initialize()
        self.shared = shared
        self._work: asyncio.Future[Any] | None = None

    def file(self, path: str | None = None) -> Path:
        """Give the file that the request is about: its argument ``path``.

        Raises:
            HTTPError: 403 where it lies outside of the server's root.
        """
        try:
            return local_path(self.get_query_argument("path") if path is None else path, self.shared.root)
        except OutsideError as error:
            raise HTTPError(403, reason=_header(str(error))) from None

    async def work(self, call: Callable[..., T], *arguments: Any, **options: Any) -> T:
        """Call a function in the executor; what has not begun when the browser goes away is not begun.

        Raises:
            HTTPError: 400 with the message of what the user can mend.
        """
        loop = asyncio.get_running_loop()
        self._work = loop.run_in_executor(self.shared.executor, partial(call, *arguments, **options))
        try:
            result: T = await self._work
        except NbpipeError as error:
            raise HTTPError(400, reason=_header(str(error))) from None
        except asyncio.CancelledError:
            if not self._work.cancelled():
                raise  # the server ends
            self.set_status(204)  # which nobody reads
            raise Finish from None
        return result

    def on_connection_close(self) -> None:
        """Drop what nobody waits for."""
        if self._work is not None:
            self._work.cancel()
        super().on_connection_close()


def settings_of(file: Path) -> Settings:
    """Give the settings in force for a notebook, whether or not it is on disk yet."""
    return settings_for([str(file if file.exists() else file.parent)])


def _header(message: str) -> str:
    """Give a message as the status line of HTTP can hold it: one line of Latin characters."""
    return " ".join(message.split()).encode("latin-1", "replace").decode("latin-1")
