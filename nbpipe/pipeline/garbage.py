"""How large a store is, and what in it no recent run uses."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbpipe.pipeline.cache import references_of
from nbpipe.runtime.store import content_key

if TYPE_CHECKING:
    from nbpipe.runtime.store import Entry, Store

# What was written a moment ago may belong to a run that has not said yet what it uses.
YOUNG_SECONDS = 3600.0
_THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class StoreSize:
    """What is in a store.

    Attributes:
        artifacts: how many contents.
        results: how many results of steps can be used again.
        runs: how many runs use what is in it.
        bytes: of all files.
    """

    artifacts: int
    results: int
    runs: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Collected:
    """What collecting garbage removed: files, and their bytes."""

    files: int
    bytes: int


def size_of_store(store: Store) -> StoreSize:
    """Count what is in a store.

    Raises:
        StoreFault: it cannot be read.
    """
    objects, results = list(store.backend.list("objects")), list(store.backend.list("cache"))
    roots, staged = list(store.backend.list("roots")), list(store.backend.list("staging"))
    contents = [entry for entry in objects if not _is_description(entry.name)]
    total = sum(entry.size for entry in (*objects, *results, *roots, *staged))
    return StoreSize(len(contents), len(results), len(roots), total)


def collect(store: Store, keep_runs: int, *, young: float = YOUNG_SECONDS, dry: bool = False) -> Collected:
    """Remove what none of the newest runs of each project uses, and results of steps that lost a part by it.

    Safe beside runs that go on: what is younger than `young` stays, and a result that is used counts as young again.

    Args:
        store: perhaps shared by several projects; each keeps its own newest runs.
        keep_runs: how many of each project.
        young: seconds.
        dry: only count.

    Raises:
        StoreFault: it cannot be read or written.
    """
    before = time.time() - young
    kept, old_roots = _kept_keys(store, keep_runs, before)
    doomed: list[Entry] = list(old_roots)
    doomed += [entry for entry in store.backend.list("staging") if entry.when < before]
    results = [(entry, _result(store, entry)) for entry in store.backend.list("cache")]
    for entry, result in results:
        used = {content_key(key) for key in references_of(result)} if result else set()
        if result is not None and (entry.when >= before or result["key"] in kept):
            kept |= used
        else:
            doomed.append(entry)
    doomed += [entry for entry in store.backend.list("objects") if entry.when < before and _key(entry.name) not in kept]
    for entry in doomed if not dry else ():
        store.backend.remove(entry.name)
    return Collected(len(doomed), sum(entry.size for entry in doomed))


def _kept_keys(store: Store, keep_runs: int, before: float) -> tuple[set[str], list[Entry]]:
    """Give the keys of values and of steps that the kept runs use, and the files of the other runs."""
    projects: dict[str, list[tuple[str, dict[str, Any], Entry]]] = defaultdict(list)
    broken = []
    for entry in store.backend.list("roots"):
        root = _json(store, entry)
        if root is None:
            broken.append(entry)
        else:
            projects[str(root.get("project"))].append((str(root.get("run")), root, entry))
    kept: set[str] = set()
    old = [entry for entry in broken if entry.when < before]
    for roots in projects.values():
        newest = sorted(roots, key=lambda root: float(root[1].get("when", 0.0)), reverse=True)
        for place, (_, root, entry) in enumerate(newest):
            if place < keep_runs:
                kept |= {*root.get("keys", ()), *root.get("steps", ())}
            else:
                old.append(entry)
    return kept, old


def _result(store: Store, entry: Entry) -> dict[str, Any] | None:
    found = _json(store, entry)
    return found if found is not None and {"key", "answer", "kept", "log"} <= found.keys() else None


def _json(store: Store, entry: Entry) -> dict[str, Any] | None:
    try:
        content = json.loads(store.read(entry.name) or b"")
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _is_description(name: str) -> bool:
    return name.endswith(".json") and name.count(".") > 1


def _key(name: str) -> str:
    """Give the key of the content that a file of ``objects`` is, or describes."""
    key = "".join(name.split("/")[1:])
    return (key.removesuffix(".json") if _is_description(name) else key).partition("@")[0]


def in_words(count: int) -> str:
    """Give a number of bytes for people, in powers of ten, as disks are sold."""
    size, units = float(count), ["B", "kB", "MB", "GB", "TB"]
    while size >= _THOUSAND and len(units) > 1:
        size, units = size / _THOUSAND, units[1:]
    return f"{size:.3g} {units[0]}"
