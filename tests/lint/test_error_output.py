"""NB115 finds the line that raised in the tracebacks that IPython has written over the years."""

from __future__ import annotations

import json

import pytest

from nbpipe.config import Settings
from nbpipe.lint.engine import Linter
from nbpipe.lint.selection import Selection

SOURCE = "# a comment\ndef f():\n    return 1 / 0\n\nf()"

FRAME = "\x1b[36mCell\x1b[39m\x1b[36m \x1b[39m\x1b[32mIn[3]\x1b[39m\x1b[32m, line {}\x1b[39m\n"
NEW = [
    "\x1b[31m---------\x1b[39m",
    "\x1b[31mZeroDivisionError\x1b[39m  Traceback (most recent call last)",
    FRAME.format(5) + "\x1b[32m      3\x1b[39m     return 1 / 0\n\x1b[32m----> 5\x1b[39m f()\n",
    FRAME.format(3) + "\x1b[32m----> 3\x1b[39m     return 1 / 0\n",
    "\x1b[31mZeroDivisionError\x1b[39m: division by zero",
]
OLD_FRAME = "\x1b[0;32m<ipython-input-3-0123abc>\x1b[0m in \x1b[0;36m<module>\x1b[0;34m()\x1b[0m\n"
OLD = [
    "\x1b[0;31m---------\x1b[0m",
    OLD_FRAME + "\x1b[1;32m      3\x1b[0m     return 1 / 0\n\x1b[0;32m----> 5\x1b[0;31m \x1b[0mf\x1b[0m()\n",
]


def lines(source: str, traceback: object) -> tuple[int, int, int]:
    error = {"output_type": "error", "ename": "ZeroDivisionError", "evalue": "division\nby", "traceback": traceback}
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": [error], "execution_count": 3}
    document = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    settings = Settings({"select": ("NB115",)})
    (item,) = Linter(settings, Selection(settings)).check_source(json.dumps(document).encode(), "a").diagnostics
    assert item.message == "the stored output is an error: ZeroDivisionError: division"
    assert item.range is not None
    return item.range.start_line, item.range.start_column, item.range.end_column


@pytest.mark.parametrize("traceback", [NEW, OLD])
def test_the_line_of_the_cell_that_raised_is_found(traceback: list[str]) -> None:
    assert lines(SOURCE, traceback) == (4, 0, 3)


@pytest.mark.parametrize("source", ["# a comment\nfirst()", "# a comment\nfirst()\n\n\nedited()"])
def test_the_first_line_of_code_is_taken_where_the_cell_was_edited_since(source: str) -> None:
    assert lines(source, NEW) == (1, 0, 7)


@pytest.mark.parametrize("traceback", [None, [], [3], ["nothing known"], "text"])
def test_odd_tracebacks_do_no_harm(traceback: object) -> None:
    assert lines(SOURCE, traceback) == (1, 0, 8)
