"""From paths, folders and patterns to the notebooks they mean."""
# pathlib costs four tenths of a bare Python start, and `nbpipe check` counts those:
# ruff: noqa: PTH112, PTH113, PTH116, PTH207, PTH208

from __future__ import annotations

import os
import stat
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from zlib import crc32

from nbpipe.errors import ConfigError
from nbpipe.notebook.formats import is_text_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nbpipe.config import Settings
    from nbpipe.lint.gitignore import Ignored

SUFFIX = ".ipynb"


class Found:
    """A notebook to check, or a folder that cannot be searched.

    Attributes:
        path: as shown: relative as it was given, with forward slashes.
        problem: why the folder cannot be searched; "" for a notebook.
    """

    __slots__ = ("path", "problem")

    def __init__(self, path: str, problem: str = "") -> None:
        self.path = path
        self.problem = problem


def find_notebooks(  # noqa: PLR0913 - what may be left out
    paths: Sequence[str],
    exclude: Sequence[str] = (),
    root: str = "",
    text: Sequence[str] = (),
    *,
    respect_gitignore: bool = True,
    force_exclude: bool = False,
) -> Iterator[Found]:
    """Yield the notebooks that `paths` mean, each once, those of a folder in the order of their names.

    A path that is given is taken, whatever it is called, unless `force_exclude` is true; in folders, what matches
    `exclude`, what git ignores and what is hidden is left out, and links to folders are not followed, so that circles
    end. Scripts and Markdown files in folders are taken where they match `text` and show that they are notebooks.

    Raises:
        ConfigError: a path does not exist, or a pattern matches nothing; before the first notebook is given.
    """
    seen: set[str] = set()
    for path in [name for given in paths for name in _expand(given)]:
        if force_exclude and matches(path, exclude, root):
            continue
        wanted = _Wanted(exclude, root, text)
        searched = os.path.isdir(path)
        inside = _search(path, wanted, _ignored(path, respect=respect_gitignore)) if searched else [Found(shown(path))]
        for found in inside:
            real = os.path.realpath(found.path)
            if real not in seen:
                seen.add(real)
                yield found


def notebooks_of(paths: Sequence[str], settings: Settings) -> Iterator[Found]:
    """Yield the notebooks that `paths` mean under some settings; as `find_notebooks`."""
    return find_notebooks(
        paths,
        settings.exclude,
        settings.root,
        settings.text_notebooks,
        respect_gitignore=settings.respect_gitignore,
        force_exclude=settings.force_exclude,
    )


def signature(path: str) -> str:
    """Give what changes when a file or folder does; empty where there is none.

    Of a file, times of change, size and number: the time of the last change of its entry (ctime) stands first, since
    unlike that of its content nobody can set it. Of a folder, what is in it, by name, apart from what is hidden.
    """
    try:
        found = os.stat(path)
        if stat.S_ISDIR(found.st_mode):
            return f"folder {crc32(repr(sorted(name for name in os.listdir(path) if name[0] != '.')).encode()):08x}"
    except (OSError, ValueError):
        return ""
    return f"{found.st_ctime_ns} {found.st_mtime_ns} {found.st_size} {found.st_ino}"


def shown(path: str) -> str:
    """Give a path as reports show it: without superfluous parts, with forward slashes."""
    return os.path.normpath(path).replace(os.sep, "/")


def matches(path: str, globs: Iterable[str], root: str) -> bool:
    """Tell whether a pattern names the path: one of its parts, or the path from the folder `root` or a parent of it."""
    try:
        relative = shown(os.path.relpath(path, root or None))
    except ValueError:  # another drive
        relative = shown(path)
    parts = relative.split("/")
    heads = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    for glob in globs:
        pattern = glob.rstrip("/").removeprefix("**/").removeprefix("./")
        if any(fnmatchcase(name, pattern) for name in (*parts, *heads)):
            return True
    return False


def _expand(path: str) -> list[str]:
    if os.path.lexists(path):
        return [path]
    if any(character in path for character in "*?["):
        from glob import glob

        names = [name for name in sorted(glob(path, recursive=True)) if _is_named(name, path)]
        if names:
            return names
        raise ConfigError(f"no notebook matches '{path}'")
    raise ConfigError(f"no such file or folder: '{path}'")


def _is_named(name: str, pattern: str) -> bool:
    """Tell whether a pattern means this file: scripts and Markdown only where it ends as they do."""
    return name.endswith(SUFFIX) or (is_text_name(name) and is_text_name(pattern))


class _Wanted:
    """Which files of a folder are taken."""

    __slots__ = ("_exclude", "_root", "_text")

    def __init__(self, exclude: Sequence[str], root: str, text: Sequence[str]) -> None:
        self._exclude = exclude
        self._root = root
        self._text = text

    def folder(self, entry: os.DirEntry[str]) -> bool:
        """Tell whether a folder is searched."""
        return not entry.name.startswith(".") and not matches(entry.path, self._exclude, self._root)

    def file(self, entry: os.DirEntry[str]) -> bool:
        """Tell a notebook from other files, Jupyter's temporary ones, and links to folders."""
        if entry.name.endswith(SUFFIX):
            taken = not entry.name.startswith(".~") and not os.path.isdir(entry.path)
            return taken and not matches(entry.path, self._exclude, self._root)
        if not (self._text and is_text_name(entry.name) and matches(entry.path, self._text, self._root)):
            return False
        if matches(entry.path, self._exclude, self._root) or not os.path.isfile(entry.path):
            return False  # reading a pipe would wait for ever
        return _shows_notebook(entry.path)


def _shows_notebook(path: str) -> bool:
    from nbpipe.notebook.text.reading import shows_notebook

    try:
        with open(path, encoding="utf-8", errors="replace") as stream:  # noqa: PTH123 - as above
            return shows_notebook(stream.read(), path)
    except OSError:
        return False


def _ignored(folder: str, *, respect: bool) -> Ignored | None:
    if not respect:
        return None
    from nbpipe.lint.gitignore import ignored_in

    return ignored_in(folder)


def _search(folder: str, wanted: _Wanted, ignored: Ignored | None) -> Iterator[Found]:
    try:
        with os.scandir(folder) as stream:
            entries = sorted(stream, key=lambda entry: entry.name)
    except OSError as error:
        yield Found(shown(folder), error.strerror or str(error))
        return
    if ignored is not None:
        ignored = _with_own(ignored, folder, entries)
    for entry in entries:
        is_folder = entry.is_dir(follow_symlinks=False)
        if not (wanted.folder(entry) if is_folder else wanted.file(entry)):
            continue
        if ignored is not None and ignored.ignores(entry.name, is_folder=is_folder):
            continue
        if is_folder:
            yield from _search(entry.path, wanted, ignored and ignored.below(entry.name))
        else:
            yield Found(shown(entry.path))


def _with_own(ignored: Ignored, folder: str, entries: Sequence[os.DirEntry[str]]) -> Ignored:
    """Give what is ignored in a folder by its own files too; a repository in a repository has only its own."""
    names = {entry.name for entry in entries if entry.name in {".git", ".gitignore"}}
    if ".git" in names:
        from nbpipe.lint.gitignore import of_root

        ignored = of_root(folder)
    return ignored.read(folder) if ".gitignore" in names else ignored
