"""The reports: JUnit's XML and the page, whose outputs are hostile."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import Any

from nbpipe.verify.cause import Cause, CauseKind
from nbpipe.verify.funnel import Funnel
from nbpipe.verify.html import page
from nbpipe.verify.html.cells import Budget
from nbpipe.verify.junit import junit
from nbpipe.verify.verdict import CellVerdict, NotebookVerdict, Outcome, Stage, Verdict
from tests.execute.making import stream
from tests.verify.test_outputs import FRAME, display, drawn

EVIL = "</pre><script>alert(1)</script><img src=x onerror=alert(1)>"


def cell(stored: list[Any], fresh: list[Any], index: int = 0, **fields: Any) -> CellVerdict:
    outcome = fields.pop("outcome", Outcome.DIFFERENT)
    return CellVerdict(index, "A & B", outcome, (), "- a\n+ b", None, tuple(stored), tuple(fresh), "x < 1", **fields)


def verdict(*cells: CellVerdict, kind: Verdict = Verdict.NOT_REPRODUCIBLE, **fields: Any) -> NotebookVerdict:
    return NotebookVerdict("dir/a.ipynb", kind, "cell 1 <b>", cells, stage=fields.pop("stage", Stage.RUNS), **fields)


class Reader(HTMLParser):
    """Collects the elements of a page and their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_outputs_cannot_do_anything() -> None:
    svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'><script>alert(1)</script></svg>"
    hostile = [
        stream(EVIL),
        display(text_html=EVIL),
        display(image_svg__xml=svg),
        display(image_png='"><script>alert(1)</script>'),
        display(text_markdown=EVIL),
        {"output_type": "error", "ename": EVIL, "evalue": EVIL, "traceback": [EVIL]},
    ]
    html = page([verdict(cell(hostile, [stream("x")]), note=EVIL, kind=Verdict.NOT_REPRODUCIBLE)])
    reader = Reader(html)
    assert reader.all("script") == []
    assert not any(name.startswith("on") for _, attributes in reader.elements for name in attributes)
    assert all(str(image["src"]).startswith("data:image/") for image in reader.all("img"))
    assert re.findall(r'src="(?!data:)', html) == []
    assert [frame["sandbox"] for frame in reader.all("iframe")] == [""]
    assert "alert(1)" in str(reader.all("iframe")[0]["srcdoc"])
    (policy,) = (meta["content"] for meta in reader.all("meta") if meta.get("http-equiv"))
    assert "default-src 'none'" in str(policy)
    assert "script-src" not in str(policy)


def test_what_differs_is_shown_side_by_side() -> None:
    told = page([verdict(cell([stream("a\nloss 0.5\nb")], [stream("a\nloss 0.75\nb")]))])
    assert "loss <mark>0.5</mark>" in told
    assert "loss <mark>0.75</mark>" in told
    frames = [display(text_html=FRAME.format(price=price)) for price in ("1.5", "1.7")]
    told = page([verdict(cell(frames[:1], frames[1:]))])
    assert '<td class="changed">1.5</td>' in told
    assert '<td class="changed">1.7</td>' in told
    assert "<iframe" not in told
    pictures = [display(image_png=drawn(x)) for x in (5, 9)]
    told = page([verdict(cell(pictures[:1], pictures[1:]))])
    assert told.count("<img") == 3
    assert "what differs, in red" in told


def test_one_sided_outputs_and_causes_are_shown() -> None:
    cause = Cause(CauseKind.RANDOM, "'rand' draws", 2, "NB301", "unseeded-random")
    told = page([verdict(CellVerdict(4, "t", Outcome.NEW, (), "+ x", cause, (), (stream("new text"),), "x"))])
    assert "likely random seed in cell 3: &#x27;rand&#x27; draws [NB301 unseeded-random]" in told
    assert "new text" in told
    assert 'id="n1c5"' in told


def test_a_page_of_many_notebooks_has_the_funnel_and_leads_to_the_first_divergence() -> None:
    good = NotebookVerdict("b.ipynb", Verdict.REPRODUCIBLE, stage=Stage.IDENTICAL)
    told = page([verdict(cell([stream("a")], [stream("b")], 3)), good])
    assert '<a href="#n1c4">cell 4</a>' in told
    assert "How far they come" in told


def test_pictures_are_left_out_of_a_page_that_holds_enough() -> None:
    budget = Budget(10)
    assert budget.take("12345")
    assert not budget.take("123456")
    assert budget.take("12345")


def test_junit_says_what_failed_and_where() -> None:
    cells = (
        CellVerdict(0, "ok", Outcome.IDENTICAL),
        cell([stream("a")], [stream("b\x00")], 2),
        CellVerdict(4, "e", Outcome.ERROR, difference="ValueError: <no>"),
        CellVerdict(5, "n", Outcome.NOT_RUN),
    )
    unread = NotebookVerdict("b.ipynb", Verdict.FAILED, "not a notebook")
    nothing = NotebookVerdict("c.ipynb", Verdict.NOTHING, "no output", (CellVerdict(0, "x", Outcome.IDENTICAL),))
    root = ET.fromstring(junit([verdict(*cells), unread, nothing]))
    assert [root.attrib[name] for name in ("tests", "failures", "errors")] == ["7", "1", "2"]
    first, second, third = root
    assert first.attrib["name"] == "dir/a.ipynb"
    assert [case.attrib["name"] for case in first] == ["cell 1 (ok)", "cell 3 (A & B)", "cell 5 (e)", "cell 6 (n)"]
    assert first[1][0].tag == "failure"
    assert first[1][0].text == "- a\n+ b"
    assert first[2][0].attrib["message"] == "ValueError: <no>"
    assert second[0][0].attrib["message"] == "failed: not a notebook"
    assert [case[0].tag for case in third if len(case)] == ["skipped"]


def test_the_funnel_counts_each_stage_and_those_before_it() -> None:
    ran = CellVerdict(0, "x", Outcome.IDENTICAL)
    failed = CellVerdict(1, "x", Outcome.ERROR)
    rest = tuple(CellVerdict(index, "x", Outcome.NOT_RUN) for index in (2, 3))
    found = Funnel(
        [
            NotebookVerdict("a", Verdict.FAILED),
            NotebookVerdict("b", Verdict.FAILED, cells=(ran, failed, *rest), stage=Stage.IMPORTS),
            NotebookVerdict("c", Verdict.EQUIVALENT, stage=Stage.EQUIVALENT),
            NotebookVerdict("d", Verdict.NOTHING, stage=Stage.RUNS),
        ]
    )
    assert list(found.counts.values()) == [4, 3, 3, 3, 3, 2, 1, 0]
    assert found.executed == 0.25
    assert found.nothing == 1
    assert found.lines()[0].split() == ["found", "4", "100%"]
