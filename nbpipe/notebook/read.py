"""Reading: bytes of any notebook format into a `Notebook`, or one clear `NotebookError`."""

from __future__ import annotations

import os
import stat
from json import JSONDecodeError, JSONDecoder

from nbpipe.errors import NotebookError
from nbpipe.notebook.model import Cell, Notebook

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BOM = "\ufeff"
_CURRENT = 4
_decode = JSONDecoder().decode

# What a shell hands over by name (`<(...)`) is meant to be read; whatever else is no file could keep a reader waiting.
_STREAMS = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
_SPECIAL = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}

# How JSON names what Python calls otherwise, for messages.
_KINDS = {list: "a list", dict: "an object", str: "text", bool: "a truth value", int: "a number", float: "a number"}


def read_notebook(path: str | os.PathLike[str]) -> Notebook:
    """Read a notebook file of any nbformat version.

    Raises:
        NotebookError: it cannot be opened or is not a notebook; the message does not repeat the path.
    """
    return parse_notebook(read_bytes(path), os.fspath(path))


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """Read a file; one that cannot be opened, or never ends, is a NotebookError."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - pathlib is a start-up cost
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode) and not os.fspath(path).startswith(_STREAMS):
            raise NotebookError(f"is {_SPECIAL.get(stat.S_IFMT(mode), 'a device')}, not a notebook file")
        with open(path, "rb") as file:  # noqa: PTH123 - as above
            return file.read()
    except FileNotFoundError:
        raise NotebookError("no such file: check the path") from None
    except IsADirectoryError:
        raise NotebookError("is a folder, not a notebook file") from None
    except OSError as error:
        raise NotebookError(f"cannot be opened: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in the path
        raise NotebookError(f"cannot be opened: {error}") from None


def parse_notebook(data: bytes | str, path: str = "") -> Notebook:
    """Parse the content of a notebook file of any nbformat version.

    Args:
        data: the content, with or without a UTF-8 byte order mark.
        path: where it came from, kept in the result only.

    Raises:
        NotebookError: it is not a notebook; says what is wrong and in which line and column.
    """
    text = data if isinstance(data, str) else decoded(data)
    document = _document(text)
    nbformat, minor = document.get("nbformat"), document.get("nbformat_minor")
    old = "worksheets" in document and "cells" not in document
    if type(nbformat) is not int:
        nbformat = 3 if old else _CURRENT
    metadata = document.get("metadata")
    return Notebook(
        _cells(document, text),
        metadata if isinstance(metadata, dict) else {},
        nbformat=nbformat,
        nbformat_minor=minor if type(minor) is int else 0,
        path=path,
        text=text,
    )


def decoded(data: bytes) -> str:
    """Decode UTF-8, or say at which byte it stops being that."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            raise NotebookError("is UTF-16: save it as UTF-8", 1, 1) from None
        where = f"byte 0x{data[error.start]:02x} in line {line}, byte {column} of that line"
        raise NotebookError(f"is not UTF-8 text: {where}; save it as UTF-8", line, column) from None


def _document(text: str) -> dict[str, Any]:
    """Decode the JSON of a file into its object."""
    start = text.startswith(BOM)
    try:
        document = _decode(text[1:] if start else text)
    except JSONDecodeError as error:
        raise _json_error(text, error) from None
    except RecursionError:
        raise NotebookError("is nested too deeply to be a notebook", 1, 1) from None
    except ValueError as error:  # a number with thousands of digits
        raise NotebookError(f"is not valid JSON: {error}", 1, 1) from None
    if not isinstance(document, dict):
        raise NotebookError(f"is not a notebook: its JSON is {_kind(document)}, not an object", 1, 1)
    return document


def _json_error(text: str, error: JSONDecodeError) -> NotebookError:
    """Say in words for people where and why the JSON breaks off."""
    line, column = error.lineno, error.colno
    where = f"line {line}, column {column}"
    if not text.strip(BOM + " \t\r\n"):
        return NotebookError("is empty: delete it, or restore it from version control", 1, 1)
    if text.startswith(("<<<<<<<", "=======", ">>>>>>>"), error.pos):
        return NotebookError(f"has an unresolved merge conflict at line {line}: resolve it", line, column)
    rest = text[error.pos :].strip()
    if not rest or error.msg.startswith("Unterminated string"):
        return NotebookError(f"is cut off: its JSON ends too early ({where}); restore it from a copy", line, column)
    if line == 1 and column == 1 and rest[0] not in "{[":
        return NotebookError("is not JSON: a notebook file starts with '{'", line, column)
    what = error.msg[0].lower() + error.msg[1:].removesuffix(" at")
    return NotebookError(f"is not valid JSON: {what} ({where})", line, column)


def _cells(document: dict[str, Any], text: str) -> tuple[Cell, ...]:
    """Give all cells: a list since nbformat 4 (and in 1), lists in worksheets in between."""
    if "cells" in document:
        lists = [document["cells"]]
    elif "worksheets" in document:
        sheets = document["worksheets"]
        if not isinstance(sheets, list):
            raise NotebookError(f"is not a notebook: 'worksheets' is {_kind(sheets)}, not a list")
        for number, sheet in enumerate(sheets):
            if not isinstance(sheet, dict):
                raise NotebookError(f"worksheet {number + 1} is {_kind(sheet)}, not an object")
        lists = [sheet.get("cells", []) for sheet in sheets]
    else:
        raise NotebookError("is not a notebook: it has no 'cells'")
    cells: list[Cell] = []
    for entries in lists:
        if not isinstance(entries, list):
            raise NotebookError(f"is not a notebook: 'cells' is {_kind(entries)}, not a list")
        for entry in entries:
            try:
                cells.append(_cell(len(cells), entry))
            except TypeError as error:
                raise _cell_error(text, len(cells), str(error)) from None
    return tuple(cells)


def _cell_error(text: str, index: int, what: str) -> NotebookError:
    """Say what is wrong with a cell, and where it stands."""
    from nbpipe.notebook.locate import find_places

    line = find_places(text).source_line(index, 0)
    return NotebookError(f"cell {index + 1} {what} (line {line}): correct or delete it", line, 1)


def _cell(index: int, entry: Any) -> Cell:
    """Give one cell, whichever version of the format it is in; a TypeError says what is wrong with it."""
    if not isinstance(entry, dict):
        raise TypeError(f"is {_kind(entry)}, not an object")
    cell_type = entry.get("cell_type")
    metadata = entry.get("metadata")
    if cell_type != "code":
        return Cell(
            index,
            _TEXT_TYPES.get(cell_type, "raw") if isinstance(cell_type, str) else "raw",
            _text_source(entry),
            id=_id(entry),
            metadata=metadata if isinstance(metadata, dict) else None,
        )
    outputs = entry.get("outputs")
    return Cell(
        index,
        "code",
        _source(_first(entry, "source", "input", "code")),
        id=_id(entry),
        execution_count=_count(_first(entry, "execution_count", "prompt_number")),
        metadata=metadata if isinstance(metadata, dict) else None,
        raw_outputs=outputs if isinstance(outputs, list) else (),
    )


# Kinds of text cells: `heading` and `html` are gone since nbformat 4, `text` since 2.
_TEXT_TYPES = {"markdown": "markdown", "heading": "markdown", "html": "markdown", "text": "markdown", "raw": "raw"}


def _text_source(entry: dict[str, Any]) -> str:
    """Give the text of a cell that is not code; a heading of nbformat 3 becomes a line of Markdown."""
    source = _source(_first(entry, "source", "text"))
    if entry.get("cell_type") != "heading":
        return source
    level = entry.get("level")
    return f"{'#' * (level if type(level) is int and 1 <= level <= 6 else 1)} {' '.join(source.split())}"  # noqa: PLR2004


def _first(entry: dict[str, Any], *keys: str) -> Any:
    """Give the value of the first of `keys` that is there: newer formats' names come first."""
    for key in keys:
        if key in entry:
            return entry[key]
    return None


def _source(source: Any) -> str:
    """Join a source stored as text, as a list of lines or not at all."""
    if type(source) is str:
        return source
    if type(source) is list:
        try:
            return "".join(source)
        except TypeError:
            source = next(part for part in source if not isinstance(part, str))
    elif source is None:
        return ""
    raise TypeError(f"has {_kind(source)} in its source instead of text")


def _id(entry: dict[str, Any]) -> str | None:
    """Give the cell's id where it has a usable one."""
    value = entry.get("id")
    return value if isinstance(value, str) else None


def _count(value: Any) -> int | None:
    """Give an execution count; `*`, texts and truth values count as none."""
    return value if type(value) is int else None


def _kind(value: Any) -> str:
    """Name what a JSON value is."""
    return _KINDS.get(type(value), "null")
