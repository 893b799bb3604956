"""Single faults put into a real converted pipeline: the proof catches every one, and none where there is none.

The notebook (fixtures/convert/faults.ipynb) is converted once, with a kernel; the pipelines run in this process.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from nbpipe.convert.conversion import Conversion, convert_notebook
from nbpipe.convert.generation import write_project
from nbpipe.pipeline import attempt as attempt_module
from nbpipe.pipeline import process as process_module
from nbpipe.pipeline.project import load_project
from nbpipe.runtime import generators
from nbpipe.runtime.store import Store
from nbpipe.verify import proof as proof_module
from nbpipe.verify.proof import prove
from tests.verify.in_process_steps import InProcess

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbpipe.verify.proof_verdict import Proof

NOTEBOOK = Path(__file__).resolve().parents[2] / "fixtures" / "convert" / "faults.ipynb"
STEPS = Path("faults_pipeline") / "faults_pipeline" / "steps"
PACKAGE = STEPS.parent


class Converted(NamedTuple):
    folder: Path
    conversion: Conversion


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Converted:
    folder = tmp_path_factory.mktemp("faults")
    notebook = folder / "faults.ipynb"
    shutil.copy(NOTEBOOK, notebook)
    conversion = convert_notebook(notebook)
    target = folder / "faults_pipeline"
    target.mkdir()
    write_project(conversion, target, target)
    return Converted(folder, conversion)


@pytest.fixture
def copy(converted: Converted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    shutil.copytree(converted.folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(attempt_module, "RuntimeProcess", InProcess)
    monkeypatch.setattr(process_module, "RuntimeProcess", InProcess)
    # The notebook is the same in all of these: one recorded run of it stands for both.
    monkeypatch.setattr(proof_module, "record", lambda *_, **__: converted.conversion.recording)
    yield tmp_path
    InProcess.before = InProcess.change = None


def proof_of(converted: Converted, folder: Path) -> Proof:
    project = load_project(folder / "faults_pipeline")
    return prove(folder / "faults.ipynb", project, wanted=converted.conversion.wanted)


def code(name: str, old: str, new: str) -> Callable[[Path], None]:
    """Change the code of a step, or of a file of the package."""

    def put(folder: Path) -> None:
        path = folder / (STEPS / f"{name}.py" if "." not in name else PACKAGE / name)
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1, old
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return put


def setting(old: str, new: str) -> Callable[[Path], None]:
    return code("../params.yaml", old, new)


def both(*faults: Callable[[Path], None]) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        for fault in faults:
            fault(folder)

    return put


def requested(step: str, change: Callable[[dict[str, Any]], None]) -> Callable[[Path], None]:
    """Change what a step is given."""

    def put(_: Path) -> None:
        def before(request: dict[str, Any]) -> None:
            if request["function"].endswith(f":{step}"):
                change(request)

        InProcess.before = before

    return put


def answered(step: str, change: Callable[[dict[str, Any], dict[str, Any]], None]) -> Callable[[Path], None]:
    """Change what a step gives, or what is kept of it."""

    def put(_: Path) -> None:
        def changed(request: dict[str, Any], answer: dict[str, Any]) -> None:
            if request["function"].endswith(f":{step}"):
                change(request, answer)

        InProcess.change = changed

    return put


def first_version_of(name: str, step: str) -> Callable[[Path], None]:
    """Let a step get the first version of a value instead of the newest."""
    first: dict[str, str] = {}

    def put(_: Path) -> None:
        def change(_: dict[str, Any], answer: dict[str, Any]) -> None:
            if name in answer["outputs"]:
                first.setdefault(name, answer["outputs"][name]["key"])

        def before(request: dict[str, Any]) -> None:
            if request["function"].endswith(f":{step}"):
                request["inputs"][name] = first[name]

        InProcess.before, InProcess.change = before, change

    return put


def seeded(request: dict[str, Any]) -> None:
    before = generators.get_states()
    generators.seed_all(0)
    request["generators"] = generators.get_states()
    generators.set_states(before)


def stale(request: dict[str, Any], answer: dict[str, Any]) -> None:
    """Give the answer that another parameter gave: an entry of a cache that did not look at it."""
    known = InProcess.change
    InProcess.change = None
    parameters = {**request["parameters"], "rate": 0.25}
    beside = Path(request["store"])
    other = InProcess("step", {**request, "parameters": parameters}, beside / "answer", beside / "log", "")
    answer["outputs"] = other.wait()["outputs"]
    InProcess.change = known


def damaged(request: dict[str, Any], answer: dict[str, Any]) -> None:
    path = Store(Path(request["store"])).path(answer["outputs"]["noise"]["key"])
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def swapped(request: dict[str, Any]) -> None:
    request["inputs"]["noise"], request["inputs"]["log"] = request["inputs"]["log"], request["inputs"]["noise"]


FAULTS: dict[str, Callable[[Path], None]] = {
    "a number in the parameters changed in the fourth digit": setting("rate: 0.125", "rate: 0.1251"),
    "a whole number in the parameters changed": setting("n_rows: 40", "n_rows: 41"),
    "a switch turned": setting("clip: true", "clip: false"),
    "a constant changed in the fourth digit": code("definitions.py", "FACTOR = 1.5", "FACTOR = 1.5001"),
    "a number in a function changed in the last digit": code("definitions.py", "0.25", "0.25000000000000006"),
    "an operator changed in a method": code("definitions.py", "+ self.intercept", "- self.intercept"),
    "an argument changed in a step": code("clean", "clip(-1.5, 1.5)", "clip(-1.5, 1.4999)"),
    "the sign of an argument changed": code("train", "scaled(noise, FACTOR)", "scaled(noise, -FACTOR)"),
    "a statement lost": code("clean", '    log.append("clean")\n', ""),
    "a statement run twice": code("clean", '    log.append("clean")\n', '    log.append("clean")\n' * 2),
    "two statements in another order": both(
        code("load", "    rng = np.random.default_rng(3)\n", ""),
        code("load", "    log = [", "    rng = np.random.default_rng(3)\n    rng.random()\n    log = ["),
    ),
    "a copy changed instead of the value": code(
        "clean", "    if clip:\n", "    frame = frame.copy()\n    if not clip:\n"
    ),
    "an output dropped": both(
        code("clean", "return frame, log, noise, rng", "return frame, log, noise"),
        code("pipeline.py", 'outputs=("frame", "log", "noise", "rng")', 'outputs=("frame", "log", "noise")'),
    ),
    "an output that the step does not return": code(
        "train", "return model, order, log, box, limit", "return model, order, log, box"
    ),
    "two outputs swapped": code("train", "return model, order, log", "return model, log, order"),
    "two inputs swapped": requested("train", swapped),
    "an older version of a list": first_version_of("log", "train"),
    "an older version of a frame": first_version_of("frame", "train"),
    "an older version of a generator": first_version_of("rng", "evaluate"),
    "a producer that gives its input": code(
        "train", "    return model", '    box = {"one": [1.0], "other": [1.0]}\n    return model'
    ),
    "an alias cut": code("load", '"other": shared}', '"other": shared.copy()}'),
    "an alias made": code("train", '    box["one"].append', '    box["two"] = box["one"]\n    box["one"].append'),
    "a global generator reset": code("evaluate", "    summary = {", "    np.random.seed(7)\n    summary = {"),
    "a seed changed": code("load", "np.random.seed(7)", "np.random.seed(8)"),
    "a seed lost": code("load", "    random.seed(5)\n", ""),
    "the state of the generators lost between steps": requested("train", seeded),
    "a number drawn on the side": code("train", "    order =", "    random.random()\n    order ="),
    "a generator object made anew": code(
        "clean", "    noise =", "    rng = np.random.default_rng(3)\n    rng.normal()\n    noise ="
    ),
    "a global generator in place of a generator object": code(
        "clean", "noise = rng.normal", "noise = np.random.normal"
    ),
    "a type changed": code("load", "float(frame", "np.float32(frame"),
    "the type of a column changed": code("load", "np.arange(n_rows) *", "np.arange(n_rows, dtype='float32') *"),
    "the index of a frame changed": code(
        "clean", "    return frame", "    frame.index = frame.index + 1\n    return frame"
    ),
    "columns in another order": code("clean", "    return frame", '    frame = frame[["y", "x"]]\n    return frame'),
    "rows in another order": code("clean", "    return frame", "    frame = frame.iloc[::-1]\n    return frame"),
    "an attribute more on an object": code("train", "    limit =", "    model.more = 1\n    limit ="),
    "a text changed in its last place": code("report", ":.6f}", ":.5f}"),
    "a name in a query bound to something else": code("evaluate", "    high =", "    limit = limit + 1\n    high ="),
    "a stale entry of a cache": answered("load", stale),
    "an entry of the store damaged": answered("clean", damaged),
    "a step that fails": code("train", "    order =", "    unknown\n    order ="),
}


def test_there_are_thirty_faults() -> None:
    assert len(FAULTS) >= 30


def test_no_false_alarm(converted: Converted, copy: Path) -> None:
    for _ in range(3):
        proof = proof_of(converted, copy)
        assert proof.is_good, proof.first_divergence
        assert proof.headline == "18 of 18 step outputs equal"


@pytest.mark.parametrize("put", FAULTS.values(), ids=FAULTS)
def test_a_single_fault_is_caught(converted: Converted, copy: Path, put: Callable[[Path], None]) -> None:
    put(copy)
    proof = proof_of(converted, copy)
    assert not proof.is_good
    assert proof.first_divergence is not None
    assert str(proof.first_divergence) in [str(output) for output in proof.outputs if not output.is_good]
