"""The code of a pipeline as it was when it ran: kept once for each state of it, so that a run can be done again."""

from __future__ import annotations

import hashlib
import io
import json
import os
import time
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.errors import PipelineError
from nbpipe.pipeline.project import MARK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nbpipe.pipeline.project import Project

_FOLDER = "code"  # among the runs
_LARGEST = 1 << 20  # bytes of a file
_MOST = 2_000  # files
_WHEN = (1980, 1, 1, 0, 0, 0)  # the same code gives the same file
_BESIDE = ("*.py", "params*.yaml", "pyproject.toml", "requirements*.txt", f"{MARK}/project.json")


def keep_code(project: Project, used: Iterable[str]) -> dict[str, Any]:
    """Keep the code of a project: its package, the modules beside it, its parameters.

    Args:
        project: the pipeline.
        used: files that its steps consist of.

    Returns:
        ``sha256`` of all of it (by which `unpack_code` finds it; "" where it cannot be kept), ``files`` (path in the
        project to SHA-256).
    """
    contents = dict(_contents(project, used))
    files = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    digest = hashlib.sha256("\n".join(f"{name} {value}" for name, value in files.items()).encode()).hexdigest()
    target = _place(project.place_of_runs, digest)
    try:
        if target.exists():
            os.utime(target)  # it is in use: see `collect_code`
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary = target.with_suffix(f".{os.getpid()}.partial")
            temporary.write_bytes(_packed(contents))
            os.replace(temporary, target)  # noqa: PTH105 - one call, no object
    except OSError:
        digest = ""
    return {"sha256": digest, "files": files}


def _contents(project: Project, used: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    root = project.folder
    found = {path for pattern in _BESIDE for path in root.glob(pattern)}
    found |= set((root / project.package).rglob("*.py"))
    found |= {path for path in map(Path, used) if path.is_relative_to(root)}
    for path in sorted(found)[:_MOST]:
        try:
            if path.stat().st_size <= _LARGEST:
                yield path.relative_to(root).as_posix(), path.read_bytes()
        except OSError:
            continue


def _packed(contents: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(zipfile.ZipInfo(name, _WHEN), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _place(home: Path, digest: str) -> Path:
    return home / MARK / "runs" / _FOLDER / f"{digest}.zip"


def has_code(home: Path, digest: str) -> bool:
    """Tell whether the code of a run is kept."""
    return bool(digest) and _place(home, digest).is_file()


def collect_code(home: Path, keep_runs: int, *, young: float, dry: bool = False) -> list[int]:
    """Remove the code of runs that is none of the newest runs' of a project; give the bytes of each file.

    Args:
        home: the project's folder.
        keep_runs: how many runs are to be done again.
        young: seconds; what was used in this time stays, as a run may go on.
        dry: only count.
    """
    runs = home / MARK / "runs"
    found = sorted((_started_with(path) for path in runs.glob("*.json")), reverse=True)
    kept = {digest for _, digest in found[:keep_runs]}
    sizes = []
    for path in sorted((runs / _FOLDER).glob("*.zip")):
        with suppress(OSError):
            status = path.stat()
            if path.stem not in kept and status.st_mtime < time.time() - young:
                sizes.append(status.st_size)
                if not dry:
                    path.unlink()
    return sizes


def _started_with(record: Path) -> tuple[str, str]:
    """Give when a run started, and the digest of its code."""
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
        return str(content["started"]), str(content["provenance"]["code"]["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", ""


def unpack_code(home: Path, code: Mapping[str, Any], target: Path) -> None:
    """Write the code of a run into a folder, after a look at its hashes.

    Args:
        home: the project's folder.
        code: what `keep_code` gave.
        target: the folder, empty.

    Raises:
        PipelineError: it is gone, or no longer what was kept.
    """
    path = _place(home, code["sha256"])
    try:
        with zipfile.ZipFile(path) as archive:
            for name, digest in code["files"].items():
                content = archive.read(name)
                place = target / name
                if hashlib.sha256(content).hexdigest() != digest or not place.resolve().is_relative_to(
                    target.resolve()
                ):
                    raise PipelineError(f"{path}: its {name} is no longer what was kept")
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise PipelineError(f"the code of the run cannot be read from {path}: {error}") from None
