"""The texts of stored outputs, without touching images and data: most of a notebook's bytes are those."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbpipe.notebook.outputs import joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# What is looked at of one text: what comes behind was cut off on the screen as well.
LONGEST = 100_000
_TEXTS = ("text/plain", "text/html", "text/markdown")


def texts_of(output: Mapping[str, Any]) -> Iterator[str]:
    """Yield the texts of one output as the file has it, in nbformat 4 or 3, each as far as it is looked at."""
    data = output.get("data")
    values = [output.get(key) for key in ("text", "html", "evalue", "traceback")]  # streams, nbformat 3, errors
    if isinstance(data, dict):
        values += [data.get(kind) for kind in _TEXTS]
    for value in values:
        text = joined(value)
        if isinstance(text, str) and text:
            yield text[:LONGEST]
