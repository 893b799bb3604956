"""Random notebooks: their pipelines give what one plain namespace gives, or steps are merged, or it is refused.

More of them: ``NBPIPE_TEST_PROGRAMS=5000 python -m pytest -n0 tests/convert/test_programs.py``, from another number on
with ``NBPIPE_TEST_PROGRAMS_FROM``.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pytest

from nbpipe.analysis import analyze
from nbpipe.api.convert import convert
from nbpipe.convert.division import Division
from nbpipe.convert.plain.notebook import plain_notebook
from nbpipe.convert.recorded import Wanted
from nbpipe.errors import ConversionError
from nbpipe.steps import plan_steps
from tests.conftest import GENERATED
from tests.convert import in_process
from tests.convert.programs import Program, program

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.convert.conversion import Conversion

PROGRAMS = int(os.environ.get("NBPIPE_TEST_PROGRAMS", "24"))
FIRST = int(os.environ.get("NBPIPE_TEST_PROGRAMS_FROM", "0"))
BATCH = max(1, PROGRAMS // 8)
# One whose steps all stay, one with steps merged.
END_TO_END = (0, 5)


class Outcome(NamedTuple):
    """What became of a program.

    Attributes:
        name: of the outcome.
        wrong: how it is wrong, "" where it is not.
        steps: of the pipeline; 0 where there is none.
    """

    name: str
    wrong: str
    steps: int = 0


def outcome_of(made: Program, folder: Path) -> Outcome:
    """Convert a program and run its pipeline."""
    path = folder / "notebook.ipynb"
    folder.mkdir()
    path.write_text("{}", encoding="utf-8")
    for name, text in made.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    notebook = made.notebook(str(path))
    read = plain_notebook(analyze(notebook), folder)
    original = None if read.notebook is notebook else notebook
    if "tool.py" in made.files:
        for where in ("recorded0", "recorded1", "recorded2", "plain", "pipeline", "other-plain", "other-pipeline"):
            (folder / where).mkdir()
            (folder / where / "tool.py").write_text(made.files["tool.py"], encoding="utf-8")
    division = Division(plan_steps(notebook), reasons=read.reasons)
    try:
        conversion, plain = in_process.convert(path, analyze(read.notebook), division, folder, original)
    except ConversionError as error:
        return Outcome(f"refused: {reason(error)}", "")
    in_process.write(conversion, folder / "project")
    recording = conversion.recording
    given = in_process.run(conversion, folder / "project", folder / "pipeline", made.values, recording)
    if given.error:
        return Outcome("would be refused by the proof: a step fails", given.error)
    different = [
        f"{step}.{name}"
        for step, outputs in given.after.items()
        for name, digest in outputs.items()
        if plain.after[step].get(name) != digest
    ]
    if different:
        return Outcome("DIFFERENT", ", ".join(different))
    kept = len(conversion.pipeline.steps)
    name = "exact, all steps kept" if kept == len(made.steps) else "exact, some steps merged"
    return Outcome(name, elsewhere(conversion, made.values, folder), kept)


def elsewhere(conversion: Conversion, values: dict[str, object], folder: Path) -> str:
    """Compare at other values of the parameters, which the recorded run did not see."""
    other = {"level": 7, "flag": not values["flag"]}
    cells = {index: code.code.text for index, code in conversion.source.analysis.codes.items()}
    wanted = Wanted(conversion.source.steps, conversion.wanted.names, (), local=conversion.source.local.files)
    plain = in_process.execute(cells, wanted, folder / "other-plain", other, observed=False)
    if plain.error:
        return ""
    given = in_process.run(conversion, folder / "project", folder / "other-pipeline", other, conversion.recording)
    different = [
        f"{step}.{name}"
        for step, outputs in given.after.items()
        for name, digest in outputs.items()
        if plain.after[step].get(name) != digest
    ]
    return f"at other values: {', '.join(different)}" if different and not given.warned and not given.error else ""


def reason(error: ConversionError) -> str:
    """Give what a refusal is about, without the names of the notebook."""
    text = re.sub(r"^cell \d+: ", "", str(error))
    text = re.sub(r"'[^']*'", "'...'", text)
    return re.split(r"[;,]| which | so that ", text)[0][:70]


@pytest.mark.parametrize("batch", range(-(-PROGRAMS // BATCH)))
def test_pipelines_of_random_notebooks_give_what_the_notebook_gives(
    batch: int, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    first = FIRST + batch * BATCH
    for seed in range(first, min(first + BATCH, FIRST + PROGRAMS)):
        made = program(seed)
        counts.update({f"hazard: {kind}": count for kind, count in made.kinds.items()})
        outcome = outcome_of(made, tmp_path / str(seed))
        counts[f"outcome of a conversion: {outcome.name}"] += 1
        if outcome.steps:
            counts["outcome of a conversion: steps wanted by those converted"] += len(made.steps)
            counts["outcome of a conversion: steps kept by those converted"] += outcome.steps
        if outcome.wrong:
            wrong.append(f"program {seed}: {outcome.name} {outcome.wrong}\n{made}")
    pytestconfig.stash[GENERATED].update(counts)
    assert not wrong, "\n\n".join(wrong[:3])


@pytest.mark.parametrize("seed", END_TO_END)
def test_a_real_conversion_decides_as_the_one_in_process(seed: int, tmp_path: Path) -> None:
    made = program(seed)
    expected = outcome_of(made, tmp_path / "in-process")
    notebook = tmp_path / "notebook.ipynb"
    for name, text in made.files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    notebook.write_text(json.dumps(made.document), encoding="utf-8")
    result = convert(notebook)
    assert result.proof is not None
    assert result.proof.is_good
    assert len(result.steps) == expected.steps > 0
