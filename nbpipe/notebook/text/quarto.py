"""Quarto documents: Markdown with executable code blocks, ```` ```{python} ````, and options in `#|` comments.

Quarto's own converter is another program; the blocks are plain enough to be read without it
(https://quarto.org/docs/reference/cells/cells-jupyter.html).
"""

from __future__ import annotations

import re

from nbpipe.notebook.model import Cell
from nbpipe.notebook.read import BOM
from nbpipe.notebook.text.blocks import Block, Line, TextNotebook
from nbpipe.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

_OPENING = pattern(r"\s*(?P<fence>`{3,}|~{3,})(?P<rest>[^`]*)")
_EXECUTABLE = pattern(r"\s*\{\s*(?P<language>\w+)\b[^}]*\}\s*")
_OPTION = pattern(r"#\s?\|\s?(?P<text>.*)")
_NOT_RUN = pattern(r"eval:\s*false", re.IGNORECASE)
_TAGS = pattern(r"tags:\s*\[?(?P<names>[^\]]*)\]?")
_KERNEL = pattern(r"^jupyter:[ \t]*(\S+)?|^[ \t]+name:[ \t]*(\S+)", re.MULTILINE)


def parse_quarto(text: str, path: str) -> TextNotebook:
    """Parse a Quarto document: each block that is run is a code cell, what stands between two is a Markdown cell."""
    lines = text.removeprefix(BOM).splitlines()
    cells: list[Cell] = []
    blocks: list[Block] = []
    fences = list(_fences(lines))
    languages = [language for _, _, language in fences]
    main = "python" if "python" in languages or not languages else max(languages, key=languages.count)
    done = _front_matter(lines)
    head = "\n".join(lines[:done])

    def add_text(start: int, end: int) -> None:
        inside = [number for number in range(start, end) if lines[number].strip()]
        if inside:
            numbers = range(inside[0], inside[-1] + 1)
            cells.append(Cell(len(cells), "markdown", "\n".join(lines[number] for number in numbers)))
            blocks.append(Block(start, end, [Line(number) for number in numbers]))

    for start, end, language in fences:
        if start < done:
            continue
        add_text(done, start)
        done = end + 1
        while done < len(lines) and not lines[done].strip():
            done += 1
        body = list(range(start + 1, end))
        options = []
        while body and _OPTION.fullmatch(lines[body[0]]):
            options.append(lines[body.pop(0)])
        places: list[Line | None] = [Line(number) for number in body]
        texts = [lines[number] for number in body]
        if language != main:
            texts.insert(0, f"%%{language}")
            places.insert(0, None)
        kind = "raw" if any(_NOT_RUN.search(option) for option in options) else "code"
        cells.append(Cell(len(cells), kind, "\n".join(texts), metadata=_metadata(options)))
        blocks.append(Block(start, done, places))
    add_text(done, len(lines))
    return TextNotebook(tuple(cells), _language(head, main), blocks, path=path, text=text, format="qmd")


def _fences(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield the lines of the opening and the closing fence of each executable block, and its language."""
    number = 0
    while number < len(lines):
        opening = _OPENING.fullmatch(lines[number])
        if opening:
            fence = opening["fence"]
            closing = re.compile(rf"\s*{fence[0]}{{{len(fence)},}}\s*")
            end = next((at for at in range(number + 1, len(lines)) if closing.fullmatch(lines[at])), len(lines))
            executable = _EXECUTABLE.fullmatch(opening["rest"])
            if executable and end < len(lines):
                yield number, end, executable["language"].lower()
            number = end
        number += 1


def _front_matter(lines: Sequence[str]) -> int:
    """Give the line behind the YAML at the top."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    return next((number + 1 for number in range(1, len(lines)) if lines[number].rstrip() in {"---", "..."}), 0)


def _metadata(options: Sequence[str]) -> dict[str, Any]:
    """Give the tags that a block's options name, in a line or as a list of lines."""
    texts = [match["text"] for line in options if (match := _OPTION.fullmatch(line))]
    tags: list[str] = []
    for number, text in enumerate(texts):
        if found := _TAGS.fullmatch(text.strip()):
            tags += [name.strip(" \"'") for name in found["names"].split(",")]
            for below in texts[number + 1 :]:
                if not below.lstrip().startswith("- "):
                    break
                tags.append(below.strip(" -\"'"))
    tags = [tag for tag in tags if tag]
    return {"tags": tags} if tags else {}


def _language(head: str, main: str) -> dict[str, Any]:
    """Give the metadata that say the kernel, where the header names one, and the language."""
    metadata: dict[str, Any] = {"language_info": {"name": main}}
    kernel = next((one or other for one, other in _KERNEL.findall(head) if one or other), "")
    if kernel:
        metadata["kernelspec"] = {"name": kernel, "display_name": kernel, "language": main}
    return metadata
