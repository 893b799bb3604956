"""Verifies notebooks: what `nbpipe verify`, the pytest plugin and `nbpipe.verify` call."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nbpipe.api.check import settings_for
from nbpipe.errors import ConfigError
from nbpipe.events import as_one
from nbpipe.execute.limits import OUTPUT, Limits
from nbpipe.execute.listener import Listener
from nbpipe.lint.files import notebooks_of
from nbpipe.verify.batch import in_turn
from nbpipe.verify.cache import Cache
from nbpipe.verify.context import Tolerance
from nbpipe.verify.fresh import Options
from nbpipe.verify.funnel import Funnel
from nbpipe.verify.normalisers import normaliser_names
from nbpipe.verify.notebook import Strictness, Verified, verify_notebook
from nbpipe.verify.updating import update
from nbpipe.verify.verdict import NotebookVerdict, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from nbpipe.config import Settings
    from nbpipe.execute.stop import Stop

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Request:
    """How notebooks are to be verified; what is None comes from the configuration.

    Attributes:
        rtol: relative tolerance of numbers.
        atol: absolute tolerance of numbers.
        image_threshold: how much a picture may differ, see `nbpipe.verify.context.Tolerance`.
        no_normalize: normalisers that may not be used, besides those of the configuration.
        runs: how often each is run; from 2 on, differences between runs are explained.
        jobs: how many notebooks run at a time.
        cell_timeout: seconds that one cell may take.
        timeout: seconds that one notebook may take.
        idle_timeout: seconds in which a cell may show nothing and compute nothing.
        max_memory: bytes that a kernel may have in memory.
        max_output: bytes that a cell may print; what is beyond is cut, and compared as it is then.
        network: whether the kernels have a network.
        kernel: kernelspec to use instead of the one that each names.
        update: whether to write the fresh outputs into the files.
        outputs: whether the verdicts shall hold the outputs that differ, for a report that shows them.
        cached: whether the verdict of an earlier run may be given, where nothing has changed since.
    """

    rtol: float | None = None
    atol: float | None = None
    image_threshold: float | None = None
    no_normalize: tuple[str, ...] = ()
    runs: int = 1
    jobs: int = 1
    cell_timeout: float | None = None
    timeout: float | None = None
    idle_timeout: float | None = None
    max_memory: int | None = None
    max_output: int = OUTPUT
    network: bool = True
    kernel: str | None = None
    update: bool = False
    outputs: bool = True
    cached: bool = False
    listeners: tuple[Listener, ...] = field(default=(), compare=False)

    def limits(self) -> Limits:
        """Give what each run may take."""
        return Limits(self.cell_timeout, self.timeout, self.idle_timeout, self.max_memory, self.max_output)

    def strictness(self, settings: Settings) -> Strictness:
        """Give what counts as the same, under the settings of a project.

        Raises:
            ConfigError: a normaliser has no such name.
        """
        configured = normaliser_names(settings.verify_no_normalize, settings.origin("verify-no-normalize"))
        tolerance = Tolerance(
            settings.verify_rtol if self.rtol is None else self.rtol,
            settings.verify_atol if self.atol is None else self.atol,
            settings.verify_image_threshold if self.image_threshold is None else self.image_threshold,
        )
        off = configured | normaliser_names(self.no_normalize, "--no-normalize")
        return Strictness(tolerance, off, max(1, self.runs))


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
        return int(not all(item.is_good or item.updated for item in self.notebooks))

    @property
    def funnel(self) -> Funnel:
        """How many notebooks came how far."""
        return Funnel(self.notebooks)

    def as_json(self) -> dict[str, Any]:
        """Give plain JSON values, with the version of this layout."""
        counts = {verdict.value: 0 for verdict in Verdict}
        for item in self.notebooks:
            counts[item.verdict.value] += 1
        return {
            "version": _VERSION,
            "notebooks": [item.as_json() for item in self.notebooks],
            "summary": {"notebooks": len(self.notebooks), **counts},
            "funnel": self.funnel.as_json(),
        }

    def write(self, reports: Mapping[str, str]) -> None:
        """Write reports, a kind to a file: ``json``, ``junit`` or ``html``.

        Raises:
            ConfigError: one cannot be written.
        """
        for kind, path in reports.items():
            try:
                Path(path).write_text(_WRITERS[kind](self), encoding="utf-8", errors="backslashreplace")
            except OSError as error:
                raise ConfigError(f"--{kind} {path}: cannot be written: {error.strerror or error}") from error


def _json(result: VerifyResult) -> str:
    return json.dumps(result.as_json(), indent=2, ensure_ascii=False) + "\n"


def _junit(result: VerifyResult) -> str:
    from nbpipe.verify.junit import junit

    return junit(result.notebooks)


def _html(result: VerifyResult) -> str:
    from nbpipe.verify.html import page

    return page(result.notebooks)


_WRITERS: Final[dict[str, Callable[[VerifyResult], str]]] = {"json": _json, "junit": _junit, "html": _html}


def verify(paths: str | Sequence[str], **options: Any) -> VerifyResult:
    """Run notebooks fresh and compare what they show with what is stored in them; options as of `Request`."""
    names = [paths] if isinstance(paths, str) else list(paths)
    return VerifyResult(tuple(verify_each(names, Request(**options))))


def verify_each(
    paths: Sequence[str],
    request: Request,
    *,
    settings: Settings | None = None,
    listener_of: Callable[[str], Listener] | None = None,
) -> Iterator[NotebookVerdict]:
    """Yield the verdict of each notebook, in order, as soon as it is known.

    Args:
        paths: notebooks, folders that are searched for them, or patterns.
        request: how.
        settings: those to use; by default the ones of the project that the paths belong to.
        listener_of: gives what hears how the run of one notebook goes.

    Raises:
        ConfigError: a path does not exist, or the configuration is wrong.
        MissingExtraError: what runs notebooks is not installed.
        Interrupted: somebody asked to stop (INT, TERM).
    """
    settings = settings_for(paths) if settings is None else settings
    strictness = request.strictness(settings)
    cache = Cache(Path(settings.root, settings.cache_dir)) if request.cached else None
    found = [each.path for each in notebooks_of(paths, settings)]

    def work(path: str, stop: Stop) -> NotebookVerdict:
        listeners = (*request.listeners, *((listener_of(path),) if listener_of is not None else ()))
        options = Options(
            limits=request.limits(),
            kernel=request.kernel,
            network=request.network,
            listener=as_one(Listener, listeners),
            stop=stop,
        )
        more = request.max_output, request.network
        key = cache.key(path, strictness, request.kernel, *more) if cache is not None else None
        known = cache.get(path, key) if cache is not None and key is not None else None
        if known is not None and (known.is_good or not request.update):
            return known
        done = verify_notebook(path, options, strictness)
        if cache is not None and key is not None:
            cache.put(key, done)
        return _finished(done, request, options.listener)

    yield from in_turn(found, request.jobs, work)


def _finished(done: Verified, request: Request, listener: Listener) -> NotebookVerdict:
    """Give the verdict as it is asked for, and update the file where that is."""
    verdict = done.verdict
    if request.update and not verdict.is_good:
        problem = update(done)
        if problem:
            listener.warned(f"{verdict.path}: not updated: {problem}")
        verdict = replace(verdict, updated=not problem)
    if not request.outputs:
        bare = tuple(replace(cell, stored=(), fresh=(), source="") for cell in verdict.cells)
        verdict = replace(verdict, cells=bare)
    return verdict
