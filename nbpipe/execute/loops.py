"""Running a coroutine to its end, wherever the caller is."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine


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


async def value_of(result: Any) -> Any:
    """Give the result of a call that some versions of jupyter_client make awaitable."""
    return await result if asyncio.iscoroutine(result) or asyncio.isfuture(result) else result
