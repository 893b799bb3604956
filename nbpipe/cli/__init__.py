"""L6: the command line: a thin face on `nbpipe.api`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.process import leave, spare_collections, spare_imports

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give the exit code.

    Args:
        arguments: those after the program's name; by default the process's.
    """
    import sys

    from nbpipe.cli.frame import run

    if arguments is not None:
        return run(list(arguments))
    # Nobody calls: the process is ours.
    spare_imports()
    spare_collections()
    return run(sys.argv[1:])


def program() -> int:
    """Be the program `nbpipe`: run the command line of this process, and end the process where that spares time."""
    return leave(main())
