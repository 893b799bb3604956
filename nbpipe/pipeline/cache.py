"""Results of steps that ran before, found again in two levels, as ccache does.

The first level is what is known before a step runs: its code, inputs, parameters, interpreter and libraries give a key.
The second is what it met when it ran: files, folders, variables, generator states, definitions of its inputs. An entry
is the answer of one run of the step with what it met; a step is a hit when it would meet the same again.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from nbpipe.runtime.store import CorruptedArtifact, StoreFault, content_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbpipe.pipeline.code import StepCode
    from nbpipe.pipeline.conditions import World
    from nbpipe.pipeline.model import Step
    from nbpipe.runtime.store import Artifact, Store

VERSION = 3
_CHECKED_BYTES = 1 << 23  # up to here an artifact is hashed before its step counts as done
_KEPT_ENTRIES = 20
# Formats whose bytes are the same for equal values: there the bytes, which tell the layout in memory too, count.
_BY_CONTENT = frozenset({"npy"})
# Libraries with readers of their own that nobody hears.
_UNHEARD = frozenset({"duckdb", "polars", "netCDF4", "rasterio", "fiona", "pyogrio", "tables", "tensorflow", "pyspark"})
# What an entry keeps of an answer; the rest is what it met, which is kept as conditions.
_REPLAYED = (
    "outputs",
    "metrics",
    "figures",
    "generators",
    "touched",
    "seeded",
    "seeds",
    "before",
    "aliases",
    "changed_inputs",
    "profiles",
    "logged",
)


class Found(NamedTuple):
    """An answer of the cache.

    Attributes:
        answer: of the step, as if it had just run; None when it must run.
        why: it must run, or from which run the answer is.
    """

    answer: dict[str, Any] | None
    why: str


def ingredients(
    step: Step, code: StepCode, world: World, parameters: Mapping[str, Any], inputs: Mapping[str, Artifact]
) -> dict[str, str]:
    """Give all that the first level of the cache knows a step by, each part with a name for people.

    Args:
        step: the step.
        code: what its function consists of.
        world: tells of libraries.
        parameters: name to encoded value, of all that it takes.
        inputs: name to artifact.
    """
    found = {"python": world.libraries.python, "function": step.function, "cache": str(VERSION)}
    found["interface"] = json.dumps([step.inputs, step.outputs, step.metrics])
    found |= {f"code {name}": digest for name, digest in code.parts.items()}
    found |= {f"parameter {name}": json.dumps(value, sort_keys=True) for name, value in parameters.items()}
    found |= {f"input {name}": _identity(artifact) for name, artifact in inputs.items()}
    found |= {f"library {name}": version for name, version in world.libraries.used(code.imports).items()}
    return found


def _identity(artifact: Artifact) -> str:
    if artifact.serializer in _BY_CONTENT or not artifact.fingerprint.proves_equality or "#" in artifact.key:
        return artifact.key
    return f"{artifact.serializer} {artifact.fingerprint.digest}"


def key_of(found: Mapping[str, str]) -> str:
    """Give the first level's key."""
    return hashlib.sha256(json.dumps(sorted(found.items())).encode("utf-8", "surrogatepass")).hexdigest()


def why_not_kept(step: Step, code: StepCode, answer: Mapping[str, Any]) -> str:
    """Say why the result of a step that ran must not be used again; "" when it may."""
    if step.cache is not None:
        return "" if step.cache else "the step says cache=False"
    reasons = [*answer["met"]["hidden"], *code.unrepeatable]
    reasons += [f"it uses {name}, whose files nobody sees" for name in sorted(_UNHEARD & code.imports)]
    if answer.get("pools") and "joblib" in code.imports:
        reasons.append("it starts processes of its own")
    return "; ".join(dict.fromkeys(reasons))


@dataclass(frozen=True, slots=True)
class Cache:
    """The entries of one store, read by one project."""

    store: Store
    world: World

    def find(self, key: str, generators: Mapping[str, Any] | None) -> Found:
        """Look for a result that holds now, the newest first.

        Args:
            key: of the first level.
            generators: states that the step would start from.
        """
        why = "it has not run with this code, these inputs and parameters"
        for entry in self._entries(key):
            unmet = self.world.unmet(entry["conditions"], generators) or self._damage(entry)
            if not unmet:
                return Found(self._answer(entry, generators), f"from run {entry['run']}")
            why = unmet
        return Found(None, why)

    def _entries(self, key: str) -> list[dict[str, Any]]:
        entries = []
        for file in sorted(self.store.backend.list(_folder(key)), key=lambda entry: -entry.when)[:_KEPT_ENTRIES]:
            try:
                entry = json.loads(self.store.read(file.name) or b"")
            except ValueError:
                continue
            if isinstance(entry, dict) and entry.get("version") == VERSION:
                entries.append(entry)
        return sorted(entries, key=lambda entry: -float(entry["when"]))

    def _damage(self, entry: Mapping[str, Any]) -> str:
        """Say which artifact of an entry is gone or no longer what was stored; large ones are checked when read."""
        for name, artifact in entry["answer"]["outputs"].items():
            size = self.store.size(artifact["key"])
            if size is None:
                return f"its output '{name}' is no longer in the store"
            if size != artifact["size"] or (size <= _CHECKED_BYTES and not self.store.is_whole(artifact["key"])):
                return f"its output '{name}' is damaged in the store"
        return ""

    def _answer(self, entry: Mapping[str, Any], generators: Mapping[str, Any] | None) -> dict[str, Any]:
        """Give an entry's answer as if the step had just run, from the states that there are now."""
        answer = dict(entry["answer"])
        answer["generators"] = {**(generators or {}), **answer["generators"]}
        read = [self.world.actual(path) for path in entry["conditions"]["read"]]
        kept = {self.world.actual(path): file for path, file in entry["kept"].items()}
        for key in references_of(entry):
            self.store.touch(content_key(key))
        return {
            "status": "ok",
            **answer,
            "files": {"read": sorted(read), "written": sorted(kept)},
            "kept": kept,
            "log": entry["log"],
            "cpu_seconds": None,
            "peak_memory": None,
            "met": {"read": {self.world.actual(path): hash_ for path, hash_ in entry["conditions"]["read"].items()}},
        }

    def replay(self, answer: Mapping[str, Any], log: Path) -> str:
        """Leave what the step would have left: its files and its log. Give what cannot be made again, or ""."""
        for path, file in answer["kept"].items():
            if self.world.hashes.of(path) == file["sha256"]:
                continue
            if file.get("compared") and os.path.lexists(path):
                return f"the file {path} has changed, which a program that it started seems to have written"
            if file["key"] is None:
                return f"the file {path}, which it wrote, is gone or changed, and too large to be kept"
            try:
                self._restore(path, file)
            except (CorruptedArtifact, OSError) as error:
                return f"the file {path}, which it wrote, cannot be restored ({error})"
        kept = answer.get("log")
        if kept is not None:
            try:
                with self.store.open(kept) as content:
                    log.write_bytes(content.read())
            except CorruptedArtifact:
                log.write_bytes(b"")
        return ""

    def _restore(self, path: str, file: Mapping[str, Any]) -> None:
        temporary = f"{path}.{os.getpid()}.partial"
        os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
        with self.store.open(file["key"]) as source, open(temporary, "wb") as target:  # noqa: PTH123
            while block := source.read(1 << 20):
                target.write(block)
        os.chmod(temporary, file["mode"])  # noqa: PTH101
        os.replace(temporary, path)  # noqa: PTH105

    def keep(  # noqa: PLR0913 - what an entry is made of
        self, key: str, run: str, step: Step, code: StepCode, answer: Mapping[str, Any], log: Path
    ) -> None:
        """Keep the result of a step that ran, with what it met.

        Raises:
            StoreFault: the store cannot be written.
        """
        conditions = self.world.conditions(answer, frozenset(code.files))
        consumed = conditions["generators"]
        replayed = {name: answer[name] for name in _REPLAYED}
        # Only what the step itself changed: the rest is what it met, and may be another the next time.
        changed = answer["touched"]
        replayed["generators"] = {name: answer["generators"][name] for name in changed}
        replayed["before"] = {name: answer["before"][name] for name in consumed}
        entry = {
            "version": VERSION,
            "key": key,
            "step": step.name,
            "run": run,
            "when": time.time(),
            "conditions": conditions,
            "answer": replayed,
            "kept": {self.world.portable(path): file for path, file in answer["kept"].items()},
            "log": self.store.put_bytes(log.read_bytes() if log.is_file() else b"", "log"),
        }
        text = json.dumps(entry).encode()
        name = hashlib.sha256(json.dumps(conditions, sort_keys=True).encode()).hexdigest()[:24]
        self.store.write(f"{_folder(key)}/{name}.json", text)

    def forget(self, key: str) -> None:
        """Forget all entries of a key."""
        for file in list(self.store.backend.list(_folder(key))):
            self.store.backend.remove(file.name)


def _folder(key: str) -> str:
    return f"cache/{key[:2]}/{key[2:]}"


def references_of(entry: Mapping[str, Any]) -> list[str]:
    """Give the keys of all that an entry refers to in the store."""
    outputs = [artifact["key"] for artifact in entry["answer"]["outputs"].values()]
    files = [file["key"] for file in entry["kept"].values() if file["key"]]
    return [*outputs, *files, *(figure["key"] for figure in entry["answer"]["figures"]), entry["log"]]


__all__ = ["Cache", "Found", "StoreFault", "ingredients", "key_of", "references_of", "why_not_kept"]
