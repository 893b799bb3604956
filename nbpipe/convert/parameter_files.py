"""params.py and params.yaml: the parameters with their types, values and comments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from nbpipe.convert.texts import literal
from nbpipe.errors import ConversionError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nbpipe.settings.parameters import Parameter

_LOCATION: Final = re.compile(
    r"(?:^|_)(?:path|file|filename|dir|directory|folder|url|uri|csv|source)s?(?:_|$)", re.IGNORECASE
)
_PATH_LIKE: Final = re.compile(
    r"^(?:\w+://|[./~]|[\w.-]+/)\S*$|^[\w./-]+\.(?:csv|tsv|json|parquet|xlsx?|txt|zip|gz|npy|npz|pkl|h5|db)$"
)
# What isinstance tells apart; bool is an int to it, so that it is checked by hand.
_CHECKED: Final = {"int": "int", "float": "(int, float)", "str": "str", "bool": "bool", "list": "list", "dict": "dict"}


def check_values(parameters: Iterable[Parameter]) -> None:
    """Raise for a parameter that a YAML file cannot hold.

    Raises:
        ConversionError: there is one.
    """
    for parameter in parameters:
        if not _is_plain(parameter.default):
            kind = type(parameter.default).__name__
            raise ConversionError(
                f"parameter '{parameter.name}' is a {kind}, which params.yaml cannot hold: use a list or text"
            )


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(isinstance(key, str | int | float | bool) and _is_plain(item) for key, item in value.items())
    return value is None or isinstance(value, bool | int | float | str)


def type_of(parameter: Parameter) -> str:
    """Give a parameter's type as it is annotated."""
    return parameter.type if parameter.default is not None and parameter.type else "object"


def is_location(parameter: Parameter) -> bool:
    """Tell whether a parameter says where data is."""
    value = parameter.default
    return isinstance(value, str) and bool(_LOCATION.search(parameter.name) or _PATH_LIKE.match(value))


def write_yaml(parameters: Iterable[Parameter], notebook: str) -> str:
    """Give params.yaml; locations stand in the section `data`."""
    settings = [parameter for parameter in parameters if not is_location(parameter)]
    locations = [parameter for parameter in parameters if is_location(parameter)]
    lines = [f"# Parameters of the pipeline; the defaults are those of {notebook}."]
    for parameter in settings:
        lines.extend(_entry(parameter))
    if locations:
        lines.append("data:")
        for parameter in locations:
            lines.extend(f"  {line}" for line in _entry(parameter))
    return "\n".join(lines) + "\n"


def _entry(parameter: Parameter) -> list[str]:
    import yaml

    value = _listed(parameter.default)
    text = yaml.safe_dump({parameter.name: value}, sort_keys=False, allow_unicode=True, width=100).rstrip("\n")
    return [*([f"# {parameter.help}"] if parameter.help else []), *text.split("\n")]


def _listed(value: Any) -> Any:
    """Give tuples as lists, which is what YAML has."""
    if isinstance(value, list | tuple):
        return [_listed(item) for item in value]
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return value


def write_class(parameters: tuple[Parameter, ...], notebook: str) -> str:
    """Give params.py."""
    fields = "".join(_field(parameter) for parameter in parameters)
    checked = {
        parameter.name: _CHECKED[type_of(parameter)] for parameter in parameters if type_of(parameter) in _CHECKED
    }
    table = "".join(f"    {name!r}: {kind},\n" for name, kind in checked.items())
    return _CLASS.format(
        title=literal(f"The parameters of the pipeline, with the defaults of {notebook}."),
        fields=fields or "",
        table=table,
    )


def _field(parameter: Parameter) -> str:
    kind = type_of(parameter)
    default = repr(parameter.default)
    if isinstance(parameter.default, list | dict | set):
        default = f"field(default_factory=lambda: {default})"
    remark = f"  # {parameter.help}" if parameter.help else ""
    return f"    {parameter.name}: {kind} = {default}{remark}\n"


_CLASS = '''{title}

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path

import yaml

_TYPES: dict[str, type | tuple[type, ...]] = {{
{table}}}


@dataclass(frozen=True)
class Params:
    """The value of each parameter; raises TypeError where one has the wrong type."""

{fields}
    def __post_init__(self) -> None:
        for item in fields(self):
            value, wanted = getattr(self, item.name), _TYPES.get(item.name, object)
            is_wrong_bool = isinstance(value, bool) and wanted not in (bool, object)
            if is_wrong_bool or not isinstance(value, wanted):
                raise TypeError(f"{{item.name}} must be {{item.type}}, not {{value!r}}")


def load(path: str | Path) -> Params:
    """Read params.yaml; the section `data` holds locations.

    Raises:
        TypeError: a name is unknown, or a value has the wrong type.
    """
    content = yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {{}}
    locations = content.pop("data", None) or {{}}
    return Params(**content, **locations)
'''
