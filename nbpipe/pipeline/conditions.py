"""What a step met when it ran, and whether it would meet the same again."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbpipe.runtime.environment_reads import digest_of
from nbpipe.runtime.files import listing_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from nbpipe.pipeline.code import CodeReader
    from nbpipe.pipeline.hashes import FileHashes
    from nbpipe.pipeline.libraries import Libraries

_PROJECT = "$project/"


@dataclass(frozen=True, slots=True)
class World:
    """All that can be asked about what a step would meet now."""

    folder: Path
    hashes: FileHashes
    code: CodeReader
    libraries: Libraries

    def conditions(self, answer: Mapping[str, Any], own_files: frozenset[str]) -> dict[str, Any]:
        """Give what the step of an answer met, for `unmet`.

        Args:
            answer: of a step; see `nbpipe.runtime.worker.run_step`.
            own_files: modules that the step's own code covers.
        """
        met = answer["met"]
        consumed = [name for name in answer["touched"] if name not in answer["seeded"]]
        definitions, libraries = self._definitions(answer["definitions"])
        covered = own_files.union(*(self.code.of(name).files for name in definitions))
        others = {name: path for name, path in answer["modules"].items() if path not in covered}
        return {
            "read": {self.portable(path): digest for path, digest in met["read"].items()},
            "absent": [self.portable(path) for path in met["absent"]],
            "present": [self.portable(path) for path in met["present"]],
            "listed": {self.portable(path): digest for path, digest in met["listed"].items()},
            "environ": met["environ"],
            "generators": {name: state_digest(answer["before"][name]) for name in consumed},
            "definitions": definitions,
            "modules": {self.portable(path): self._module(name, path) for name, path in others.items()},
            "libraries": self.libraries.used(libraries),
        }

    def _definitions(self, names: list[str]) -> tuple[dict[str, str], set[str]]:
        """Split what inputs are made of into the project's own code, and modules of libraries."""
        own, libraries = {}, set()
        for name in names:
            top = name.partition(":")[0].partition(".")[0]
            if self.code.is_local(top):
                own[name] = self.code.of(name).digest
            else:
                libraries.add(top)
        return own, libraries

    def _module(self, name: str, path: str) -> str:
        """Give the digest of a module that was loaded in ways that the code does not show."""
        local = self.code.module(name)
        if local is not None and local.file == path:
            return f"{name}: {self.code.of(name + ':').digest}"
        return self.hashes.of(path) or ""

    def portable(self, path: str) -> str:
        """Write a path so that it holds where the project lies elsewhere."""
        root = str(self.folder) + os.sep
        return _PROJECT + path[len(root) :].replace(os.sep, "/") if path.startswith(root) else path

    def actual(self, path: str) -> str:
        """Give the path that `portable` wrote."""
        return str(self.folder / path[len(_PROJECT) :]) if path.startswith(_PROJECT) else path

    def unmet(self, conditions: Mapping[str, Any], generators: Mapping[str, Any] | None) -> str:
        """Say what a step would meet otherwise than `conditions` tell; "" when nothing."""
        return next(self._unmet(conditions, generators), "")

    def _unmet(self, conditions: Mapping[str, Any], generators: Mapping[str, Any] | None) -> Iterator[str]:
        for name, digest in conditions["generators"].items():
            if generators is None or name not in generators:
                yield f"it draws from {name}, which no step has seeded"
            elif state_digest(generators[name]) != digest:
                yield f"the state of {name} is another"
        for name, digest in conditions["definitions"].items():
            if self.code.of(name).digest != digest:
                yield f"{name.replace(':', '.')} changed, of which its inputs are made"
        for name, version in conditions["libraries"].items():
            if self.libraries.versions.get(name) != version:
                yield f"{name} {version} became {self.libraries.versions.get(name, 'removed')}"
        for name, digest in conditions["environ"].items():
            if digest_of(os.environ.get(name)) != digest:
                yield f"the environment variable {name} changed"
        yield from self._unmet_files(conditions)

    def _unmet_files(self, conditions: Mapping[str, Any]) -> Iterator[str]:
        for path, digest in conditions["read"].items():
            found = self.hashes.of(self.actual(path))
            if found != digest:
                yield f"the file {self._shown(path)} {'is gone' if found is None else 'changed'}"
        for path in conditions["absent"]:
            if os.path.lexists(self.actual(path)):
                yield f"the file {self._shown(path)} is new"
        for path in conditions["present"]:
            if not os.path.lexists(self.actual(path)):
                yield f"the file {self._shown(path)} is gone"
        for path, digest in conditions["listed"].items():
            if listing_digest(self.actual(path)) != digest:
                yield f"the folder {self._shown(path)} has other files"
        yield from self._unmet_modules(conditions)

    def _unmet_modules(self, conditions: Mapping[str, Any]) -> Iterator[str]:
        for path, digest in conditions["modules"].items():
            name = digest.partition(": ")[0] if ": " in digest else ""
            now = f"{name}: {self.code.of(name + ':').digest}" if name else self.hashes.of(self.actual(path))
            if now != digest:
                yield f"the module {self._shown(path)} changed"

    def _shown(self, path: str) -> str:
        return path.removeprefix(_PROJECT)


def state_digest(state: Any) -> str:
    """Give a digest of a generator's state (see `nbpipe.runtime.generators`)."""
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()
