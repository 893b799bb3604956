"""Runs several notebooks side by side in one process: what `nbpipe run -j N` and `nbpipe.api.run_each` call."""

from __future__ import annotations

import os
import threading
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nbpipe.api.run import notebook_options, run_one
from nbpipe.errors import ConfigError, Interrupted, NbpipeError
from nbpipe.execute.stop import Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    from nbpipe.execute.listener import Listener
    from nbpipe.records import RunRecord

_LOOK_SECONDS: Final = 0.2
"""How often the main thread wakes up, which is when Python delivers signals to it."""


def run_each(
    paths: Sequence[str | os.PathLike[str]],
    *,
    jobs: int = 1,
    output_folder: str | os.PathLike[str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    listeners: Callable[[Path], Sequence[Listener]] = lambda _: (),
    **options: Any,
) -> Iterator[tuple[Path, RunRecord | NbpipeError]]:
    """Run notebooks, each in a kernel of its own, and yield how each ended as soon as it has.

    While `jobs` notebooks run, the kernel of the next one is started already, so that none waits for its own.

    Args:
        paths: the notebooks.
        jobs: how many run at the same time.
        output_folder: where the executed notebooks go, under their own names; by default beside each.
        parameters: for all of them; see `nbpipe.api.run.run`.
        listeners: gives who hears of a notebook's run; they are told from that run's thread.
        options: see `NotebookOptions`.

    Yields:
        Each path with its record, or with the error because of which there is none.

    Raises:
        ConfigError: two results would have the same name.
        Interrupted: somebody asked to stop (INT, TERM); what ran is saved.
    """
    sources = [Path(path) for path in paths]
    outputs = _outputs(sources, output_folder)
    settings, stop = notebook_options(options), Stop()
    turns, env = threading.Semaphore(jobs), dict(os.environ)

    def run(source: Path, output: Path | None) -> RunRecord:
        return run_one(source, output, parameters or {}, settings, listeners(source), stop, env=env, turn=turns)

    # Everything heavy is imported before threads could do so side by side.
    import_module("nbpipe.execute.client")
    with stop.listening(), ThreadPoolExecutor(jobs + 1, thread_name_prefix="nbpipe-run") as pool:
        going = {pool.submit(run, source, output): source for source, output in zip(sources, outputs, strict=True)}
        try:
            yield from _ended(going, stop)
        finally:
            for future in going:
                future.cancel()
    if stop.signal is not None:
        raise Interrupted(stop.signal, "interrupted; what ran is saved")


def _outputs(sources: Sequence[Path], folder: str | os.PathLike[str] | None) -> list[Path | None]:
    """Give where the results go.

    Raises:
        ConfigError: two would go to the same place.
    """
    if folder is None:
        return [None for _ in sources]
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    outputs = [target / source.name for source in sources]
    twice = [source for source, output in zip(sources, outputs, strict=True) if outputs.count(output) > 1]
    if twice:
        raise ConfigError(f"{twice[0]} and {twice[1]} would both be saved as {target / twice[0].name}")
    return list(outputs)


def _ended(going: dict[Future[RunRecord], Path], stop: Stop) -> Iterator[tuple[Path, RunRecord | NbpipeError]]:
    left = set(going)
    while left:
        done, left = wait(left, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
        for future in done:
            try:
                yield going[future], future.result()
            except NbpipeError as error:
                yield going[future], error
            except Interrupted:
                # One that had not begun has nothing to show; the others end by themselves.
                continue
        if stop.signal is not None:
            for future in left:
                future.cancel()
            left = {future for future in left if not future.cancelled()}
