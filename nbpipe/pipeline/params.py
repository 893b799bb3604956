"""What a pipeline's parameters are: values from params.yaml, types and defaults from params.py."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING, Any

from nbpipe.errors import ConfigError, MissingExtraError, did_you_mean
from nbpipe.settings.parameters import Parameter, parameters_of

if TYPE_CHECKING:
    from pathlib import Path

DATA_SECTION = "data"


def read_values(path: Path) -> dict[str, Any]:
    """Read params.yaml: name to value, those of its ``data`` section among them; {} where there is no file.

    Raises:
        ConfigError: it is no YAML, or not of that shape.
    """
    content = _read_yaml(path) if path.is_file() else None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError(f"{path.name}: must be 'name: value' lines, not a {type(content).__name__}")
    data = content.pop(DATA_SECTION, None) or {}
    if not isinstance(data, dict):
        raise ConfigError(f"{path.name}: '{DATA_SECTION}' must be a section of 'name: location' lines")
    twice = content.keys() & data.keys()
    if twice:
        raise ConfigError(f"{path.name}: '{min(map(str, twice))}' stands both in '{DATA_SECTION}' and outside")
    values = {**content, **data}
    for name in values:
        if not isinstance(name, str) or not name.isidentifier():
            raise ConfigError(f"{path.name}: {name!r} cannot be a parameter's name")
    return values


def read_overlay(folder: Path, environment: str) -> dict[str, Any]:
    """Read the values of an environment, ``params.<environment>.yaml``, which win over params.yaml.

    Raises:
        ConfigError: there is none, or it is no YAML or not of that shape.
    """
    path = folder / f"params.{environment}.yaml"
    if not path.is_file():
        known = [file.name.split(".")[1] for file in sorted(folder.glob("params.*.yaml"))]
        there = f"; there are: {', '.join(known)}" if known else ""
        raise ConfigError(
            f"no environment '{environment}': {path} does not exist{there}{did_you_mean(environment, known)}"
        )
    return read_values(path)


def _read_yaml(path: Path) -> Any:
    try:
        import yaml
    except ImportError:
        raise MissingExtraError("reading params.yaml", "run") from None
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name}: cannot be read: {error}") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or "it is not YAML"
        raise ConfigError(f"{path.name}{where}: {problem}") from None


def read_parameters(path: Path, values: dict[str, Any], used: tuple[str, ...]) -> tuple[Parameter, ...]:
    """Give the parameters that the class ``Params`` of a params.py declares.

    Where there is no params.py, they are those of params.yaml, typed by their values, and those that steps use.

    Raises:
        ConfigError: params.py is no Python, or a step uses what it does not declare.
    """
    if not path.is_file():
        typed = [Parameter(name, _type_of(value)) for name, value in values.items()]
        return (*typed, *(Parameter(name, "") for name in used if name not in values))
    source = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise ConfigError(f"{path.name}, line {error.lineno}: {error.msg}") from None
    declared = parameters_of(_body_of_params(source, tree))
    names = [parameter.name for parameter in declared]
    for name in used:
        if name not in names:
            raise ConfigError(f"a step uses the parameter '{name}', which {path.name} lacks{did_you_mean(name, names)}")
    return declared


def _type_of(value: object) -> str:
    return "" if value is None else type(value).__name__


def _body_of_params(source: str, tree: ast.Module) -> str:
    """Give the text of the class's fields, comments kept, as if they stood at the top of a module."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == "Params":
            fields = [statement for statement in node.body if isinstance(statement, ast.AnnAssign)]
            if not fields:
                return ""
            lines = source.splitlines()[fields[0].lineno - 1 : fields[-1].end_lineno]
            return textwrap.dedent("\n".join(lines))
    return ""
