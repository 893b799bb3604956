"""nbclient, with the pieces of one stream joined as they arrive, and no more of them kept than a cell may show."""

from __future__ import annotations

import asyncio
import logging
import re
from typing import TYPE_CHECKING, Any

from nbclient import NotebookClient  # noqa: TID253 - this module is imported when a kernel starts

from nbpipe.execute.limits import Limits
from nbpipe.execute.output import OutputBudget

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbpipe.execute.kernel import Kernel

_HIDDEN_FRAME = re.compile(r"^\s*(?:\x1b\[[\d;]*m)*\s*\[\.\.\. skipping hidden \d+ frame\]")
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


def _nothing(_name: str, _text: str) -> None:
    """Tell nobody."""


class CellClient(NotebookClient):
    """Runs cells in a kernel that somebody else starts and ends.

    Attributes:
        changed: whether something arrived since the last save.
        heard: how many messages arrived.
        cut: what to say about output that the last cell showed and that was not kept; "" where all was.
        printed: called with the stream's name and the text of all that a cell shows as text, as it arrives.
    """

    def __init__(
        self,
        node: Any,
        kernel: Kernel,
        limits: Limits | None = None,
        *,
        allow_errors: bool = False,
        printed: Callable[[str, str], None] = _nothing,
    ) -> None:
        log = logging.getLogger("nbpipe.execute")
        log.addHandler(logging.NullHandler())
        self._kernel = kernel
        super().__init__(
            node,
            km=kernel.manager,
            log=log,
            record_timing=False,
            allow_errors=allow_errors,
            iopub_timeout=_IOPUB_SECONDS,
            raise_on_iopub_timeout=True,
        )
        self.changed = False
        self.heard = 0
        self.cut = ""
        self.printed = printed
        self._limit = (limits or Limits()).output
        self._budget = OutputBudget(self._limit)
        self._stream: Any = None
        self._pieces: list[str] = []

    async def _async_poll_kernel_alive(self) -> None:
        """Give up on the cell soon after the kernel has died, but not before its last messages are read."""
        # Short cells are over before the first look.
        await asyncio.sleep(_POLL_SECONDS)
        while await self._kernel.manager.is_alive():  # noqa: ASYNC110 - a process sets no event when it dies
            await asyncio.sleep(_POLL_SECONDS)
        await asyncio.sleep(_POLL_SECONDS)
        if self.task_poll_for_reply is not None:
            self.task_poll_for_reply.cancel()

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Note that something arrived; leave out what a cell may not show."""
        self.changed = True
        self.heard += 1
        if msg["msg_type"] == "clear_output" and not msg["content"].get("wait"):
            self._budget.clear()
        if msg["msg_type"] == "error":
            # The frames of our own wrapped readers: where they stand is no news to anybody.
            lines = msg["content"].get("traceback") or []
            msg["content"]["traceback"] = [line for line in lines if not _HIDDEN_FRAME.search(line)]
        self._budget.admit(msg)
        return super().process_message(msg, cell, cell_index)

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: str | None, cell_index: int) -> Any:
        """Add an output; text of the stream that was written to last is joined to it."""
        if self.clear_before_next_output:
            self._budget.clear()
        if msg["msg_type"] == "stream":
            return self._add_printed(outs, msg, cell_index)
        self._tell(msg)
        self.settle()
        self._stream = None
        return super().output(outs, msg, display_id, cell_index)

    def _add_printed(self, outs: list[Any], msg: dict[str, Any], cell_index: int) -> Any:
        name, text = msg["content"]["name"], msg["content"]["text"]
        self.printed(name, text)
        continues = self._continues(outs, msg)
        if continues and self._budget.is_full_for(text):
            self.settle()
            self._budget.shrink(len(self._stream["text"]))
        kept = self._budget.printed(text)
        if not kept:
            return None
        if continues:
            self._pieces.append(kept)
            return None
        self.settle()
        msg["content"]["text"] = kept
        out: Any = super().output(outs, msg, None, cell_index)
        self._stream = out
        self._pieces = [kept] if out is not None else []
        return out

    def _tell(self, msg: dict[str, Any]) -> None:
        """Tell what is shown as text, apart from errors, which are told when the cell has ended."""
        text = (msg["content"].get("data") or {}).get("text/plain")
        if isinstance(text, str):
            self.printed("stdout", text + "\n")

    def _continues(self, outs: list[Any], msg: dict[str, Any]) -> bool:
        return (
            self._stream is not None
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
            self._pieces = [self._stream["text"]]

    def finish(self, cell: Any) -> None:
        """Bring the last text into the notebook, and say in the cell what was cut; the next cell starts anew."""
        self.settle()
        self._stream, self._pieces = None, []
        self.cut = self._budget.note()
        if self.cut:
            from nbformat.v4 import new_output

            make: Any = new_output
            cell.outputs.append(make("stream", name="stderr", text=self.cut))
        self._budget = OutputBudget(self._limit)
