"""Where a pipeline's run comes from: who, the environment of its steps, git, the code itself; and what it met."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbpipe import provenance
from nbpipe.pipeline.process import HASH_SEED
from nbpipe.pipeline.snapshot import keep_code
from nbpipe.records import RunError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.pipeline.decision import Decider
    from nbpipe.records import StepResult
    from nbpipe.secrets.redaction import Redactor


def origin_of(decider: Decider, redactor: Redactor) -> dict[str, Any]:
    """Collect where a run comes from; see `nbpipe.provenance`.

    ``python`` and ``packages`` are those of the interpreter that steps run in, ``git`` has the difference from the
    commit (``diff``), ``code`` is what `nbpipe.pipeline.snapshot.keep_code` gives, ``store`` where its values are.
    """
    project, libraries = decider.project, decider.world.libraries
    home = project.place_of_runs
    origin = provenance.capture(home)
    if (origin["git"] or {}).get("dirty"):
        diff = provenance.git_diff(home)
        origin["git"]["diff"] = redactor.text(diff, code=True) if diff else None
    python = origin["python"]
    if decider.python is not None:
        python = {"version": libraries.python, "executable": decider.python}
    steps = {step.name: decider.code(step) for step in project.pipeline.steps}
    return {
        **origin,
        "python": python,
        "packages": dict(sorted(libraries.versions.items())),
        "variables": {**redactor.value(provenance.variables()), HASH_SEED: decider.hash_seed},
        "code": keep_code(project, sorted({file for code in steps.values() for file in code.files})),
        "steps": {name: code.digest for name, code in steps.items()},
        "environment": project.environment,
        "store": str(project.store),
    }


def observed(results: Sequence[StepResult]) -> dict[str, Any]:
    """Give what the steps of a run met: ``read`` and ``written`` files, ``seeds``, ``effects``, as a notebook's run."""
    made: set[str] = set()
    read: dict[str, dict[str, Any]] = {}
    written: dict[str, dict[str, Any]] = {}
    hidden: dict[str, int] = {}
    for result in results:
        for path, digest in result.read.items():
            if path not in made:  # what an earlier step wrote is no input of the run
                read.setdefault(path, {"path": path, "sha256": digest, "steps": []})["steps"].append(result.name)
        for path, digest in result.written.items():
            written[path] = {"path": path, "sha256": digest, "steps": [result.name]}
            made.add(path)
        for reason in result.hidden:
            hidden[reason] = hidden.get(reason, 0) + 1
    seeds = [seed for result in results for seed in result.seeds]
    return {
        "read": list(read.values()),
        "written": list(written.values()),
        "seeds": [seed for number, seed in enumerate(seeds) if seed not in seeds[:number]],
        "effects": [{"kind": "step", "name": reason, "count": count} for reason, count in hidden.items()],
    }


def without_secrets(redactor: Redactor, result: StepResult) -> StepResult:
    """Give a step's result with all secrets hidden."""
    error, logged = result.error, dict(result.logged)
    if error is not None:
        error = RunError(error.name, redactor.text(error.message), redactor.text(error.traceback, code=True))
    for name in ("params", "tags"):
        if name in logged:
            logged[name] = redactor.value(logged[name])
    return replace(result, error=error, logged=logged)
