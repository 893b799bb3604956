"""Data that a notebook reads from the network, and whether the address or the call says which version of it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from nbpipe.analysis.arguments import has_unknown
from nbpipe.analysis.library_facts import library_file
from nbpipe.analysis.values import Const
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.flow import CallSite
    from nbpipe.analysis.notebook_analysis import Analysis
    from nbpipe.analysis.values import Value

_URL: Final = pattern(
    r"(?:https?|ftp)://(?:[^/@\s]*@)?(?P<host>[^/\s:?#]+)(?::\d+)?(?P<path>/[^\s?#]*)?(?P<query>\?\S*)?"
)
# A commit, a version, a date or year, a number that a repository gives each of its records.
_VERSION: Final = pattern(
    r"(?i)(?<![0-9a-z])(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}(?![0-9a-z])"
    r"|(?<![a-z])v\.?\d+|\d+\.\d+|(?<!\d)(?:19|20)\d\d(?!\d)|\d{5,}"
    r"|/releases/download/|/tags/|(?:record|articles|files|doi|datafile)s?/\d|@\d|[?&]version"
)
# A branch, on which the file is another one after each change.
MOVING: Final = pattern(r"/(main|master|develop|dev|HEAD)(?:/|\.zip$|\.tar\.gz$)")
# What is configuration or code in a format of data.
_SETTINGS: Final = pattern(
    r"/(?:[\w-]*config|daemon|package|settings|requirements|environment|setup|tokenizer)[\w-]*\.\w+$"
)
# What tells that nobody else reads the same from there.
_PRIVATE: Final = pattern(r"localhost|127\.|10\.|192\.168\.|0\.0\.0\.0|[^.]+$|.*\.(?:local|internal|svc|lan|corp)$")
# Words of code that checks what it got.
_CHECKING: Final = ("sha256", "md5", "sha1", "checksum", "hashlib", "known_hash")
_SCHEMES: Final = ("http://", "https://", "ftp://")
_COMMANDS: Final = ("wget", "curl", "aria2c")
_POSTING: Final = (" -X ", " -d ", "--data", " -F ", " -H ", "--header", "--request")


class Download:
    """One read of data from the network.

    Attributes:
        home: index of the cell.
        node: the call; None for a command.
        line: of a command, in the cell's code, from 0.
    """

    __slots__ = ("home", "line", "node", "url")

    def __init__(self, url: str, home: int, node: ast.Call | None, line: int = 0) -> None:
        self.url = url
        self.home = home
        self.node = node
        self.line = line


def unpinned(analysis: Analysis) -> list[Download]:
    """Give the reads whose address is known and which nothing pins to a version, in order; of an address the first."""
    codes = {home: code.code for home, code in analysis.codes.items()}
    texts = [analysis.notebook.cells[home].source.lower() for home in codes]
    if any(word in text for text in texts for word in _CHECKING):
        return []
    found = list(_in_calls(analysis))
    for home, code in codes.items():
        for magic in code.magics:
            if magic.name in ("!", "%system", "!!") and "://" in magic.argument:
                found += [Download(url, home, None, magic.line) for url in _in_command(magic.argument)]
    found.sort(key=lambda each: (each.home, each.node.lineno - 1 if each.node is not None else each.line))
    return list({each.url: each for each in reversed(found)}.values())[::-1]


def _in_command(command: str) -> Iterator[str]:
    """Yield the address that a command downloads data from."""
    first = command.split(None, 1)[0] if command.strip() else ""
    if first in _COMMANDS and not any(option in f" {command} " for option in _POSTING):
        for match in _URL.finditer(command):
            url = match[0].strip("'\"`;,)")
            if not any(character in url for character in "{}$<>") and _is_unpinned_data(url):
                yield url
                return


def _in_calls(analysis: Analysis) -> Iterator[Download]:
    known = library_file("reproducibility")
    places = {**known["reading"], **known["downloading"]}
    pinning = frozenset(known["pinning"])
    modules = analysis.imported
    names = {name.rpartition(".")[2] for name in places if name.partition(".")[0] in modules}
    if analysis.called.isdisjoint(names) or not any(
        isinstance(node.value, str) and node.value.startswith(_SCHEMES) for _, node in analysis.nodes(ast.Constant)
    ):
        return
    for site in analysis.calls:
        name = next((each for each in site.names if each in places), None)
        if name is None or has_unknown(site) or not pinning.isdisjoint(site.keywords):
            continue
        url = _address(analysis, site, places[name])
        if url and _is_unpinned_data(url, any_ending=name in known["reading"]):
            yield Download(url, site.home, site.node)


def _address(analysis: Analysis, site: CallSite, place: str) -> str:
    """Give the text that a call is given as address, empty where not all of it is known."""
    parameter, index = place.split()
    nodes = {keyword.arg: keyword.value for keyword in site.node.keywords}
    if parameter in nodes:
        return _text(analysis, site, nodes[parameter], site.keywords.get(parameter, ()))
    position = int(index)
    if position < len(site.node.args):
        return _text(analysis, site, site.node.args[position], site.arguments[position])
    return ""


def _text(analysis: Analysis, site: CallSite, node: ast.expr, value: Value = ()) -> str:
    """Give the text that an expression is, also where it is put together; empty where it is not all known."""
    if len(value) == 1 and isinstance(value[0], Const):
        return value[0].value if isinstance(value[0].value, str) else ""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.Name):
        use = analysis.top_down.uses.get((site.cell, id(node)))
        held = use.definitions[0].value if use is not None and len(use.definitions) == 1 else ()
        return held[0].value if len(held) == 1 and isinstance(held[0], Const) and isinstance(held[0].value, str) else ""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts = [_text(analysis, site, node.left), _text(analysis, site, node.right)]
    elif isinstance(node, ast.JoinedStr):
        values = [each.value if isinstance(each, ast.FormattedValue) else each for each in node.values]
        parts = [_text(analysis, site, each) for each in values]
    else:
        return ""
    return "".join(parts) if all(parts) else ""


def _is_unpinned_data(url: str, *, any_ending: bool = False) -> bool:
    """Tell whether an address is one of data, by its ending, and names no version.

    Args:
        url: the address.
        any_ending: what reads it reads nothing but data.
    """
    match = _URL.fullmatch(url)
    if match is None or _PRIVATE.match(match["host"]) or _VERSION.search(url):
        return False
    known = library_file("reproducibility")
    if match["host"] in known["archives"]:
        return False
    path = (match["path"] or "").lower()
    if _SETTINGS.search(path):
        return False
    if not MOVING.search(url) and any(re.search(name, path) for name in known["released"]):
        return False
    return any_ending or ("model" not in url.lower() and path.endswith(tuple(known["data_endings"])))
