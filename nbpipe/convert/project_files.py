"""pyproject.toml and README.md of the generated project."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from nbpipe.convert.parameter_files import is_location
from nbpipe.lint.reporting import version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbpipe.pipeline import Pipeline
    from nbpipe.settings.parameters import Parameter

LINE_LENGTH = 100
# On from the start in the generated project; what the notebook's own text breaks is then named in `ignore`.
RULES = ("B", "E", "F", "I", "W")


def write_pyproject(  # noqa: PLR0913 - what a project file says
    package: str,
    notebook: str,
    libraries: Mapping[str, Any],
    ignored: Sequence[str],
    modules: Sequence[str] = (),
    *,
    has_parameters: bool,
) -> str:
    """Give pyproject.toml.

    Args:
        package: the package's name.
        notebook: name of the notebook's file.
        libraries: what the kernel says (see `nbpipe.runtime.watching.libraries`).
        ignored: codes of ruff's rules that the notebook's own text breaks.
        modules: files and folders of modules beside the package.
        has_parameters: whether params.yaml is read.
    """
    major, minor = str(libraries["python"]).split(".")[:2]
    dependencies = "".join(f'  "{line}",\n' for line in requirements(libraries, has_parameters=has_parameters))
    name = package.replace("_", "-")
    listed = ", ".join(f'"{code}"' for code in ignored)
    ignore = (
        f"\n# What the notebook's own text breaks: mend the code and drop the line.\nignore = [{listed}]"
        if ignored
        else ""
    )
    wheel, exclude = _beside(package, modules)
    rules = ", ".join(f'"{rule}"' for rule in RULES)
    return f"""[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "0.1.0"
description = "The pipeline of {notebook}."
readme = "README.md"
requires-python = ">={major}.{minor}"
# The versions that the notebook ran with. nbpipe, which runs the pipeline, is installed beside it: see README.md.
dependencies = [
{dependencies}]

[project.optional-dependencies]
dev = ["pytest", "ruff"]

[tool.hatch.build.targets.wheel]
{wheel}

[tool.pytest.ini_options]
testpaths = ["tests"]

[tool.ruff]
line-length = {LINE_LENGTH}{exclude}
target-version = "py{major}{minor}"

[tool.ruff.lint]
select = [{rules}]{ignore}
"""


def _beside(package: str, modules: Sequence[str]) -> tuple[str, str]:
    """Give what pyproject.toml says of modules beside the package: what a wheel holds, and what ruff leaves alone."""
    if not modules:
        return f'packages = ["{package}"]', ""
    listed = ", ".join(f'"{name}"' for name in modules)
    exclude = f"\n# Copies of modules from beside the notebook.\nextend-exclude = [{listed}]"
    return f'only-include = ["{package}", {listed}]', exclude


def requirements(libraries: Mapping[str, Any], *, has_parameters: bool) -> list[str]:
    """Give the pinned distributions that the notebook's imports come from."""
    found = {
        name: f"{name}=={version}"
        for distributions in libraries["distributions"].values()
        for name, version in (distributions or {}).items()
    }
    if has_parameters:
        found.setdefault("pyyaml", "pyyaml>=6")
    return [found[name] for name in sorted(found, key=str.lower)]


def write_readme(  # noqa: PLR0913 - what a README says
    pipeline: Pipeline,
    package: str,
    notebook: str,
    docstrings: Mapping[str, str],
    parameters: Sequence[Parameter],
    introduction: str,
    modules: Mapping[str, str],
) -> str:
    """Give README.md: what the notebook says first, the graph, the steps, the parameters, how to run and test."""
    title = pipeline.name.replace("_", " ")
    lines = [f"# {title}", "", f"A pipeline of {len(pipeline.steps)} steps, made from `{notebook}` by nbpipe.", ""]
    lines += [*(f"> {line}".rstrip() for line in introduction.splitlines()), *([""] if introduction else [])]
    lines += ["```mermaid", "flowchart LR"]
    lines += [f"  {step.name}" for step in pipeline.steps]
    lines += _arrows(pipeline)
    lines += ["```", "", "| step | takes | gives | what it does |", "|---|---|---|---|"]
    for step in pipeline.steps:
        does = _does(docstrings[step.name], step.name).replace("|", "\\|")
        gives = _code((*step.outputs, *(name for name in step.metrics if name not in step.outputs)))
        lines.append(f"| [{step.name}]({package}/steps/{step.name}.py) | {_code(step.inputs)} | {gives} | {does} |")
    if parameters:
        lines += ["", "## Parameters", "", "Set in `params.yaml`, or for one run with `-p name=value`.", ""]
        lines += ["| name | type | default | |", "|---|---|---|---|"]
        for parameter in parameters:
            told = parameter.help or ("where data is" if is_location(parameter) else "")
            lines.append(f"| `{parameter.name}` | {parameter.type or 'object'} | `{parameter.default!r}` | {told} |")
    if modules:
        lines += ["", "## Modules", "", f"Copies of modules that `{notebook}` imports, as they were:", ""]
        lines += [f"- [{name}]({name}), from `{origin}`" for name, origin in modules.items()]
    lines += _how_to(package, notebook, parameters)
    return "\n".join(lines) + "\n"


def _does(docstring: str, step: str) -> str:
    """Give the first line of a docstring; where that only repeats the step's name, the first sentence behind it."""
    title, _, rest = docstring.partition("\n")
    if title.rstrip(".").lower() != step.replace("_", " ").lower() or not rest.strip():
        return title
    words = " ".join(rest.strip().partition("\n\n")[0].split())
    return re.split(r"(?<=[.!?]) ", words, maxsplit=1)[0]


def _arrows(pipeline: Pipeline) -> list[str]:
    """Give one arrow for each pair of steps, with the names that pass along it."""
    passed: dict[tuple[str, str], list[str]] = {}
    for edge in pipeline.edges():
        passed.setdefault((edge.producer, edge.consumer), []).append(edge.name)
    arrows = []
    for (producer, consumer), names in passed.items():
        label = ", ".join(name for name in names if name)
        arrows.append(f'  {producer} -->|"{label}"| {consumer}' if label else f"  {producer} --> {consumer}")
    return arrows


def _code(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "-"


def _how_to(package: str, notebook: str, parameters: Sequence[Parameter]) -> list[str]:
    known = next((each for each in parameters if isinstance(each.default, int | float)), None)
    other = f"nbpipe run . -p {known.name}={known.default!r}  # a parameter for one run" if known else ""
    origin = (
        f"`<nbpipe>` is a wheel or a checkout of nbpipe {version()}, the tool that made this project and runs it; "
        "the project of that name on PyPI is another one. The steps are plain functions, which import and run "
        "without it: only `pipeline.py` and the tests need it."
    )
    told = (
        f"Paths are relative to the folder of `{notebook}`. `nbpipe verify {notebook} <this folder>` proves that the "
        "pipeline computes what the notebook computes. Each run leaves its values, logs and a record in `.nbpipe/`, "
        "and is an MLflow run where MLflow is installed (`nbpipe runs` lists them)."
    )
    return [
        "",
        "## Run and test",
        "",
        "```sh",
        'python -m pip install -e ".[dev]" "<nbpipe>[run]"',
        f"python -m {package}  # or: nbpipe run .",
        *([other] if other else []),
        "nbpipe run . --dry-run  # what would run, and why; what has not changed is not computed twice",
        "python -m pytest  # each step still gives what it gave when the pipeline was made",
        "NBPIPE_UPDATE_GOLDEN=1 python -m pytest  # a step was changed on purpose: record what it gives now",
        "```",
        "",
        told,
        "",
        origin,
    ]
