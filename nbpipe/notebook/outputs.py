"""Stored outputs, brought into the shape nbformat 4 has in memory: texts joined, old kinds renamed."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

# What nbformat 3 calls the kinds of output, and its keys for mime types.
_KINDS = {"pyout": "execute_result", "pyerr": "error"}
_MIME_TYPES = {
    "text": "text/plain",
    "html": "text/html",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "latex": "text/latex",
    "json": "application/json",
    "javascript": "application/javascript",
}


def upgraded(outputs: Iterable[Any]) -> tuple[Mapping[str, Any], ...]:
    """Give `outputs` in nbformat 4's shape; what is not an object is left out."""
    return tuple(_output(output) for output in outputs if isinstance(output, dict))


def _output(output: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give one output: the kind decides which keys it has."""
    kind = output.get("output_type")
    kind = _KINDS.get(kind, kind) if isinstance(kind, str) else "display_data"
    if kind == "stream":
        name = output.get("name", output.get("stream", "stdout"))
        return {"output_type": kind, "name": name, "text": joined(output.get("text", ""))}
    if kind == "error":
        traceback = output.get("traceback")
        return {
            "output_type": kind,
            "ename": output.get("ename", ""),
            "evalue": output.get("evalue", ""),
            "traceback": traceback if isinstance(traceback, list) else [],
        }
    metadata = output.get("metadata")
    result = {"output_type": kind, "data": _data(output), "metadata": metadata if isinstance(metadata, dict) else {}}
    if kind == "execute_result":
        result["execution_count"] = output.get("execution_count", output.get("prompt_number"))
    return result


def _data(output: Mapping[str, Any]) -> dict[str, Any]:
    """Give the mime bundle: its own key since nbformat 4, short names in the output itself before."""
    data = output.get("data")
    if not isinstance(data, dict):
        data = {_MIME_TYPES[key]: value for key, value in output.items() if key in _MIME_TYPES}
    # A list is lines of a text, except in JSON, where it is the value itself.
    return {mime: value if mime.endswith("json") else joined(value) for mime, value in data.items()}


def joined(text: Any) -> Any:
    """Join a text stored as a list of lines; anything else is given back as it is."""
    if isinstance(text, list) and all(isinstance(line, str) for line in text):
        return "".join(text)
    return text
