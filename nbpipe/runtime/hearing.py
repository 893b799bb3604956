"""Who hears what code does with the world: Python's audit events, and what wrapped functions tell (see `native`)."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_observers: list[Observer] = []
_hooked: list[bool] = []
_telling: set[int] = set()  # threads in which somebody is being told just now


class Observer:
    """Hears of events while it observes, in the process in which it was made: a forked child observes nothing.

    Attributes:
        HANDLERS: what is called for an audit event, with the observer and the event's arguments.
        process: number of that process.
    """

    HANDLERS: ClassVar[Mapping[str, Callable[..., None]]] = {}

    def __init__(self) -> None:
        self.process = os.getpid()

    @contextmanager
    def observing(self) -> Iterator[None]:
        """Observe within the block."""
        if not _hooked:
            # One hook for all observers, added once: Python has no way to remove one.
            sys.addaudithook(_hear)
            _hooked.append(True)
        _observers.append(self)
        try:
            yield
        finally:
            _observers.remove(self)

    def missed(self, error: Exception) -> None:
        """Hear that something could not be followed."""

    def note_input(self, source: object) -> None:
        """Note that a native library is about to read a file, a folder of files, a pattern, or several of these."""

    def note_written(self, path: object) -> None:
        """Note that a native library is about to write a file or a folder of files."""

    def note_opened(self, path: object, mode: str) -> None:
        """Note that a native library opens a file in one of the modes of `open`."""
        if mode[:1] not in ("w", "x"):
            self.note_input(path)
        if mode not in ("r", "rb"):
            self.note_written(path)

    def note_listed(self, path: object) -> None:
        """Note that the names in a folder are asked for."""

    def note_probed(self, path: object, *, exists: bool) -> None:
        """Note that somebody asked whether a file is there."""

    def note_effect(self, kind: str, name: object) -> None:
        """Note something that leaves no file to look at."""


def observers() -> tuple[Observer, ...]:
    """Give those that observe now."""
    return tuple(item for item in _observers if item.process == os.getpid())


def tell(handler: Callable[..., object], *arguments: Any) -> None:
    """Call `handler(observer, *arguments)` for each that observes; what that does itself with files is not heard.

    It is called within the user's own calls, so it must be quick; what it raises is told to the observer alone.
    """
    thread = threading.get_ident()
    if thread in _telling:
        return
    _telling.add(thread)
    try:
        for observer in observers():
            try:
                handler(observer, *arguments)
            except Exception as error:  # noqa: BLE001 - nothing of this may reach the user's code
                observer.missed(error)
    finally:
        _telling.discard(thread)


@contextmanager
def unheard() -> Iterator[None]:
    """Hear nothing that this thread does within the block."""
    thread = threading.get_ident()
    _telling.add(thread)
    try:
        yield
    finally:
        _telling.discard(thread)


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if not _observers:
        return
    for observer in _observers:
        if event in observer.HANDLERS:
            tell(_handle, event, arguments)
            return


def _handle(observer: Observer, event: str, arguments: tuple[Any, ...]) -> None:
    handler = observer.HANDLERS.get(event)
    if handler is not None:
        handler(observer, *arguments)
