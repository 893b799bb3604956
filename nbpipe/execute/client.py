"""nbclient, with the pieces of one stream joined as they arrive."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from nbclient import NotebookClient  # noqa: TID253 - this module is imported when a kernel starts

if TYPE_CHECKING:
    from nbpipe.execute.kernel import Kernel

_POLL_SECONDS = 0.2
_IOPUB_SECONDS = 60  # how long outputs may lag behind a cell's end before it counts as a failure


def overwritten(text: str) -> str:
    """Give what a terminal would show of `text`: a carriage return starts the line again, over what is there."""
    if "\r" not in text:
        return text
    lines = []
    for line in text.split("\n"):
        shown = ""
        for piece in line.split("\r"):
            shown = piece + shown[len(piece) :]
        lines.append(shown)
    return "\n".join(lines)


class CellClient(NotebookClient):
    """Runs cells in a kernel that somebody else starts and ends."""

    def __init__(self, node: Any, kernel: Kernel) -> None:
        log = logging.getLogger("nbpipe.execute")
        log.addHandler(logging.NullHandler())
        self._kernel = kernel
        super().__init__(
            node,
            km=kernel.manager,
            log=log,
            record_timing=False,
            iopub_timeout=_IOPUB_SECONDS,
            raise_on_iopub_timeout=True,
        )
        self.changed = False
        self._stream: Any = None
        self._pieces: list[str] = []

    async def _async_poll_kernel_alive(self) -> None:
        """Give up on the cell soon after the kernel has died, but not before its last messages are read."""
        while await self._kernel.manager.is_alive():  # noqa: ASYNC110 - a process sets no event when it dies
            await asyncio.sleep(_POLL_SECONDS)
        await asyncio.sleep(_POLL_SECONDS)
        if self.task_poll_for_reply is not None:
            self.task_poll_for_reply.cancel()

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Note that something arrived."""
        self.changed = True
        return super().process_message(msg, cell, cell_index)

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        """Add an output; text of the stream that was written to last is joined to it."""
        if self._continues(outs, msg):
            self._pieces.append(msg["content"]["text"])
            return None
        self.settle()
        out: Any = super().output(outs, msg, display_id, cell_index)
        self._stream = out if out is not None and out.output_type == "stream" else None
        self._pieces = [out.text] if self._stream is not None else []
        return out

    def _continues(self, outs: list[Any], msg: dict[str, Any]) -> bool:
        return (
            msg["msg_type"] == "stream"
            and self._stream is not None
            and bool(outs)
            and outs[-1] is self._stream
            and self._stream.name == msg["content"]["name"]
            and not self.clear_before_next_output
            and not self.output_hook_stack[msg["parent_header"].get("msg_id")]
        )

    def settle(self) -> None:
        """Bring the joined text into the notebook."""
        if self._stream is not None:
            self._stream["text"] = overwritten("".join(self._pieces))
