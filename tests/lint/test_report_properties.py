"""Whatever a notebook, a path or a message holds, no format breaks: what is written reads back."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import jsonschema  # type: ignore[import-untyped]
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from nbpipe.lint.diagnostic import Applicability, CellReference, Diagnostic, FileResult, Fix, Related, Severity
from nbpipe.lint.reporting import printable
from nbpipe.notebook.model import Cell, Range
from tests.lint.reports import written
from tests.lint.test_report_schemas import check_junit, sarif_schema

if TYPE_CHECKING:
    from nbpipe.lint.diagnostic import Flows

NASTY = [
    "]]>", "%0A", "%25", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\x1b[31m", "\x00",
    "\x07", "\n::error::x", "##vso[task.complete]", "a;b]c", "|", "`", "@everyone", "#1", "[x](y)", "](1)", "\ud800",
    "\udc80", "\ufffe", "\u202e", "\u2028", "\r\n", "\t", '"', "'", "&amp;", "{0}", "\\", "<!--", "-->", "$x$",
    "漢字", "\U0001f600",
]  # fmt: skip
TEXTS = st.lists(st.one_of(st.sampled_from(NASTY), st.text(st.characters(), max_size=6)), max_size=5).map("".join)
SVG = {"svg", "g", "path", "rect", "text", "circle", "title"}
TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "h3", "h4", "span", "p", "ul", "ol", "li",
    "b", "main", "form", "fieldset", "legend", "label", "input", "select", "option", "output", "button", "div", "table",
    "caption", "thead", "tbody", "tr", "th", "td", "a", "section", "article", "aside", "code", "details", "summary",
    "script",
}  # fmt: skip


@st.composite
def results(draw: st.DrawFn) -> FileResult:
    """Draw the result of one file: cells, and findings with ranges in and beyond them."""
    kinds = st.sampled_from(["code", "markdown", "raw"])
    counts = st.none() | st.integers(0, 999)
    cells = [
        Cell(index, draw(kinds), draw(TEXTS), id=draw(st.none() | TEXTS), execution_count=draw(counts))
        for index in range(draw(st.integers(1, 3)))
    ]
    place = st.builds(
        Range,
        st.integers(0, len(cells) - 1),
        st.integers(0, 2),
        st.integers(0, 9),
        st.integers(2, 3),
        st.integers(0, 9),
    )
    path = draw(TEXTS) or "x"
    fixes = st.none() | st.builds(Fix, TEXTS, st.just(()), st.sampled_from(Applicability))
    found = [
        Diagnostic(
            draw(st.sampled_from(["NB001", "NB101", "NB102"])),
            "undefined-name",
            draw(TEXTS),
            draw(st.sampled_from(Severity)),
            path=path,
            range=draw(st.none() | place),
            related=tuple(Related(draw(place), draw(TEXTS)) for _ in range(draw(st.integers(0, 2)))),
            fix=draw(fixes),
            json_line=draw(st.none() | st.integers(1, 9999)),
        )
        for _ in range(draw(st.integers(1, 4)))
    ]
    flows = draw(st.dictionaries(st.sampled_from([(0, 1), (1, 2), (2, 0)]), st.just(("df", "x")), max_size=3))
    known = {cell.index for cell in cells if cell.cell_type == "code" and cell.source.strip()}
    kept: Flows = {edge: names for edge, names in flows.items() if set(edge) <= known}
    return FileResult(path, tuple(found), dict(enumerate(map(CellReference, cells))), flows=kept)


class Page(HTMLParser):
    """Reads a page: all tags with their attributes, and the text of what has a class."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def encoded(text: str) -> str:
    """Give what is left of a report in a file."""
    return text.encode("utf-8", "backslashreplace").decode()


FEW = settings(max_examples=50)  # drawing a result costs more than writing it
SARIF = jsonschema.Draft4Validator(sarif_schema())
LINES = {
    "github": r"::(error|warning|notice) title=NB\d+ undefined-name,file=[^,:]*(,line=\d+,endLine=\d+)?::.*",
    "azure": r"##vso\[task\.logissue type=\w+;sourcepath=[^;\]]*;(linenumber=\d+;)?code=NB\d+;\].*",
    "pylint": r".*:\d+: \[NB\d+\] .*",
    "concise": r".*: NB\d+ \[\w+\] .*",
}


@FEW
@given(results())
def test_json_reads_back(result: FileResult) -> None:
    messages = [item.message for item in result.diagnostics]
    shown = [printable(message) for message in messages]

    assert [item["message"] for item in json.loads(written("json", [result]))["diagnostics"]] == messages
    lines = written("json-lines", [result]).split("\n")[:-1]
    assert [json.loads(line)["message"] for line in lines] == messages
    issues = json.loads(written("gitlab", [result]))
    assert all(issue["description"][7:].startswith(text) for issue, text in zip(issues, shown, strict=True))
    assert len({issue["fingerprint"] for issue in issues}) == len(issues)
    found = json.loads(written("rdjson", [result]))["diagnostics"]
    assert all(item["message"].startswith(text) for item, text in zip(found, shown, strict=True))


@FEW
@given(results())
def test_sarif_is_valid_and_has_no_half_characters(result: FileResult) -> None:
    log = json.loads(written("sarif", [result]))

    SARIF.validate(log)
    json.dumps(log, ensure_ascii=False).encode("utf-8")


@FEW
@given(results())
def test_junit_is_xml(result: FileResult) -> None:
    root = check_junit(encoded(written("junit", [result])))

    shown = [case[0].attrib["message"] for case in root.iter("testcase")]
    assert shown == [printable(item.message) for item in result.diagnostics]


@FEW
@given(results())
def test_a_finding_is_one_line(result: FileResult) -> None:
    for name, pattern in LINES.items():
        lines = written(name, [result]).split("\n")[:-1]
        assert len(lines) == len(result.diagnostics)
        assert all(re.fullmatch(pattern, line) for line in lines)
        assert all(line.isprintable() for line in lines)
    for name in ("full", "grouped"):
        assert all(line.isprintable() for line in written(name, [result]).split("\n"))


@FEW
@given(results())
def test_github_reads_back(result: FileResult) -> None:
    for item, line in zip(result.diagnostics, written("github", [result]).splitlines(), strict=True):
        data = line.split("::", 2)[2]
        for escaped, plain in (("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
            data = data.replace(escaped, plain)
        assert data.startswith(printable(item.message))


@FEW
@given(results())
@example(FileResult("x", (Diagnostic("NB102", "r", "a|b `c|d` <b>", Severity.INFO, path="x", range=None),)))
def test_markdown_is_the_tables_and_nothing_else(result: FileResult) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(encoded(written("markdown", [result])))

    rows = sum(token.type == "tr_open" for token in tokens)
    assert rows == 2 + len({item.code for item in result.diagnostics}) + len(result.diagnostics)
    inside = [child for token in tokens for child in token.children or ()]
    html = {child.content for child in inside if child.type == "html_inline"}
    assert html <= {"<code>", "</code>", "<br>", "<!-- -->"}
    links = sum(child.type == "link_open" for child in inside)
    assert links == len({item.code for item in result.diagnostics}) + 2 * len(result.diagnostics)


@FEW
@given(results())
def test_html_is_its_own_markup_and_nothing_else(result: FileResult) -> None:
    report = encoded(written("html", [result]))
    page = Page(report)

    assert {tag for tag, _ in page.tags} <= TAGS | SVG
    assert [tag for tag, _ in page.tags].count("script") == 1
    names = {name for _, attributes in page.tags for name in attributes}
    assert not {name for name in names if name.startswith("on") or name in {"style", "src", "srcdoc"}}
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {attributes["href"] or "" for _, attributes in page.tags if "href" in attributes}
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)
    assert all(link.startswith(("#", "https://github.com/nbpipe/")) for link in links)
    assert sum(tag == "article" for tag, _ in page.tags) == len(result.diagnostics)


@FEW
@given(results())
def test_html_shows_all_code_as_it_is(result: FileResult) -> None:
    result.flows = {}
    page = Page(encoded(written("html", [result])))
    shown = "".join(page.texts)
    placed = any(item.range is not None or item.related for item in result.diagnostics)

    for cell in result.cells.values() if placed else ():
        for line in cell.source.split("\n") if cell.source.strip() else ():
            plain = "".join(at if at.isprintable() or at == "\t" else "\N{REPLACEMENT CHARACTER}" for at in line)
            assert plain in shown
