"""Finds secrets in a text, whatever language it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.keeping import kept
from nbpipe.secrets.placeholders import entropy, is_example_host, is_placeholder, is_word_like
from nbpipe.secrets.shapes import compiled, shapes_in

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Sequence

    from nbpipe.notebook.model import Notebook
    from nbpipe.secrets.shapes import Shape

SHOWN = 4
LONGEST_NAME = 40
# Of a random text of 16 characters from an alphabet of 64, fewer than one in ten thousand has less.
_ENOUGH = 3.0
_LONG = 16
_SHORT = 8
# Where one of these stands, `_NAMED` is tried: to look for a plain text costs a tenth of looking for an expression.
_NAMES = (
    "passw", "passphrase", "pwd", "secret", "token", "api_key", "apikey", "api-key", "access_key", "access-key",
    "account_key", "accountkey", "auth", "private_key", "subscription_key", "subscription-key", "credential",
)  # fmt: skip
_ORDER = {name: number for number, name in enumerate((*_NAMES, "bearer"))}
# What several of them share is looked for first.
_STEMS = ("pass", "key", "pwd", "secret", "token", "auth", "credential", "bearer")
_BY_STEM = {stem: [name for name in _ORDER if next(each for each in _STEMS if each in name) == stem] for stem in _STEMS}
_NAMED = (
    r"[\w-]{4,60}\\?['\"]?\]?\s{0,20}(?::\s*str\s{0,20})?[=:]\s{0,20}\(?[rbfu]{0,2}"
    r"(?P<quote>\\?[\"'])(?P<secret>[^\"'\\\n]{6,400})(?P=quote)"
)
_ENCODED = r"(?<=base64,)[A-Za-z0-9+/=\\\s]{100,}"  # pictures in text
_BEFORE = r"[\w.-]*$"
_EXPORTED = (
    r"(?im:(?:^\s*[%!]?\s*(?:set_)?env|\bexport|^\s*[%!]?\s*set)\s+"
    r"(?P<name>\w*(?:password|passwd|secret|token|api_?key|access_?key)\w*)(?:\s*=\s*|\s+))(?P<secret>[^\s\"'$#;|&]{6,400})"
)
_PAIR = r"auth\s*=\s*\(\s*(?P<quote>[\"'])(?P<user>[^\"'\n]+)[\"']\s*,\s*[\"'](?P<secret>[^\"'\n]{6,200})[\"']"
_BEARER = r"(?i:\bbearer\s+)(?P<secret>[A-Za-z0-9._~+/-]{20,}=*)"
# Parts of names that speak of words of a language, of counts, of where something is kept, not of a secret itself.
_HARMLESS = (
    r"(?i:tokeni[sz]|tokens\b|_tokens?_|(?:pad|eos|bos|unk|sep|cls|mask|start|end|special|stop|next|image|oov|stopping"
    r"|continuation|page|sync|sas_?url|csrf|prompt|chat|decoder|encoder|blank|separator|trigger|first|last|num|max|min"
    r"|n|word|sub|class|audio|video|think|system|user|assistant|space|rare|new|concept|placeholder|initializer"
    r"|word_delimiter|boi|eoi|nl)_?token"
    r"|_(?:name|names|id|ids|path|file|filename|url|uri|env|var|variable|type|types|field|column|col|label|labels|arn"
    r"|hint|prompt|message|policy|scope|ref|location|prefix|suffix|format|count|length|size|limit|budget|mode|store"
    r"|manager|provider|class|index|version|pattern|regex|expiration|key_name|address|source|method|endpoint)\b"
    r"|author|public_?key|primary_?key|foreign_?key|sort_?key|partition_?key|key_?word|keyboard|authorit"
    r"|token[_-]?class|(?-i:Id|Name|Arn|Url|Path)\b|authenticat|ssh_?key_?name)"
)
_PASSWORDS = ("passw", "passphrase", "pwd")


class Secret:
    """A secret in a text.

    Attributes:
        kind: what it is, with its article.
        text: the secret itself. Never to be shown: see `redacted`.
        start: where it begins in the text that was searched.
        shaped: it has a service's own shape, wherever it stands.
        certain: nothing else looks like it; else it is what a password may look like.
    """

    __slots__ = ("certain", "kind", "shaped", "start", "text")

    def __init__(self, kind: str, text: str, start: int, *, shaped: bool = False, certain: bool = True) -> None:
        self.kind = kind
        self.text = text
        self.start = start
        self.shaped = shaped
        self.certain = certain

    @property
    def end(self) -> int:
        """Where it ends in the text that was searched."""
        return self.start + len(self.text)

    @property
    def redacted(self) -> str:
        """What may be shown: how it begins and how long it is."""
        return f"{self.text[: shown_length(self.text)]}\N{HORIZONTAL ELLIPSIS} ({len(self.text)} characters)"


def shown_length(secret: str) -> int:
    """Give how many characters of a secret may be shown: 4, of a short one fewer."""
    return min(SHOWN, len(secret) // 4)


@kept
def secrets_in_code(notebook: Notebook) -> tuple[tuple[int, Secret], ...]:
    """Give the secrets in a notebook's cells with the index of the cell; several rules ask for the last notebook's."""
    whole = "\n".join(_without_pictures(cell.source) for cell in notebook.cells)
    shapes = shapes_in(whole)
    names = _names_in(whole.lower())
    if not (shapes or names):
        return ()
    marks = [mark for shape in shapes for mark in shape.marks]
    return tuple(
        (cell.index, secret)
        for cell in notebook.cells
        if any(mark in cell.source for mark in marks) or _may_assign(cell.source, names)
        for secret in find_secrets(cell.source, shapes, names)
    )


def _names_in(lower: str) -> list[str]:
    """Give the telling names in a text in small letters, which is searched for what several share first."""
    found: list[str] = []
    for stem, names in _BY_STEM.items():
        if len(names) == 1:
            found += names if stem in lower else ()
        elif stem in lower:
            around = "\n".join([lower[max(at - LONGEST_NAME, 0) : at + LONGEST_NAME] for at in _places(lower, stem)])
            found += [name for name in names if name in around]
    return sorted(found, key=_ORDER.__getitem__)


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + len(part))


def _may_assign(source: str, names: Sequence[str]) -> bool:
    """Tell at little cost whether a cell may give something to one of these names."""
    if not names or not ("'" in source or '"' in source or "=" in source):
        return False
    lower = source.lower()
    return any(name in lower for name in names)


def find_secrets(
    text: str, shapes: Sequence[Shape] | None = None, names: Sequence[str] = (*_NAMES, "bearer")
) -> list[Secret]:
    """Give the secrets in a text, in order; what overlaps is one.

    Args:
        text: any text.
        shapes: those to look for; None for all.
        names: telling parts of what a literal may be given to; none for texts that are no code.
    """
    text = _without_pictures(text)
    found = list(_shaped(text, shapes_in(text) if shapes is None else shapes))
    if names:
        found += _named(text, names)
    kept: list[Secret] = []
    for secret in found:
        if not any(secret.start < other.end and other.start < secret.end for other in kept):
            kept.append(secret)
    return sorted(kept, key=lambda secret: secret.start)


def _without_pictures(text: str) -> str:
    """Give a text of the same length that has blanks for encoded data."""
    return compiled(_ENCODED).sub(lambda match: " " * len(match[0]), text) if "base64," in text else text


def _shaped(text: str, shapes: Sequence[Shape]) -> Iterator[Secret]:
    for shape in shapes:
        if not any(mark in text for mark in shape.marks):
            continue
        for match in compiled(shape.expression).finditer(text):
            secret, start = _secret(match)
            if "host" in match.re.groupindex:
                if _is_open(match[0], secret) or is_example_host(match["host"]):
                    continue
            elif is_placeholder(secret) and shape.name != "a private key":
                continue
            yield Secret(shape.name, secret, start, shaped=True)


def _is_open(address: str, password: str) -> bool:
    """Tell whether what stands for a password in an address is none: a gap, a port, or the user's name once more."""
    user = address.partition("://")[2].partition(":")[0]
    return is_placeholder(password) or password == user or password.isdigit() or len(password) < len("1234")


def _secret(match: re.Match[str]) -> tuple[str, int]:
    if "secret" in match.re.groupindex:
        return match["secret"], match.start("secret")
    return match[0], match.start()


def _named(text: str, names: Sequence[str]) -> Iterator[Secret]:
    """Yield literals that are given to something called a password, token or key."""
    lower = text.lower()
    present = [name for name in names if name in lower]
    if not present:
        return
    for name, match in (*_assigned(text, lower, present), *_exported(text, lower)):
        secret = match["secret"]
        password = any(part in name.lower() for part in _PASSWORDS)
        if _is_secret(secret, password=password) and not compiled(_HARMLESS).search(name):
            certain = not password and len(secret) >= _LONG
            short = name.rpartition(".")[2]
            yield Secret(f"the value of '{short}'", secret, match.start("secret"), certain=certain)
    if "auth" in present:
        for match in compiled(_PAIR).finditer(text):
            if _is_secret(match["secret"], password=True):
                yield Secret("a password", match["secret"], match.start("secret"), certain=False)
    if "bearer" in present:
        for match in compiled(_BEARER).finditer(text):
            if _is_secret(match["secret"], password=False):
                yield Secret("a bearer token", match["secret"], match.start("secret"))


def _assigned(text: str, lower: str, names: Sequence[str]) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield what is given a literal, by its whole name, in code of any language."""
    expression = compiled(_NAMED)
    for part in names:
        at = lower.find(part)
        while at >= 0:
            match = expression.match(text, at)
            if match is not None:
                before = compiled(_BEFORE).search(text[max(at - LONGEST_NAME, 0) : at])
                after = compiled(r"[\w-]+").match(match[0])
                yield (before[0] if before else "") + (after[0] if after else ""), match
            at = lower.find(part, at + len(part))


def _exported(text: str, lower: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield variables of the environment that a command sets; only lines with such a command are looked at."""
    for command in ("export ", "env ", "set "):
        at = lower.find(command)
        while at >= 0:
            end = text.find("\n", at)
            match = compiled(_EXPORTED).search(text, text.rfind("\n", 0, at) + 1, end if end >= 0 else len(text))
            if match is not None and match.start() <= at:
                yield match["name"], match
            at = lower.find(command, at + len(command))


def is_secret_name(name: str) -> bool:
    """Tell whether what has this name is a password, token or key (`api_key`), and not about one (`token_count`)."""
    lower = name.lower()
    return any(part in lower for part in _NAMES) and not compiled(_HARMLESS).search(name)


def _is_secret(text: str, *, password: bool) -> bool:
    """Tell whether a literal can be meant as a secret: no gap, no words, and no pattern in it."""
    if is_placeholder(text) or is_word_like(text):
        return False
    kinds = sum((any(map(str.isdigit, text)), any(map(str.islower, text)), any(map(str.isupper, text))))
    kinds += not text.isalnum()
    if password:
        return len(text) >= _SHORT and kinds >= len("ab") and entropy(text) >= 2.5  # noqa: PLR2004 - bits
    return len(text) >= _LONG and any(map(str.isdigit, text)) and kinds >= len("ab") and entropy(text) >= _ENOUGH
