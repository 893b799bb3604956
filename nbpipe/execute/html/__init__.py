"""An executed notebook as one page that can be opened anywhere; what it shows is not trusted.

Everything is escaped. HTML that cells show stands in frames that may run no script, load nothing and reach nothing; the
page as a whole has a content security policy that says the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.errors import ExecutionError
from nbpipe.execute.html.page import page
from nbpipe.execute.listener import Listener
from nbpipe.execute.saving import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.records import RunRecord

__all__ = ["PageWriter", "page", "page_path"]


def page_path(output: Path) -> Path:
    """Give where the page of an executed notebook goes."""
    return output.with_suffix(".html")


class PageWriter(Listener):
    """Writes the page of each run that ends."""

    def __init__(self, told: Listener) -> None:
        """Tell `told` where the page is, or why there is none."""
        self._told = told

    def run_finished(self, record: RunRecord, output: Path, record_path: Path) -> None:  # noqa: ARG002 - an event
        """Write the page."""
        target = page_path(output)
        try:
            write_atomically(target, page(output.read_bytes(), record).encode("utf-8", "backslashreplace"))
        except (ExecutionError, OSError, ValueError) as error:
            self._told.warned(f"no page: {error}")
        else:
            self._told.noted(f"page: {target}")
