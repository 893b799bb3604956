"""Where the parameters of a notebook go, which cell is theirs in all but the tag, and what constants there are."""

from __future__ import annotations

import pytest

from nbpipe.settings.bindings import bindings_of
from nbpipe.settings.configuration import untagged_parameters_cell
from nbpipe.settings.destination import destination
from nbpipe.settings.finding import find_constants, find_endpoints
from tests.settings.test_finding import analysis


def test_a_tagged_cell_takes_the_parameters() -> None:
    place = destination(analysis("print(a)", parameters="a = 1"))

    assert place is not None
    assert (place.cell, place.tagged) == (0, True)
    assert not place.precedes(0)
    assert place.precedes(1)


def test_without_one_a_new_cell_goes_before_all_code() -> None:
    place = destination(analysis("import os", "print(1)"))

    assert place is not None
    assert (place.cell, place.after) == (None, -1)
    assert place.precedes(0)


@pytest.mark.parametrize(
    "code",
    ["from os import *", "%run x.py", "exec(a)", "globals()['a'] = 1", "%reset -f", "get_ipython().magic('reset -sf')"],
)
def test_there_is_none_where_a_name_may_be_bound_unseen(code: str) -> None:
    assert destination(analysis("print(1)", code)) is None


@pytest.mark.parametrize("cell", ["%%time\na = 1", "a = = 1", "  a = 1", "!ls \\"])
def test_a_parameters_cell_that_cannot_grow_takes_none(cell: str) -> None:
    assert destination(analysis("print(1)", parameters=cell)) is None


@pytest.mark.parametrize(
    "cells",
    [
        ["LIMIT = 5\nrate = 0.1", "print(LIMIT)"],
        ["LIMIT = 5\nNAMES = ['a', 'b']\nOPTIONS = {'a': 1}", "print(LIMIT)"],
        ["'Settings'\nLIMIT: int = 5", "print(LIMIT)"],
    ],
)
def test_a_cell_of_constants_is_the_parameters_cell_in_all_but_the_tag(cells: list[str]) -> None:
    assert untagged_parameters_cell(analysis("!pip install a", "import os\n%matplotlib inline", *cells)) == 2


@pytest.mark.parametrize(
    "cells",
    [
        ["a = 1\nb = 2"],  # no constant
        ["LIMIT = 5\nprint(LIMIT)"],
        ["LIMIT = len([])"],
        ["LIMIT = 5", "LIMIT = 6"],
        ["print(1)", "LIMIT = 5"],
        ["%%time\nLIMIT = 5"],
        ["A = B = 5"],
    ],
)
def test_other_cells_are_not(cells: list[str]) -> None:
    assert untagged_parameters_cell(analysis(*cells, "x = 0")) is None


def test_constants_are_found_where_later_cells_read_them() -> None:
    found = find_constants(
        analysis("print(1)\nLIMIT = 5\nHERE = 1\nprint(HERE)\nseed = 3\nPI = 3.14", "print(LIMIT, seed, PI)")
    )

    assert [(each.name or each.via, each.value) for each in found] == [("LIMIT", 5), ("seed", 3)]


def test_names_that_anything_else_binds_or_python_has_are_not_free() -> None:
    names = bindings_of(
        analysis("import a.b\ndef f(c): d = 1\nfor e in []: pass\nx = y\n!ls {g}", "match x:\n case h: pass")
    )

    assert not any(names.is_free(name) for name in ["a", "f", "c", "d", "e", "x", "y", "g", "h", "max", "class", "In"])
    assert names.is_free("b")


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import psycopg2\npsycopg2.connect(host='db.corp', port=5432)", ["db.corp", 5432]),
        ("import requests\nrequests.post('https://a.example-corp.com/x')", ["https://a.example-corp.com/x"]),
        ("import requests\nrequests.get('https://a.example-corp.com/x')", []),
        ("spark.table('prod.customers')", ["prod.customers"]),
        ("plt.table('prod.customers')", []),
        ("pd.read_sql('select * from prod.customers', c)", ["prod.customers"]),
        ("u = 'http://db.corp:1/a'\nx = u", ["http://db.corp:1/a"]),
        ("print('http://db.corp:1/a')", []),
    ],
)
def test_endpoints_by_sink_and_shape(code: str, found: list[object]) -> None:
    assert [each.value for each in find_endpoints(analysis(code))] == found
