"""What the tests of the formats report on: the notebooks of fixtures/reports, checked, and what was written then.

``python -m tests.lint.reports`` writes the expected reports anew: read what changed before keeping it.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import nbpipe
from nbpipe.api.check import check_each
from nbpipe.config import Settings
from nbpipe.lint import details
from nbpipe.lint.diagnostic import Applicability, CellEdit, Edit, FileResult, Fix
from nbpipe.lint.reporters import formats, make_reporter
from nbpipe.lint.reporting import Summary
from nbpipe.notebook.read import read_notebook

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTEBOOKS = Path(__file__).parents[2] / "fixtures/reports"
EXPECTED = NOTEBOOKS / "expected"
# A few rules, so that a new one changes no report.
RULES = ("NB001", "NB002", "NB101", "NB102")
SERVICES = ("GITHUB_REPOSITORY", "GITHUB_SHA", "GITHUB_SERVER_URL", "CI_PROJECT_URL", "CI_COMMIT_SHA")


def enter(folder: Path) -> None:
    """Make a repository with the notebooks in a folder, and go there."""
    work = folder / "some work"
    work.mkdir()
    (folder / ".git").mkdir()
    for path in NOTEBOOKS.glob("*.ipynb"):
        shutil.copy(path, work)
    os.chdir(work)


def checked() -> list[FileResult]:
    """Check the notebooks in the current folder, and give two findings fixes: one safe, one that adds a cell."""
    settings = Settings({"select": RULES})
    results = list(check_each(["."], settings, locate=True, flows=True))
    order = next(result for result in results if result.path.endswith("order.ipynb"))
    moved, misspelt = order.diagnostics
    assert moved.range
    assert misspelt.range
    misspelt.fix = Fix("write `height`", (Edit(misspelt.range, "height"),), Applicability.SAFE)
    insert = CellEdit("insert-cell", after=0, tags=("parameters",), content="width = 5")
    moved.fix = Fix("define `width` first", (insert,), Applicability.UNSAFE)
    details.add_file_edits(read_notebook(order.path), order)
    return results


def written(name: str, results: Sequence[FileResult], *, colours: bool = False) -> str:
    """Give the report in a format."""
    reporter = make_reporter(name, "test", lambda text, style: f"<{style}:{text}>" if colours else text)
    summary = Summary()
    lines: list[str] = []
    for one in results:
        summary.add(one)
        lines += reporter.file(one)
    return "".join(line + "\n" for line in (*lines, *reporter.end(summary)))


def comparable(report: str) -> str:
    """Give a report without what changes with the day, the version, the look and the rules' pages."""
    report = report.replace(nbpipe.__version__, "VERSION")
    report = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "TIME", report)
    report = re.sub(r"(?s)<(style|script)>\n.*?</\1>", r"<\1>...</\1>", report)
    report = re.sub(r'"markdown": "(?:\\.|[^"\\])*"', '"markdown": "PAGE"', report)
    return re.sub(r"sha256-[\w+/=]+", "HASH", report)


def expected_file(name: str) -> Path:
    """Give where the expected report in a format stands."""
    return EXPECTED / f"{name}.txt"


def main() -> None:
    """Write all expected reports anew."""
    for variable in SERVICES:
        os.environ.pop(variable, None)
    with tempfile.TemporaryDirectory() as folder:
        enter(Path(folder))
        EXPECTED.mkdir(exist_ok=True)
        for name in formats():
            report = comparable(written(name, checked()))
            expected_file(name).write_text(report, encoding="utf-8", newline="\n")
        os.chdir(NOTEBOOKS)


if __name__ == "__main__":
    main()
