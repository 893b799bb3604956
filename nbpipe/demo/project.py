"""The demo's project on disk."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nbpipe.demo.data import tumours
from nbpipe.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    import os

# One package of each extra that the demo uses.
_NEEDED: Final = ("libcst", "mlflow", "papermill", "pandas", "sklearn")
_DATA: Final = "data/tumours.csv"
_TEMPLATES: Final = ("messy.ipynb", "clean.ipynb", "nbpipe.toml")


@dataclass(frozen=True, slots=True)
class DemoProject:
    """The project that the demo wrote.

    Attributes:
        folder: where it is, as given.
        rows, columns: of its data.
    """

    folder: Path
    rows: int
    columns: int

    @property
    def data(self) -> Path:
        """The measurements, as CSV."""
        return self.folder / _DATA

    @property
    def messy(self) -> Path:
        """The notebook as such notebooks are: recorded out of order, on another machine."""
        return self.folder / "messy.ipynb"

    @property
    def clean(self) -> Path:
        """The same work done right; without outputs until it is run."""
        return self.folder / "clean.ipynb"

    @property
    def pipeline(self) -> Path:
        """Where the pipeline of `clean` goes."""
        return self.folder / "clean_pipeline"


def write_project(folder: str | os.PathLike[str]) -> DemoProject:
    """Write the data and both notebooks into a new or empty folder.

    Raises:
        MissingExtraError: something that the demo uses is not installed; nothing is written.
        ConfigError: the folder is not empty, in which case nothing in it is touched, or it cannot be written.
    """
    target = Path(folder)
    if any(find_spec(name) is None for name in _NEEDED):
        raise MissingExtraError("the demo", "all")
    _refuse_taken(target)
    table = tumours()
    templates = files("nbpipe.demo") / "project"
    contents = {name: (templates / name).read_bytes() for name in _TEMPLATES}
    contents[_DATA] = table.text.encode()
    try:
        for name, content in contents.items():
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    except OSError as error:
        raise ConfigError(f"{target}: cannot be written: {error.strerror or error}") from error
    return DemoProject(target, table.rows, table.columns)


def _refuse_taken(folder: Path) -> None:
    try:
        taken = any(folder.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise ConfigError(f"{folder}: {error.strerror or error}; name a new folder: nbpipe demo DIR") from error
    if taken:
        raise ConfigError(f"{folder}: is not empty, and nothing in it was touched; name a new folder: nbpipe demo DIR")
