"""Which commands a notebook runs, in which words, and where they stand."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from nbpipe.analysis import analyze
from nbpipe.analysis.commands import Command, split_commands
from nbpipe.notebook.read import parse_notebook


def commands(*sources: str) -> list[Command]:
    cells = [{"cell_type": "code", "source": source, "metadata": {}, "outputs": []} for source in sources]
    return analyze(parse_notebook(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}))).commands


def test_words_are_split_as_a_shell_does() -> None:
    text = "a 'b c' \"d e\"f g\\ h | i > out 2>&1 && j # k\nl {x['y z']} $(m n) o#p"

    assert split_commands(text) == [
        (0, ("a", "b c", "d ef", "g\\ h"), False),
        (0, ("i",), False),
        (0, ("j",), False),
        (1, ("l", "{x[y z]}", "$(m n)", "o#p"), True),
    ]


def test_lines_that_go_on_are_one_command() -> None:
    assert split_commands("a \\\n  b\nc") == [(0, ("a", "b"), True), (2, ("c",), True)]


def test_what_is_fed_to_a_command_is_none() -> None:
    text = "cat > f <<-'END' && b\nc d\n  END\ne <<< f\ng << OPEN\nh"

    assert split_commands(text) == [
        (0, ("cat",), False),
        (0, ("b",), False),
        (3, ("e",), False),
        (4, ("g",), False),
    ]


def test_every_way_to_run_a_command() -> None:
    found = commands(
        "!ls -l\nx = !pwd\n%pip install a\nif x:\n    !date && who",
        "%%bash\n\nls\nwho",
        "import os, subprocess\nos.system(f'rm {x}')\nsubprocess.run(['a', 'b c'])\nget_ipython().system('ls' + x)",
    )

    assert [(each.words, each.syntax, each.range.start_line) for each in found] == [
        (("ls", "-l"), "!", 0),
        (("pwd",), "!", 1),
        (("pip", "install", "a"), "%pip", 2),
        (("date",), "!", 4),
        (("who",), "!", 4),
        (("ls",), "%%bash", 2),
        (("who",), "%%bash", 3),
        (("rm", "{x}"), "call", 1),
        (("a", "b c"), "call", 2),
        (("ls{}",), "call", 3),
    ]
    assert [each.plain for each in found[:5]] == [True, False, True, False, False]
    assert not found[8].shell


def test_what_only_looks_like_a_command_is_none() -> None:
    assert not commands("runner.run('ls')\nprint('!ls')\nsystem = 1\nos.system(command)\nsubprocess.run(words)")


@given(st.text(alphabet="ab '\"\\|&;<>#$(){}`\n", max_size=60))
def test_any_text_is_split_and_lines_are_its_own(text: str) -> None:
    for line, words, _ in split_commands(text):
        assert 0 <= line <= text.count("\n")
        assert words
