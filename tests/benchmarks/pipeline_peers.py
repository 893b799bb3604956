"""The same chain of plain functions in nbpipe, Kedro (with kedro-mlflow), ZenML and Metaflow, side by side.

python -m tests.benchmarks.pipeline_peers FOLDER [ROUNDS]

The peers are installed from PyPI into environments of their own below FOLDER, where they are kept. Each runs a chain of
5 and one of 25 steps by its command line, in turns, nothing from a cache: what a step costs is the slope.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.benchmarks.pipelines import chain
from tests.benchmarks.timing import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

FEW, MANY = 5, 25


class Contender(NamedTuple):
    """One of those that are compared.

    Attributes:
        folder: where its command runs.
        command: what runs the chain.
    """

    folder: Path
    command: Sequence[str]


def _programs(place: Path, name: str, packages: Sequence[str]) -> Path:
    """Make an environment with a peer where it is not there; give the folder of its programs."""
    programs = place / name / ("Scripts" if os.name == "nt" else "bin")
    if not (programs / name).exists():
        venv.create(place / name, with_pip=True)
        subprocess.run([str(programs / "python"), "-m", "pip", "install", "-q", *packages], check=True)
    return programs


def _write(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def nbpipe(place: Path, length: int, *options: str) -> Contender:
    """Give the chain as a pipeline of nbpipe, which keeps each value in its store."""
    folder = place / "nbpipe-projects" / "-".join(("plain", *options))
    project = folder / f"chain{length}"
    if not project.exists():
        chain(folder, length)
    return Contender(project, (sys.executable, "-m", "nbpipe", "-q", "run", str(project), "--no-cache", *options))


def kedro(place: Path, length: int, *plugins: str) -> Contender:
    """Give the chain as a Kedro project whose values are pickled, as its command keeps none by default."""
    name = "kedro-mlflow" if plugins else "kedro"
    programs = _programs(place, "kedro", ["kedro", "kedro-datasets", "kedro-mlflow"])
    nodes = ", ".join(f"node(add, 'x{n}', 'x{n + 1}', name='s{n + 1}')" for n in range(length - 1))
    kinds = "".join(f"x{n}:\n  type: pickle.PickleDataset\n  filepath: data/x{n}.pkl\n" for n in range(length))
    kinds = kinds.replace("pickle.Pickle", "kedro_datasets.pickle.Pickle")
    disabled = "" if plugins else "DISABLE_HOOKS_FOR_PLUGINS = ('kedro-mlflow', 'kedro_mlflow')\n"
    files = {
        "pyproject.toml": "[tool.kedro]\npackage_name = 'chained'\nproject_name = 'chained'\n"
        f"kedro_init_version = '{_version(programs, 'kedro')}'\nsource_dir = 'src'\n",
        "src/chained/__init__.py": "",
        "src/chained/settings.py": disabled,
        "src/chained/pipeline_registry.py": "from kedro.pipeline import node, pipeline\n"
        "def first():\n    return 0\ndef add(x):\n    return x + 1\n"
        "def register_pipelines():\n"
        f"    return {{'__default__': pipeline([node(first, None, 'x0', name='s0'), {nodes}])}}\n",
        "conf/base/catalog.yml": kinds,
        "conf/base/parameters.yml": "{}\n",
        "conf/local/mlflow.yml": "server:\n  mlflow_tracking_uri: sqlite:///mlflow.db\n",
        "data/.keep": "",
    }
    folder = _write(place / "kedro-projects" / f"{name}-{length}", files)
    return Contender(folder, (str(programs / "kedro"), "run"))


def zenml(place: Path, length: int) -> Contender:
    """Give the chain as a ZenML pipeline, run by the local orchestrator on SQLite."""
    programs = _programs(place, "zenml", ["zenml[server]"])
    calls = "    value = first()\n" + "    value = add(value)\n" * (length - 1)
    code = (
        "from zenml import pipeline, step\n"
        "@step(enable_cache=False)\ndef first() -> int:\n    return 0\n"
        "@step(enable_cache=False)\ndef add(x: int) -> int:\n    return x + 1\n"
        f"@pipeline(enable_cache=False)\ndef chain{length}():\n{calls}"
        f"if __name__ == '__main__':\n    chain{length}()\n"
    )
    folder = _write(place / "zenml-projects" / str(length), {"run.py": code})
    return Contender(folder, (str(programs / "python"), "run.py"))


def metaflow(place: Path, length: int) -> Contender:
    """Give the chain as a Metaflow flow, with its local metadata and datastore."""
    programs = _programs(place, "metaflow", ["metaflow"])
    steps = "    @step\n    def start(self):\n        self.x = 0\n        self.next(self.s1)\n"
    for number in range(1, length - 1):
        following = "end" if number == length - 2 else f"s{number + 1}"
        steps += f"    @step\n    def s{number}(self):\n        self.x += 1\n        self.next(self.{following})\n"
    steps += "    @step\n    def end(self):\n        self.x += 1\n"
    code = f"from metaflow import FlowSpec, step\nclass Chain(FlowSpec):\n{steps}"
    folder = _write(
        place / "metaflow-projects" / str(length), {"flow.py": f"{code}if __name__ == '__main__':\n    Chain()\n"}
    )
    return Contender(folder, (str(programs / "python"), "flow.py", "--quiet", "run"))


def _version(programs: Path, package: str) -> str:
    code = f"from importlib.metadata import version; print(version({package!r}))"
    done = subprocess.run([str(programs / "python"), "-c", code], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def seconds(contender: Contender, home: Path) -> tuple[float, float]:
    """Give the wall and CPU seconds of one run, children counted; it must succeed."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("NBPIPE_")}
    environ |= {
        "PYTHONPATH": str(ROOT) if contender.command[0] == sys.executable else "",
        "HOME": str(home),
        "USER": environ.get("USER", "somebody"),
        "ZENML_ANALYTICS_OPT_IN": "false",
        "ZENML_LOGGING_VERBOSITY": "ERROR",
        "ZENML_CONFIG_PATH": str(home / "zenml"),
        "KEDRO_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "1",
    }
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(contender.command, cwd=contender.folder, env=environ, capture_output=True, check=False)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        text = (done.stdout + done.stderr).decode(errors="replace")[-3000:]
        sys.exit(f"{' '.join(contender.command)} ended with {done.returncode}: {text}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(place: Path, rounds: int) -> None:
    """Measure and print the table."""
    home = place / "home"
    home.mkdir(parents=True, exist_ok=True)
    contenders = {
        "nbpipe, untracked": [nbpipe(place, length, "--no-tracking") for length in (FEW, MANY)],
        "nbpipe, in MLflow": [nbpipe(place, length) for length in (FEW, MANY)],
        "Kedro": [kedro(place, length) for length in (FEW, MANY)],
        "Kedro, in MLflow": [kedro(place, length, "mlflow") for length in (FEW, MANY)],
        "ZenML": [zenml(place, length) for length in (FEW, MANY)],
        "Metaflow": [metaflow(place, length) for length in (FEW, MANY)],
    }
    for both in contenders.values():
        for contender in both:  # compiles, makes databases
            seconds(contender, home)
    found: dict[str, list[list[tuple[float, float]]]] = {
        name: [[seconds(contender, home) for contender in both]] for name, both in contenders.items()
    }
    for _ in range(rounds - 1):
        for name, both in contenders.items():
            found[name].append([seconds(contender, home) for contender in both])
    versions = {name: _version(_programs(place, name, ()), name) for name in ("kedro", "zenml", "metaflow")}
    print(", ".join(f"{name} {version}" for name, version in versions.items()))  # noqa: T201
    print(f"{'':20} {FEW} steps: wall, CPU      a step: wall, CPU")  # noqa: T201
    for name, runs in found.items():
        few, many = ([statistics.median(run[at][kind] for run in runs) for kind in (0, 1)] for at in (0, 1))
        slope = [(b - a) / (MANY - FEW) * 1000 for a, b in zip(few, many, strict=True)]
        print(f"{name:20} {few[0]:6.2f} s {few[1]:6.2f} s      {slope[0]:6.0f} ms {slope[1]:6.0f} ms")  # noqa: T201


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 3)
