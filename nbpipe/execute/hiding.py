"""Hides secrets in executed cells and in copies of notebooks that leave the machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from nbpipe.execute.literals import literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from nbpipe.secrets.redaction import Redactor

_INJECTED = "injected-parameters"


def tidy_injected(node: Any, redactor: Redactor | None) -> None:
    """Mend what papermill notes as injected in a notebook's metadata: no secrets, nothing that JSON has no type for."""
    noted = node.metadata.get("papermill", {})
    if noted.get("parameters"):
        shown = noted["parameters"] if redactor is None else redactor.parameters(noted["parameters"])
        noted["parameters"] = {name: _plain(value) for name, value in shown.items()}


def _plain(value: Any) -> Any:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return literal(value)
    return value


def hide_secrets(cell: Any, redactor: Redactor) -> None:
    """Hide the values of secret parameters in a code cell that has run: in injected code, and where it shows them."""
    if redactor.is_idle:
        return
    if _INJECTED in cell.metadata.get("tags", ()):
        cell["source"] = redactor.known(cell.source)
    for output in cell.outputs:
        for key, value in _mapped(output, redactor.known).items():
            output[key] = value


def shareable_bytes(data: bytes, redactor: Redactor) -> bytes:
    """Give a notebook file with all hidden that has the shape of a secret, in code and outputs."""
    notebook = json.loads(data)
    for cell in notebook.get("cells", ()):
        cell["source"] = _strings(cell.get("source", ""), lambda text: redactor.text(text, code=True))
        cell["outputs"] = [_mapped(output, redactor.text) for output in cell.get("outputs", ())]
        if cell.get("cell_type") != "code":
            del cell["outputs"]
    return (json.dumps(notebook, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def _mapped(output: Any, hide: Callable[[str], str]) -> dict[str, Any]:
    """Give an output with its texts changed; pictures hold no text."""
    return {key: value if _is_picture(key) else _within(value, hide) for key, value in output.items()}


def _within(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        changed = {key: item if _is_picture(key) else _within(item, hide) for key, item in value.items()}
        return type(value)(changed)
    return _strings(value, hide)


def _strings(value: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, list):
        if value and all(isinstance(line, str) for line in value):
            # A text that the file keeps as its lines; a secret may stand across two.
            return hide("".join(value)).splitlines(keepends=True) if value[0].endswith("\n") else [*map(hide, value)]
        return [_within(item, hide) for item in value]
    return value


def _is_picture(key: str) -> bool:
    return key.startswith(("image/", "audio/", "video/", "application/pdf")) and key != "image/svg+xml"
