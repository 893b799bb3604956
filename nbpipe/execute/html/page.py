"""The frame of the page and its cells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from nbpipe.execute.html.outputs import escaped, rendered_markdown, shown_output
from nbpipe.execute.outcome import explain
from nbpipe.records import RunStatus
from nbpipe.sizes import shown_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nbpipe.records import CellResult, RunRecord

# Frames inherit it; their own is narrower still.
POLICY: Final = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
_STYLE = Path(__file__).with_name("page.css")
_GOOD = (RunStatus.OK, RunStatus.SKIPPED, RunStatus.CACHED)


def page(data: bytes, record: RunRecord) -> str:
    """Give the page of an executed notebook.

    Args:
        data: the notebook file.
        record: of its run.

    Raises:
        ValueError: the data is no JSON.
    """
    notebook = json.loads(data)
    name = escaped(Path(record.source).name)
    body = "\n".join(_cells(notebook, record))
    ended = escaped(explain(record.status, record.error).splitlines()[0])
    state = "good" if record.status in _GOOD else "bad"
    return framed(
        name,
        f'<header>\n<h1>{name} <span class="{state}">{ended}</span></h1>\n'
        f"{_facts(record)}\n</header>\n<main>\n{body}\n</main>",
    )


def framed(title: str, body: str, style: str = "") -> str:
    """Give a page that needs nothing but itself and runs no script.

    Args:
        title: as HTML.
        body: as HTML.
        style: more of it, after that which all such pages have.
    """
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{title}</title>\n<style>\n{_STYLE.read_text(encoding='utf-8')}{style}</style>\n</head>\n<body>\n"
        f"{body}\n</body>\n</html>\n"
    )


def _facts(record: RunRecord) -> str:
    origin = record.provenance
    git = origin.get("git") or {}
    files = record.observed.get("read") or ()
    facts: dict[str, Any] = {
        "Run": record.id,
        "Started": record.started,
        "Took": f"{record.seconds:.1f} s",
        "By": f"{origin.get('user')} on {origin.get('host')}",
        "Commit": git.get("commit") and f"{git['commit'][:12]}{' with changes' if git.get('dirty') else ''}",
        "Python": (origin.get("python") or {}).get("version"),
        "Note": record.note,
        **{f"Parameter {name}": repr(value) for name, value in record.parameters.items()},
        **{f"Read {Path(file['path']).name}": f"sha256 {(file['sha256'] or 'not known')[:12]}" for file in files},
    }
    rows = "".join(f"<dt>{escaped(name)}</dt><dd>{escaped(str(text))}</dd>" for name, text in facts.items() if text)
    return f"<details><summary>About this run</summary><dl>{rows}</dl></details>"


def _cells(notebook: Mapping[str, Any], record: RunRecord) -> Iterator[str]:
    results = iter(record.cells)
    for cell in notebook.get("cells", ()):
        source = cell.get("source", "")
        text = source if isinstance(source, str) else "".join(source)
        if cell.get("cell_type") == "code":
            injected = "injected-parameters" in (cell.get("metadata", {}).get("tags") or ())
            yield _code_cell(cell, text, None if injected else next(results, None))
        elif cell.get("cell_type") == "markdown":
            yield f'<section class="text">{rendered_markdown(text)}</section>'
        else:
            yield f'<section class="text"><pre>{escaped(text)}</pre></section>'


def _code_cell(cell: Mapping[str, Any], source: str, result: CellResult | None) -> str:
    count = cell.get("execution_count")
    prompt = f"In [{count if isinstance(count, int) else ' '}]"
    outputs = "".join(shown_output(output) for output in cell.get("outputs") or ())
    state = "" if result is None or result.status in _GOOD else " bad"
    facts = "parameters of this run" if result is None else _took(result)
    return (
        f'<section class="code{state}"><p class="head"><span>{prompt}</span><span>{escaped(facts)}</span></p>'
        f"<pre><code>{escaped(source)}</code></pre>{outputs}</section>"
    )


def _took(result: CellResult) -> str:
    facts = [result.status.value] if result.status is not RunStatus.OK else []
    facts += [f"{result.seconds:.2f} s"] if result.seconds is not None else []
    facts += [shown_size(result.peak_memory)] if result.peak_memory else []
    return " · ".join(facts)
