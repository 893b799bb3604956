"""The files of a pipeline project, written into an empty folder."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nbpipe.convert import tidy
from nbpipe.convert.code import Cells
from nbpipe.convert.container import DOCKERIGNORE, write_dockerfile
from nbpipe.convert.currency import cells_sha256
from nbpipe.convert.golden_tests import write_tests
from nbpipe.convert.parameter_files import type_of, write_class, write_yaml
from nbpipe.convert.pipeline_file import write_main, write_package, write_pipeline
from nbpipe.convert.placing import clear_traces, generated_files, read_description, sha256
from nbpipe.convert.project_files import write_pyproject, write_readme
from nbpipe.convert.shared_modules import write_definitions, write_environment
from nbpipe.convert.source_map import spans
from nbpipe.convert.step_module import Package, StepModule, write_step
from nbpipe.convert.texts import docstring, introduction
from nbpipe.execute.document import load_notebook
from nbpipe.pipeline import Pipeline
from nbpipe.pipeline.project import MARK

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nbpipe.convert.conversion import Conversion


def write_project(conversion: Conversion, folder: Path, target: Path) -> None:
    """Write all files of the project.

    Args:
        conversion: the notebook.
        folder: where to write; it exists and is empty.
        target: where the project will be in the end, for relative paths.

    Raises:
        ConversionError: the code cannot be formatted.
    """
    package = _package(conversion)
    modules = [write_step(package, flow, conversion.metrics[flow.name]) for flow in conversion.flows.values()]
    pipeline = _named(conversion.pipeline, modules, package.name)
    files = {**_package_files(conversion, package, modules, pipeline), **_root_files(conversion, package, pipeline)}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    copy(conversion.source.local.copies, folder)
    tidy.tidy(folder)
    (folder / "pyproject.toml").write_text(_pyproject(conversion, package, tidy.broken_rules(folder)), encoding="utf-8")
    mark = folder / MARK
    mark.mkdir()
    (mark / ".gitignore").write_text("/runs/\n/store/\n/cache/\n", encoding="utf-8")
    _write_description(folder, _description(conversion, package, modules, folder, target))


def _write_description(folder: Path, description: dict[str, Any]) -> None:
    path = folder / MARK / "project.json"
    files = {name: sha256(folder / name) for name in generated_files(folder) if folder / name != path}
    path.write_text(_dumped({**description, "files": files}), encoding="utf-8")


def note_files(folder: Path, **more: object) -> None:
    """Note in project.json which files of a fresh project there are now, and what else is to be known of it."""
    clear_traces(folder)
    _write_description(folder, {**(read_description(folder) or {}), **more})


def copy(copies: Mapping[str, Path | None], folder: Path) -> None:
    """Take modules along as they are (path in the project to the file), and make packages of folders (path to None)."""
    for name, origin in copies.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"" if origin is None else origin.read_bytes())


def package_files(conversion: Conversion) -> dict[str, str]:
    """Give the files of the package, by path; not yet formatted."""
    package = _package(conversion)
    modules = [write_step(package, flow, conversion.metrics[flow.name]) for flow in conversion.flows.values()]
    return _package_files(conversion, package, modules, _named(conversion.pipeline, modules, package.name))


def _dumped(description: dict[str, Any]) -> str:
    """Write JSON with one entry a line, and what is nested deeper beside it."""
    lines = []
    for key, value in description.items():
        if isinstance(value, dict) and value:
            inner = ",\n".join(f"  {json.dumps(name)}: {json.dumps(item)}" for name, item in value.items())
            lines.append(f" {json.dumps(key)}: {{\n{inner}\n }}")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _package(conversion: Conversion) -> Package:
    types = {name: type_of(parameter) for name, parameter in conversion.layout.parameters.items()}
    return Package(
        conversion.package,
        conversion.path.name,
        conversion.source,
        conversion.layout,
        conversion.flow,
        conversion.recording,
        Cells(conversion.source),
        types,
    )


def _named(pipeline: Pipeline, modules: list[StepModule], package: str) -> Pipeline:
    """Give the pipeline with the names that its functions got."""
    functions = {module.name: f"{package}.steps.{module.name}:{module.function}" for module in modules}
    steps = tuple(replace(step, function=functions[step.name]) for step in pipeline.steps)
    return Pipeline(pipeline.name, steps)


def _package_files(
    conversion: Conversion, package: Package, modules: list[StepModule], pipeline: Pipeline
) -> dict[str, str]:
    name, notebook = package.name, package.notebook
    files = {
        f"{name}/__init__.py": write_package(notebook),
        f"{name}/__main__.py": write_main(name),
        f"{name}/pipeline.py": write_pipeline(pipeline, notebook),
        f"{name}/steps/__init__.py": '"""One module a step."""\n',
        **{f"{name}/steps/{module.name}.py": module.text for module in modules},
    }
    parameters = tuple(conversion.layout.parameters.values())
    if parameters:
        files[f"{name}/params.py"] = write_class(parameters, notebook)
    for file, text in (("definitions", write_definitions(package)), ("environment", write_environment(package))):
        if text:
            files[f"{name}/{file}.py"] = text
    return files


def _root_files(conversion: Conversion, package: Package, pipeline: Pipeline) -> dict[str, str]:
    parameters = tuple(conversion.layout.parameters.values())
    docstrings = {step.name: docstring(package.source, step.name, package.notebook) for step in pipeline.steps}
    files = {
        "README.md": write_readme(
            pipeline,
            package.name,
            package.notebook,
            docstrings,
            parameters,
            introduction(package.source),
            _origins(conversion),
        ),
        "pyproject.toml": _pyproject(conversion, package, []),
        "Dockerfile": write_dockerfile(
            package.name, conversion.recording.libraries, package.source.local.places, has_parameters=bool(parameters)
        ),
        ".dockerignore": DOCKERIGNORE,
        ".gitignore": "__pycache__/\n*.egg-info/\n*.whl\n/dist/\n/mlruns/\n/mlartifacts/\n/mlflow.db\n",
        **write_tests(conversion, package.name),
    }
    if parameters:
        files["params.yaml"] = write_yaml(parameters, package.notebook)
    return files


def _origins(conversion: Conversion) -> dict[str, str]:
    """Give the files and folders that are copies, each with where it was taken from, relative to the notebook."""
    home = conversion.path.resolve().parent
    found: dict[str, str] = {}
    for name, origin in conversion.source.local.copies.items():
        if origin is not None:
            top, *inner = name.split("/")
            place = origin.resolve().parents[len(inner) - 1] if inner else origin.resolve()
            found.setdefault(top, _posix(os.path.relpath(place, home)))
    return found


def _pyproject(conversion: Conversion, package: Package, ignored: list[str]) -> str:
    return write_pyproject(
        package.name,
        package.notebook,
        conversion.recording.libraries,
        ignored,
        package.source.local.places,
        has_parameters=bool(conversion.layout.parameters),
    )


def _description(
    conversion: Conversion, package: Package, modules: list[StepModule], folder: Path, target: Path
) -> dict[str, Any]:
    """Give project.json: where the project came from, and which line came from which cell."""
    home = conversion.path.resolve()
    root = target.resolve()
    source_map = {}
    for module in modules:
        file = f"steps/{module.name}.py"
        text = (folder / package.name / file).read_text(encoding="utf-8")
        source_map[file] = spans(text, module.function, module.statements, conversion.division.lines)
    return {
        "version": 1,
        "package": package.name,
        "notebook": _posix(os.path.relpath(home, root)),
        "notebook_sha256": conversion.sha256,
        "split": conversion.division.split,
        "kept": list(conversion.division.kept),
        "extract_settings": conversion.division.extracts,
        "merged": {name: list(parts) for name, parts in conversion.division.merged.items()},
        "cells_sha256": cells_sha256(load_notebook(conversion.path)[1]),
        # Steps resolve relative paths as the notebook does.
        "base": _posix(os.path.relpath(home.parent, root)),
        "steps": {step.name: list(step.cells) for step in conversion.source.steps},
        "options": {step.name: step.options for step in conversion.source.steps if step.options},
        "left_out": conversion.left_out,
        "source_map": source_map,
        "inlined": {
            _posix(os.path.relpath(path, root)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in conversion.division.inlined
        },
        "modules": {
            name: _posix(os.path.relpath(origin.resolve(), root))
            for name, origin in conversion.source.local.copies.items()
            if origin is not None
        },
    }


def _posix(path: str) -> str:
    return path.replace(os.sep, "/")
