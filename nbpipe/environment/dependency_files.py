"""Reads what one dependency file declares; a file that cannot be read declares nothing that is known."""
# pathlib costs four tenths of a bare Python start, and `nbpipe check` counts those:
# ruff: noqa: PTH118, PTH119, PTH120, PTH123

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from nbpipe.environment.requirement import normalized, parse_requirement
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_EGG = pattern(r"#(?:.*&)?egg=([\w.-]+)")
_LARGEST = 2_000_000


class FileContent:
    """What a dependency file says.

    Attributes:
        names: distributions it declares, as they are compared.
        own: names of the project itself.
        declares: it is a dependency file at all: a pyproject.toml may hold tools' settings only.
        complete: nothing in it is computed, so that what is not in it is not declared by it.
    """

    __slots__ = ("complete", "declares", "names", "own")

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.own: set[str] = set()
        self.declares = False
        self.complete = True

    def add(self, texts: Iterable[Any]) -> None:
        """Add requirements written as PEP 508 says."""
        self.declares = True
        for text in texts:
            found = parse_requirement(text) if isinstance(text, str) else None
            if found is not None:
                self.names.add(found.name)

    def add_names(self, table: Any) -> None:
        """Add the keys of a table, as Poetry, Pipfile and pixi have it."""
        if isinstance(table, dict):
            self.declares = True
            self.names.update(normalized(str(name)) for name in table)


def read_dependency_file(path: str) -> FileContent:
    """Give what the file at `path` declares, going by its name; a text file lists requirements."""
    content = FileContent()
    name = os.path.basename(path).lower()
    reader = _read_requirements if name.endswith((".txt", ".in")) else _reader(name)
    text = _text(path)
    if reader is not None and text is not None:
        reader(content, text, path)
    return content


def is_dependency_file(name: str) -> bool:
    """Tell by its name whether a file may declare dependencies."""
    return _reader(name.lower()) is not None


def _reader(name: str) -> Callable[[FileContent, str, str], None] | None:
    if name.endswith((".txt", ".in")):
        return _read_requirements if "requirement" in name else None
    if name.endswith((".yml", ".yaml")):
        return _read_environment if name.startswith(("environment", "conda", "env.", "env_", "env-")) else None
    return _READERS.get(name)


def _text(path: str) -> str | None:
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > _LARGEST:  # noqa: PTH113, PTH202 - see above
            return None
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            return file.read()
    except OSError:
        return None


def _read_requirements(content: FileContent, text: str, path: str, seen: frozenset[str] = frozenset()) -> None:
    """Read pip's format: requirements, addresses and other files, a line each."""
    content.declares = True
    seen |= {os.path.abspath(path)}  # noqa: PTH100 - see above
    for line in text.replace("\\\n", " ").splitlines():
        _requirement_line(content, line, path, seen)


def _requirement_line(content: FileContent, line: str, path: str, seen: frozenset[str]) -> None:
    entry = re.sub(r"(^|\s)#.*$", "", line).strip()
    if not entry:
        return
    other = re.fullmatch(r"(?:-r|--requirement)[\s=]*(\S+)", entry)
    if other is not None:
        place = os.path.normpath(os.path.join(os.path.dirname(path), other[1]))
        text = None if os.path.abspath(place) in seen else _text(place)  # noqa: PTH100 - see above
        if text is not None:
            _read_requirements(content, text, place, seen)
        return
    entry = re.sub(r"^(?:-e|--editable)[\s=]*", "", entry)
    egg = _EGG.search(entry)
    if egg is not None:
        content.names.add(normalized(egg[1]))
    elif entry.startswith("-"):
        return
    elif "://" in entry and "@ " not in entry:
        name = re.sub(r"(?:\.git)?(?:@.*)?$", "", entry.partition("#")[0].rpartition("/")[2])
        content.names.add(normalized(re.split(r"-\d|\.(?:whl|zip|tar)", name)[0]))
    else:
        content.add([re.split(r"\s--(?:hash|config)", entry)[0]])


def _read_environment(content: FileContent, text: str, path: str) -> None:
    """Read conda's format, of which a list of texts below ``dependencies:`` is all that matters here."""
    inside = False
    for line in text.splitlines():
        entry = re.sub(r"(^|\s)#.*$", "", line).rstrip()
        if not entry.strip():
            continue
        key, colon, rest = entry.partition(":")
        if not entry[0].isspace() and entry[0] != "-":
            inside = key.strip() == "dependencies" and bool(colon)
            content.declares |= inside
            inline = re.findall(r"[^\[\],\s]+", rest) if inside else []
            content.names.update(normalized(_conda_name(each)) for each in inline)
        elif inside and entry.lstrip().startswith("-"):
            item = entry.strip()[1:].strip().strip("'\"")
            if item.startswith("-r") or "://" in item:
                _requirement_line(content, item, path, frozenset())
            elif not item.endswith(":"):
                content.names.add(normalized(_conda_name(item)))


def _conda_name(item: str) -> str:
    """Give the name in ``channel::name[build]>=1.2`` and in a pip requirement."""
    return re.split(r"[\s=<>!~\[;@]", item.strip("'\"").rpartition("::")[2])[0]


def _toml(text: str) -> dict[str, Any]:
    import tomllib  # costs seven tenths of a bare start: only where there is something to read

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def _table(table: Any, *keys: str) -> Any:
    """Give what is below some keys, an empty table where nothing is."""
    for key in keys:
        table = table.get(key) if isinstance(table, dict) else None
    return table if table is not None else {}


def _values(table: Any) -> Iterator[Any]:
    """Yield the entries of all lists in a table of lists."""
    for value in table.values() if isinstance(table, dict) else ():
        if isinstance(value, list):
            yield from value


def _read_pyproject(content: FileContent, text: str, path: str) -> None:
    data = _toml(text)
    project, poetry = _table(data, "project"), _table(data, "tool", "poetry")
    for name in (_table(project, "name"), _table(poetry, "name")):
        if isinstance(name, str):
            content.own.add(normalized(name))
    if project:
        required = _table(project, "dependencies")
        content.add(required if isinstance(required, list) else ())
        content.add(_values(_table(project, "optional-dependencies")))
        _read_dynamic(content, data, path)
    if groups := _table(data, "dependency-groups"):
        content.add(_values(groups))
    for key in ("dependencies", "dev-dependencies"):
        content.add_names(_table(poetry, key) or None)
    for group in _tables(_table(poetry, "group")):
        content.add_names(_table(group, "dependencies"))
    _read_tools(content, _table(data, "tool"))


def _read_tools(content: FileContent, tools: Any) -> None:
    """Read what tools of projects keep in tables of their own: uv, Rye, PDM, Hatch and pixi."""
    lists = [_table(tools, "uv", "dev-dependencies"), _table(tools, "rye", "dev-dependencies")]
    for environment in _tables(_table(tools, "hatch", "envs")):
        lists += [_table(environment, "dependencies"), _table(environment, "extra-dependencies")]
    for listed in lists:
        if isinstance(listed, list):
            content.add(listed)
    if groups := _table(tools, "pdm", "dev-dependencies"):
        content.add(_values(groups))
    _add_pixi(content, _table(tools, "pixi"))


def _tables(table: Any) -> list[Any]:
    return list(table.values()) if isinstance(table, dict) else []


def _read_dynamic(content: FileContent, data: dict[str, Any], path: str) -> None:
    """Read the files from which setuptools takes what the project calls dynamic."""
    dynamic = _table(data, "project", "dynamic")
    if not (isinstance(dynamic, list) and "dependencies" in dynamic):
        return
    files = _table(data, "tool", "setuptools", "dynamic", "dependencies", "file")
    for name in [files] if isinstance(files, str) else files or ():
        place = os.path.join(os.path.dirname(path), str(name))
        if (text := _text(place)) is not None:
            _read_requirements(content, text, place)
            return
    content.complete = False


def _add_pixi(content: FileContent, table: Any) -> None:
    for part in (table, *_tables(_table(table, "feature"))):
        for key in ("dependencies", "pypi-dependencies"):
            content.add_names(_table(part, key) or None)


def _read_pixi(content: FileContent, text: str, path: str) -> None:  # noqa: ARG001 - the shape of a reader
    _add_pixi(content, _toml(text))


def _read_pipfile(content: FileContent, text: str, path: str) -> None:  # noqa: ARG001 - the shape of a reader
    data = _toml(text)
    for key, table in data.items():
        if key not in ("source", "requires", "scripts", "pipenv"):
            content.add_names(table)


def _read_setup_cfg(content: FileContent, text: str, path: str) -> None:  # noqa: ARG001 - the shape of a reader
    from configparser import ConfigParser, Error

    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except Error:
        return
    if name := parser.get("metadata", "name", fallback=""):
        content.own.add(normalized(name.strip()))
    listed = [parser.get("options", key, fallback="") for key in ("install_requires", "tests_require")]
    if parser.has_section("options.extras_require"):
        listed += [value for _, value in parser.items("options.extras_require")]
    for value in filter(None, listed):
        if value.strip().startswith("file:"):
            content.complete = False
        content.add(value.splitlines())


def _read_setup_py(content: FileContent, text: str, path: str) -> None:  # noqa: ARG001 - the shape of a reader
    from nbpipe.environment.setup_script import read_setup_script

    name, requirements, complete = read_setup_script(text)
    if name:
        content.own.add(normalized(name))
    if requirements is not None:
        content.add(requirements)
    content.complete = complete


_READERS: dict[str, Callable[[FileContent, str, str], None]] = {
    "pipfile": _read_pipfile,
    "pixi.toml": _read_pixi,
    "pyproject.toml": _read_pyproject,
    "setup.cfg": _read_setup_cfg,
    "setup.py": _read_setup_py,
}
