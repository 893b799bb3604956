from __future__ import annotations

from typing import Any

import pytest

from nbpipe.errors import ConfigError
from nbpipe.verify.cell_options import options_of
from nbpipe.verify.comparing import compare_notebooks, context_of
from nbpipe.verify.context import Tolerance
from nbpipe.verify.verdict import Outcome
from tests.execute.making import code, stream
from tests.verify.making import notebook, printing, run


def outcome(stored: str, fresh: str, *tags: str, metadata: dict[str, Any] | None = None) -> Outcome:
    cell = code("x", *tags, outputs=[stream(stored)])
    cell["metadata"].update(metadata or {})
    document, ran = notebook(cell), run(printing("x", fresh))
    (verdict,) = compare_notebooks(document, ran, context_of(ran, Tolerance()), options_of(document))
    return verdict.outcome


def test_a_cell_may_have_its_own_tolerance() -> None:
    assert outcome("loss 0.51", "loss 0.52") is Outcome.DIFFERENT
    assert outcome("loss 0.51", "loss 0.52", "verify:rtol=0.1") is Outcome.EQUIVALENT
    assert outcome("loss 0.51", "loss 0.52", "verify:atol=0.1", "other") is Outcome.EQUIVALENT
    assert outcome("loss 0.51", "loss 0.52", metadata={"nbpipe": {"verify": {"rtol": 0.1}}}) is Outcome.EQUIVALENT


def test_a_cell_may_not_be_compared() -> None:
    assert outcome("a", "b", "verify:skip") is Outcome.SKIPPED
    assert outcome("a", "b", "nbval-ignore-output") is Outcome.SKIPPED
    assert outcome("a", "b", metadata={"nbpipe": {"verify": {"skip": True}}}) is Outcome.SKIPPED


def test_a_cell_may_be_stricter() -> None:
    assert outcome("<A at 0x7f3a8766>", "<A at 0x7f3a8767>") is Outcome.EQUIVALENT
    tag = "verify:no-normalize=memory-addresses"
    assert outcome("<A at 0x7f3a8766>", "<A at 0x7f3a8767>", tag) is Outcome.DIFFERENT


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ("verify:rtoll=1", "a.ipynb: cell 1: unknown verify option 'rtoll'.*'rtol'"),
        ("verify:rtol=much", "a.ipynb: cell 1: verify option 'rtol' must be a number from 0 on, not 'much'"),
        ("verify:rtol=-1", "must be a number from 0 on"),
        ("verify:rtol", "must be a number from 0 on"),
        ("verify:no-normalize=addresses", "a.ipynb: cell 1: unknown normaliser 'addresses'"),
    ],
)
def test_what_means_nothing_is_refused(tag: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        options_of(notebook(code("x", tag)))
