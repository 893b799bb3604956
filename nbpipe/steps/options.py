"""Options of a step, as tags give them: ``option:<key>=<value>``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nbpipe.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

OptionValue = int | float | str | bool


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError(text)
    return value


def _amount(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise ValueError(text)
    return value


def _size(text: str) -> str:
    number = text.rstrip("BKMGTibkmgt")
    _amount(number)
    return text


def _switch(text: str) -> bool:
    return {"on": True, "off": False}[text.lower()]


_READERS: Final[dict[str, tuple[Callable[[str], OptionValue], str]]] = {
    "cache": (_switch, "on or off"),
    "cpus": (_amount, "a number"),
    "gpus": (_count, "a count"),
    "memory": (_size, "a size such as 2G"),
    "retries": (_count, "a count"),
    "timeout": (_amount, "seconds"),
}


LOCAL_OPTIONS: Final = ("cache", "retries", "timeout", "memory")
"""What the local runner holds; the others are for engines that have more machines than one."""


def read_option(text: str) -> tuple[str, OptionValue]:
    """Give key and value of ``<key>=<value>``.

    Raises:
        ValueError: the key is unknown, or the value is not of its kind.
    """
    key, equals, value = (part.strip() for part in text.partition("="))
    if key not in _READERS:
        known = ", ".join(_READERS)
        raise ValueError(f"unknown option '{key}' (options are: {known}){did_you_mean(key, _READERS)}")
    reader, wanted = _READERS[key]
    try:
        return key, reader(value if equals else "")
    except (ValueError, KeyError):
        raise ValueError(f"option '{key}' must be {wanted}: option:{key}=<value>") from None
