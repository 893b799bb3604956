"""From a tagged notebook to the files of a pipeline project: plan, hazards, one recorded run, code."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.analysis import analyze
from nbpipe.convert import tidy
from nbpipe.convert.dataflow import DataFlow, StepFlow
from nbpipe.convert.definition_changes import refuse_caches, refuse_changed_definitions
from nbpipe.convert.division import Division
from nbpipe.convert.extraction import Extracted, extract
from nbpipe.convert.file_order import file_order
from nbpipe.convert.hazards import refuse_static
from nbpipe.convert.imports import imported_modules, refuse_local_modules
from nbpipe.convert.layout import Layout, lay_out
from nbpipe.convert.observed import changed_names, generators_of, refuse_observed, refuse_skipped
from nbpipe.convert.parameter_files import check_values
from nbpipe.convert.process_state import refuse_patches, refuse_state
from nbpipe.convert.recording import Recording, Wanted, record
from nbpipe.convert.refusal import LeftOutError, TiedStepsError
from nbpipe.convert.results import add_results, metrics_of
from nbpipe.convert.sharing import share
from nbpipe.convert.source import Source, read_source
from nbpipe.convert.star_imports import has_star_imports, named
from nbpipe.errors import ConversionError
from nbpipe.execute.document import load_notebook
from nbpipe.execute.kernels import choose_kernel
from nbpipe.execute.run import check_installed
from nbpipe.pipeline import Pipeline, Step
from nbpipe.steps import Note, Role
from nbpipe.steps.headings import without_accents
from nbpipe.steps.suggestion import TAGS, split_plan

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from nbpipe.analysis import Analysis
    from nbpipe.execute.listener import Listener
    from nbpipe.execute.stop import Stop
    from nbpipe.notebook import Notebook
    from nbpipe.settings.parameters import Parameter
    from nbpipe.steps import Note, StepPlan


@dataclass(frozen=True, slots=True)
class Conversion:
    """All that is known of a notebook that can be converted.

    Attributes:
        path: the notebook.
        sha256: of its bytes.
        package: name of the package.
        source, layout, flow, recording: what reading and running it showed.
        metrics: names of the numbers to log, by step.
        pipeline: its steps.
        division: how its cells were divided into steps.
    """

    path: Path
    sha256: str
    package: str
    source: Source
    layout: Layout
    flow: DataFlow
    recording: Recording
    metrics: dict[str, tuple[str, ...]]
    pipeline: Pipeline
    division: Division

    @property
    def flows(self) -> dict[str, StepFlow]:
        """What flows in and out of each step."""
        return self.flow.steps

    @property
    def notes(self) -> tuple[Note, ...]:
        """What the author should know."""
        return (*self.division.notes, *self.source.notes)

    @property
    def notebook(self) -> Notebook:
        """The notebook as its file has it."""
        return self.division.original or self.source.analysis.notebook

    @property
    def wanted(self) -> Wanted:
        """What to observe when the notebook is run again."""
        return _wanted(self.source, self.layout)


def convert_notebook(  # noqa: PLR0913 - the options of a conversion
    path: str | os.PathLike[str],
    *,
    split: str = TAGS,
    extract_settings: bool = False,
    any_order: bool = False,
    kernel: str | None = None,
    listener: Listener | None = None,
    stop: Stop | None = None,
) -> Conversion:
    """Find out how a notebook's tagged cells become a pipeline; runs it once, writes nothing.

    Args:
        path: the notebook.
        split: where its steps come from (see `nbpipe.steps.suggestion.split_plan`).
        extract_settings: whether settings that stand in the code become parameters (see `nbpipe.convert.extraction`).
        any_order: take it top-down although its stored results surely came from another order.
        kernel: kernelspec to use instead of the one that the notebook names.
        listener: hears how the recorded run goes.
        stop: how somebody asks to stop.

    Raises:
        NotebookError: the file is not a notebook.
        ConversionError: the meaning cannot be kept; the message names the cell and the reason.
        MissingExtraError: what runs notebooks or writes code is not installed.
    """
    check_installed()
    tidy.check_installed()
    notebook = Path(path)
    analysis = read_analysis(notebook, kernel)

    def run(wanted: Wanted) -> Recording:
        return record(notebook, wanted, kernel=kernel, listener=listener, stop=stop)

    division = Division(split_plan(analysis, split), split)
    if extract_settings:
        original = analysis.notebook
        extracted = extract(analysis, division.plan, partial(_refusal, any_order=any_order))
        analysis = extracted.analysis
        division = replace(
            division,
            plan=extracted.plan,
            notes=extracted.notes,
            declared=extracted.parameters,
            original=original,
        )
    return convert_divided(notebook, analysis, division, run, any_order=any_order)


def _refusal(extracted: Extracted, *, any_order: bool) -> str:
    """Say why reading alone refuses a notebook, or which steps it ties; "" where it does neither."""
    try:
        read_statically(extracted.analysis, extracted.plan, extracted.parameters, any_order=any_order)
    except TiedStepsError as tied:
        return f"steps {tied.first} and {tied.last} would be tied"
    except ConversionError as error:
        return str(error)
    return ""


def convert_divided(
    notebook: Path,
    analysis: Analysis,
    division: Division,
    run: Callable[[Wanted], Recording],
    *,
    any_order: bool = False,
) -> Conversion:
    """Find out how cells that are divided into steps become a pipeline, merging the steps that are tied.

    Args:
        notebook: the file.
        analysis: of it.
        division: its steps.
        run: runs and observes it; called again where a cell has to be kept that is tagged ``skip``.
        any_order: see `convert_notebook`.

    Raises:
        ConversionError: the meaning cannot be kept.
    """
    recording = None
    while True:
        try:
            read = read_statically(analysis, division.plan, division.declared, any_order=any_order)
            if recording is None:
                recording = run(_wanted(*read[:2]))
            return _settled(notebook, division, read, recording)
        except TiedStepsError as tied:
            if tied.first == tied.last:
                raise
            division, parts, name = division.merged_by(tied)
            recording = recording and recording.merged(parts, name)
        except LeftOutError as left:
            division, recording = division.keeping(left), None


def _settled(
    notebook: Path, division: Division, read: tuple[Source, Layout, DataFlow], recording: Recording
) -> Conversion:
    """Put together what reading and running a notebook showed.

    Raises:
        ConversionError: the meaning cannot be kept, or only by merging steps.
    """
    source, layout, flow = read
    flows = flow.solve(changed_names(source, layout, recording))
    refuse_skipped(source, flows, recording)
    refuse_state(source, flows.values())
    refuse_caches(source, layout, flows)
    refuse_changed_definitions(source, layout, flows, recording)
    share(source, layout, flow, recording)
    flow.sort()
    refuse_observed(source, layout, flows, recording)
    after, told = file_order(source, recording)
    metrics, notes = metrics_of(source, flow, recording)
    division = replace(division, notes=(*division.notes, *told, *notes))
    add_results(source, flow, recording, metrics)
    package = package_name(notebook)
    pipeline = _pipeline(source, flow, recording, metrics, after, package)
    digest = hashlib.sha256(notebook.read_bytes()).hexdigest()
    return Conversion(notebook, digest, package, source, layout, flow, recording, metrics, pipeline, division)


def read_analysis(path: Path, kernel: str | None = None) -> Analysis:
    """Analyse a notebook that is to be converted; star imports name what they bind.

    Args:
        path: the notebook.
        kernel: see `convert_notebook`.

    Raises:
        NotebookError: the file is not a notebook.
        ConversionError: it is not one of Python.
    """
    notebook = load_notebook(path)[1]
    if not notebook.is_python:
        raise ConversionError(f"is a notebook in {notebook.language}; only Python can be converted")
    if has_star_imports(notebook):
        notebook = named(notebook, path.resolve().parent, lambda: choose_kernel(notebook, kernel).spec.argv[0])
    return analyze(notebook)


def read_statically(
    analysis: Analysis, plan: StepPlan, declared: tuple[Parameter, ...] = (), *, any_order: bool = False
) -> tuple[Source, Layout, DataFlow]:
    """Read a notebook as far as that goes without running it; the data flow is not solved yet.

    Args:
        analysis: of the notebook.
        plan: its steps.
        declared: parameters that no cell gives a value.
        any_order: see `convert_notebook`.

    Raises:
        ConversionError: the meaning surely cannot be kept, or only by merging steps.
    """
    source = read_source(analysis, plan, declared)
    refuse_local_modules(source.statements, Path(analysis.notebook.path).resolve().parent)
    layout = lay_out(source)
    check_values(layout.parameters.values())
    refuse_static(source, layout, any_order=any_order)
    refuse_patches(source, layout)
    DataFlow(source, layout).solve()
    return source, layout, DataFlow(source, layout)


def package_name(path: Path) -> str:
    """Give the name of the package of a notebook's pipeline: ``<slug>_pipeline``."""
    slug = re.sub(r"\W+", "_", without_accents(path.stem).lower(), flags=re.ASCII).strip("_") or "notebook"
    slug = f"notebook_{slug}" if slug[0].isdigit() else slug
    return slug if slug.endswith("_pipeline") else f"{slug}_pipeline"


def _wanted(source: Source, layout: Layout) -> Wanted:
    names = {name for statement in source.statements for name in statement.names.binds} - layout.imports.keys()
    left_out = source.plan.cells_of(Role.SKIP, Role.SERVE)
    return Wanted(source.steps, tuple(sorted(names)), imported_modules(source.analysis), left_out)


def _pipeline(  # noqa: PLR0913 - all that is known of steps
    source: Source,
    flow: DataFlow,
    recording: Recording,
    metrics: dict[str, tuple[str, ...]],
    after: dict[str, tuple[str, ...]],
    package: str,
) -> Pipeline:
    steps = tuple(
        Step(
            name=cells.name,
            function=f"{package}.steps.{cells.name}:{cells.name}",
            inputs=tuple(flow.steps[cells.name].inputs),
            outputs=tuple(flow.steps[cells.name].outputs),
            parameters=tuple(flow.steps[cells.name].parameters),
            metrics=metrics[cells.name],
            after=tuple(dict.fromkeys((*cells.after, *after[cells.name]))),
            generators=generators_of(source, flow.steps[cells.name], recording),
        )
        for cells in source.steps
    )
    return Pipeline(package.removesuffix("_pipeline"), steps)
