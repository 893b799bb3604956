"""No format shows a secret, not in its own finding and not in another rule's about the same line."""

from __future__ import annotations

import json

import pytest

from nbpipe.config import Settings
from nbpipe.lint.diagnostic import FieldEdit
from nbpipe.lint.engine import Linter
from nbpipe.lint.reporters import formats, make_reporter
from nbpipe.lint.reporting import Summary
from nbpipe.lint.selection import Selection
from tests.lint.notation import notebook_file

SECRET = "w7Hn4sQd1TzKb9McX3vRg6Jf"
TEXT = f"""
# %% In [1]
client = connect(api_key="{SECRET}", address="{SECRET}.example.org")
# %% In [2]
print(missing, "{SECRET}")
# Stream: {SECRET}
"""


def shown(output_format: str, *rules: str, text: str = TEXT) -> str:
    settings = Settings({"select": rules or ("all",)})
    result = Linter(settings, Selection(settings), locate=True).check_source(notebook_file(text), "a.ipynb")
    assert not result.failures
    reporter = make_reporter(output_format, "test", lambda text, style: text)
    summary = Summary()
    summary.add(result)
    return "\n".join([*reporter.file(result), *reporter.end(summary)])


@pytest.mark.parametrize("output_format", formats())
def test_no_format_shows_it(output_format: str) -> None:
    text = shown(output_format)

    assert "NB601" in text
    assert "NB602" in text
    assert SECRET[:4] in text
    assert SECRET[4:] not in text
    assert SECRET[4:12] not in text


def test_columns_stay_where_they_are() -> None:
    assert f'connect(api_key="{SECRET[:4]}{"*" * 20}", address="{SECRET[:4]}{"*" * 20}.example.org")' in shown("full")


def test_a_finding_that_is_silenced_still_keeps_its_secret() -> None:
    text = TEXT.replace('.example.org")', '.example.org")  # nbpipe: ignore[hardcoded-secret]')

    assert SECRET[4:] not in shown("full", "NB102", "NB601", text=text)


def test_the_fix_of_an_output_keeps_the_others_and_the_notebook_is_left_alone() -> None:
    document = json.loads(notebook_file(TEXT))
    kept = {"output_type": "stream", "name": "stderr", "text": "fine\n"}
    document["cells"][-1]["outputs"].append(kept)
    settings = Settings({"select": ("NB602",)})
    source = json.dumps(document).encode()
    (found,) = Linter(settings, Selection(settings)).check_source(source, "a.ipynb").diagnostics

    assert found.fix is not None
    (edit,) = found.fix.edits
    assert isinstance(edit, FieldEdit)
    assert (edit.cell, edit.name, edit.value) == (len(document["cells"]) - 1, "outputs", [kept])
