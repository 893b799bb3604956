"""Handlers that answer at once: what there is, findings, fixes, steps, of the notebook as the editor has it."""

from __future__ import annotations

import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tornado.web import HTTPError, authenticated

from nbpipe import __version__
from nbpipe.api.check import check_source
from nbpipe.api.convert_check import convert_check
from nbpipe.api.fix import fix_source
from nbpipe.api.runs import list_runs
from nbpipe.api.structure import structure
from nbpipe.errors import NbpipeError
from nbpipe.lab.base import Handler, settings_of
from nbpipe.lab.paths import api_path
from nbpipe.lab.replies import check_reply, fix_reply, structure_reply
from nbpipe.steps.suggestion import WAYS
from nbpipe.tracking.store import how_to_see

if TYPE_CHECKING:
    from nbpipe.lab.replies import Json

# What each command needs besides nbpipe's core: packages, or modules of nbpipe.
NEEDS = {
    "check": (),
    "fix": (),
    "tag": ("nbpipe.api.tag",),
    "verify": ("papermill", "nbclient", "nbformat"),
    "convert": ("papermill", "nbclient", "nbformat", "libcst", "ruff"),
    "run": ("cloudpickle",),
    "mlflow": ("mlflow",),
}


def capabilities(file: Path | None, root: str) -> Json:
    """Give the commands that can be called here, and the pipelines that were made from a notebook."""
    commands = {name: all(find_spec(need) is not None for need in needs) for name, needs in NEEDS.items()}
    found = convert_check([str(file)], untracked=True) if file is not None and file.exists() else ()
    inside = [each for each in found if each.folder.resolve().is_relative_to(Path(root).expanduser().resolve())]
    pipelines = [
        {"path": api_path(each.folder, root), "problem": each.problem, "mlflow": _last_run(each.folder)}
        for each in inside
    ]
    return {"version": __version__, "commands": commands, "pipelines": pipelines}


def _last_run(folder: Path) -> Json | None:
    """Give the last run of a pipeline that MLflow has, and how to see it."""
    sent = next((run.mlflow for run in list_runs(folder) if run.mlflow is not None), None)
    return None if sent is None else {"run": sent["run_id"], "see": how_to_see(sent["uri"])}


def check(data: bytes, file: Path) -> Json:
    """Check a notebook."""
    return check_reply(check_source(data, str(file), settings_of(file)))


def fix(data: bytes, file: Path, *, unsafe: bool) -> Json:
    """Fix a notebook."""
    return fix_reply(fix_source(data, str(file), settings_of(file), unsafe=unsafe))


def steps(data: bytes, file: Path, edited: frozenset[str]) -> Json:
    """Give the steps of a notebook, what flows between them, and what is out of date."""
    return structure_reply(structure(data, str(file), settings_of(file), edited=edited))


def tags(data: bytes, file: Path, split: str) -> Json:
    """Suggest step tags for a notebook; needs `nbpipe.api.tag`, which reads a file: a copy in a folder of its own."""
    suggest = import_module("nbpipe.api.tag").tag
    with tempfile.TemporaryDirectory(prefix="nbpipe-") as folder:
        copy = Path(folder) / file.name
        copy.write_bytes(data)
        try:
            found = suggest(copy, split=split, replace=True).changed
        except NbpipeError as error:  # of the copy's path nobody wants to know
            return {"cells": [], "problem": str(error).removeprefix(f"{copy}: ")}
    cells = [{"cell": item.cell + 1, "tags": list(item.after), "reason": str(item.reason)} for item in found]
    return {"cells": cells, "problem": ""}


class CapabilitiesHandler(Handler):
    """``GET capabilities[?path=]``."""

    @authenticated
    async def get(self) -> None:
        """Say what can be called."""
        path = self.get_query_argument("path", "")
        file = self.file(path) if path else None
        self.finish(await self.work(capabilities, file, self.shared.root))


class CheckHandler(Handler):
    """``POST check?path=``."""

    @authenticated
    async def post(self) -> None:
        """Check the body."""
        self.finish(await self.work(check, self.request.body, self.file()))


class FixHandler(Handler):
    """``POST fix?path=&unsafe=1``."""

    @authenticated
    async def post(self) -> None:
        """Fix the body; nothing is written."""
        unsafe = self.get_query_argument("unsafe", "0") == "1"
        self.finish(await self.work(fix, self.request.body, self.file(), unsafe=unsafe))


class StructureHandler(Handler):
    """``POST structure?path=&edited=id,id``."""

    @authenticated
    async def post(self) -> None:
        """Give the structure of the body."""
        edited = frozenset(self.get_query_argument("edited", "").split(","))
        self.finish(await self.work(steps, self.request.body, self.file(), edited))


class TagsHandler(Handler):
    """``POST tags?path=&split=stages``."""

    @authenticated
    async def post(self) -> None:
        """Suggest tags for the cells of the body."""
        split = self.get_query_argument("split", WAYS[0])
        if split not in WAYS:
            raise HTTPError(400, reason=f"split is one of {', '.join(WAYS)}")
        suggested: dict[str, Any] = await self.work(tags, self.request.body, self.file(), split)
        self.finish(suggested)
