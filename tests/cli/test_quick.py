"""The reader without click: either it gives what click would give, or it leaves the command line to click."""

from __future__ import annotations

from typing import Any
from unittest import mock

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st

from nbpipe.cli import check, console, group, quick
from nbpipe.cli.options import CHECK

FLAGS = [flag for option in CHECK for flag in option.flags] + ["-q", "--quiet", "--debug"]
VALUES = ["NB1", "a,b", "json", "a.ipynb", "x=y", "-", "", "a b", "*"]
WORDS = st.one_of(
    st.sampled_from(FLAGS),
    st.sampled_from(VALUES),
    st.tuples(st.sampled_from(FLAGS), st.sampled_from(VALUES)).map("=".join),
    st.sampled_from(["--", "--sel", "-x", "-qq", "--help", "--no-such", "-q=1", "--select=-x"]),
)


def by_click(arguments: list[str]) -> tuple[list[str], dict[str, list[str]]] | int:
    """Give what click hands to the body of check, or the exit code where it does not get there."""
    with mock.patch.object(check, "check", return_value=0) as body:
        code = group.invoke(["check", *arguments])
    if not body.called:
        return code
    paths, given_options = body.call_args.args
    state = console.STATE
    flags: dict[str, list[str]] = {name: [] for name in ("quiet", "debug") if getattr(state, name)}
    return list(paths), {**given_options, **flags}


@given(st.lists(WORDS, max_size=6))
@example(["a.ipynb", "--select", "NB1", "--select=NB2", "--exit-zero", "-q"])
@example(["--output-format", "json", "--output-format=full"])
def test_both_readers_agree(arguments: list[str]) -> None:
    console.prepare()
    request = quick.parse(arguments, {})
    event("left to click" if request is None else "read without click")
    if request is not None:
        expected = by_click(arguments)
        assert expected == request


@pytest.mark.parametrize(
    "arguments", [[], ["a.ipynb"], ["-q", "."], ["--select=NB1", "a", "b"], ["-"], ["--fail-on", "error", "--debug"]]
)
def test_plain_calls_need_no_click(arguments: list[str]) -> None:
    assert quick.parse(arguments, {"PATH": "x", "NBPIPE_SELECT": "NB1"}) is not None


@pytest.mark.parametrize(
    ("arguments", "environ"),
    [
        (["--help"], {}),
        (["--selct", "x"], {}),
        (["--select"], {}),
        (["--exit-zero=1"], {}),
        (["--"], {}),
        (["-qq"], {}),
        ([], {"NBPIPE_CHECK_EXIT_ZERO": "1"}),
        ([], {"_NBPIPE_COMPLETE": "bash_complete"}),
    ],
)
def test_what_is_in_doubt_is_left_to_click(arguments: list[str], environ: dict[str, Any]) -> None:
    assert quick.parse(arguments, environ) is None
