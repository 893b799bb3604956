"""Conversions without a kernel: the notebook is recorded, and its pipeline run, in this process.

The same code as in a real conversion decides, writes and runs; only the borders of processes are replaced: steps get
private copies of their inputs from a store, a module is imported anew for each step, and settings of libraries are put
back.
"""

from __future__ import annotations

import contextlib
import decimal
import importlib
import io
import itertools
import math
import os
import random
import string
import sys
import types
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pandas as pd

from nbpipe.convert.conversion import Conversion, convert_divided
from nbpipe.convert.division import Division
from nbpipe.convert.generation import copy, package_files
from nbpipe.convert.reading import read_analysis
from nbpipe.convert.recorded import Boundary, Recording, Wanted
from nbpipe.convert.refusal import refuse
from nbpipe.pipeline.results import warnings_of
from nbpipe.pipeline.schedule import Schedule
from nbpipe.runtime import generators, module_state, watching
from nbpipe.runtime.fingerprints import fingerprint
from nbpipe.runtime.parameters import encode
from nbpipe.runtime.recorder import observe
from nbpipe.runtime.store import Store
from nbpipe.runtime.worker import run_step
from nbpipe.steps.suggestion import split_plan
from tests.convert.ipython_cells import Cells, plain_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from nbpipe.analysis import Analysis
    from nbpipe.notebook import Notebook

SEED = 0


@contextlib.contextmanager
def fresh(folder: Path) -> Iterator[None]:
    """Let the block find the state of the process that a fresh one has, in this folder, and leave it as it was."""
    path, main, states = list(sys.path), sys.modules["__main__"], generators.get_states()
    here, environ, context = Path.cwd(), dict(os.environ), decimal.getcontext().copy()
    precision, errors = pd.get_option("display.precision"), np.geterr()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        os.chdir(folder)
        with (
            contextlib.redirect_stdout(io.StringIO()),
            warnings.catch_warnings(),
            mock.patch.object(warnings, "formatwarning", warnings.formatwarning),
            mock.patch.dict(vars(math)),
            mock.patch.dict(vars(string)),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(environ)
        sys.path[:], sys.modules["__main__"] = path, main
        decimal.setcontext(context)
        pd.set_option("display.precision", precision)
        np.seterr(**errors)
        generators.set_states(states)
        generators.free_system()


@dataclass(slots=True)
class Plain:
    """What executing a notebook in one namespace gives.

    Attributes:
        after: fingerprints of the names wanted, by step.
        recording: what a recorded run shows.
        error: why it stopped.
    """

    after: dict[str, dict[str, str]] = field(default_factory=dict)
    recording: Recording | None = None
    error: str = ""


def execute(  # noqa: PLR0913 - what a run takes
    cells: Mapping[int, str],
    wanted: Wanted,
    folder: Path,
    values: Mapping[str, Any] | None = None,
    *,
    observed: bool,
    by_ipython: bool = False,
) -> Plain:
    """Execute cells in one namespace, from the same start as every other time.

    Args:
        cells: source by index.
        wanted: the steps and the names.
        folder: the current one.
        values: of parameters; they replace those of the cell tagged parameters (index in `cells`), as papermill does.
        observed: whether to record it as a conversion does.
        by_ipython: whether IPython runs the cells.
    """
    plain = Plain()
    before: dict[str, Boundary] = {}
    after: dict[str, Boundary] = {}
    module = types.ModuleType("__main__")
    names = module.__dict__
    with fresh(folder):
        sys.modules["__main__"] = module
        sys.path[:0] = sorted({str(_home(name, path)) for name, path in wanted.local.items()})
        _forget(wanted.local)
        run = Cells(module).run if by_ipython else _runner(names)
        begun = watching.begin({}, SEED, ["numpy.random"], [], wanted.local if observed else {})
        for index, source in cells.items():
            for step in wanted.steps:
                if observed and step.cells[0] == index:
                    before[step.name] = _boundary(names, wanted.names)
            try:
                run(source)
            except Exception as error:  # noqa: BLE001 - whatever it raises
                plain.error = f"{type(error).__name__}: {error}"
                return plain
            if values and "level = 2" in source:
                names.update(values)
            for step in wanted.steps:
                if step.cells[-1] != index:
                    continue
                if observed:
                    after[step.name] = _boundary(names, wanted.names, wanted.given.get(step.name, ()))
                plain.after[step.name] = {
                    name: fingerprint(plain_value(names[name]), local=("__main__",)).digest
                    for name in wanted.names
                    if name in names
                }
    if observed:
        libraries = {"executable": sys.executable, "others": module_state.others()}
        plain.recording = Recording(before, after, begun["generators"], libraries)
    module_state.watch({})
    _forget(wanted.local)
    return plain


def _runner(names: dict[str, Any]) -> Callable[[str], None]:
    def run(source: str) -> None:
        exec(compile(source, "<cell>", "exec", dont_inherit=True), names)

    return run


def _home(name: str, path: str) -> Path:
    """Give the folder that has to be on the path for a module to be found."""
    return Path(path).parents[name.count(".") + Path(path).name.startswith("__init__")]


def _forget(names: Iterable[str]) -> None:
    """Let modules be imported anew."""
    for name in names:
        sys.modules.pop(name, None)
    importlib.invalidate_caches()


def _boundary(names: dict[str, Any], wanted: Sequence[str], given: Sequence[str] = ()) -> Boundary:
    paused = watching.pause(names, wanted, given)
    return Boundary(**observe(names, tuple(wanted)), **paused)


def convert(
    path: Path,
    analysis: Analysis,
    division: Division,
    folder: Path,
    original: Notebook | None = None,
) -> tuple[Conversion, Plain]:
    """Convert a notebook; give also what its recorded run was compared with: a run that nobody observed.

    Args:
        path: of its file.
        analysis: of it.
        division: its steps.
        folder: to run in.
        original: the notebook with IPython's syntax, where `analysis` is of another; IPython runs it then.

    Raises:
        ConversionError: it is refused.
    """
    cells = {index: code.code.text for index, code in analysis.codes.items()}

    runs = itertools.count()

    def run(wanted: Wanted) -> Recording:
        plain = execute(cells, wanted, folder / f"recorded{next(runs)}", observed=True)
        if plain.recording is None:
            raise refuse(0, f"does not run: {plain.error}")
        return plain.recording

    conversion = convert_divided(path, analysis, division, run)
    wanted = Wanted(conversion.source.steps, conversion.wanted.names, (), local=conversion.source.local.files)
    if original is not None:
        cells = {cell.index: cell.source for cell in original.cells if cell.cell_type == "code"}
    return conversion, execute(cells, wanted, folder / "plain", observed=False, by_ipython=original is not None)


def convert_file(path: Path, folder: Path) -> tuple[Conversion, Plain]:
    """Convert a notebook's file.

    Raises:
        ConversionError: it is refused.
    """
    analysis = read_analysis(path)
    return convert(path, analysis, Division(split_plan(analysis)), folder)


@dataclass(slots=True)
class Outcome:
    """What a pipeline's run gave.

    Attributes:
        after: fingerprints of the outputs, by step.
        metrics: numbers, by step.
        error: of the step that failed, "" where none did.
        warned: what the runner says about it.
    """

    after: dict[str, dict[str, str]] = field(default_factory=dict)
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)
    error: str = ""
    warned: list[str] = field(default_factory=list)


def write(conversion: Conversion, project: Path) -> None:
    """Write the package of a pipeline."""
    for name, text in package_files(conversion).items():
        target = project / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    copy(conversion.source.local.copies, project)


def run(
    conversion: Conversion, project: Path, folder: Path, parameters: Mapping[str, Any], recording: Recording
) -> Outcome:
    """Run the steps one after another, each on fresh copies and on modules imported anew."""
    outcome = Outcome()
    schedule = Schedule(conversion.pipeline, recording.generators)
    store = Store(folder.with_name(folder.name + ".store"))
    artifacts: dict[str, dict[str, str]] = {}
    for step in conversion.pipeline.steps:
        sources = conversion.pipeline.sources(step)
        schedule.start(step)
        answer = _in_fresh_modules(
            {
                "project": str(project),
                "folder": str(folder),
                "store": str(store),
                "function": _function(project, conversion.package, step.name),
                "inputs": {name: artifacts[sources[name]][name] for name in step.inputs},
                "parameters": {name: encode(parameters[name]) for name in step.parameters},
                "outputs": step.outputs,
                "metrics": step.metrics,
                "generators": schedule.states(step),
                "watched": step.inputs,
                "local": [conversion.package],
            },
            folder,
            conversion.source.local.files,
        )
        doubt = schedule.end(step, answer).doubt
        if answer["status"] != "ok" or doubt:
            error = answer.get("error", {})
            outcome.error = doubt or f"{error.get('name')}: {error.get('message')}"
            return outcome
        outcome.warned += warnings_of(step, answer)
        artifacts[step.name] = {name: item["key"] for name, item in answer["outputs"].items()}
        outcome.metrics[step.name] = answer["metrics"]
        outcome.after[step.name] = {name: item["fingerprint"]["digest"] for name, item in answer["outputs"].items()}
    return outcome


def _function(project: Path, package: str, step: str) -> str:
    """Give the function of a step, whose name may be another one than the step's."""
    text = (project / package / "steps" / f"{step}.py").read_text(encoding="utf-8")
    name = f"{step}_step" if f"\ndef {step}_step(" in text else step
    return f"{package}.steps.{step}:{name}"


def _in_fresh_modules(spec: dict[str, Any], folder: Path, local: Iterable[str]) -> dict[str, Any]:
    top = spec["local"][0]
    with fresh(folder):
        _forget(local)
        try:
            # A fresh process has generators that were never seeded.
            random.seed()
            np.random.seed()  # noqa: NPY002 - the global one
            return run_step(spec)
        finally:
            for name in [name for name in sys.modules if name == top or name.startswith(f"{top}.")]:
                del sys.modules[name]
            _forget(local)
