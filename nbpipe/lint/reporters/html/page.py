"""The frame of the page: head, summary, filters."""
# pathlib costs four tenths of a bare Python start; the other formats do without it as well:
# ruff: noqa: PTH109, PTH118, PTH119, PTH120, PTH123

from __future__ import annotations

import os
from base64 import b64encode
from hashlib import sha256
from time import gmtime, strftime
from typing import TYPE_CHECKING

from nbpipe.lint import reporting
from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.reporters.html.texts import text
from nbpipe.lint.repository import repository_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nbpipe.lint.diagnostic import FileResult
    from nbpipe.lint.statistics import Count

SEVERITIES = sorted(Severity, reverse=True)


def page(
    results: Sequence[FileResult],
    counts: Sequence[Count],
    summary: reporting.Summary,
    sections: Iterable[Iterable[str]],
) -> Iterator[str]:
    """Yield the page.

    Args:
        results: those with findings.
        counts: by rule, the most first.
        summary: over all notebooks.
        sections: a notebook each.
    """
    style, script = _asset("report.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    folder = text(os.path.basename(os.getcwd()) or "/")
    yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="color-scheme" content="light dark">'
    yield f"<title>nbpipe: {folder}</title>\n<style>{style}</style>\n</head>\n<body>"
    yield f'<header><h1>nbpipe check <span class="folder">{folder}</span></h1>'
    yield f'<p class="hint">nbpipe {reporting.version()} · {strftime("%Y-%m-%d %H:%M", gmtime())} UTC</p>'
    yield f"{_tiles(summary, len(results))}</header>\n<main>"
    if counts:
        yield from _filters(counts, summary)
        yield f'<div class="tables">{_rules(counts)}{_notebooks(results)}</div>'
    for section in sections:
        yield "".join(section)
    yield '<p class="none" hidden>No finding matches the filters.</p></main>'
    yield f"<script>{script}</script>\n</body>\n</html>"


def _tiles(summary: reporting.Summary, found: int) -> str:
    tiles = [("", f"{summary.notebooks:,}", "notebook" if summary.notebooks == 1 else "notebooks")]
    tiles.append(("", f"{found:,}", "with findings"))
    for severity in SEVERITIES:
        count = summary.counts[severity]
        kind = severity.label if count else ""
        tiles.append((kind, f"{count:,}", severity.label if count == 1 else f"{severity.label}s"))
    tiles.append(("", f"{summary.fixable:,}", "fixable"))
    if not summary.at_least(Severity.INFO):
        tiles = [*tiles[:1], ("good", "✓", "nothing found")]
    rows = "".join(f'<li class="{kind}"><b>{number}</b> {name}</li>' for kind, number, name in tiles)
    return f'<ul class="tiles">{rows}</ul>'


def _filters(counts: Sequence[Count], summary: reporting.Summary) -> Iterator[str]:
    yield '<form class="filters" hidden role="search" aria-label="Filter the findings"><fieldset>'
    yield "<legend>Severity</legend>"
    for severity in SEVERITIES:
        if summary.counts[severity]:
            label = severity.label
            box = f'<input type="checkbox" name="severity" value="{label}" checked>'
            yield f'<label class="chip {label}">{box}{label}</label>'
    yield '</fieldset><label>Rule <select name="rule"><option value="">all</option>'
    for count in sorted(counts, key=lambda count: count.info.code):
        yield f'<option value="{count.info.code}">{count.info.code} {text(count.info.name)}</option>'
    yield "</select></label>"
    yield '<label>Text <input type="search" name="text" placeholder="in messages and paths"></label>'
    yield '<output name="shown"></output><button type="reset">Show all</button></form>'


def _rules(counts: Sequence[Count]) -> str:
    rows = "".join(
        f'<tr><td><a href="{text(count.info.url)}" rel="noreferrer">{count.info.code}</a></td>'
        f'<td><button type="button" class="pick" data-rule="{count.info.code}" title="Show only these">'
        f'{text(count.info.name)}</button></td><td><span class="chip {count.severity.label}">{count.severity.label}'
        f'</span></td><td class="number">{count.number}</td><td class="number">{count.fixable or ""}</td></tr>'
        for count in counts
    )
    return (
        '<div class="table"><table><caption>By rule</caption><thead><tr><th scope="col">Code</th>'
        '<th scope="col">Rule</th><th scope="col">Severity</th><th scope="col" class="number">Findings</th>'
        f'<th scope="col" class="number">Fixable</th></tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _notebooks(results: Sequence[FileResult]) -> str:
    head = "".join(f'<th scope="col" class="number">{severity.label.capitalize()}s</th>' for severity in SEVERITIES)
    rows = []
    for number, result in enumerate(results, 1):
        summary = reporting.Summary()
        summary.add(result)
        cells = "".join(f'<td class="number">{summary.counts[severity] or ""}</td>' for severity in SEVERITIES)
        link = f'<a href="#n{number}">{text(repository_path(result.path))}</a>'
        rows.append(f'<tr data-notebook="n{number}"><td class="path">{link}</td>{cells}</tr>')
    return (
        '<div class="table"><table><caption>By notebook</caption><thead><tr><th scope="col">Notebook</th>'
        f"{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _asset(name: str) -> str:
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:
        return file.read()


def _hash(content: str) -> str:
    return "sha256-" + b64encode(sha256(content.encode()).digest()).decode()
