"""What a notebook that is run, or verified, may take: the options for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from nbpipe.errors import ConfigError
from nbpipe.execute.limits import OUTPUT
from nbpipe.sizes import parse_size

if TYPE_CHECKING:
    from collections.abc import Callable

POSITIVE: Final = click.FloatRange(min=0, min_open=True)


class Size(click.ParamType[int]):
    """A number of bytes, as ``500MB`` or ``2GiB``."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Give the bytes."""
        if isinstance(value, int):
            return value
        try:
            return parse_size(value)
        except ConfigError as error:
            self.fail(str(error), param, ctx)


LIMITS: Final = (
    click.option("--cell-timeout", type=POSITIVE, metavar="SECONDS", help="Stop when one cell takes longer."),
    click.option("--timeout", type=POSITIVE, metavar="SECONDS", help="Stop when all takes longer."),
    click.option(
        "--idle-timeout",
        type=POSITIVE,
        metavar="SECONDS",
        help="Stop when a cell shows nothing and computes nothing for so long.",
    ),
    click.option("--max-memory", type=Size(), metavar="SIZE", help="Stop when the kernel uses more, as 4GB."),
    click.option(
        "--max-output",
        type=Size(),
        default=OUTPUT,
        show_default="10MB",
        metavar="SIZE",
        help="Cut what a cell prints beyond.",
    ),
)


def limits(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options."""
    for option in reversed(LIMITS):
        function = option(function)
    return function
