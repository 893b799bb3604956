"""Knowledge about libraries from the user's own files: read, checked, and taken up.

The format is that of the files beside this module, all tables in one; `docs/pages/library-knowledge.md` describes it.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from nbpipe.analysis import arguments, library_facts, members
from nbpipe.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_EFFECTS = ("seed", "draw", "set", "read", "data", "")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_places(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, int) and not isinstance(item, bool) for item in value)


def _is_text_table(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


def _is_values(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(item, list) for item in value.values())


def _is_state(value: object) -> bool:
    return _is_texts(value) and len(value) == 2 and value[1] in _EFFECTS  # type: ignore[arg-type, index] # noqa: PLR2004


def _is_class(value: object) -> bool:
    return (
        isinstance(value, dict)
        and all(
            _is_text(item) if key in ("bases", "returns_self", "mutating") else _is_text_table(item)
            for key, item in value.items()
            if key in _CLASS
        )
        and set(value) <= set(_CLASS)
    )


_CLASS = ("attributes", "bases", "items", "mutating", "returns", "returns_self", "varies")
# Table to the test that each of its entries must pass, and what that asks for in words.
_TABLES: dict[str, tuple[Callable[[object], bool], str]] = {
    "returns": (_is_text, "the name of a type"),
    "mutates": (_is_places, "a list of the places of arguments, from 0"),
    "mutating_methods": (_is_texts, "a list of names of methods"),
    "views": (_is_texts, "a list of names of methods"),
    "items": (_is_text_table, "a table of names of types by kind of subscript"),
    "state": (_is_state, "a list of the state's name and one of " + ", ".join(f'"{each}"' for each in _EFFECTS)),
    "functions": (_is_class, "a table of " + ", ".join(f'"{each}"' for each in _CLASS)),
    "classes": (_is_class, "a table of " + ", ".join(f'"{each}"' for each in _CLASS)),
    "positional": (_is_text, "names of parameters with spaces between"),
    "settings": (_is_text, "names of parameters with spaces between"),
    "settings_in": (_is_text, "the name of a parameter"),
    "paths": (_is_text, "names of parameters with spaces between"),
    "random": (_is_values, "a table of lists of values by parameter"),
    "random_when": (_is_values, "a table of lists of values by parameter"),
    "seed_argument": (_is_text, "names of parameters with spaces between"),
    "draws": (_is_text, "the name of a generator"),
    "random_sources": (_is_text, "the name of a parameter"),
}
_ARGUMENTS = ("positional", "settings", "settings_in", "paths", "random", "random_when", "seed_argument", "draws",
              "random_sources")  # fmt: skip
_MEMBERS = ("functions", "classes", "immutable")
_used: tuple[str, ...] = ()


def use(files: Sequence[str], root: str) -> None:
    """Know what these files say from now on, and no longer what was used before.

    Args:
        files: paths, relative to the folder `root`.
        root: the folder of the configuration that names them.

    Raises:
        ConfigError: a file cannot be read, or holds something else than knowledge about libraries.
    """
    global _used  # noqa: PLW0603 - what is known is the process's, like the files that come with nbpipe
    wanted = tuple(os.path.join(root, file) for file in files)  # noqa: PTH118 - pathlib costs start-up time
    if wanted == _used:
        return
    known: dict[str, dict[str, Any]] = {}
    for path in wanted:
        content = _read(path)
        _check(path, content)
        if not any("." in name for table in _TABLES for name in content.get(table, ())):
            raise ConfigError(f"library-knowledge: {path}: no name says of which library ('shop.load', not 'load')")
        for library, facts in _by_library(content):
            _merge(known.setdefault(library, {}), facts)
    members.extend({library: _only(facts, _MEMBERS) for library, facts in known.items()})
    arguments.extend({library: _only(facts, _ARGUMENTS) for library, facts in known.items()})
    library_facts.extend(known)
    _used = wanted


def _read(path: str) -> dict[str, Any]:
    try:
        with open(path, encoding="utf-8") as stream:  # noqa: PTH123
            content = json.load(stream)
    except OSError as error:
        raise ConfigError(f"library-knowledge: {path}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"library-knowledge: {path}: not valid JSON: {error}") from None
    if not isinstance(content, dict):
        raise ConfigError(f"library-knowledge: {path}: must hold an object of tables")
    return content


def _check(path: str, content: dict[str, Any]) -> None:
    """Say in one line what is wrong with a file, if something is."""
    for table, entries in content.items():
        if table == "comment":
            continue
        if table in ("complete", "returns_self", "immutable"):
            if not _is_texts(entries):
                raise ConfigError(f"library-knowledge: {path}: '{table}' must be a list of strings")
            continue
        if table not in _TABLES:
            raise ConfigError(f"library-knowledge: {path}: unknown table '{table}'{did_you_mean(table, _TABLES)}")
        if not isinstance(entries, dict):
            raise ConfigError(f"library-knowledge: {path}: '{table}' must be a table")
        test, wanted = _TABLES[table]
        for name, entry in entries.items():
            if not test(entry):
                raise ConfigError(f"library-knowledge: {path}: '{table}': '{name}' must be {wanted}")


def _by_library(content: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the tables of each library that a file speaks of: the first part of its qualified names.

    What stands under a name of one part holds in all of them: ``Forecaster``, ``*``.
    """
    parts: dict[str, dict[str, Any]] = {
        name.partition(".")[0]: {} for table in _TABLES for name in content.get(table, {}) if "." in name
    }
    for library, facts in parts.items():
        for table in _TABLES:
            facts[table] = {
                name: entry
                for name, entry in content.get(table, {}).items()
                if "." not in name or name.partition(".")[0] == library
            }
        facts["immutable"] = " ".join(content.get("immutable", ()))
        yield library, {**facts, **_only(content, ("complete", "returns_self"))}


def _merge(known: dict[str, Any], facts: dict[str, Any]) -> None:
    for table, entries in facts.items():
        if isinstance(entries, dict):
            known.setdefault(table, {}).update(entries)
        elif isinstance(entries, list):
            known[table] = [*known.get(table, ()), *entries]
        else:
            known[table] = f"{known.get(table, '')} {entries}"


def _only(facts: dict[str, Any], tables: Sequence[str]) -> dict[str, Any]:
    return {table: facts[table] for table in tables if table in facts}
