"""``nbpipe check``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from nbpipe.cli.findings import check
from nbpipe.cli.options import CHECK
from nbpipe.lint.reporters import formats

if TYPE_CHECKING:
    from nbpipe.cli.options import Option

EPILOG = (
    "PATHS are notebooks, folders, or patterns; - is standard input. Exits with 1 when something at or above "
    "--fail-on is found or a notebook cannot be read, with 2 when the call or the configuration is wrong."
)


def _call(paths: tuple[str, ...], **values: Any) -> int:
    given: dict[str, list[str]] = {}
    for option in CHECK:
        value = values[option.name.replace("-", "_")]
        if value is True:
            given[option.name] = []
        elif value not in {None, False, ()}:
            given[option.name] = list(value) if option.multiple else [value]
    return check(paths, given)


def _click_option(option: Option) -> click.Option:
    if not option.metavar:
        return click.Option(list(option.flags), is_flag=True, help=option.help)
    metavar = "|".join(formats()) if option.name == "output-format" else option.metavar
    return click.Option(
        list(option.flags),
        metavar=metavar,
        multiple=option.multiple,
        help=option.help,
        # Configuration keys have a variable of their own, without the command's name: `nbpipe.config` reads it.
        allow_from_autoenv=not option.is_key,
    )


command = click.Command(
    "check",
    params=[click.Argument(["paths"], nargs=-1), *map(_click_option, CHECK)],
    callback=_call,
    help="Find what keeps notebooks from being trusted.",
    epilog=EPILOG,
)
