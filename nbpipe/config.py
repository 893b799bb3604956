"""What nbpipe can be told: each key with its type, default and help, and where its value comes from.

The command line wins over the environment, that over the file, that over the default. The file is the nearest
``nbpipe.toml``, or ``pyproject.toml`` with a ``[tool.nbpipe]`` table, at or above the folder of what is worked on.
"""
# pathlib costs four tenths of a bare Python start, and `nbpipe check` counts those:
# ruff: noqa: PTH100, PTH109, PTH118, PTH120, PTH123

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from nbpipe.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

T = TypeVar("T")

LEVELS = ("error", "warning", "info")


class Kind(Generic[T]):
    """A type of setting: how its value is written in TOML, and as text on the command line or in the environment.

    Attributes:
        label: the type in words, for messages and the reference.
        metavar: what stands for the value in ``--help``.
    """

    label = "a string"
    metavar = "TEXT"
    multiple = False
    choices: tuple[str, ...] = ()

    def from_value(self, value: object) -> T:
        """Give the setting for a value from TOML or Python; raises TypeError or ValueError with what is wrong."""
        raise NotImplementedError

    def from_text(self, texts: Sequence[str]) -> T:
        """Give the setting for texts, each from one option or variable; raises as `from_value`."""
        raise NotImplementedError


class _Text(Kind[str]):
    """A string, perhaps one of a few."""

    def __init__(self, *choices: str) -> None:
        self.choices = choices
        if choices:
            self.label = "one of " + ", ".join(f'"{choice}"' for choice in choices)
            self.metavar = "|".join(choices)

    def from_value(self, value: object) -> str:
        if not isinstance(value, str):
            raise TypeError(type(value).__name__)
        if self.choices and value not in self.choices:
            raise ValueError(f'"{value}"' + did_you_mean(value, self.choices))
        return value

    def from_text(self, texts: Sequence[str]) -> str:
        return self.from_value(texts[-1])


class _Texts(Kind[tuple[str, ...]]):
    """A list of strings; in text, separated by commas."""

    label = "a list of strings"
    multiple = True

    def __init__(self, metavar: str) -> None:
        self.metavar = metavar

    def from_value(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)):
            raise TypeError(type(value).__name__)
        for item in value:
            if not isinstance(item, str):
                raise TypeError(f"a list with {type(item).__name__}")
        return tuple(value)

    def from_text(self, texts: Sequence[str]) -> tuple[str, ...]:
        return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


class _TextsTable(Kind["dict[str, tuple[str, ...]]"]):
    """A table of lists of strings; in text, ``KEY=VALUE`` separated by commas, a key as often as it has values."""

    label = "a table of lists of strings"
    multiple = True

    def __init__(self, metavar: str) -> None:
        self.metavar = metavar

    def from_value(self, value: object) -> dict[str, tuple[str, ...]]:
        if not isinstance(value, dict):
            raise TypeError(type(value).__name__)
        return {str(key): _Texts("").from_value(item) for key, item in value.items()}

    def from_text(self, texts: Sequence[str]) -> dict[str, tuple[str, ...]]:
        table: dict[str, tuple[str, ...]] = {}
        for key, item in _pairs(texts):
            table[key] = (*table.get(key, ()), item)
        return table


class _LevelsTable(Kind["dict[str, str]"]):
    """A table of severities; in text, ``KEY=LEVEL`` separated by commas."""

    label = "a table of severities (" + ", ".join(f'"{level}"' for level in LEVELS) + ")"
    multiple = True

    def __init__(self, metavar: str) -> None:
        self.metavar = metavar

    def from_value(self, value: object) -> dict[str, str]:
        if not isinstance(value, dict):
            raise TypeError(type(value).__name__)
        return {str(key): _Text(*LEVELS).from_value(item) for key, item in value.items()}

    def from_text(self, texts: Sequence[str]) -> dict[str, str]:
        return self.from_value(dict(_pairs(texts)))


def _pairs(texts: Sequence[str]) -> list[tuple[str, str]]:
    pairs = []
    for text in _Texts("").from_text(texts):
        key, equals, value = text.rpartition("=")
        if not equals:
            raise ValueError(f'"{text}" without "="')
        pairs.append((key.strip(), value.strip()))
    return pairs


class Key(Generic[T]):
    """One setting, declared as an attribute of `Settings`, whose instances give its value.

    Attributes:
        name: as written in files (``fail-on``).
        option: whether `nbpipe check` has a command-line option for it.
    """

    def __init__(self, kind: Kind[T], default: T, text: str, *, option: bool = True) -> None:
        self.kind = kind
        self.default = default
        self.help = text
        self.option = option
        self.name = ""

    def __set_name__(self, owner: type, attribute: str) -> None:
        self.name = attribute.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "NBPIPE_" + self.name.replace("-", "_").upper()

    @overload
    def __get__(self, instance: None, owner: type) -> Key[T]: ...
    @overload
    def __get__(self, instance: Settings, owner: type) -> T: ...
    def __get__(self, instance: Settings | None, owner: type) -> Key[T] | T:
        if instance is None:
            return self
        value: T = instance.values.get(self.name, self.default)
        return value


class Settings:
    """The settings in force.

    Attributes:
        values: key name to value, for those that are not at their default.
        origins: key name to where that value comes from, in words.
        root: the folder that patterns are relative to: that of the configuration file, else the current one.
        file: path of the configuration file, "" where there is none.
    """

    __slots__ = ("file", "origins", "root", "values")

    select = Key(_Texts("RULE"), (), "Rules to check: codes, names, prefixes or families. Empty: those on by default.")
    ignore = Key(_Texts("RULE"), (), "Rules not to check. The more specific of select and ignore wins.")
    extend_select = Key(_Texts("RULE"), (), "Rules to check besides the selected ones.")
    per_file_ignores = Key(_TextsTable("GLOB=RULE"), {}, "Rules not to check in files that match a pattern.")
    severity = Key(_LevelsTable("RULE=LEVEL"), {}, "The severity of a rule's certain findings.")
    fail_on = Key(_Text(*LEVELS), "warning", "The lowest severity that makes `check` exit with 1.")
    exclude = Key(
        _Texts("GLOB"),
        ("__pypackages__", "_build", "build", "dist", "mlartifacts", "mlruns", "node_modules", "site-packages", "venv"),
        "Folders and files to leave out when folders are searched: names, or paths from the configuration's folder. "
        "Hidden folders are never searched.",
    )
    python_magics = Key(_Texts("NAME"), (), "Cell magics of your own whose body is Python.", option=False)
    opaque_magics = Key(_Texts("NAME"), (), "Magics of your own that may define or change any name.", option=False)
    output_format = Key(_Text(), "full", "How findings are written.")

    def __init__(
        self,
        values: Mapping[str, Any] | None = None,
        origins: Mapping[str, str] | None = None,
        *,
        root: str = "",
        file: str = "",
    ) -> None:
        self.values = dict(values or {})
        self.origins = dict(origins or {})
        self.root = root or os.getcwd()
        self.file = file

    def origin(self, name: str) -> str:
        """Give where the value of the key called `name` comes from, in words."""
        return self.origins.get(name, "default")


KEYS: dict[str, Key[Any]] = {key.name: key for key in vars(Settings).values() if isinstance(key, Key)}


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
    table = content.get("tool", {}).get("nbpipe") if nested else content
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{path}: [tool.nbpipe] must be a table")
    return table
