"""The types of settings: how a value is written in TOML, and as text on the command line or in the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from nbpipe.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

LEVELS = ("error", "warning", "info")


class Kind(Generic[T]):
    """A type of setting: how its value is written in TOML, and as text on the command line or in the environment.

    Attributes:
        label: the type in words, for messages and the reference.
        metavar: what stands for the value in ``--help``.
    """

    label = "a string"
    metavar = "TEXT"
    multiple = False
    choices: tuple[str, ...] = ()

    def from_value(self, value: object) -> T:
        """Give the setting for a value from TOML or Python; raises TypeError or ValueError with what is wrong."""
        raise NotImplementedError

    def from_text(self, texts: Sequence[str]) -> T:
        """Give the setting for texts, each from one option or variable; raises as `from_value`."""
        raise NotImplementedError


class Text(Kind[str]):
    """A string, perhaps one of a few."""

    def __init__(self, *choices: str, metavar: str = "TEXT") -> None:
        self.choices = choices
        self.metavar = metavar
        if choices:
            self.label = "one of " + ", ".join(f'"{choice}"' for choice in choices)
            self.metavar = "|".join(choices)

    def from_value(self, value: object) -> str:
        """Give the setting for a value from TOML or Python."""
        if not isinstance(value, str):
            raise TypeError(type(value).__name__)
        if self.choices and value not in self.choices:
            raise ValueError(f'"{value}"' + did_you_mean(value, self.choices))
        return value

    def from_text(self, texts: Sequence[str]) -> str:
        """Give the setting for texts."""
        return self.from_value(texts[-1])


class Texts(Kind[tuple[str, ...]]):
    """A list of strings; in text, separated by commas."""

    label = "a list of strings"
    multiple = True

    def __init__(self, metavar: str) -> None:
        self.metavar = metavar

    def from_value(self, value: object) -> tuple[str, ...]:
        """Give the setting for a value from TOML or Python."""
        if not isinstance(value, (list, tuple)):
            raise TypeError(type(value).__name__)
        for item in value:
            if not isinstance(item, str):
                raise TypeError(f"a list with {type(item).__name__}")
        return tuple(value)

    def from_text(self, texts: Sequence[str]) -> tuple[str, ...]:
        """Give the setting for texts."""
        return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


class Count(Kind[int]):
    """A whole number from 0 on."""

    label = "a whole number"
    metavar = "N"

    def from_value(self, value: object) -> int:
        """Give the number."""
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(type(value).__name__)
        if value < 0:
            raise ValueError(value)
        return value

    def from_text(self, texts: Sequence[str]) -> int:
        """Give the number that a text writes."""
        if not texts[-1].strip().isdigit():
            raise ValueError(f'"{texts[-1]}"')
        return int(texts[-1])


class Number(Kind[float]):
    """A number from 0 on."""

    label = "a number from 0 on"
    metavar = "NUMBER"

    def from_value(self, value: object) -> float:
        """Give the number."""
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise TypeError(type(value).__name__)
        if not 0 <= value < float("inf"):
            raise ValueError(value)
        return float(value)

    def from_text(self, texts: Sequence[str]) -> float:
        """Give the number that a text writes."""
        try:
            number = float(texts[-1])
        except ValueError:
            raise ValueError(f'"{texts[-1]}"') from None
        return self.from_value(number)


class Switch(Kind[bool]):
    """On or off; in text, ``true`` or ``false``."""

    label = "true or false"
    metavar = "true|false"

    def from_value(self, value: object) -> bool:
        """Give the setting for a value from TOML or Python."""
        if not isinstance(value, bool):
            raise TypeError(type(value).__name__)
        return value

    def from_text(self, texts: Sequence[str]) -> bool:
        """Give what a text says."""
        known = {"true": True, "1": True, "false": False, "0": False}
        if texts[-1].strip().lower() not in known:
            raise ValueError(f'"{texts[-1]}"')
        return known[texts[-1].strip().lower()]


class TextsTable(Kind["dict[str, tuple[str, ...]]"]):
    """A table of lists of strings; in text, ``KEY=VALUE`` separated by commas, a key as often as it has values."""

    label = "a table of lists of strings"
    multiple = True

    def __init__(self, metavar: str) -> None:
        self.metavar = metavar

    def from_value(self, value: object) -> dict[str, tuple[str, ...]]:
        """Give the setting for a value from TOML or Python."""
        if not isinstance(value, dict):
            raise TypeError(type(value).__name__)
        return {str(key): Texts("").from_value(item) for key, item in value.items()}

    def from_text(self, texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Give the setting for texts."""
        table: dict[str, tuple[str, ...]] = {}
        for key, item in _pairs(texts):
            table[key] = (*table.get(key, ()), item)
        return table


class LevelsTable(Kind["dict[str, str]"]):
    """A table of severities; in text, ``KEY=LEVEL`` separated by commas."""

    label = "a table of severities (" + ", ".join(f'"{level}"' for level in LEVELS) + ")"
    multiple = True

    def __init__(self, metavar: str) -> None:
        self.metavar = metavar

    def from_value(self, value: object) -> dict[str, str]:
        """Give the setting for a value from TOML or Python."""
        if not isinstance(value, dict):
            raise TypeError(type(value).__name__)
        return {str(key): Text(*LEVELS).from_value(item) for key, item in value.items()}

    def from_text(self, texts: Sequence[str]) -> dict[str, str]:
        """Give the setting for texts."""
        return self.from_value(dict(_pairs(texts)))


def _pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    pairs = []
    for text in Texts("").from_text(texts):
        key, equals, value = text.rpartition("=")
        if not equals:
            raise ValueError(f'"{text}" without "="')
        pairs.append((key.strip(), value.strip()))
    return pairs
