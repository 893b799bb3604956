"""Hides secrets in what is kept or shown of a run: by the name of a parameter, and by the shape of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nbpipe.secrets.finding import LONGEST_NAME, find_secrets, is_secret_name
from nbpipe.secrets.placeholders import is_placeholder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HIDDEN: Final = "[redacted]"
_SHORTEST: Final = 6
"""Shorter values are hidden where they stand as a parameter, but not looked for in texts: they are parts of words."""


class Redactor:
    """Hides the secrets of one run.

    Attributes:
        names: the parameters whose values are secrets.
    """

    def __init__(self, parameters: Mapping[str, Any], given: Mapping[str, Any] | None = None) -> None:
        """Learn which values are secret from the names that they were given by and from their shapes.

        Args:
            parameters: all of the run.
            given: those that somebody set for it, whose values are hidden in outputs as well; None for all.
        """
        self.names = frozenset(name for name, value in parameters.items() if value and _is_secret(name, value))
        given = parameters if given is None else given
        self._all = _known({name: parameters[name] for name in self.names})
        self._given = _known({name: given[name] for name in self.names if name in given})

    @property
    def is_idle(self) -> bool:
        """Whether no parameter is a secret."""
        return not self.names

    def parameters(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Give parameters with secret ones hidden."""
        return {name: HIDDEN if name in self.names else self.value(value) for name, value in parameters.items()}

    def known(self, text: str) -> str:
        """Hide the values of secret parameters that were given in a text."""
        for secret in self._given:
            text = text.replace(secret, HIDDEN)
        return text

    def text(self, text: str, *, code: bool = False) -> str:
        """Hide the values of secret parameters and everything that has the shape of a secret.

        Args:
            text: any text.
            code: whether it is code, where a literal that is given to a name that speaks of one is a secret, too.
        """
        for secret in self._all:
            text = text.replace(secret, HIDDEN)
        found = find_secrets(text) if code else find_secrets(text, names=())
        for shaped in reversed(found):
            text = text[: shaped.start] + HIDDEN + text[shaped.end :]
        return text

    def value(self, value: Any) -> Any:
        """Hide secrets in a value of plain data, at any depth: also what a key speaks of as a secret."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {
                key: HIDDEN if isinstance(key, str) and item and _is_secret(key, item) else self.value(item)
                for key, item in value.items()
            }
        if isinstance(value, (list, tuple, set, frozenset)):
            return type(value)(map(self.value, value))
        return value


def _is_secret(name: str, value: Any) -> bool:
    if not isinstance(value, (str, bytes)) or not is_secret_name(name[-LONGEST_NAME:]):
        return False
    return isinstance(value, bytes) or not is_placeholder(value)


def _known(secrets: Mapping[str, Any]) -> list[str]:
    """Give the texts to look for, the longest first: one may be part of another."""
    texts = {text for value in secrets.values() for text in _texts(value) if len(text) >= _SHORTEST}
    return sorted(texts, key=len, reverse=True)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
        # As a literal in code or JSON writes it.
        if repr(value)[1:-1] != value:
            yield repr(value)[1:-1]
    elif isinstance(value, bytes):
        yield repr(value)[2:-1]
