"""Results that cannot be stored or compared are no outputs: told in the notes and in the headline, and not refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import nbformat
import pytest

from nbpipe.analysis import analyze
from nbpipe.api.convert import convert
from nbpipe.api.prove import proof_json, prove
from nbpipe.convert.division import Division
from nbpipe.runtime.storing import problem_of
from nbpipe.steps import plan_steps
from nbpipe.verify.html.proof import proof_page
from nbpipe.verify.proof_verdict import OutputVerdict, Proof, Verdict
from tests.convert import in_process
from tests.convert.snippets import notebook

if TYPE_CHECKING:
    from pathlib import Path

    from nbpipe.convert.conversion import Conversion

ODD = """\
# imports
import math

import threading
# definitions
class Odd:
    def __init__(self):
        self.count = 1

    def __setstate__(self, state):
        self.count = state['count'] + 1
"""
WHAT = {
    "a generator": ("(n for n in range(3))", "it is or holds a generator"),
    "a lock": ("threading.Lock()", "it is or holds a lock (lock)"),
    "in a container": ("{'a': [threading.Lock()]}", "it is or holds ['a'][0]: a lock (lock)"),
    "changed by a pickle": ("Odd()", "a __main__.Odd does not come back from pickle unchanged"),
}


def converted(code: str, folder: Path) -> Conversion:
    path = folder / "notebook.ipynb"
    path.write_text("{}", encoding="utf-8")
    document = notebook(code, path)
    return in_process.convert(path, analyze(document), Division(plan_steps(document)), folder)[0]


@pytest.mark.parametrize(("made", "reason"), WHAT.values(), ids=WHAT)
def test_what_nothing_needs_is_left_out_and_told(made: str, reason: str, tmp_path: Path) -> None:
    conversion = converted(f"{ODD}# step:a\nx = 1\n# step:b\nthing = {made}\ny = x + 1", tmp_path)
    assert conversion.flows["b"].outputs == ["y"]
    ((name, why),) = conversion.left_out.items()
    assert name == "b.thing"
    assert why.startswith(reason)
    (note,) = (note for note in conversion.notes if "thing" in note.message)
    assert note.cell == 3
    assert note.message == f"'thing' is no output of step 'b', and is not compared: {why}"


def test_figures_functions_and_modules_are_no_results(tmp_path: Path) -> None:
    conversion = converted(f"{ODD}# step:a\nx = 1\n# step:b\nf = lambda: 1\nm = math\ny = x + 1", tmp_path)
    assert conversion.flows["b"].outputs == ["y"]
    assert conversion.left_out == {}


def test_the_headline_the_page_and_the_json_name_them() -> None:
    proof = Proof((OutputVerdict("a", "x", Verdict.EQUAL),), left_out={"b.thing": "it is <odd>"})
    assert proof.is_good
    assert proof.headline == "1 of 1 step outputs equal; not compared: b.thing"
    assert '"left_out": {\n    "b.thing": "it is <odd>"\n  }' in proof_json(proof)
    assert '<td>thing</td><td><span class="chip new">not compared</span></td>' in proof_page(proof)
    assert "it is &lt;odd&gt;" in proof_page(proof)


@pytest.mark.parametrize("value", [1, "a", None, [1, {"a": (2.5,)}], {1, 2}, lambda: 1])
def test_what_can_be_stored(value: object) -> None:
    assert problem_of(value) == ""


def test_a_real_proof_names_what_was_left_out_whenever_it_is_made(tmp_path: Path) -> None:
    node = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    for tag, source in (
        ("imports", "import os\nimport threading"),
        ("step:a", "x = 1"),
        ("step:b", "lock = threading.Lock()\ny = x + 1"),
        ("step:c", "sink = open(os.devnull, 'w')"),
    ):
        node.cells.append(nbformat.v4.new_code_cell(source, metadata={"tags": [tag]}))  # type: ignore[no-untyped-call]
    nbformat.write(node, tmp_path / "nb.ipynb")  # type: ignore[no-untyped-call]
    result = convert(tmp_path / "nb.ipynb")
    headline = "2 of 2 step outputs equal; not compared: b.lock, c.sink"
    assert result.proof is not None
    assert result.proof.headline == headline
    assert prove(tmp_path / "nb.ipynb", result.folder).headline == headline
