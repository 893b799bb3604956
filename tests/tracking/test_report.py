from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from nbpipe.records import RunError, RunRecord, RunStatus, StepResult
from nbpipe.tracking.html import report

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x00"
COLUMN = {"name": HOSTILE, "type": HOSTILE, "missing": 0, "min": 0.0, "max": 2.0, "mean": 1.0, "std": 1.0}
HISTOGRAM = {"low": 0.0, "high": 2.0, "counts": [3, 0, 1]}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(text: str) -> _Page:
    page = _Page()
    page.feed(text)
    page.close()
    assert page.open == []
    return page


@pytest.fixture
def record() -> RunRecord:
    """Give the record of a run in which every text is hostile."""
    table = {"kind": "table", "rows": None, "columns": [{**COLUMN, "histogram": HISTOGRAM}], "omitted": 4, "sampled": 3}
    array = {"kind": "array", "shape": [4], "type": HOSTILE, "missing": 1}
    load = StepResult(
        "load", RunStatus.CACHED, 0.5, outputs={HOSTILE: HOSTILE}, metrics={HOSTILE: 1.5}, reason=HOSTILE,
        read={HOSTILE: "ab" * 32}, written={HOSTILE: "cd" * 32}, figures={HOSTILE: "key"},
        profiles={"outputs": {HOSTILE: table}, "files": {HOSTILE: array}},
        seeds=[{"generator": HOSTILE, "seed": HOSTILE}],
    )  # fmt: skip
    fit = StepResult(
        HOSTILE, RunStatus.FAILED, 90.0, 1.0, 5_000_000, error=RunError(HOSTILE, HOSTILE, HOSTILE), attempts=3,
        inputs={HOSTILE: {"step": "load", "key": HOSTILE}}, generators={HOSTILE: HOSTILE},
    )  # fmt: skip
    origin = {
        "user": HOSTILE, "host": HOSTILE, "platform": HOSTILE, "packages": {HOSTILE: HOSTILE},
        "python": {"version": HOSTILE, "executable": HOSTILE}, "variables": {HOSTILE: HOSTILE},
        "git": {"commit": HOSTILE, "branch": HOSTILE, "dirty": True, "diff": HOSTILE},
        "code": {"sha256": HOSTILE, "files": {HOSTILE: HOSTILE}},
    }  # fmt: skip
    return RunRecord(
        HOSTILE, "pipeline", f"/shop/{HOSTILE}", RunStatus.FAILED, "2026-11-26T10:00:00", 91.0, {HOSTILE: HOSTILE},
        steps=(load, fit), provenance=origin, error=fit.error, tags={HOSTILE: HOSTILE}, note=HOSTILE,
        observed={"seeds": load.seeds, "effects": [{"kind": "step", "name": HOSTILE, "count": 1}]},
    )  # fmt: skip


def test_nothing_hostile_becomes_markup(record: RunRecord) -> None:
    page = parsed(report(record, lambda _: b"picture"))
    names = {tag for tag, _ in page.tags}
    assert not names & {"script", "iframe", "object", "embed", "link", "a", "form", "base"}
    assert [attributes["src"] for tag, attributes in page.tags if tag == "img"] == [
        "data:image/png;base64,cGljdHVyZQ=="
    ]
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    (policy,) = (a["content"] for t, a in page.tags if t == "meta" and a.get("http-equiv"))
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_the_styles_are_the_pages_own(record: RunRecord) -> None:
    text = report(record, lambda _: None)
    style = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(style) == 1
    assert "alert" not in style[0]
    assert '.box[data-key="s0"] rect{stroke:var(--taken)' in style[0]
    assert '.box[data-key="s1"] rect{stroke:var(--bad)' in style[0]
    assert "url(" not in text
    assert "@import" not in text


def test_all_that_is_known_is_shown(record: RunRecord) -> None:
    text = report(record, lambda _: None)
    for part in ("1 min 31 s", "tried 3 times", "many rows, 5 columns", "statistics of 3"):
        assert part in text
    assert "no longer in the store" in text
    assert "and 4 more columns" in text
    heights = re.findall(r'<rect x="[^"]*" y="[^"]*" width="[^"]*" height="([^"]*)"/>', text)
    assert "26.0" in heights
    assert f"{26 / 3:.1f}" in heights


def test_a_run_that_left_nothing_has_a_report() -> None:
    parsed(report(RunRecord("1", "pipeline", "/shop", RunStatus.OK, "2026", 0.0), lambda _: None))
