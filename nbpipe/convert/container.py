"""Dockerfile of the generated project: the interpreter and the versions that the notebook ran with, in a container."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.lint.reporting import version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WORKDIR = "/work/pipeline"


def write_dockerfile(
    package: str, libraries: Mapping[str, Any], modules: Sequence[str] = (), *, has_parameters: bool
) -> str:
    """Give Dockerfile.

    Args:
        package: the package's name.
        libraries: what the kernel says (see `nbpipe.runtime.watching.libraries`).
        modules: files and folders of modules beside the package.
        has_parameters: whether params.yaml is read.
    """
    tool = version()
    image = package.replace("_", "-")
    copied = "".join(f"COPY {name} {name}\n" for name in modules)
    parameters = "COPY params.yaml ./\n" if has_parameters else ""
    return f"""# The pipeline in the environment that its notebook ran in. nbpipe {tool} runs it, which is not on PyPI
# (the project of that name there is another one): put its wheel beside this file, or name another place.
#   docker build --build-arg NBPIPE="./nbpipe-{tool}-py3-none-any.whl[run]" -t {image} .
#   docker run --rm -v "$PWD/..:/work" -w {WORKDIR} {image}
# Runs are not recorded in MLflow: for that, say "[run,mlflow]" above, set MLFLOW_TRACKING_URI and leave --no-tracking
# out. The steps resolve relative paths as the notebook does, from the folder above: mount it where the data is.
FROM python:{libraries["python"]}-slim
WORKDIR {WORKDIR}
COPY pyproject.toml README.md *.whl ./
COPY {package} {package}
{copied}ARG NBPIPE
RUN python -m pip install --no-cache-dir . "${{NBPIPE:?say where nbpipe comes from: --build-arg NBPIPE=...}}"
COPY .nbpipe/project.json .nbpipe/
{parameters}CMD ["python", "-m", "{package}", "--no-tracking"]
"""


DOCKERIGNORE = """.git
.nbpipe/cache
.nbpipe/runs
.nbpipe/store
**/__pycache__
mlartifacts
mlflow.db
"""
