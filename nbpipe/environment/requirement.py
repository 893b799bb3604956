"""Requirements: a distribution's name, compared as PEP 503 says, and what is asked of its version (PEP 508)."""

from __future__ import annotations

import re

from nbpipe.patterns import pattern

_REQUIREMENT = pattern(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(.*)", re.DOTALL)
_SEPARATORS = pattern(r"[-_.]+")
_EXACT = pattern(r"\(?\s*={2,3}\s*[^\s*,;]+\s*\)?(?:\s*[;#].*)?$")
_BOUNDED = pattern(r"(?:~=|<|==|(?<![<>!=~])=)\s*\d")


class Requirement:
    """One distribution that is asked for.

    Attributes:
        name: as it is compared: lower case, runs of ``-``, ``_`` and ``.`` as one hyphen.
        written: as it stands there.
        exact: one version only will do: ``==1.2``, or an address that names a commit or a file.
        bounded: newer versions are ruled out at some point, though not exactly.
    """

    __slots__ = ("bounded", "exact", "name", "written")

    def __init__(self, name: str, written: str, *, exact: bool, bounded: bool) -> None:
        self.name = name
        self.written = written
        self.exact = exact
        self.bounded = bounded

    def __repr__(self) -> str:
        return f"Requirement({self.written!r})"


def normalized(name: str) -> str:
    """Give a distribution's name as PEP 503 compares it."""
    return _SEPARATORS.sub("-", name).lower()


def parse_requirement(text: str) -> Requirement | None:
    """Read a requirement as pip does; None where it names no distribution."""
    match = _REQUIREMENT.fullmatch(text)
    if match is None:
        return None
    name, rest = match[1], match[2].strip()
    if rest.startswith("@"):
        return Requirement(normalized(name), text.strip(), exact=is_pinned_address(rest[1:].strip()), bounded=False)
    specifier = rest.partition(";")[0].partition("#")[0].strip()
    if specifier and specifier[0] not in "=<>!~(":
        return None
    exact = bool(_EXACT.match(specifier))
    return Requirement(normalized(name), text.strip(), exact=exact, bounded=bool(_BOUNDED.search(specifier)))


def is_pinned_address(address: str) -> bool:
    """Tell whether an address always gives the same: a file with a version in its name, a commit or a tag."""
    place, _, fragment = address.partition("#")
    if "sha256=" in fragment:
        return True
    if re.match(r"(?:git|hg|svn|bzr)\+|git@|.*\.git(?:@|$)", place):
        revision = place.rpartition("/")[2].rpartition("@")[2] if "@" in place.rpartition("/")[2] else ""
        return bool(re.fullmatch(r"[0-9a-f]{7,40}|v?\d+(?:\.\w+)+", revision))
    name = place.rpartition("/")[2]
    return bool(re.search(r"[-_@]v?\d+(?:\.\d+)+|/[0-9a-f]{40}\b|/v?\d+(?:\.\d+)+", place + name))
