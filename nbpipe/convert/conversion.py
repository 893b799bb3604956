"""From a tagged notebook to the files of a pipeline project: plan, hazards, one recorded run, code."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.convert import tidy
from nbpipe.convert.definition_changes import refuse_caches, refuse_changed_definitions
from nbpipe.convert.division import Division
from nbpipe.convert.empty_steps import empty_steps
from nbpipe.convert.extraction import Extracted, extract
from nbpipe.convert.file_order import file_order
from nbpipe.convert.imports import imported_modules
from nbpipe.convert.module_changes import refuse_changed_modules, unknown_state
from nbpipe.convert.observed import changed_names, generators_of, refuse_observed, refuse_skipped
from nbpipe.convert.process_state import refuse_state
from nbpipe.convert.reading import package_name, read_notebook, read_statically
from nbpipe.convert.recorded import Recording, Wanted
from nbpipe.convert.recording import record
from nbpipe.convert.refusal import LeftOutError, TiedStepsError
from nbpipe.convert.results import add_results, given_names, metrics_of, notes_of
from nbpipe.convert.sharing import share
from nbpipe.errors import ConversionError
from nbpipe.execute.run import check_installed
from nbpipe.pipeline import Pipeline, Step
from nbpipe.steps import Note, Role
from nbpipe.steps.options import LOCAL_OPTIONS
from nbpipe.steps.suggestion import TAGS, split_plan

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from nbpipe.analysis import Analysis
    from nbpipe.convert.dataflow import DataFlow, StepFlow
    from nbpipe.convert.layout import Layout
    from nbpipe.convert.source import Source
    from nbpipe.execute.listener import Listener
    from nbpipe.execute.stop import Stop
    from nbpipe.notebook import Notebook
    from nbpipe.steps import Note


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
        left_out: results (``step.name``) that the pipeline does not give, with the reason.
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
    left_out: dict[str, str]

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
        return _wanted(self.source, self.layout, self.flow)


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
    read = read_notebook(notebook, kernel)
    analysis = read.analysis

    def run(wanted: Wanted) -> Recording:
        return record(notebook, wanted, kernel=kernel, listener=listener, stop=stop)

    plan = split_plan(analysis, split)
    left_out = plan.cells_of(Role.SKIP, Role.SERVE)
    division = Division(
        plan,
        split,
        notes=tuple(note for note in read.plain.notes if note.cell not in left_out),
        original=read.original,
        extracts=extract_settings,
        lines=read.plain.lines,
        reasons=read.plain.reasons,
        inlined=read.plain.inlined,
    )
    if extract_settings:
        extracted = extract(analysis, plan, partial(_refusal, division=division, any_order=any_order))
        analysis = extracted.analysis
        division = replace(
            division,
            plan=extracted.plan,
            notes=(*division.notes, *extracted.notes),
            declared=extracted.parameters,
        )
    return convert_divided(notebook, analysis, division, run, any_order=any_order)


def _refusal(extracted: Extracted, division: Division, *, any_order: bool) -> str:
    """Say why reading alone refuses a notebook, or which steps it ties; "" where it does neither."""
    division = replace(division, plan=extracted.plan, declared=extracted.parameters)
    try:
        read_statically(extracted.analysis, division, any_order=any_order)
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
    others: frozenset[str] = frozenset()
    while True:
        try:
            read = read_statically(analysis, division, any_order=any_order, others=others)
            empty = empty_steps(read[0])
            if empty:
                division, recording = division.without(empty), None
                continue
            if recording is None:
                recording = run(_wanted(*read))
            if not others.issuperset(recording.libraries.get("others", ())):
                others = others.union(recording.libraries["others"])
                continue
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
    refuse_changed_modules(source, layout, flow, recording)
    share(source, layout, flow, recording)
    flow.sort()
    refuse_observed(source, layout, flows, recording)
    after, told = file_order(source, recording)
    metrics, notes = metrics_of(source, flow, recording)
    division = replace(division, notes=(*division.notes, *told, *notes, *unknown_state(source, recording)))
    left_out = add_results(source, flow, recording, metrics)
    division = replace(division, notes=(*division.notes, *notes_of(left_out)))
    package = package_name(notebook)
    pipeline = _pipeline(source, flow, recording, metrics, after, package)
    digest = hashlib.sha256(notebook.read_bytes()).hexdigest()
    known = {f"{each.step}.{each.name}": each.reason for each in left_out}
    return Conversion(notebook, digest, package, source, layout, flow, recording, metrics, pipeline, division, known)


def _wanted(source: Source, layout: Layout, flow: DataFlow) -> Wanted:
    names = {name for statement in source.statements for name in statement.names.binds} - layout.imports.keys()
    left_out = source.plan.cells_of(Role.SKIP, Role.SERVE)
    modules = tuple(sorted({*imported_modules(source.analysis), *source.local.elsewhere} - {*source.local.tops}))
    return Wanted(
        source.steps,
        tuple(sorted(names)),
        modules,
        left_out,
        local=source.local.files,
        given=given_names(source, flow),
    )


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
            **{key: value for key, value in cells.options.items() if key in LOCAL_OPTIONS},  # type: ignore[arg-type]
        )
        for cells in source.steps
    )
    return Pipeline(package.removesuffix("_pipeline"), steps)
