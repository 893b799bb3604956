"""The reports of a proof: what is not equal stands side by side, with its cause, and can do nothing to the reader."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from nbpipe.api.prove import write_proof
from nbpipe.errors import ConfigError
from nbpipe.runtime.showing import PLAIN, TABLE, Sides
from nbpipe.verify.cause import Cause, DivergenceKind
from nbpipe.verify.html.proof import proof_page
from nbpipe.verify.proof_verdict import OutputVerdict, Proof, Verdict
from tests.verify.test_reports import EVIL, Reader

if TYPE_CHECKING:
    from pathlib import Path

ROW = "<table><thead><tr><th></th><th>price</th></tr></thead><tbody><tr><th>3</th><td>{}</td></tr></tbody></table>"
EDITED = Cause(DivergenceKind.EDITED, "steps/load.py was edited")
PROOF = Proof(
    (
        OutputVerdict("load", "count", Verdict.EQUAL),
        OutputVerdict(
            "load",
            "frame",
            Verdict.DIFFERENT,
            0.5,
            "['price'][3]",
            "1.5 and 1",
            cause=EDITED,
            sides=Sides(TABLE, ROW.format("1.5"), ROW.format("1.0"), "1 of 9 rows differ"),
        ),
        OutputVerdict("train", "model", Verdict.NOT_COMPARABLE, reason="a lock"),
        OutputVerdict("train", "when", Verdict.NON_DETERMINISTIC, allowed=True),
        OutputVerdict("train", "score", Verdict.NOT_GIVEN, reason="the step failed", traceback="Traceback: x"),
    ),
    silent=("draw",),
    notebook="a.ipynb",
    pipeline="a_pipeline",
)


def test_the_page_tells_each_output_and_shows_what_differs() -> None:
    page = proof_page(PROOF)
    assert (
        "1 of 5 step outputs equal, 1 different, 1 not comparable, 1 non-deterministic (allowed), 1 not given" in page
    )
    assert 'First divergence: <a href="#o2">load.frame</a>; likely edited code: steps/load.py was edited' in page
    assert page.index('<td class="changed">1.0</td>') < page.index('<td class="changed">1.5</td>')
    assert "1 of 9 rows differ" in page
    assert "To accept it: --allow train.model" in page
    assert "--allow train.when" not in page
    assert "Traceback: x" in page
    assert "it only prints or draws" in page
    links = {str(link["href"])[1:] for link in Reader(page).all("a")}
    assert links == {str(section["id"]) for section in Reader(page).all("section")} == {"o2", "o3", "o4", "o5"}


@pytest.mark.parametrize("mime", [PLAIN, TABLE])
def test_values_can_do_nothing(mime: str) -> None:
    cause = Cause(DivergenceKind.PARAMETER, EVIL)
    output = OutputVerdict(
        "a", "x", Verdict.DIFFERENT, 0, EVIL, EVIL, cause=cause, sides=Sides(mime, EVIL, "b", EVIL), traceback=EVIL
    )
    reader = Reader(proof_page(Proof((output,), silent=(EVIL,), notebook=EVIL, pipeline=EVIL)))
    assert reader.all("script") == []
    assert reader.all("img") == []
    assert not any(name.startswith("on") for _, attributes in reader.elements for name in attributes)


def test_json_has_the_same_as_the_page(tmp_path: Path) -> None:
    write_proof(PROOF, {"json": str(tmp_path / "p.json"), "html": None})
    found = json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))
    assert (found["first_divergence"], found["good"], found["silent"]) == ("load.frame", False, ["draw"])
    assert found["outputs"][1]["cause"]["kind"] == "edited code"
    assert found["outputs"][1]["shown"]["notebook"] == ROW.format("1.0")
    assert found["outputs"][0]["shown"] is None


def test_a_report_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--html .*: cannot be written"):
        write_proof(PROOF, {"html": str(tmp_path)})
