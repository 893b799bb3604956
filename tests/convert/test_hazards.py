"""Every hazard, small and without a kernel: the pipeline gives the notebook's values, steps are merged, or refused."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from nbpipe.convert.division import Division
from nbpipe.convert.reading import readable
from nbpipe.errors import ConversionError
from nbpipe.steps import plan_steps
from tests.convert import in_process
from tests.convert.snippets import notebook, snippets

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "hostile"


def cases() -> list[Any]:
    return [
        pytest.param(code, expected, id=f"{path.stem}: {title}")
        for path in sorted(FIXTURES.glob("*.md"))
        for title, code, expected in snippets(path)
    ]


def test_each_hazard_has_three_fixtures() -> None:
    counts = {path.stem: len(list(snippets(path))) for path in FIXTURES.glob("*.md")}
    assert counts
    assert min(counts.values()) >= 3


def files_beside(notebook: Path, folder: Path) -> None:
    """Copy what lies beside a notebook: commands and scripts look for it where they run."""
    folder.mkdir()
    for path in notebook.parent.iterdir():
        if path.is_file() and path != notebook:
            shutil.copy(path, folder)


@pytest.mark.parametrize(("code", "expected"), cases())
def test_never_another_value(code: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "notebook.ipynb"
    path.write_text("{}", encoding="utf-8")
    document = notebook(code, path)
    read = readable(document, tmp_path, lambda: sys.executable)
    is_plain = read.analysis.notebook is document
    for folder in ("recorded0", "plain", "pipeline") if not is_plain else ():
        files_beside(path, tmp_path / folder)
    wanted = plan_steps(document)
    parameters = {"flag": False} if "flag" in code else {}
    if expected.startswith("refused: "):
        with pytest.raises(ConversionError, match="^" + re.escape(expected.removeprefix("refused: "))):
            in_process.convert(path, read.analysis, Division(wanted, reasons=read.plain.reasons), tmp_path)
        return
    original = None if is_plain else document
    conversion, plain = in_process.convert(path, read.analysis, Division(wanted), tmp_path, original)
    kind = "exact" if len(conversion.pipeline.steps) == len(wanted.steps) else "merged"
    assert f"{kind}: {', '.join(step.name for step in conversion.pipeline.steps)}" == expected
    in_process.write(conversion, tmp_path / "project")
    given = in_process.run(conversion, tmp_path / "project", tmp_path / "pipeline", parameters, conversion.recording)
    assert given.error == ""
    assert given.after
    for step, outputs in given.after.items():
        assert outputs == {name: plain.after[step][name] for name in outputs}
