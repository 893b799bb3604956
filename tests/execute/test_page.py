"""The page of an executed notebook: what outputs say can do nothing there."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from nbpipe.execute import run_notebook
from nbpipe.execute.html.outputs import rendered_markdown, shown_output
from nbpipe.execute.html.page import page
from tests.execute.making import code, text, write_notebook

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)></iframe></pre>"
KINDS = (
    "text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/svg+xml", "application/javascript",
    "application/json", "x/<script>",
)  # fmt: skip
ALLOWED = {
    "pre", "p", "img", "div", "iframe", "em", "strong", "code", "a", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5",
    "h6", "blockquote", "hr", "br", "table", "thead", "tbody", "tr", "th", "td", "s",
}  # fmt: skip


class Tags(HTMLParser):
    """Collects what a browser would see: elements with their attributes."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def assert_harmless(document: str) -> None:
    for tag, attributes in Tags(document).found:
        assert tag in ALLOWED
        assert not [name for name in attributes if name.startswith("on")]
        assert re.match(r"(?:data:image/|https?:|mailto:|#|$)", attributes.get("src") or attributes.get("href") or "")
        if tag == "iframe":
            assert attributes["sandbox"] == ""
            assert "default-src 'none'" in (attributes["srcdoc"] or "")


def test_hostile_outputs_of_every_kind_are_harmless() -> None:
    for kind in KINDS:
        assert_harmless(shown_output({"output_type": "display_data", "data": {kind: HOSTILE}}))
    assert_harmless(shown_output({"output_type": "stream", "name": "stdout", "text": [HOSTILE]}))
    assert_harmless(shown_output({"output_type": "error", "traceback": [f"\x1b[31m{HOSTILE}"]}))
    assert_harmless(shown_output({"output_type": "error", "ename": HOSTILE, "evalue": HOSTILE}))


@given(st.sampled_from(KINDS), st.text(alphabet="<>\"'&/= \njavascript:onloadsrcimgifr![]()`", max_size=60))
def test_generated_outputs_are_harmless(kind: str, content: str) -> None:
    assert_harmless(shown_output({"output_type": "execute_result", "data": {kind: content}}))
    assert_harmless(rendered_markdown(content))


def test_markdown_links_go_only_where_links_go() -> None:
    shown = rendered_markdown("[x](javascript:alert(1)) [y](https://a.org) ![z](https://spy.org/x.png) <b>t</b>")
    assert '<a href="https://a.org">y</a>' in shown
    hrefs = [attributes.get("href") for tag, attributes in Tags(shown).found if tag == "a"]
    assert hrefs == ["https://a.org"]
    assert "<b>" not in shown


def test_the_page_of_a_run_shows_it(tmp_path: Path) -> None:
    table = "import pandas as pd\npd.DataFrame({'a': [1, 2]})"
    cells: list[Any] = [
        text("# Title\n\n| a |\n|---|\n| 1 |"),
        code("n = 1", "parameters"),
        table,
        "print('<b>')",
        "1 / 0",
    ]
    record = run_notebook(write_notebook(tmp_path / "a.ipynb", *cells), parameters={"n": 2})
    document = page((tmp_path / "a.executed.ipynb").read_bytes(), record)
    found = Tags(document).found
    assert ("h1", {}) in found
    assert [tag for tag, _ in found].count("iframe") == 1
    assert not [tag for tag, _ in found if tag == "script"]
    assert "&lt;b&gt;" in document
    assert "ZeroDivisionError: division by zero" in document
    assert "parameters of this run" in document
    policies = [attributes["content"] for tag, attributes in found if "http-equiv" in attributes]
    assert len(policies) == 1
    assert (policies[0] or "").startswith("default-src 'none'")
