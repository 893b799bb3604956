"""The HTML report: its policy, its marks, its links, its drawing."""

from __future__ import annotations

import io
import re
import tokenize
from base64 import b64encode
from hashlib import sha256
from html import unescape
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbpipe.lint.diagnostic import CellReference, Diagnostic, FileResult, Related, Severity
from nbpipe.lint.reporters.html import notebook as notebook_module
from nbpipe.lint.reporters.html.code import FOLDED, WIDEST, Mark, code_lines, folded
from nbpipe.lint.reporters.html.graph import graph
from nbpipe.lint.reporters.html.highlight import tokens
from nbpipe.notebook.model import Cell, Range
from tests.lint.reports import written

if TYPE_CHECKING:
    from nbpipe.lint.diagnostic import Flows


def result(*sources: str, found: tuple[Diagnostic, ...] = (), flows: Flows | None = None) -> FileResult:
    cells = {at: CellReference(Cell(at, "code", source, execution_count=at + 1)) for at, source in enumerate(sources)}
    return FileResult("a.ipynb", found, cells, flows=flows)


def finding(place: Range, *related: Related) -> Diagnostic:
    return Diagnostic("NB102", "undefined-name", "m", Severity.ERROR, path="a.ipynb", range=place, related=related)


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


def marked(html: str, card: str) -> list[str]:
    """Give the pieces of text that are marked for a card."""
    found = re.finditer(r'<a class="m \w+" href="[^"]*" data-f="([^"]*)">(.*?)</a>', html)
    return [plain(match[2]) for match in found if card in match[1].split()]


def test_the_policy_allows_the_style_and_the_script_that_are_there() -> None:
    page = written("html", [result("x", found=(finding(Range(0, 0, 0, 0, 1)),))])

    for name in ("style", "script"):
        (content,) = re.findall(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)
        digest = b64encode(sha256(content.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in page
    assert "default-src 'none'" in page
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_marks_are_at_the_exact_ranges() -> None:
    first, second = Mark(Range(0, 0, 4, 0, 7), "error", "f1"), Mark(Range(0, 0, 5, 1, 1), "info", "f2")

    lines = code_lines("one two three\n  four", [first, second], coloured=True)

    assert [plain(line) for line in lines] == ["one two three", "  four"]
    assert "".join(marked(lines[0], "f1")) == "two"
    assert "".join(marked(lines[0], "f2")) == "wo three"
    assert marked(lines[1], "f2") == []  # it ends in the indentation
    assert 'class="m error" href="#f1" data-f="f1 f2"' in lines[0]


def test_a_mark_behind_the_end_of_a_line_can_be_seen() -> None:
    (line,) = code_lines("x = ", [Mark(Range(0, 0, 4, 0, 4), "error", "f1")], coloured=False)

    assert marked(line, "f1") == [" "]


def test_a_long_line_shows_the_part_around_its_mark() -> None:
    source = "a" * 2000 + "HERE" + "b" * 2000

    (line,) = code_lines(source, [Mark(Range(0, 0, 2000, 0, 2004), "error", "f1")], coloured=True)

    assert marked(line, "f1") == ["HERE"]
    assert len(plain(line)) == WIDEST + 2
    assert plain(line).startswith("…a")
    assert plain(line).endswith("b…")


CODE = st.lists(st.sampled_from(["x", "'", '"""', "# c", "\n", " ", "12.5", "def", "<b>", "&", "\t", "é漢"])).map(
    "".join
)
PLACES = st.builds(Range, st.just(0), st.integers(0, 3), st.integers(0, 9), st.integers(0, 4), st.integers(0, 9))


@given(CODE, st.lists(PLACES, max_size=3), st.booleans())
@settings(max_examples=200)
def test_marks_and_colours_change_no_text(source: str, places: list[Range], coloured: bool) -> None:  # noqa: FBT001
    marks = [Mark(place, "warning", f"f{at}") for at, place in enumerate(places)]

    lines = [plain(line) for line in code_lines(source, marks, coloured=coloured)]

    expected = source.split("\n")
    assert len(lines) == len(expected)
    for line, wanted in zip(lines, expected, strict=True):
        assert line in {wanted, wanted + " "}  # a blank for a mark behind the end


@pytest.mark.parametrize(
    "source",
    [
        "x = 1 + 2.5e3  # a 'comment'\nprint(f'{x}', r\"\\d\", b'')\n",
        'def f(a):\n    """Doc\n    of f."""\n    return not a\n',
        "s = '''a\n# no comment\n''' + 'it\\'s'\nfor i in [0x1F, 1_000]: pass\n",
    ],
)
def test_colours_are_those_of_pythons_own_tokenizer(source: str) -> None:
    kinds = {tokenize.COMMENT: "c", tokenize.STRING: "s", tokenize.NUMBER: "d"}
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    expected = [
        (starts[token.start[0] - 1] + token.start[1], starts[token.end[0] - 1] + token.end[1], kinds[token.type])
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type in kinds
    ]

    found = [span for span in tokens(source) if span[2] in kinds.values()]

    assert [span for span in expected if span not in found] == []


@given(st.integers(0, 60), st.integers(0, 80), st.lists(st.integers(0, 150), max_size=4))
def test_folding_loses_no_line_and_hides_no_mark(first: int, count: int, lines_with_marks: list[int]) -> None:
    stretches = list(folded(["x"] * count, first, lines_with_marks))

    shown = [at for start, end, _ in stretches for at in range(start, end)]
    assert shown == list(range(first, first + count))
    hidden = {at for start, end, is_folded in stretches if is_folded for at in range(start, end)}
    assert not hidden & set(lines_with_marks)
    assert all(end - start >= FOLDED for start, end, is_folded in stretches if is_folded)


def test_related_places_are_linked_in_both_directions() -> None:
    found = finding(Range(2, 0, 0, 0, 1), Related(Range(0, 0, 0, 0, 1), "it comes from here"))
    page = written("html", [result("y = 1", "z = 2", "y", found=(found,))])

    card = page[page.index('<article class="card error" id="f1"') :]
    assert '<a href="#n1c1">cell 1 In [1], line 1</a>: it comes from here' in card
    note = page[page.index('data-of="f1"') :]
    assert note.startswith('data-of="f1"><p><a href="#f1">NB102 in cell 3</a>: it comes from here')
    assert '<a class="m related" href="#f1" data-f="f1">y</a>' in page
    assert "Cell 2: nothing found" in page


def test_code_is_left_out_of_a_page_that_would_be_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook_module, "MOST_QUIET", 10)
    found = finding(Range(1, 0, 0, 0, 1))

    page = written("html", [result("long = 'text'", "y", found=(found,))])

    assert "long = " not in page
    assert '<span id="n1c1"></span>' in page
    assert "The code is left out" in page


FLOWS = st.dictionaries(
    st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda edge: edge[0] != edge[1]), st.just(("x",)), min_size=1
)


@given(FLOWS)
def test_the_drawing_has_every_edge_and_the_list_says_the_same(flows: Flows) -> None:
    drawn = graph(1, result(*["y"] * 8, flows=flows), {})

    assert drawn.count('class="tip"') == len(flows)
    assert drawn.count('class="up"') == sum(source > target for source, target in flows)
    assert len(re.findall(r'<a href="#n1c\d">x <b>\d</b></a>', drawn)) == len(flows)
    assert drawn.count("<rect ") == drawn.count("<li ") == 8


def test_the_drawing_names_what_flows_and_counts_what_was_found() -> None:
    flows: Flows = {(0, 2): ("df", "x"), (2, 3): ("y",)}
    drawn = graph(1, result("import a\ndf = x = 1", "# nothing", "y = df + x", "y", flows=flows), {2: ("error", 3)})

    assert "<title>df, x: from cell 1 to 3</title>" in drawn
    assert "<title>3 findings</title>" in drawn
    assert '<a href="#n1c1">df, x <b>1</b></a>' in drawn
    assert "<code>df = x = 1</code>" in drawn
    assert "<code># nothing</code>" in drawn
    assert '<span class="said">cell 3 In [3], 3 findings: </span>' in drawn


def test_nothing_is_drawn_where_nothing_flows() -> None:
    assert graph(1, result("x = 1", "y = 2"), {}) == ""
