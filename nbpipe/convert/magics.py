"""IPython syntax on the way to a module: what only shows or prepares is dropped, what cannot be mapped is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nbpipe.convert.refusal import refuse

if TYPE_CHECKING:
    from nbpipe.analysis.code import CellCode
    from nbpipe.notebook.ipython import Magic

# Magics that leave a module nothing to do: they show, time or set up the notebook's own display.
_DROPPED: Final = frozenset([
    "%matplotlib", "%config", "%autoreload", "%precision", "%pprint", "%xmode", "%colors", "%pdoc", "%pdef",
    "%pinfo", "%pinfo2", "%psource", "%pfile", "%who", "%whos", "%who_ls", "%pwd", "%ls", "%ll", "%lsmagic",
    "%magic", "%history", "%hist", "%quickref", "%dhist", "%page", "%tb", "%unalias", "%%html", "%%HTML",
    "%%javascript", "%%js", "%%latex", "%%markdown", "%%svg", "%%SVG", "%timeit", "%%timeit", "?",
])  # fmt: skip
_QUIET_EXTENSIONS: Final = ("autoreload", "watermark", "nb_black", "lab_black", "jupyternotify", "line_profiler")
_EXTENSION_MAGICS: Final = ("%load_ext", "%reload_ext", "%watermark")
_INSTALLERS: Final = ("pip", "pip3", "conda", "mamba", "python -m pip", "python3 -m pip")


def dropped_lines(code: CellCode) -> tuple[set[int], list[str]]:
    """Give the lines (from 0) whose magics come to nothing, and what to tell about them.

    Raises:
        ConversionError: a magic has no counterpart in a module.
    """
    lines: set[int] = set()
    notes: list[str] = []
    for magic in code.code.magics:
        if magic.body_is_python and magic.name.lstrip("%") in ("time", "prun", "capture") and not magic.binds:
            lines.add(magic.line)
        elif _is_install(magic):
            lines.add(magic.line)
            notes.append(f"'{_shown(magic)}' is left out: pyproject.toml names what the pipeline needs")
        elif magic.binds or magic.reads or not _comes_to_nothing(magic):
            raise refuse(code.index, f"'{_shown(magic)}' has no counterpart in a pipeline: replace it by Python")
        else:
            lines.add(magic.line)
    return lines, notes


def is_scratch(magic: Magic) -> bool:
    """Tell whether the code that a magic runs leaves nothing behind and is dropped with it."""
    return magic.name.lstrip("%") == "timeit"


def _comes_to_nothing(magic: Magic) -> bool:
    if magic.name in _EXTENSION_MAGICS:
        return magic.name == "%watermark" or magic.argument.strip() in _QUIET_EXTENSIONS
    return magic.name in _DROPPED


def _is_install(magic: Magic) -> bool:
    if magic.name in ("%pip", "%conda", "%mamba"):
        return True
    command = magic.argument.strip()
    return magic.name in ("!", "!!") and any(command.startswith(f"{tool} install") for tool in _INSTALLERS)


def _shown(magic: Magic) -> str:
    text = magic.name + ("" if magic.name.startswith("!") else " ") + magic.argument.strip()
    return text.strip() if len(text) < 60 else f"{text[:57].strip()}..."  # noqa: PLR2004 - characters of a message
