"""Where settings come from: the nearest file, the environment, the command line, Python."""
# pathlib costs four tenths of a bare Python start, and `nbpipe check` counts those:
# ruff: noqa: PTH100, PTH118, PTH120, PTH123

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from nbpipe.config.settings import KEYS, Settings
from nbpipe.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def load_settings(
    start: str = ".",
    *,
    arguments: Mapping[str, Sequence[str]] | None = None,
    overrides: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Give the settings in force for what is in the folder `start`.

    Args:
        start: the folder from which the configuration file is searched upwards.
        arguments: key name to the texts given on the command line.
        overrides: key name (or attribute name) to a value given in Python; wins over all else.
        environ: the environment, by default the process's.

    Raises:
        ConfigError: a file, variable, option or argument has an unknown key or a wrong value.
    """
    file, table = find_table(os.path.abspath(start))
    settings = Settings(root=os.path.dirname(file), file=file)
    for name, value in table.items():
        _set(settings, name, value, file)
    environ = os.environ if environ is None else environ
    for key in KEYS.values():
        if environ.get(key.variable):
            _set(settings, key.name, (environ[key.variable],), f"environment variable {key.variable}", text=True)
    for name, texts in (arguments or {}).items():
        _set(settings, name, texts, "command line", text=True)
    for name, value in (overrides or {}).items():
        _set(settings, name.replace("_", "-"), value, "argument")
    return settings


def _set(settings: Settings, name: str, value: Any, origin: str, *, text: bool = False) -> None:
    key = KEYS.get(name)
    if key is None:
        raise ConfigError(f"{origin}: unknown key '{name}'{did_you_mean(name, KEYS)}")
    try:
        settings.values[name] = key.kind.from_text(value) if text else key.kind.from_value(value)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{origin}: '{name}' must be {key.kind.label}, not {error}".replace("a one", "one")) from None
    settings.origins[name] = origin


def find_table(folder: str) -> tuple[str, dict[str, Any]]:
    """Give the nearest configuration file at or above `folder` and its table; ("", {}) where there is none."""
    while True:
        for name in ("nbpipe.toml", "pyproject.toml"):
            path = os.path.join(folder, name)
            table = _read_table(path, nested=name == "pyproject.toml")
            if table is not None:
                return path, table
        parent = os.path.dirname(folder)
        if parent == folder:
            return "", {}
        folder = parent


def _read_table(path: str, *, nested: bool) -> dict[str, Any] | None:
    try:
        with open(path, "rb") as stream:
            data = stream.read()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    if nested and b"nbpipe" not in data:
        return None
    import tomllib  # costs seven tenths of a bare start: only where there is something to read

    try:
        content = tomllib.loads(data.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    tools = content.get("tool")
    own = tools.get("nbpipe") if isinstance(tools, dict) else None
    if not nested and own is not None:
        raise ConfigError(f"{path}: [tool.nbpipe] is for pyproject.toml; in nbpipe.toml the keys stand at the top")
    table = own if nested else content
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: [tool.nbpipe] must be a table")
    return table
