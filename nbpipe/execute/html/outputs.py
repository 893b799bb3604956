"""Outputs as HTML that can do no harm, whatever a cell made them say."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
_PICTURES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")
_FRAME_POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_FRAME_STYLE: Final = (
    "body{margin:0;font:13px/1.4 system-ui,sans-serif;overflow-x:auto;color-scheme:light;background:#fff;color:#1f2328}"
    "table{border-collapse:collapse}td,th{padding:.2em .6em;text-align:right;border-bottom:1px solid #d8dee4}"
)
_ROW_PIXELS, _LEAST, _MOST = 26, 60, 600


def escaped(text: str) -> str:
    """Give text for HTML, attributes included; control characters that a page may not hold are left out."""
    return html.escape(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", "", text), quote=True)


def rendered_markdown(text: str) -> str:
    """Render Markdown; HTML in it is shown as text, and links go only where links may go."""
    return str(_markdown().render(text))


@cache
def _markdown() -> Any:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])

    def validate(url: str) -> bool:
        # Pictures are not loaded from anywhere, so only those that are in the text are left.
        return bool(re.match(r"(?:https?:|mailto:|#|data:image/(?:png|jpeg|gif|webp);)", url.strip(), re.IGNORECASE))

    parser.validateLink = validate  # type: ignore[method-assign]
    return parser


def shown_output(output: Mapping[str, Any]) -> str:
    """Give one output of a cell."""
    kind = output.get("output_type")
    if kind == "stream":
        return _text(_joined(output.get("text")), "stderr" if output.get("name") == "stderr" else "stdout")
    if kind == "error":
        trace = "\n".join(map(str, output.get("traceback") or ())) or f"{output.get('ename')}: {output.get('evalue')}"
        return _text(trace, "error")
    data = output.get("data")
    return _bundle(data) if isinstance(data, dict) else ""


def _bundle(data: Mapping[str, Any]) -> str:
    """Give the richest form of a result that can be shown without scripts."""
    for kind in _PICTURES:
        if kind in data and (picture := _base64(_joined(data[kind]))):
            return f'<p class="out"><img alt="" src="data:{kind};base64,{picture}"></p>'
    if "image/svg+xml" in data:
        # As a picture, an SVG runs no script and loads nothing.
        picture = base64.b64encode(_joined(data["image/svg+xml"]).encode("utf-8", "replace")).decode()
        return f'<p class="out"><img alt="" src="data:image/svg+xml;base64,{picture}"></p>'
    if "text/html" in data:
        return _frame(_joined(data["text/html"]))
    if "text/markdown" in data:
        return f'<div class="out">{rendered_markdown(_joined(data["text/markdown"]))}</div>'
    for kind in ("text/latex", "text/plain"):
        if kind in data:
            return _text(_joined(data[kind]), "stdout")
    return _text("\n".join(f"[{kind}]" for kind in data), "stdout")


def _frame(content: str) -> str:
    """Put HTML into a frame that may do nothing: no scripts, no forms, no origin of its own, nothing loaded."""
    rows = content.count("<tr") + content.count("<br") + content.count("<p") + content.count("<li")
    height = min(max(_LEAST, (rows + 1) * _ROW_PIXELS), _MOST)
    document = (
        f'<!DOCTYPE html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_FRAME_POLICY}">'
        f"<style>{_FRAME_STYLE}</style>{content}"
    )
    attributes = f'class="out" sandbox="" referrerpolicy="no-referrer" height="{height}" srcdoc="{escaped(document)}"'
    return f"<iframe {attributes}></iframe>"


def _text(text: str, name: str) -> str:
    return f'<pre class="out {name}">{escaped(_ANSI.sub("", text))}</pre>'


def _base64(text: str) -> str:
    """Give base64 without blanks; "" where it is none."""
    packed = "".join(text.split())
    try:
        base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return packed


def _joined(value: Any) -> str:
    if isinstance(value, list):
        return "".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value, indent=1, ensure_ascii=False)
