"""How much a cell may show: what is beyond is cut, and said to be cut."""

from __future__ import annotations

import json
from typing import Any

from nbpipe.execute.limits import DISPLAYS
from nbpipe.sizes import shown_size

_RESULTS = ("display_data", "execute_result", "update_display_data")


class OutputBudget:
    """Counts the bytes of one cell's outputs.

    Attributes:
        dropped: bytes that were cut.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.dropped = 0
        self._printed = 0
        self._displayed = 0

    def clear(self) -> None:
        """Forget what was shown: the cell has cleared it."""
        self._printed = self._displayed = 0

    def shrink(self, printed: int) -> None:
        """Note that what was printed takes only so much once overwritten lines are gone."""
        self._printed = min(self._printed, printed)

    def is_full_for(self, text: str) -> bool:
        """Tell whether printed text would go beyond the limit."""
        return self._printed + _size(text) > self.limit

    def printed(self, text: str) -> str:
        """Give as much of a printed text as may be kept."""
        room = max(0, self.limit - self._printed)
        size = _size(text)
        self._printed += min(size, room)
        if size <= room:
            return text
        self.dropped += size - room
        return text.encode("utf-8", "surrogatepass")[:room].decode("utf-8", "ignore")

    def admit(self, message: dict[str, Any]) -> None:
        """Put a line in the place of a displayed result, or cut an error's text, where it is too large."""
        content = message["content"]
        if message["msg_type"] in _RESULTS:
            size = sum(_size(value) for value in content["data"].values())
            if self._displayed + size > self.limit * DISPLAYS:
                self.dropped += size
                content["data"] = {"text/plain": f"[nbpipe: an output of {shown_size(size)} is left out: --max-output]"}
                content["metadata"] = {}
                return
            self._displayed += size
        elif message["msg_type"] == "error":
            content["evalue"] = self.printed(str(content.get("evalue", "")))
            content["traceback"] = [self.printed(line) for line in content.get("traceback", ())]

    def note(self) -> str:
        """Say what was cut, "" where nothing was."""
        if not self.dropped:
            return ""
        return (
            f"[nbpipe: output cut: {shown_size(self.dropped)} more than the {shown_size(self.limit)} "
            "that a cell may show (--max-output)]\n"
        )


def _size(value: Any) -> int:
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return sum(map(_size, value))
    if not isinstance(value, str):
        value = json.dumps(value, default=str)
    return len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
