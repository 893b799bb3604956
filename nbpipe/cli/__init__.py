"""L6: the command line: a thin face on `nbpipe.api`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give the exit code.

    Args:
        arguments: those after the program's name; by default the process's.
    """
    import sys

    from nbpipe.cli.frame import run

    return run(sys.argv[1:] if arguments is None else list(arguments))
