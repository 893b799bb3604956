"""The options of ``nbpipe run``, in groups, and how their texts are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from nbpipe.cli.limit_options import LIMITS
from nbpipe.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_OPTIONS = (
    click.option("-p", "--parameter", "given", multiple=True, metavar="NAME=VALUE", help="Set a parameter."),
    click.option("-f", "--params-file", "files", multiple=True, metavar="FILE", help="Set those of a YAML file."),
    click.option("--params-json", "texts", multiple=True, metavar="JSON", help="Set those of a JSON object."),
    click.option("--show-parameters", is_flag=True, help="List the parameters and do not run."),
    click.option("--output-dir", "output_folder", metavar="DIR", help="Put the results of all notebooks there."),
    click.option("--in-place", is_flag=True, help="Write the result into the notebook itself."),
    click.option("--html", is_flag=True, help="Also write the executed notebook as a page, beside it."),
    click.option("-j", "--jobs", type=click.IntRange(min=1), metavar="N", help="Run N notebooks, or steps, at once."),
    *LIMITS,
    click.option("--allow-errors", is_flag=True, help="Go on behind cells that raise an exception."),
    click.option("--kernel", metavar="NAME", help="Use this kernel, not the one that the notebook names."),
    click.option("--no-network", is_flag=True, help="Give the kernel no network (Linux)."),
    click.option(
        "--pass-env",
        multiple=True,
        metavar="NAME",
        help="Of the environment, give the kernel only this and what programs need to run.",
    ),
    click.option("--python", metavar="PATH", help="Run the steps of a pipeline in this interpreter."),
    click.option("--log-output", is_flag=True, help="Show what cells print while they run."),
    click.option("--tag", "tags", multiple=True, metavar="NAME[=VALUE]", help="Label the run."),
    click.option("--note", default="", metavar="TEXT", help="Say something about the run in its record."),
    click.option("--no-observe", is_flag=True, help="Do not note which files are read and written."),
    click.option("--no-tracking", is_flag=True, help="Do not record the run in MLflow."),
    click.option("--require-tracking", is_flag=True, help="Fail when MLflow does not get the run."),
)


def options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def parse_parameters(given: Sequence[str]) -> dict[str, str]:
    """Give the names and texts of ``NAME=VALUE`` arguments.

    Raises:
        ConfigError: one has no name or no ``=``, or a name comes twice.
    """
    values: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise ConfigError(f"-p {text}: write it as NAME=VALUE")
        if name.strip() in values:
            raise ConfigError(f"-p {text}: '{name.strip()}' is set twice")
        values[name.strip()] = value
    return values


def parse_tags(given: Sequence[str]) -> dict[str, str]:
    """Give the names and values of ``NAME=VALUE`` or ``NAME`` arguments.

    Raises:
        ConfigError: one has no name.
    """
    tags = {}
    for text in given:
        name, _, value = text.partition("=")
        if not name.strip():
            raise ConfigError(f"--tag {text}: write it as NAME or NAME=VALUE")
        tags[name.strip()] = value
    return tags
