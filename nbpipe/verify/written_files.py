"""The files that steps write, compared: those of two runs of the notebook with those of the pipeline."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from nbpipe.pipeline.process import read_answer
from nbpipe.pipeline.runs import log_of
from nbpipe.pipeline.values import file_digests
from nbpipe.runtime.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.convert.recorded import Recording
    from nbpipe.pipeline.project import Project
    from nbpipe.records import RunRecord

Digests = dict[str, str]
# Drawings that hold random names: where the notebook itself never writes one twice alike, there is nothing to compare.
_DRAWINGS: Final = (".svg", ".pdf", ".eps", ".ps")


class FileVerdict(NamedTuple):
    """A file of a step.

    Attributes:
        name: path, relative to the folder against which steps resolve paths where it is inside.
        verdict: ``equal``, ``different``, ``non-deterministic`` or ``not given``.
        reason: in words.
    """

    name: str
    verdict: str
    reason: str = ""


class WrittenFiles:
    """What the steps of a pipeline's run wrote, against what two recorded runs of its notebook wrote."""

    def __init__(self, project: Project, first: Recording, second: Recording, run: RunRecord) -> None:
        self._project = project
        self._first = first
        self._second = second
        self._run = run

    def verdicts(self, step: str) -> Iterator[FileVerdict]:
        """Give the verdict of each file that a step of the notebook writes in both of its runs."""
        first, second = self._first.after[step].contents, self._second.after[step].contents
        paths = sorted(path for path in first.keys() & second.keys() if not self._is_temporary(path))
        if not paths:
            return
        answer = read_answer(log_of(self._run, step).with_suffix(".json")) or {}
        kept = answer.get("kept", {})
        values = self._values({path: kept[path] for path in paths if path in kept and second[path]["value"]})
        for path in paths:
            name = os.path.relpath(path, self._project.base)
            name = path if name.startswith("..") else name
            if path not in kept:
                yield FileVerdict(name, "not given", "the step does not write this file")
                continue
            given = {"sha256": kept[path]["sha256"], "value": values.get(path, "")}
            if _same(second[path], given):
                yield FileVerdict(name, "equal")
            elif _same(first[path], second[path]):
                yield FileVerdict(name, "different", "the file holds something else")
            elif not name.endswith(_DRAWINGS):
                yield FileVerdict(name, "non-deterministic", "the notebook writes another file each time it runs")

    def _is_temporary(self, path: str) -> bool:
        """Tell whether a file is where programs put what they need for a moment, and the notebook is elsewhere."""
        folder = Path(os.path.realpath(tempfile.gettempdir()))
        return Path(path).parent == folder != self._project.base

    def _values(self, files: dict[str, dict[str, Any]]) -> Digests:
        """Give digests of what files hold that the pipeline wrote, as far as the store has them."""
        store = Store(self._project.store)
        stored = {path: str(store.path(file["key"])) for path, file in files.items() if file.get("key")}
        if not stored:
            return {}
        python = str(self._second.libraries["executable"])
        return file_digests(stored, local=(self._project.package,), python=python)


def _same(one: Digests, other: Digests) -> bool:
    return one["sha256"] == other["sha256"] or bool(one["value"] and one["value"] == other["value"])
