"""Interrupt (INT) and terminate (TERM) signals, heard once and turned into a request to stop."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nbpipe.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stop:
    """Whether somebody asked to stop, and who is to be told.

    Attributes:
        signal: the first signal that came, or None.
    """

    def __init__(self) -> None:
        self.signal: int | None = None
        self._hearing: list[tuple[Callable[[], None], Callable[[], None]]] = []

    @contextmanager
    def telling(self, told: Callable[[], None], forced: Callable[[], None]) -> Iterator[None]:
        """Tell `told` at the first request and `forced` at each further one, within the block.

        Several notebooks that run side by side are told each. Outside all such blocks a request raises
        `Interrupted` at once.
        """
        hearing = told, forced
        self._hearing.append(hearing)
        if self.signal is not None:
            told()
        try:
            yield
        finally:
            self._hearing.remove(hearing)

    def request(self, signum: int, _frame: FrameType | None = None) -> None:
        """Ask to stop; has the shape of a signal handler.

        Raises:
            Interrupted: nobody is there to be told.
        """
        first, self.signal = self.signal is None, self.signal or signum
        if not self._hearing:
            raise Interrupted(signum)
        for told, forced in tuple(self._hearing):
            (told if first else forced)()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take INT and TERM within the block (only in the main thread, where Python delivers signals).

        INT is taken even where it was ignored at start, as it is for jobs that a script puts in the background.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.request) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, signal.SIG_DFL if handler is None else handler)
