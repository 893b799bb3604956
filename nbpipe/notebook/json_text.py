"""Editing JSON as text: what changes is written in the style of the file, every other byte stays."""

from __future__ import annotations

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined] # not in typeshed

from nbpipe.notebook.locate import elements, scan_object
from nbpipe.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from nbpipe.notebook.locate import Member

_decode = json.JSONDecoder().raw_decode
_SURROGATE = pattern("[\ud800-\udfff]")
_ESCAPED = pattern(r"\\u(?!00[01]|007[fF])[0-9a-fA-F]{4}")
# A line of a JSON string's inside, up to and with its escaped line end.
_STRING_LINE = pattern(r"(?:[^\\]|\\[^n])*?\\n|(?:[^\\]|\\[^n])+", re.DOTALL)


class Style:
    """How a JSON file is written.

    Attributes:
        indent: one level of indent; empty when all stands in one line.
        newline: the line end.
        colon: what stands between a key and its value.
        comma: what stands between elements in one line.
        ascii: whether other characters are escaped.
    """

    __slots__ = ("ascii", "colon", "comma", "indent", "newline")

    def __init__(self, text: str, members: Mapping[str, Member]) -> None:
        places = list(members.values())
        first = places[0].key if places else 0
        lead = text[text.find("{") + 1 : first]
        self.newline = "\r\n" if "\r\n" in lead else "\n"
        self.indent = lead.rpartition("\n")[2] if "\n" in lead else ""
        self.colon = ": "
        self.comma = ", "
        if places:
            key_end = scanstring(text, first + 1)[1]
            self.colon = text[key_end : places[0].start]
        if len(places) > 1 and not self.indent:
            self.comma = text[places[0].end : places[1].key]
        self.ascii = text.isascii() and _ESCAPED.search(text) is not None

    def string(self, value: str) -> str:
        """Write a string; a lone surrogate is escaped, as UTF-8 has no way to write it."""
        return json.dumps(value, ensure_ascii=self.ascii or _SURROGATE.search(value) is not None)

    def value(self, value: Any, indent: str) -> str:
        """Write a value whose first line is indented by `indent`."""
        escape = self.ascii or _has_surrogates(value)
        if not self.indent:
            return json.dumps(value, ensure_ascii=escape, separators=(self.comma, self.colon))
        written = json.dumps(value, ensure_ascii=escape, indent=self.indent, separators=(",", self.colon))
        return written.replace("\n", self.newline + indent)


def patched(text: str, at: int, value: Any, style: Style) -> str:
    """Write `value` over the JSON value at `at`; members of objects that stay the same keep their text."""
    if text[at] == "{" and isinstance(value, dict):
        members, _ = scan_object(text, at)
        updates: dict[str, str | None] = dict.fromkeys(name for name in members if name not in value)
        indent = member_indent(text, at, members, style)
        for name, part in value.items():
            place = members.get(name)
            updates[name] = style.value(part, indent) if place is None else patched(text, place.start, part, style)
        return with_members(text, at, updates, style)
    old, end = _decode(text, at)
    if json.dumps(old, sort_keys=True) == json.dumps(value, sort_keys=True):
        return text[at:end]
    return style.value(value, line_indent(text, at))


def with_members(text: str, at: int, updates: Mapping[str, str | None], style: Style) -> str:
    """Write the JSON object at `at` with some members changed.

    Args:
        text: the JSON.
        at: offset of the object's brace.
        updates: the new text of values by name; None takes a member away, a new name comes where it sorts.
        style: how the file is written.
    """
    members, end = scan_object(text, at)
    if all(name in members and value is not None for name, value in updates.items()):
        parts, done = [], at
        for name, place in members.items():
            if name in updates:
                parts += [text[done : place.start], updates[name] or ""]
                done = place.end
        return "".join(parts) + text[done:end]
    items = {name: text[place.key : place.end] for name, place in members.items()}
    for name, value in updates.items():
        if value is None:
            items.pop(name, None)
        elif name in members:
            items[name] = text[members[name].key : members[name].start] + value
        else:
            items = _inserted(items, name, f"{style.string(name)}{style.colon}{value}")
    if not items:
        return "{}"
    lead, comma, tail = separators(text, (at, end), [(place.key, place.end) for place in members.values()], style)
    return "{" + lead + comma.join(items.values()) + tail + "}"


def member_indent(text: str, at: int, members: Mapping[str, Member], style: Style) -> str:
    """Give the indent of the members of the object at `at`."""
    for place in members.values():
        return line_indent(text, place.key)
    return line_indent(text, at) + style.indent


def line_indent(text: str, at: int) -> str:
    """Give the white space that the line of an offset starts with."""
    start = text.rfind("\n", 0, at) + 1
    return text[start : start + len(text[start:at]) - len(text[start:at].lstrip(" \t"))]


def source_text(text: str, at: int, source: str, style: Style) -> str:
    """Write a source over the one at `at`, in the same form; lines that stay keep their text."""
    old, end = _decode(text, at)
    if source == ("".join(old) if isinstance(old, list) else old):
        return text[at:end]
    lines = source.splitlines(keepends=True)
    if text[at] == '"':
        known = _known_lines(text[at + 1 : end - 1])
        return '"' + "".join(known.get(line) or style.string(line)[1:-1] for line in lines) + '"'
    if not lines or text[at] != "[":
        return style.value(lines, line_indent(text, at))
    places = elements(text, at)
    strings = {scanstring(text, start + 1)[0]: text[start:end] for start, end in places if text[start] == '"'}
    written = [strings.get(line) or style.string(line) for line in lines]
    lead, comma, tail = separators(text, (at, end), places, style)
    return "[" + lead + comma.join(written) + tail + "]"


def _known_lines(inside: str) -> dict[str, str]:
    """Give the text of each line of a JSON string's inside, by the line itself."""
    return {scanstring(f'"{raw}"', 1)[0]: raw for raw in _STRING_LINE.findall(inside)}


def _inserted(items: dict[str, str], name: str, item: str) -> dict[str, str]:
    """Put a member where its name sorts, as nbformat sorts them."""
    names = list(items)
    place = next((number for number, other in enumerate(names) if other > name), len(names))
    return {key: item if key == name else items[key] for key in [*names[:place], name, *names[place:]]}


def separators(
    text: str, place: tuple[int, int], parts: Sequence[tuple[int, int]], style: Style
) -> tuple[str, str, str]:
    """Give what stands before, between and after the parts of the object or list at `place`.

    Args:
        text: the JSON.
        place: offsets of the object's or list's start and end.
        parts: offsets of start and end of each of its members or elements.
        style: how the file is written, for what cannot be seen.
    """
    start, end = place
    lead = tail = ""
    if parts:
        lead, tail = text[start + 1 : parts[0][0]], text[parts[-1][1] : end - 1]
    elif style.indent:
        tail = style.newline + line_indent(text, start)
        lead = tail + style.indent
    if len(parts) > 1:
        return lead, text[parts[0][1] : parts[1][0]], tail
    return lead, "," + lead if "\n" in lead else style.comma, tail


def _has_surrogates(value: Any) -> bool:
    """Say whether a value holds half a character, which only an escape can write."""
    return _SURROGATE.search(json.dumps(value, ensure_ascii=False)) is not None
