# ruff: noqa: TID252 - the folder is loaded by path, under a name of its own
"""What a serializer is, and the refusal of a value that none can store."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..fingerprints.walk import Place


def _always(value: object, again: object) -> bool:  # noqa: ARG001 - the shape of `keeps_layout`
    return True


def _never(value: object) -> bool:  # noqa: ARG001 - the shape of `knows`
    return False


class Serializer(NamedTuple):
    """One format.

    Attributes:
        name: also the extension of what it writes.
        accepts: whether it may be tried for a value.
        write: value and file; may raise anything.
        read: file; gives a fresh value.
        keeps_layout: whether a value that was read back is stored in memory as the original was: sums and
            factorisations of other layouts differ in their last digits.
        libraries: top-level modules whose versions reading depends on.
        probe: of a large value, whether what a file holds agrees in kind, shape and a sample of its parts; raises
            or gives false where it does not. None: large values are read back and compared in full.
        is_plain: whether reading runs no code of the file's, so that its hash may be checked meanwhile.
        write_hashed: writes a large value as `write` does, and hashes it meanwhile; gives the digest of the file's
            blocks, and digests of the value's memory that came with it (see `fingerprint`).
        knows: whether `write_hashed` gives all of the latter for a value.
    """

    name: str
    accepts: Callable[[Any], bool]
    write: Callable[[Any, IO[bytes]], None]
    read: Callable[[IO[bytes]], Any]
    keeps_layout: Callable[[Any, Any], bool] = _always
    libraries: tuple[str, ...] = ()
    probe: Callable[[Any, IO[bytes]], bool] | None = None
    is_plain: bool = False
    write_hashed: Callable[[Any, IO[bytes]], tuple[str, Mapping[Place, bytes]]] | None = None
    knows: Callable[[Any], bool] = _never


class Unserializable(Exception):  # noqa: N818 - what is wrong, not that something is
    """No format gives a value back unchanged.

    Attributes:
        reason: which part of the value, and why.
        advice: what to do instead.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = next((advice for word, advice in _ADVICE.items() if word in reason), _OTHERWISE)


_OTHERWISE = "build it in the step that uses it"
_ADVICE = {
    "read only once": "make a list of it, or build it in the step that uses it",
    "open file": "pass the path, and open it in the step that uses it",
    "connection": "pass the address, and connect in the step that uses it",
    "part of a figure": "return the figure",
    "a module": "import it in the step that uses it",
    "lambda": "define it with def in definitions.py, or install cloudpickle",
    "__main__": "install cloudpickle where the code runs",
    "too deeply": "flatten it",
}


def has_base(value: object, package: str, *names: str) -> bool:
    """Tell whether a value's class has a base of one of these names in a package, without importing it."""
    return any(base.__module__.partition(".")[0] == package and base.__name__ in names for base in type(value).__mro__)
