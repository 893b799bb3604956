"""All normalisers by name: what a comparison may look past, each of which can be turned off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from nbpipe.errors import ConfigError, did_you_mean
from nbpipe.verify.images import METADATA, SMOOTHING
from nbpipe.verify.kinds import NUMBERS, WHITE_SPACE
from nbpipe.verify.lines import ORDER, WARNINGS
from nbpipe.verify.outputs import PLACEHOLDERS, REPRESENTATIONS, WIDGET_IDS
from nbpipe.verify.reprs import ESTIMATORS, OBJECTS
from nbpipe.verify.tables import MARKUP

if TYPE_CHECKING:
    from collections.abc import Iterable

NORMALISERS: Final[dict[str, str]] = {
    "progress bars": "tqdm's, Keras' and the like, as they were drawn last",
    "timings": "what %time, %%time and %timeit print",
    "kernel paths": "the files that a kernel makes of cells: /tmp/ipykernel_12/345.py",
    "temporary paths": "below /tmp, /var/folders and the like",
    "library paths": "where site-packages are: what follows must be the same",
    "folders": "the notebook's own folder and the home folder, which are called otherwise on another machine",
    "UUIDs": "and the ids of widgets, charts and runs that are made like them",
    "memory addresses": "<Foo object at 0x7f3a87667ad0>",
    "timestamps": "where the fresh one is a reading of the clock in the run; a date in the data is a result",
    "dates": "where the fresh one is the day of the run",
    "durations": "where the words around say that it is a time that something took",
    "process ids": "pid 4242",
    "element ids": "of HTML and SVG: the same id must become the same id throughout",
    NUMBERS: "within --rtol and --atol; whole numbers must be equal",
    WHITE_SPACE: "within lines, and the length of rules drawn of - and =",
    "line wrapping": "of arrays and collections: within brackets",
    "terminal colours": "and other control sequences",
    "overwritten text": "what a carriage return or backspace wrote over",
    "style sheets": "those that pandas puts before a table",
    "NumPy notation": "np.float64(0.5) for 0.5, the shape of a shortened array",
    "pandas notation": "Int64Index for Index",
    OBJECTS: "a stored address of an object of the same class, which newer versions show by its content",
    ESTIMATORS: "of scikit-learn, which shows only what is not the default since 0.23",
    MARKUP: "HTML around the same cells of a table",
    REPRESENTATIONS: "newer libraries show the same object in more ways, such as HTML besides text",
    WIDGET_IDS: "a widget stands for a model in the kernel, which is not stored",
    PLACEHOLDERS: "the text that stands for a picture: <Figure size 640x480 with 1 Axes>",
    WARNINGS: "what Python's warnings module writes to stderr",
    ORDER: "of stdout and stderr, where only the order differs",
    METADATA: "the same pixels, otherwise packed or described",
    SMOOTHING: "edges of lines and letters that are smoothed otherwise: see --image-threshold",
}


def slug(name: str) -> str:
    """Give a normaliser's name as it is written on the command line."""
    return name.lower().replace(" ", "-")


def normaliser_names(given: Iterable[str], origin: str) -> frozenset[str]:
    """Give the normalisers that are meant, written with spaces or hyphens, in any case; ``all`` means all of them.

    Raises:
        ConfigError: there is no such normaliser; the message begins with `origin`.
    """
    known = {slug(name): name for name in NORMALISERS}
    found = set()
    for text in given:
        key = slug(text.strip())
        if key == "all":
            found |= set(NORMALISERS)
        elif key in known:
            found.add(known[key])
        else:
            raise ConfigError(f"{origin}: unknown normaliser '{text}'{did_you_mean(key, known)}")
    return frozenset(found)
