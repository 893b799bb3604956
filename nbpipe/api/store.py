"""The store of a pipeline's values: what `nbpipe store` calls."""

from __future__ import annotations

import os

from nbpipe.api.run_pipeline import STORE_VARIABLE
from nbpipe.errors import PipelineError
from nbpipe.pipeline.garbage import YOUNG_SECONDS, Collected, StoreSize, collect, size_of_store
from nbpipe.pipeline.project import load_project
from nbpipe.pipeline.snapshot import collect_code
from nbpipe.runtime.store import Store, StoreFault


def open_store(folder: str | os.PathLike[str], store: str | None = None) -> Store:
    """Give the store of a pipeline: at `store`, where ``NBPIPE_STORE`` says, else its own folder.

    Raises:
        ConfigError: the folder is no pipeline.
        PipelineError: it cannot be opened.
    """
    project = load_project(folder, store=store or os.environ.get(STORE_VARIABLE) or None)
    try:
        return Store(project.store)
    except StoreFault as error:
        raise PipelineError(str(error)) from None


def store_size(store: Store) -> StoreSize:
    """Count what is in a store.

    Raises:
        PipelineError: it cannot be read.
    """
    try:
        return size_of_store(store)
    except (StoreFault, OSError) as error:
        raise PipelineError(str(error)) from None


def collect_garbage(
    store: Store,
    keep_runs: int,
    *,
    folder: str | os.PathLike[str] | None = None,
    young: float = YOUNG_SECONDS,
    dry: bool = False,
) -> Collected:
    """Remove what none of the newest runs of each project uses; see `nbpipe.pipeline.garbage.collect`.

    Args:
        store: the store.
        keep_runs: how many runs of each project.
        folder: a pipeline, of which the code that was kept of its other runs is removed, too.
        young: seconds.
        dry: only count.

    Raises:
        ConfigError: the folder is no pipeline.
        PipelineError: the store cannot be read or written.
    """
    try:
        gone = collect(store, keep_runs, young=young, dry=dry)
        home = None if folder is None else load_project(folder).place_of_runs
        code = [] if home is None else collect_code(home, keep_runs, young=young, dry=dry)
    except (StoreFault, OSError) as error:
        raise PipelineError(str(error)) from None
    return Collected(gone.files + len(code), gone.bytes + sum(code))
