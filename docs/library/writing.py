"""Writes the types of one library: compact, in order, the same bytes for the same versions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from library.typed import Fact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from library.facts import ClassFacts, LibraryFacts


# Classes whose other attributes are columns, and the type of a column.
COLUMNS = {"pandas.DataFrame": "pandas.Series"}


def files(facts: LibraryFacts) -> dict[str, str]:
    """Give the library's files by name: Python's builtins have one of their own, which is read far more often."""
    if facts.library != "python":
        return {facts.library: _text(facts, lambda _: True)}
    return {
        "builtins": _text(facts, lambda name: "." not in name),
        "python": _text(facts, lambda name: "." in name),
    }


def _text(facts: LibraryFacts, wanted: Callable[[str], bool]) -> str:
    """Give a file: a line for each module and class, so that another release reads well as a diff."""
    comment = f"Generated from {facts.inventory.version} by docs/generate_library.py; do not edit."
    lines = [f'"comment": {json.dumps(comment)}']
    lines.append(f'"immutable": {json.dumps(" ".join(sorted(filter(wanted, facts.immutable))))}')
    modules: dict[str, dict[str, Fact]] = {}
    for name, fact in facts.functions.items():
        if not wanted(name):
            continue
        module, _, last = name.rpartition(".")
        modules.setdefault(module, {})[last] = fact
    values: dict[str, dict[str, Fact]] = {}
    for name, kind in facts.values.items():
        if not wanted(name):
            continue
        module, _, last = name.rpartition(".")
        values.setdefault(module, {})[last] = Fact(kind)
    functions: dict[str, dict[str, object]] = {}
    for module in {**modules, **values}:
        known = modules.get(module, {})
        functions[module] = {"returns": _grouped(known)} if known else {}
        if module in values:
            functions[module]["attributes"] = _grouped(values[module])
        functions[module] |= _extra(known)
    lines.append(_table("functions", functions))
    classes = {}
    for name in filter(wanted, facts.classes):
        entry = _class(facts.own(name))
        if entry or name in facts.inventory.names.values():
            classes[name] = entry
    lines.append(_table("classes", classes))
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _table(name: str, entries: dict[str, dict[str, object]]) -> str:
    rows = [f" {json.dumps(key)}: {_compact(value)}" for key, value in sorted(entries.items())]
    return f'"{name}": {{\n' + ",\n".join(rows) + "\n}"


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _class(own: ClassFacts) -> dict[str, object]:
    found: dict[str, object] = {}
    if own.bases:
        found["bases"] = " ".join(own.bases)
    if own.returns:
        found["returns"] = _grouped(own.returns)
    if own.attributes:
        found["attributes"] = _grouped(own.attributes)
    if own.itself:
        found["returns_self"] = " ".join(sorted(own.itself))
    if own.changing:
        found["mutating"] = " ".join(sorted(own.changing))
    if own.name in COLUMNS:
        found["others"] = COLUMNS[own.name]
        found["untyped"] = " ".join(sorted(own.public - set(own.attributes) - set(own.returns)))
    return {**found, **_extra(own.returns)}


def _grouped(known: dict[str, Fact]) -> dict[str, str]:
    """Give names by the type they give."""
    groups: dict[str, list[str]] = {}
    for name, fact in sorted(known.items()):
        groups.setdefault(fact.type, []).append(name)
    return {kind: " ".join(names) for kind, names in sorted(groups.items())}


def _extra(known: dict[str, Fact]) -> dict[str, object]:
    """Give what depends on arguments, and the items of tuples; names that share it stand together."""
    found: dict[str, object] = {}
    varies = _shared(
        (name, " ".join(f"{token}>{kind}" for token, kind in fact.varies.items())) for name, fact in known.items()
    )
    items = _shared((name, " ".join(item or "?" for item in fact.items)) for name, fact in known.items())
    if varies:
        found["varies"] = varies
    if items:
        found["items"] = items
    return found


def _shared(entries: Iterable[tuple[str, str]]) -> dict[str, str]:
    groups: dict[str, list[str]] = {}
    for name, said in sorted(entries):
        if said:
            groups.setdefault(said, []).append(name)
    return dict(sorted((" ".join(names), said) for said, names in groups.items()))
