r"""Whether a path that looks machine-bound holds wherever its notebook is meant to run.

A notebook for one service may use that service's folders, and one that makes a temporary file may read it back.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from nbpipe.keeping import kept
from nbpipe.patterns import pattern
from nbpipe.settings.path_shape import Shape, shape_of

if TYPE_CHECKING:
    from nbpipe.analysis import Analysis
    from nbpipe.settings.setting import Setting

# Services for notebooks: the folders that all of their machines have, and what tells that a notebook is for them.
_SERVICES: Final = (
    (r"/content(?:/|$)|/gdrive(?:/|$)|/root/\.", r"google\.colab|condacolab|colab\.research\.google\.com", "colab"),
    (r"/kaggle(?:/|$)", r"kaggle_secrets|KaggleDatasets|KAGGLE_KERNEL", "kaggle"),
    (r"dbfs:|/dbfs(?:/|$)|/databricks|/mnt/", r"\bdbutils\b|databricks", "application/vnd.databricks.v1+notebook"),
    (r"/home/(?:ec2-user|sagemaker-user)(?:/|$)|/root/?$", r"\bsagemaker\b", ""),
    (r"/home/jupyter(?:/|$)", r"google\.cloud|googleapis|\bgcloud\b", ""),
)
# What brings something to a place: the first part of a path below the home folder counts as there from then on.
_MAKING: Final = pattern(
    r"(?:\b(?:mkdir|makedirs|mkdtemp|clone|unzip|tar|wget|curl|cp|mv|rsync|download|install|touch|tee)\b|>)[^\n]*?"
    r"(~/[^\s'\",;)]+)"
)
# Calls that take what is there already.
_READING: Final = pattern(
    r"(?i)^(?:read|load|open|imread|scan|loadtxt|genfromtxt|listdir|walk|glob|iglob|chdir|from_pretrained|%cd|%run|%load$)"
)
# Words that a shared place is called by in the sources: the folder or the file below /tmp.
_TEMPORARY: Final = pattern(r"/(?:var/tmp|tmp|dev/shm)/([^/\s'\"]+)")
# A command that is told to put into that folder whatever it has.
_UNPACKING: Final = pattern(r"(?m)^\s*[!%].*\s/tmp/?(?:\s|$)")


def is_portable(analysis: Analysis, setting: Setting) -> bool:
    """Tell whether a machine-bound path is there on every machine that its notebook is meant for.

    That is so of folders of the service that the notebook is for, of what the notebook puts into the home folder or
    below ``/tmp`` itself, and of what it only writes below ``/tmp``.
    """
    text: str = setting.value
    if shape_of(text) is Shape.TEMPORARY:
        return not _is_expected(analysis, setting)
    if text.startswith("~"):
        return any(_shares_beginning(text, made) for made in _made(analysis))
    return any(re.match(folders, text) for folders in _at_home(analysis))


@kept
def _at_home(analysis: Analysis) -> tuple[str, ...]:
    """Give the patterns of the folders that belong to the services which the notebook is for."""
    sources = _sources(analysis)
    return tuple(
        folders
        for folders, words, section in _SERVICES
        if (section and section in analysis.notebook.metadata) or re.search(words, sources)
    )


@kept
def _sources(analysis: Analysis) -> str:
    return "\n".join(cell.source for cell in analysis.notebook.cells)


@kept
def _made(analysis: Analysis) -> frozenset[str]:
    """Give the paths below the home folder that commands and calls of the notebook make or fill."""
    return frozenset(_MAKING.findall(_sources(analysis)))


def _shares_beginning(path: str, made: str) -> bool:
    """Tell whether one of two paths is the other, or above it."""
    ours, theirs = path.rstrip("/") + "/", made.rstrip("/") + "/"
    return ours.startswith(theirs) or theirs.startswith(ours)


def _is_expected(analysis: Analysis, setting: Setting) -> bool:
    """Tell whether a temporary file is read that nothing else in the notebook speaks of, so it must have been there."""
    name = setting.sink.rpartition(".")[2] or setting.sink
    found = _TEMPORARY.match(setting.value)
    if found is None or setting.via or not _READING.match(name):
        return False
    sources = _sources(analysis)
    return sum(each == found[1] for each in _TEMPORARY.findall(sources)) == 1 and not _UNPACKING.search(sources)
