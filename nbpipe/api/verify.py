"""Verifies notebooks: what `nbpipe verify` and `nbpipe.verify` call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.errors import Interrupted
from nbpipe.events import as_one
from nbpipe.execute.limits import Limits
from nbpipe.execute.listener import Listener
from nbpipe.execute.stop import Stop
from nbpipe.lint.files import find_notebooks
from nbpipe.verify.context import ATOL, RTOL, Tolerance
from nbpipe.verify.notebook import verify_notebook
from nbpipe.verify.verdict import NotebookVerdict, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_VERSION = 1


class VerifyResult:
    """What verifying some notebooks gave.

    Attributes:
        notebooks: one verdict each, in the order verified.
    """

    __slots__ = ("notebooks",)

    def __init__(self, notebooks: Sequence[NotebookVerdict]) -> None:
        self.notebooks = tuple(notebooks)

    @property
    def exit_code(self) -> int:
        """What `nbpipe verify` exits with: 0 when every notebook gives what is stored in it."""
        return int(not all(item.is_good for item in self.notebooks))

    def as_json(self) -> dict[str, Any]:
        """Give plain JSON values, with the version of this layout."""
        counts = {verdict.value: 0 for verdict in Verdict}
        for item in self.notebooks:
            counts[item.verdict.value] += 1
        return {
            "version": _VERSION,
            "notebooks": [item.as_json() for item in self.notebooks],
            "summary": {"notebooks": len(self.notebooks), **counts},
        }


def verify(paths: str | Sequence[str], **options: Any) -> VerifyResult:
    """Run notebooks fresh and compare what they show with what is stored in them; options as `verify_each`."""
    return VerifyResult(tuple(verify_each([paths] if isinstance(paths, str) else paths, **options)))


def verify_each(  # noqa: PLR0913 - the options of a verification
    paths: Sequence[str],
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
    cell_timeout: float | None = None,
    timeout: float | None = None,
    kernel: str | None = None,
    listeners: Sequence[Listener] = (),
) -> Iterator[NotebookVerdict]:
    """Yield the verdict of each notebook as soon as it is known.

    Args:
        paths: notebooks, folders that are searched for them, or patterns.
        rtol: relative tolerance of numbers.
        atol: absolute tolerance of numbers.
        cell_timeout: seconds that one cell may take.
        timeout: seconds that one notebook may take.
        kernel: kernelspec to use instead of the one that each names.
        listeners: hear how the runs go.

    Raises:
        ConfigError: a path does not exist.
        MissingExtraError: what runs notebooks is not installed.
        Interrupted: somebody asked to stop (INT, TERM).
    """
    for found in find_notebooks(paths):
        stop = Stop()
        with stop.listening():
            verdict = verify_notebook(
                found.path,
                tolerance=Tolerance(rtol, atol),
                limits=Limits(cell=cell_timeout, total=timeout),
                kernel=kernel,
                listener=as_one(Listener, listeners),
                stop=stop,
            )
        if stop.signal is not None:
            raise Interrupted(stop.signal, f"{found.path}: interrupted")
        yield verdict
