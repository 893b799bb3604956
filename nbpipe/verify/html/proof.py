"""The page of a proof: each output of each step, and what differs of those that are not equal, side by side."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nbpipe.verify.html.cells import Budget, compared
from nbpipe.verify.html.pieces import PAGE_END, page_head, plain, text, tiles
from nbpipe.verify.proof_verdict import OutputVerdict, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.verify.proof_verdict import Proof

_KINDS = {
    Verdict.EQUAL: "good",
    Verdict.CLOSE: "good",
    Verdict.DIFFERENT: "bad",
    Verdict.NOT_GIVEN: "bad",
    Verdict.SAMPLED: "new",
    Verdict.NOT_COMPARABLE: "new",
    Verdict.NON_DETERMINISTIC: "new",
}
# What a verdict means to whoever has to decide about it.
_MEANS = {
    Verdict.SAMPLED: "The value is so large that only a sample of it was compared: what was compared is equal.",
    Verdict.NOT_COMPARABLE: "Two of these cannot be compared, so that nothing is known of it.",
    Verdict.NON_DETERMINISTIC: "Two runs of the notebook differ here, from the same random state and hash seed.",
}


def proof_page(proof: Proof) -> str:
    """Give the page."""
    return "".join(_page(proof))


def _page(proof: Proof) -> Iterator[str]:
    verdict = "good" if proof.is_good else "bad"
    inside = (
        f"{_tiles(proof)}"
        f'<p><span class="chip {verdict}">{"proved" if proof.is_good else "not proved"}</span> '
        f"<b>{text(proof.headline)}</b></p>"
        f'<p class="hint">notebook {text(proof.notebook)}, pipeline {text(proof.pipeline)}</p>{_first(proof)}'
    )
    yield page_head(f"nbpipe verify: {proof.pipeline}", inside)
    yield _table(proof)
    budget = Budget()
    for number, output in enumerate(proof.outputs, 1):
        if output.verdict is not Verdict.EQUAL:
            yield from _section(number, output, budget)
    yield PAGE_END


def _tiles(proof: Proof) -> str:
    counts = [("", len(proof.outputs), "step output" if len(proof.outputs) == 1 else "step outputs")]
    for verdict, kind in _KINDS.items():
        count = sum(output.verdict is verdict for output in proof.outputs)
        if count:
            counts.append((kind, count, verdict.value))
    return tiles(counts)


def _first(proof: Proof) -> str:
    first = proof.first_divergence
    if first is None:
        return ""
    number = proof.outputs.index(first) + 1
    cause = f"; {text(str(first.cause))}" if first.cause is not None else ""
    return f'<p>First divergence: <a href="#o{number}">{text(f"{first.step}.{first.name}")}</a>{cause}</p>'


def _table(proof: Proof) -> str:
    rows, step = [], ""
    for number, output in enumerate(proof.outputs, 1):
        name = text(output.step) if output.step != step else ""
        step = output.step
        shown = text(output.name)
        shown = shown if output.verdict is Verdict.EQUAL else f'<a href="#o{number}">{shown}</a>'
        cause = text(str(output.cause)) if output.cause is not None else text(output.reason)
        rows.append(
            f'<tr><th scope="row">{name}</th><td>{shown}</td><td>{_chip(output)}</td>'
            f'<td class="number">{_amount(output)}</td><td class="reason">{cause}</td></tr>'
        )
    rows += [
        f'<tr><th scope="row">{text(name)}</th><td></td><td><span class="chip plain">nothing to compare</span></td>'
        '<td></td><td class="reason">it only prints or draws</td></tr>'
        for name in proof.silent
    ]
    rows += [
        f'<tr><th scope="row">{text(name.partition(".")[0])}</th><td>{text(name.partition(".")[2])}</td>'
        f'<td><span class="chip new">not compared</span></td><td></td><td class="reason">{text(reason)}</td></tr>'
        for name, reason in proof.left_out.items()
    ]
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Step", "Output", "Verdict", "Differs by", "Why"))
    return (
        f'<div class="table whole-table"><table><caption>By step</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>\n"
    )


def _chip(output: OutputVerdict) -> str:
    kind = "plain" if output.allowed else _KINDS[output.verdict]
    return f'<span class="chip {kind}">{output.verdict.value}{", allowed" if output.allowed else ""}</span>'


def _amount(output: OutputVerdict) -> str:
    return f"{output.difference:.3g}" if 0 < output.difference < math.inf else ""


def _section(number: int, output: OutputVerdict, budget: Budget) -> Iterator[str]:
    place = f"{output.step}.{output.name}"
    yield f'<section class="cell" id="o{number}"><h3>{text(place)}'
    yield f'<span class="title">{text(output.where)}</span> {_chip(output)}</h3>\n'
    if output.cause is not None:
        yield f'<p class="cause"><b>Cause:</b> {text(str(output.cause))}</p>'
    for said in filter(None, (_MEANS.get(output.verdict, ""), output.reason)):
        yield f'<p class="hint">{text(said)}</p>'
    if not output.is_good:
        yield f'<p class="hint">To accept it: --allow {text(place)}</p>'
    if output.traceback:
        yield f'<details class="source"><summary>Traceback</summary>{plain(output.traceback)}</details>'
    if output.sides is not None:
        pair, beneath = compared(output.sides.mime, output.sides.b, output.sides.a, budget)
        yield '<div class="sides"><p class="head">notebook</p><p class="head">pipeline</p>'
        yield f'<p class="place">{text(output.sides.note)}</p>' if output.sides.note else ""
        yield f'<div class="side">{pair.stored}</div><div class="side right">{pair.fresh}</div>'
        yield f'<div class="whole">{beneath}</div></div>' if beneath else "</div>"
    yield "</section>\n"
