"""Verdicts kept between runs, so that a notebook of which nothing has changed is not run again.

Known by the bytes of the notebook (its stored outputs belong to the verdict), what counts as the same, nbpipe's
version, the kernel and the packages of its environment, and some variables of this one. With a verdict stand the hashes
of the files that the run read, the folders it listed and the files it looked for in vain; it counts only while they are
the same. Of a run that failed, that was compared more than once, or that depends on what cannot be known (network,
other processes, unknown readers), none is kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nbpipe import provenance
from nbpipe.errors import ExecutionError, NotebookError
from nbpipe.execute.document import load_notebook
from nbpipe.execute.environment import is_other
from nbpipe.execute.kernels import choose_kernel
from nbpipe.execute.saving import write_atomically
from nbpipe.lint.reporting import version
from nbpipe.runtime.files import listing_digest
from nbpipe.verify.cause import Cause, CauseKind
from nbpipe.verify.verdict import CellVerdict, NotebookVerdict, Outcome, Stage, Verdict

if TYPE_CHECKING:
    from nbpipe.execute.kernels import KernelChoice
    from nbpipe.notebook import Notebook
    from nbpipe.verify.notebook import Strictness, Verified

_FORMAT: Final = 2
_VARIABLES: Final = ("LANG", "LC_ALL", "MPLBACKEND", "PYTHONHASHSEED", "PYTHONPATH", "TZ")
# What the code may ask of the file system without opening anything.
_LOOKS: Final = ("exists(", "is_file(", "is_dir(", "isfile(", "isdir(", "getmtime(", ".stat(", "getsize(", "environ")
_IGNORE: Final = "# Made by nbpipe.\n*\n"


class Cache:
    """The verdicts that are kept in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "verify"

    def key(self, path: str, strictness: Strictness, kernel: str | None, *more: object) -> str | None:
        """Give what a verdict on a notebook is known by, as things are now; None where none may be kept.

        Args:
            path: the notebook.
            strictness: what counts as the same.
            kernel: the one that is wanted instead of the notebook's own.
            more: what else the outputs depend on.
        """
        try:
            data, notebook = load_notebook(Path(path))
            choice = choose_kernel(notebook, kernel)
        except (NotebookError, ExecutionError, OSError):
            return None
        if strictness.runs > 1 or not (choice.is_ipython and notebook.is_python) or _asks(notebook):
            return None
        parts = (
            _FORMAT,
            version(),
            str(Path(path).resolve()),
            hashlib.sha256(data).hexdigest(),
            repr((strictness.tolerance, sorted(strictness.off), more)),
            list(choice.spec.argv),
            dict(choice.spec.env),
            _environment(choice),
            {name: os.environ.get(name) for name in _VARIABLES},
        )
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def get(self, path: str, key: str) -> NotebookVerdict | None:
        """Give the verdict that is known, where no file that its run read has changed."""
        try:
            known = json.loads(self._file(key).read_text(encoding="utf-8"))
            if not _is_as_met(known["met"]):
                return None
            return _verdict(path, known["verdict"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def put(self, key: str, done: Verified) -> None:
        """Keep a verdict, if it may be kept."""
        inputs = done.fresh.inputs if done.fresh is not None else None
        if inputs is None or inputs["unknown"] or done.verdict.verdict is Verdict.FAILED:
            return
        known = {"met": inputs, "verdict": done.verdict.as_json()}
        with suppress(OSError, ExecutionError):  # without room for it, the next run verifies again
            self._folder.mkdir(parents=True, exist_ok=True)
            ignore = self._folder.parent / ".gitignore"
            if not ignore.exists():
                ignore.write_text(_IGNORE, encoding="utf-8")
            write_atomically(self._file(key), json.dumps(known).encode())

    def _file(self, key: str) -> Path:
        return self._folder / f"{key[:32]}.json"


def _is_as_met(met: dict[str, Any]) -> bool:
    """Tell whether files and folders are as the run met them; see `nbpipe.runtime.inputs`."""
    files = {**met["read"], **met["modules"]}
    return (
        all(provenance.file_sha256(Path(name)) == digest for name, digest in files.items())
        and all(listing_digest(name) == digest for name, digest in met["listed"].items())
        and not any(os.path.lexists(name) for name in met["absent"])
    )


def _asks(notebook: Notebook) -> bool:
    """Tell whether the code looks at what no event tells of."""
    code = (cell.source for cell in notebook.cells if cell.cell_type == "code")
    return any(look in source for source in code for look in _LOOKS)


def _environment(choice: KernelChoice) -> Any:
    """Give what changes when the kernel's Python or one of its packages does, without starting it."""
    if not is_other(choice):
        return sys.version, provenance.packages()
    program = Path(choice.spec.argv[0])
    names = sorted(item.name for item in program.parent.parent.glob("lib/python*/site-packages/*-info"))
    with suppress(OSError):
        return [str(program.resolve()), program.stat().st_mtime_ns, names]
    return names


def _verdict(path: str, known: dict[str, Any]) -> NotebookVerdict:
    found = NotebookVerdict(
        path,
        Verdict(known["verdict"]),
        known["reason"],
        tuple(_cell(cell) for cell in known["cells"]),
        None,
        known["note"],
        Stage(known["stage"]),
    )
    return replace(found, cached=True)


def _cell(known: dict[str, Any]) -> CellVerdict:
    return CellVerdict(
        known["number"] - 1,
        known["title"],
        Outcome(known["outcome"]),
        tuple(known["looked_past"]),
        known["difference"],
        _cause(known["cause"]) if known["cause"] is not None else None,
    )


def _cause(known: dict[str, Any]) -> Cause:
    cell = known["cell"] - 1 if known["cell"] is not None else None
    kind = CauseKind(known["kind"])
    return Cause(kind, known["text"], cell, known["code"], known["rule"], known["shown_by_runs"])
