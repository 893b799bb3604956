"""Dockerfile of the generated project: the interpreter and the versions that the notebook ran with, in a container."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

WORKDIR = "/work/pipeline"


def write_dockerfile(package: str, libraries: Mapping[str, Any], *, has_parameters: bool) -> str:
    """Give Dockerfile.

    Args:
        package: the package's name.
        libraries: what the kernel says (see `nbpipe.runtime.watching.libraries`).
        has_parameters: whether params.yaml is read.
    """
    image = package.replace("_", "-")
    parameters = "COPY params.yaml ./\n" if has_parameters else ""
    return f"""# The pipeline in the environment that its notebook ran in:
#   docker build -t {image} .
#   docker run --rm -v "$PWD/..:/work" -w {WORKDIR} {image}
# Runs are not recorded in MLflow: for that, install "nbpipe[mlflow]" as well, set MLFLOW_TRACKING_URI and leave
# --no-tracking out. The steps resolve relative paths as the notebook does, from the folder above: mount it where the
# data is.
FROM python:{libraries["python"]}-slim
WORKDIR {WORKDIR}
COPY pyproject.toml README.md ./
COPY {package} {package}
RUN python -m pip install --no-cache-dir ".[run]"
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
