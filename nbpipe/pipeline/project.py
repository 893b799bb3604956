"""A pipeline's project on disk: its package, its parameters, where its runs and values are."""

from __future__ import annotations

import importlib
import json
import sys
import threading
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.errors import ConfigError, NbpipeError, PipelineError
from nbpipe.pipeline.model import Pipeline
from nbpipe.pipeline.params import read_overlay, read_parameters, read_values
from nbpipe.pipeline.source_map import SourceMap
from nbpipe.settings.parameters import coerce_all

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    from nbpipe.settings.parameters import Parameter

MARK = ".nbpipe"
OF_RUNS = ("cache", "runs", "store")
"""The folders below `MARK` that runs write; the rest is the project's."""
# While a project is imported, the module search path and table of this process are its own.
_IMPORTING = threading.RLock()


@dataclass(frozen=True, slots=True)
class Project:
    """A pipeline with all that running it needs.

    Attributes:
        folder: the project's folder, absolute.
        package: name of its package.
        pipeline: its steps.
        base: the folder against which steps resolve relative paths.
        parameters: what a run may set, with types.
        values: what params.yaml sets.
        source_map: from lines of the package to cells.
        split: what divides its notebook into steps: its tags, or a way of suggesting them.
        merged: names of the steps of the notebook that one step of the pipeline is, by its name.
        kept_cells: indices of cells of the notebook that are tagged ``skip``, and steps' all the same.
        environment: name of the overlay ``params.<environment>.yaml`` that is in force, or None.
        place: where the values of its runs are to be, a folder or a URL; None for its own folder.
        left_out: results of its notebook (``step.name``) that it does not give, with the reason.
        home: the folder of the project that this is a snapshot of, which has its runs and values; None: it is none.
    """

    folder: Path
    package: str
    pipeline: Pipeline
    base: Path
    parameters: tuple[Parameter, ...]
    values: dict[str, Any]
    source_map: SourceMap
    split: str = "tags"
    merged: Mapping[str, Sequence[str]] = field(default_factory=dict)
    kept_cells: tuple[int, ...] = ()
    environment: str | None = None
    place: str | None = None
    home: Path | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def place_of_runs(self) -> Path:
        """The folder whose runs its runs are: its own, or that which its code is a snapshot of."""
        return self.home or self.folder

    @property
    def store(self) -> Path | str:
        """Where the values of its runs are: a folder, or a URL of fsspec."""
        if self.place is None:
            return self.place_of_runs / MARK / "store"
        return self.place if "://" in self.place else self.place_of_runs / self.place

    @property
    def kept(self) -> Path:
        """Where is kept what later runs are quicker with."""
        return self.place_of_runs / MARK / "cache"

    @property
    def runs(self) -> Path:
        """Where the records of its runs are."""
        return self.place_of_runs / MARK / "runs"

    def settle(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Give every parameter its value: the default, params.yaml over it, `given` over that.

        Raises:
            ConfigError: a name is unknown, a value has the wrong type, or a step's parameter has none.
        """
        values = {parameter.name: parameter.default for parameter in self.parameters if parameter.has_value}
        values |= self._coerced(self.values, "params.yaml: ")
        values |= self._coerced(given, "")
        for step in self.pipeline.steps:
            for name in step.parameters:
                if name not in values:
                    raise ConfigError(
                        f"parameter '{name}' of step '{step.name}' has no value: "
                        f"set it in {self.folder.name}/params.yaml or with -p {name}=VALUE"
                    )
        return values

    def _coerced(self, given: Mapping[str, Any], where: str) -> dict[str, Any]:
        try:
            return coerce_all(self.parameters, given)
        except ConfigError as error:
            raise ConfigError(f"{where}{error}") from None


def load_project(
    folder: str | os.PathLike[str],
    *,
    environment: str | None = None,
    store: str | None = None,
    home: Path | None = None,
) -> Project:
    """Read the project in a folder.

    Args:
        folder: the project's.
        environment: NAME, to lay ``params.NAME.yaml`` over params.yaml.
        store: where values of runs are, a folder (relative to the current one) or a URL; None for its own folder.
        home: the project that the folder is a snapshot of; see `Project`.

    Raises:
        ConfigError: the folder is none, or its description or parameters cannot be read.
        PipelineError: its pipeline.py does not load or its steps do not fit together.
    """
    root = Path(folder).resolve()
    description = _describe(root, str(folder))
    package = description["package"]
    pipeline = _load_pipeline(root, package)
    values = read_values(root / "params.yaml") | (read_overlay(root, environment) if environment else {})
    parameters = read_parameters(root / package / "params.py", values, pipeline.parameters)
    base = (home or root) / str(description.get("base") or ".")
    if not base.is_dir():
        raise ConfigError(f"{folder}: the folder that its paths start from does not exist: {base}")
    try:
        source_map = SourceMap.read(root / package, description)
    except (TypeError, ValueError, AttributeError):
        raise ConfigError(f"{folder}/{MARK}/project.json: 'source_map' is not what this version writes") from None
    place = store if store is None or "://" in store else str(Path(store).resolve())
    split, merged = _division(description)
    listed = description.get("kept")
    kept = tuple(cell for cell in listed if isinstance(cell, int)) if isinstance(listed, list) else ()
    return Project(
        root,
        package,
        pipeline,
        base.resolve(),
        parameters,
        values,
        source_map,
        split,
        merged,
        kept,
        environment,
        place,
        home,
        _left_out(description),
    )


def _left_out(description: dict[str, Any]) -> dict[str, str]:
    named = description.get("left_out")
    return {str(name): str(why) for name, why in (named.items() if isinstance(named, dict) else ())}


def _division(description: dict[str, Any]) -> tuple[str, dict[str, list[str]]]:
    """Give where the steps of the notebook came from, and which of them became one."""
    merged = description.get("merged")
    named = merged.items() if isinstance(merged, dict) else ()
    return str(description.get("split") or "tags"), {
        str(name): [str(part) for part in parts] for name, parts in named if isinstance(parts, list) and parts
    }


def _describe(root: Path, shown: str) -> dict[str, Any]:
    if not root.is_dir():
        raise ConfigError(f"{shown}: no such folder")
    path = root / MARK / "project.json"
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{shown}: is not a pipeline: it has no {MARK}/project.json") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{shown}/{MARK}/project.json: cannot be read: {error}") from None
    package = description.get("package") if isinstance(description, dict) else None
    if not isinstance(package, str) or not package.isidentifier():
        raise ConfigError(f"{shown}/{MARK}/project.json: 'package' must name the pipeline's package")
    return dict(description)


def _load_pipeline(root: Path, package: str) -> Pipeline:
    """Import ``<package>/pipeline.py``, which imports no step and no library of the user."""
    file = root / package / "pipeline.py"
    if not file.is_file():
        raise PipelineError(f"{root.name}: has no {package}/pipeline.py")
    with _fresh_import(root, package):
        try:
            module = importlib.import_module(f"{package}.pipeline")
        except NbpipeError as error:
            raise PipelineError(f"{package}/pipeline.py: {error}") from None
        except Exception as error:
            frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
            line = frames[-1].lineno if frames else getattr(error, "lineno", None)
            where = f", line {line}" if line else ""
            raise PipelineError(
                f"{package}/pipeline.py{where}: does not load: {type(error).__name__}: {error}"
            ) from error
    pipeline = getattr(module, "PIPELINE", None)
    if not isinstance(pipeline, Pipeline):
        raise PipelineError(f"{package}/pipeline.py: must define PIPELINE = Pipeline(...)")
    return pipeline


@contextmanager
def _fresh_import(root: Path, package: str) -> Iterator[None]:
    """Import from `root` as if for the first time, and leave no trace of it in this process."""
    with _IMPORTING:
        yield from _alone(root, package)


def _alone(root: Path, package: str) -> Iterator[None]:
    own = {name: module for name, module in sys.modules.items() if name == package or name.startswith(package + ".")}
    for name in own:
        del sys.modules[name]
    path, bytecode = list(sys.path), sys.dont_write_bytecode
    sys.path.insert(0, str(root))
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:] = path
        sys.dont_write_bytecode = bytecode
        for name in [name for name in sys.modules if name == package or name.startswith(package + ".")]:
            del sys.modules[name]
        sys.modules.update(own)
