"""The notation in which rules' pages and fixtures write notebooks; docs/pages/contributing.md describes it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import jupytext

from nbpipe.config import KEYS, Settings
from nbpipe.lint.engine import Linter
from nbpipe.lint.selection import Selection
from tests.lint.together import check_together

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.diagnostic import FileResult

    Marker = tuple[str, str, str, int, int]

HEADING = re.compile(r"#+ (.*)")
FENCE = re.compile(r"```(\w+)(.*)")
FILE = re.compile(r"[\w./-]+\.\w+|Pipfile")
COUNT = re.compile(r"In \[(\d+)\]")
OUTPUT = re.compile(r"# (Out|Stream|Error): ?(.*)")
OPTION = re.compile(r"([a-z-]+)=(?:\"([^\"]*)\"|(\S+))")
MARKER = re.compile(r"(error|warning|info): \[([a-z0-9-]+)\](?: at (\d+):(\d+))?(?: \"(.*?)\")?")


class Snippet:
    """One fenced block of a page or fixture.

    Attributes:
        section: the heading it stands under.
        language: ``python`` for a notebook as py:percent text, ``json`` for a notebook file's content.
        flags: what follows the language: markers, the file's name, a file beside it, settings.
        line: where the block begins in the text, from 1.
        files: those that lie beside the notebook, by name, as the blocks just above it give them.
    """

    def __init__(  # noqa: PLR0913 - the facts of a block
        self, section: str, language: str, flags: str, text: str, line: int, files: dict[str, str] | None = None
    ) -> None:
        self.section = section
        self.language = language
        self.flags = flags
        self.text = text
        self.line = line
        self.files = files or {}

    @property
    def file(self) -> bytes:
        """The content of the notebook file that the block stands for."""
        return self.text.encode() if self.language == "json" else notebook_file(self.text)

    @property
    def notebooks(self) -> dict[str, bytes]:
        """The notebook files by name: a cell with ``notebook="..."`` begins another one."""
        if 'notebook="' not in self.text or self.language != "python":
            return {"example.ipynb": self.file}
        document = json.loads(self.file)
        files: dict[str, list[Any]] = {"example.ipynb": []}
        for cell in document["cells"]:
            files.setdefault(cell["metadata"].get("notebook", list(files)[-1]), []).append(cell)
        return {name: json.dumps({**document, "cells": cells}).encode() for name, cells in files.items()}

    @property
    def options(self) -> dict[str, str]:
        """What the flags give values to."""
        text = MARKER.sub("", self.flags)
        return {found[1]: found[2] if found[2] is not None else found[3] for found in OPTION.finditer(text)}

    def markers(self) -> list[Marker]:
        """Give what must be found: severity, rule, part of the message, cell and line from 0 (-1, -1: the file)."""
        found = [_marker(match, -1, -1) for match in MARKER.finditer(self.flags)]
        if self.language == "python":
            found += [
                _marker(match, index, line)
                for index, cell in enumerate(json.loads(self.file)["cells"])
                for line, text in enumerate(cell["source"].splitlines())
                if "#" in text
                for match in MARKER.finditer(text[text.index("#") :])
            ]
        return found


def _marker(match: re.Match[str], cell: int, line: int) -> Marker:
    """Give what a marker says, of the place where it stands unless it names another one."""
    level, rule, number, row, part = match.groups(default="")
    return level, rule, part, int(number) - 1 if number else cell, int(row) - 1 if row else line


def snippets(text: str) -> Iterator[Snippet]:
    """Yield the fenced blocks of some Markdown that hold notebooks."""
    section = ""
    lines = text.splitlines()
    files: dict[str, str] = {}
    start = None
    for number, line in enumerate(lines):
        if start is not None:
            if line.strip() == "```":
                language, flags = FENCE.fullmatch(lines[start].strip()).groups()  # type: ignore[union-attr]
                body = "\n".join(lines[start + 1 : number]) + "\n"
                if FILE.fullmatch(flags.strip()):
                    files[flags.strip()] = body
                elif language in {"python", "json"}:
                    yield Snippet(section, language, flags.strip(), body, start + 1, files)
                    files = {}
                start = None
        elif FENCE.fullmatch(line.strip()):
            start = number
        elif heading := HEADING.fullmatch(line):
            section = heading[1]


def notebook_file(percent: str) -> bytes:
    """Give the notebook file for a py:percent text, with the counts and outputs that it notes."""
    notebook = jupytext.reads(percent, fmt="py:percent")
    cells = [_cell(cell) for cell in notebook.cells]
    metadata = {name: value for name, value in notebook.metadata.items() if name != "jupytext"}
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1).encode()


def check(snippet: Snippet, *rules: str) -> FileResult:
    """Check a snippet with some rules only; nothing lies beside it but what it says.

    Of several notebooks, give what is found in the first.
    """
    if len(snippet.notebooks) > 1:
        return check_together(snippet.notebooks, Settings({"select": rules or ("all",)}))
    options = snippet.options
    path, beside = options.pop("path", "example.ipynb"), options.pop("beside", None)
    values = {name: KEYS[name].kind.from_text([text]) for name, text in options.items()}
    settings = Settings({"select": rules or ("all",), **values})
    linter = Linter(settings, Selection(settings), locate=True)
    with TemporaryDirectory() as folder:
        for name in (path, beside) if beside is not None else ():
            Path(folder, name).write_bytes(snippet.file)
        for name, text in snippet.files.items():
            place = Path(folder, name)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        return linter.check_source(snippet.file, f"{folder}/{path}")


def _cell(cell: Any) -> dict[str, Any]:
    metadata = dict(cell.metadata)
    metadata.pop("lines_to_next_cell", None)
    count = COUNT.fullmatch(metadata.pop("title", ""))
    lines = cell.source.split("\n")
    notes: list[tuple[str, ...]] = []
    while cell.cell_type == "code" and lines and (note := OUTPUT.fullmatch(lines[-1])):
        notes.insert(0, note.groups())
        lines.pop()
    result = {
        "id": metadata.pop("id", cell.id),
        "cell_type": cell.cell_type,
        "metadata": metadata,
        "source": "\n".join(lines),
    }
    if cell.cell_type == "code":
        number = int(count[1]) if count else None
        result |= {"execution_count": number, "outputs": [_output(kind, text, number) for kind, text in notes]}
    return result


def _output(kind: str, text: str, count: int | None) -> dict[str, Any]:
    if kind == "Stream":
        return {"output_type": "stream", "name": "stdout", "text": text + "\n"}
    if kind == "Out":
        data = {"text/plain": text}
        return {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": count}
    name, _, value = text.partition(": ")
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": []}
