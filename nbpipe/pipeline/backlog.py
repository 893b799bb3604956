"""What has to be done, but can wait until the next steps have been started: telling, keeping, cleaning up."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class Backlog:
    """Calls that wait, in the order in which they came up."""

    def __init__(self) -> None:
        self._calls: deque[tuple[Callable[..., object], tuple[Any, ...]]] = deque()

    def add(self, call: Callable[..., object], *arguments: Any) -> None:
        """Let a call wait."""
        self._calls.append((call, arguments))

    def work_off(self) -> None:
        """Make all calls that wait, and those that they add."""
        while self._calls:
            call, arguments = self._calls.popleft()
            call(*arguments)
