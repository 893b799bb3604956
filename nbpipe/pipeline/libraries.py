"""The interpreter that steps run in, as the cache sees it: its version, and those of the libraries that a step uses."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nbpipe.pipeline.process import ask
from nbpipe.runtime import libraries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Libraries:
    """What an interpreter has installed.

    Attributes:
        python: implementation and version.
        versions: distribution to version.
        requires: distribution to those that it needs.
        modules: top-level module to the distributions that it comes from.
    """

    python: str
    versions: Mapping[str, str]
    requires: Mapping[str, list[str]]
    modules: Mapping[str, list[str]]

    def used(self, modules: Iterable[str]) -> dict[str, str]:
        """Give name and version of the distributions that modules come from, and of all that those need."""
        todo = [name for module in modules for name in self.modules.get(module, ())]
        found: dict[str, str] = {}
        while todo:
            name = todo.pop()
            if name not in found and name in self.versions:
                found[name] = self.versions[name]
                todo += self.requires.get(name, ())
        return found


def read_libraries(python: str, kept: Path) -> Libraries:
    """Learn what an interpreter has; what takes longer is kept in a folder until something is installed or removed.

    Raises:
        PipelineError: the interpreter cannot be started, or fails.
    """
    if python == sys.executable:
        content: dict[str, Any] = libraries.installed()
    else:
        content = ask("libraries", {}, python, f"the interpreter {python} fails")
    digest = hashlib.sha256(json.dumps([content["python"], content["distributions"]]).encode()).hexdigest()[:20]
    file = kept / f"libraries-{digest}.json"
    table = content if "requires" in content else _kept(file)
    if table is None:
        table = libraries.table()
        temporary = file.with_suffix(f".{os.getpid()}.partial")
        with suppress(OSError):
            kept.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps(table), encoding="utf-8")
            os.replace(temporary, file)  # noqa: PTH105 - one call, no object
    return Libraries(content["python"], content["distributions"], table["requires"], table["modules"])


def _kept(file: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and {"requires", "modules"} <= content.keys() else None
