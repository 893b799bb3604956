"""The project around a notebook: its folders, what its dependency files declare, and its own modules."""
# pathlib costs four tenths of a bare Python start, and `nbpipe check` counts those:
# ruff: noqa: PTH100, PTH110, PTH112, PTH113, PTH118, PTH120, PTH208

from __future__ import annotations

import os

from nbpipe.environment.dependency_files import FileContent, is_dependency_file, read_dependency_file

# What marks the top of a project.
_TOPS = (".git", ".hg", ".svn")
# Folders in which dependency files are kept (besides the project's own and those on the way to the notebook).
_FILE_FOLDERS = frozenset([
    "requirements", "binder", ".binder", "conda", "conda-envs", "env", "envs", "environment", "environments",
    ".devcontainer", "docs", "docker",
])  # fmt: skip
# Folders that are on the path of an installed project.
_SOURCE_FOLDERS = ("", "src", "lib", "python", "app", "code", "scripts", "modules", "notebooks")
_SKIPPED = frozenset(["node_modules", "site-packages", "venv", "__pycache__", "build", "dist"])
_MOST_FOLDERS = 3000
_MOST_LEVELS = 12

_files: dict[str, list[tuple[str, FileContent]]] = {}
_modules: dict[str, frozenset[str]] = {}


class Project:
    """What is known of the project that a notebook belongs to.

    Attributes:
        folders: absolute, from the notebook's own up to the project's top.
        files: dependency files, relative to the top, nearest first.
        declared: names of the distributions they declare.
        own: names of the project itself.
        complete: no file computes what it declares.
    """

    __slots__ = ("complete", "declared", "files", "folders", "own")

    def __init__(self, folders: list[str]) -> None:
        self.folders = folders
        self.files: list[str] = []
        self.complete = True
        declared: set[str] = set()
        self.own: set[str] = set()
        for folder in folders:
            for path, content in _dependency_files(folder):
                self.own |= content.own
                if content.declares:
                    declared |= content.names
                    self.files.append(os.path.relpath(path, folders[-1]).replace(os.sep, "/"))
                self.complete &= content.complete
        self.declared = frozenset(declared)

    def has_module(self, name: str) -> bool:
        """Tell whether a module of this name lies beside the notebook or where a project keeps its own."""
        wanted = name.partition(".")[0]
        if any(own.replace("-", "_") == wanted.lower() for own in self.own):
            return True
        return any(
            is_module(os.path.join(folder, source), wanted) for folder in self.folders for source in _SOURCE_FOLDERS
        )

    def has_module_anywhere(self, name: str) -> bool:
        """Tell whether a module of this name lies anywhere in the project: something may put it on the path."""
        return name.partition(".")[0] in _modules_below(self.folders[-1])


def project_of(path: str, root: str = "") -> Project | None:
    """Give the project of the notebook at `path`; None where it is not on disk.

    The top is the nearest folder under version control, else `root` (the folder of nbpipe's configuration) where the
    notebook is below it, else the notebook's own folder.
    """
    folder = os.path.dirname(os.path.abspath(path))
    if not path or not os.path.isdir(folder):
        return None
    folders = [folder]
    while not any(os.path.exists(os.path.join(folders[-1], top)) for top in _TOPS):
        parent = os.path.dirname(folders[-1])
        if parent == folders[-1] or len(folders) > _MOST_LEVELS:
            folders = _up_to(folder, os.path.abspath(root)) if root else [folder]
            break
        folders.append(parent)
    return Project(folders)


def watched(path: str, root: str = "") -> list[str]:
    """Give the folders and files on which depends what is said of the project of the notebook at `path`."""
    project = project_of(path, root)
    if project is None:
        return []
    return [*project.folders, *(os.path.join(project.folders[-1], name) for name in project.files)]


def _up_to(folder: str, root: str) -> list[str]:
    """Give the folders from `folder` to `root`, the first alone where it is not below."""
    folders = [folder]
    while folders[-1] != root:
        parent = os.path.dirname(folders[-1])
        if parent == folders[-1]:
            return [folder]
        folders.append(parent)
    return folders


def is_module(folder: str, name: str) -> bool:
    """Tell whether a folder holds a module or package of this name."""
    place = os.path.join(folder, name)
    if any(os.path.isfile(place + suffix) for suffix in (".py", ".ipynb", ".pyx", ".pyd", ".so")):
        return True
    if not os.path.isdir(place):
        return False
    return any(entry.endswith(".py") for entry in _entries(place)) or any(
        os.path.isfile(os.path.join(place, entry, "__init__.py")) for entry in _entries(place)
    )


def _entries(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _dependency_files(folder: str) -> list[tuple[str, FileContent]]:
    """Read the dependency files of a folder, once a process."""
    known = _files.get(folder)
    if known is None:
        names = _entries(folder)
        places = [os.path.join(folder, name) for name in names if is_dependency_file(name)]
        for inner in sorted(_FILE_FOLDERS.intersection(names)):
            path = os.path.join(folder, inner)
            listed = inner == "requirements"  # any text file in there lists some
            places += [
                os.path.join(path, each)
                for each in _entries(path)
                if is_dependency_file(each) or (listed and each.endswith((".txt", ".in")))
            ]
        known = _files[folder] = [(path, read_dependency_file(path)) for path in places if os.path.isfile(path)]
    return known


def _modules_below(top: str) -> frozenset[str]:
    """Give the names of all modules and packages of a project, once a process; the first few thousand folders."""
    known = _modules.get(top)
    if known is None:
        found: set[str] = set()
        for count, (folder, folders, files) in enumerate(os.walk(top)):
            folders[:] = [name for name in folders if name not in _SKIPPED and not name.startswith(".")]
            names = {name[:-3] for name in files if name.endswith(".py")}
            if names:
                found |= names
                found.add(os.path.basename(folder))  # noqa: PTH119 - see above
            if count > _MOST_FOLDERS:
                break
        known = _modules[top] = frozenset(found)
    return known
