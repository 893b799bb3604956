"""Saving a notebook file so that it is either the old one or the new one, never half of it."""

from __future__ import annotations

import contextlib
import os
import stat

from nbpipe.errors import NotebookError


def save(path: str | os.PathLike[str], text: str) -> None:
    """Write the text of a notebook file in one step; its permissions stay, and a link to it stays a link.

    Raises:
        NotebookError: it cannot be written, or is read-only; the old file is untouched then.
    """
    target = os.path.realpath(path)
    temporary = os.path.join(os.path.dirname(target), f".nbpipe-{os.urandom(6).hex()}.tmp")  # noqa: PTH118, PTH120
    try:
        mode = _mode(target)
        if mode is not None and not os.access(target, os.W_OK):
            raise NotebookError("cannot be written: it is read-only")
        with open(temporary, "xb") as file:  # noqa: PTH123 - pathlib is a start-up cost, here and below
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(temporary, mode)  # noqa: PTH101
        os.replace(temporary, target)  # noqa: PTH105
    except OSError as error:
        raise NotebookError(f"cannot be written: {error.strerror or error}") from None
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)  # noqa: PTH108


def _mode(path: str) -> int | None:
    """Give the permissions of a file; None where there is none yet."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode)  # noqa: PTH116
    except FileNotFoundError:
        return None
