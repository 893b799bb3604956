"""IPython syntax on the way to a module: what only shows or prepares is dropped, what cannot be mapped is refused."""

from __future__ import annotations

from itertools import dropwhile
from typing import TYPE_CHECKING, Final

from nbpipe.analysis.commands import ESCAPES, PACKAGE_MAGICS, SHELL_CELLS, split_commands
from nbpipe.convert.refusal import refuse
from nbpipe.errors import ConversionError

if TYPE_CHECKING:
    from nbpipe.analysis.code import CellCode
    from nbpipe.notebook.ipython import Magic

# Magics that leave a module nothing to do: they show, time or set up the notebook's own display.
_DROPPED: Final = frozenset([
    "%matplotlib", "%config", "%autoreload", "%precision", "%pprint", "%xmode", "%colors", "%pdoc", "%pdef",
    "%pinfo", "%pinfo2", "%psource", "%pfile", "%who", "%whos", "%who_ls", "%pwd", "%ls", "%ll", "%lsmagic",
    "%less", "%man", "%more", "%pycat", "%tensorboard", "%magic", "%history", "%hist", "%quickref", "%dhist",
    "%page", "%tb", "%unalias", "%%html", "%%HTML",
    "%%javascript", "%%js", "%%latex", "%%markdown", "%%svg", "%%SVG", "%timeit", "%%timeit", "?",
])  # fmt: skip
_QUIET_EXTENSIONS: Final = ("autoreload", "watermark", "nb_black", "lab_black", "jupyternotify", "line_profiler",
                           "memory_profiler", "tensorboard")  # fmt: skip
_ADVICE: Final = {
    "sql": "its library keeps the connection in the notebook's shell; pandas.read_sql does the same in a step",
    "cython": "put the code into a module that is built, and import it",
    "R": "run R as a program (%%script Rscript -) and pass files",
    "bigquery": "google.cloud.bigquery's Client().query(...).to_dataframe() does the same",
    "debug": "it waits for somebody who debugs: remove it",
    "store": "write the value to a file, from which the other notebook reads it",
    "load": "run it, so that the code stands in the cell",
}
_EXTENSION_MAGICS: Final = ("%load_ext", "%reload_ext", "%watermark")
_INSTALLERS: Final = frozenset(
    ["apt", "apt-get", "brew", "conda", "mamba", "micromamba", "npm", "pip", "pip3", "uv", "yum"]
)
_INSTALLING: Final = frozenset(["install", "uninstall", "update", "upgrade"])
_OF_PACKAGES: Final = frozenset(["conda", "mamba", "micromamba", "pip", "pip3", "uv"])
_BEFORE: Final = frozenset(["-m", "python", "python3", "sudo", "{sys.executable}"])


def dropped_lines(code: CellCode, reason: str = "") -> tuple[set[int], list[str]]:
    """Give the lines (from 0) whose magics come to nothing, and what to tell about them.

    Args:
        code: of the cell.
        reason: why some magic of the cell has no counterpart, where that is known.

    Raises:
        ConversionError: a magic has no counterpart in a module.
    """
    lines: set[int] = set()
    notes: list[str] = []
    for magic in code.code.magics:
        if magic.body_is_python and magic.name.lstrip("%") in ("time", "prun", "capture") and not magic.binds:
            lines.add(magic.line)
        elif is_installing(magic.name, magic.argument, magic.body):
            lines.add(magic.line)
            notes.append(f"'{_shown(magic)}' is left out: {_needs(magic)}")
        elif magic.binds or magic.reads or not _comes_to_nothing(magic):
            if reason:
                raise ConversionError(reason)
            raise refuse(code.index, f"'{_shown(magic)}' has no counterpart in a pipeline: {_advice(magic)}")
        else:
            lines.add(magic.line)
    return lines, notes


def is_scratch(magic: Magic) -> bool:
    """Tell whether the code that a magic runs leaves nothing behind and is dropped with it."""
    return magic.name.lstrip("%") == "timeit"


def only_shows(name: str) -> bool:
    """Tell whether a magic does nothing that a module would have to do, whatever its argument."""
    return name in _DROPPED


def _comes_to_nothing(magic: Magic) -> bool:
    if magic.name in _EXTENSION_MAGICS:
        return magic.name == "%watermark" or magic.argument.strip() in _QUIET_EXTENSIONS
    return only_shows(magic.name)


def is_installing(name: str, argument: str, body: str = "") -> bool:
    """Tell whether a magic does nothing but install software.

    Args:
        name: as `Magic` has it.
        argument: of the magic.
        body: of the magic.
    """
    if name in PACKAGE_MAGICS:
        return True
    if name in ESCAPES:
        text = argument
    elif name in SHELL_CELLS and not argument.strip():
        text = body
    else:
        return False
    commands = [words for _, words, _ in split_commands(text)]
    return bool(commands) and all(map(_installs, commands))


def _installs(words: tuple[str, ...]) -> bool:
    rest = list(dropwhile(lambda word: word.rpartition("/")[2] in _BEFORE, words))
    return rest[:1] != [] and rest[0] in _INSTALLERS and not _INSTALLING.isdisjoint(rest[1:])


def _needs(magic: Magic) -> str:
    words = f"{magic.name} {magic.argument} {magic.body}".replace("%", " ").replace("!", " ").split()
    if _OF_PACKAGES.isdisjoint(words):
        return "what it installs has to be where the pipeline runs"
    return "pyproject.toml names what the pipeline needs"


def _advice(magic: Magic) -> str:
    name = magic.name.lstrip("%")
    return _ADVICE.get(name, "replace it by Python")


def _shown(magic: Magic) -> str:
    text = magic.name + ("" if magic.name.startswith("!") else " ") + magic.argument.strip()
    return text.strip() if len(text) < 60 else f"{text[:57].strip()}..."  # noqa: PLR2004 - characters of a message
