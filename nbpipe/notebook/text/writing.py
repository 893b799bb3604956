"""Writing changes into a text notebook: only the lines that they touch, each in the way of its format."""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from itertools import pairwise

from nbpipe.errors import NotebookError
from nbpipe.notebook.read import BOM
from nbpipe.notebook.text.blocks import Block, Line, TextNotebook
from nbpipe.notebook.text.tagging import retagged
from nbpipe.notebook.write import InsertCell, SetField, arranged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbpipe.notebook.model import Cell, Notebook
    from nbpipe.notebook.write import Change

FENCED = ("md", "rmd", "qmd")
_STORED = ("outputs", "execution_count", "id")


def rewritten(notebook: Notebook, changes: Sequence[Change]) -> str:
    """Give the text of the file with all changes made at once; indexes are those of `notebook`.

    Raises:
        NotebookError: the format has no place for a change, or where a cell stands in the file is not known. That the
            result reads as it should is for the caller to see: `nbpipe.notebook.rereading`.
    """
    if not isinstance(notebook, TextNotebook):
        raise TypeError(f"a text notebook is needed, not {type(notebook).__name__}")
    lines = notebook.text.removeprefix(BOM).splitlines(keepends=True)
    mark = BOM if notebook.text.startswith(BOM) else ""
    newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    bodies = {index: lines[block.start : block.end] for index, block in enumerate(notebook.blocks)}
    # Tags last: they are written into the lines that a new source gives.
    for change in sorted(changes, key=lambda change: isinstance(change, SetField) and change.name == "metadata"):
        if isinstance(change, SetField):
            if change.cell is None or change.name != "source":
                if change.cell is not None and change.name in _STORED and not change.value:
                    continue  # there is none
                if change.cell is not None and change.name == "metadata":
                    body = bodies[change.cell]
                    bodies[change.cell] = retagged(notebook.format, notebook.cells[change.cell], change.value, body)
                    continue
                raise NotebookError(f"is text: it has no place for another {change.name}")
            cell, block = notebook.cells[change.cell], notebook.blocks[change.cell]
            bodies[change.cell] = _edited(cell, block, change.value, lines, newline)
    order = arranged(len(notebook.cells), changes)
    if order == list(range(len(notebook.cells))):
        return mark + _in_place(notebook.blocks, bodies, lines)
    return mark + _in_order(notebook, order, bodies, lines, newline)


def _in_place(blocks: Sequence[Block], bodies: Mapping[int, list[str]], lines: Sequence[str]) -> str:
    parts: list[str] = []
    done = 0
    for index, block in enumerate(blocks):
        parts += [*lines[done : block.start], *bodies[index]]
        done = block.end
    return "".join([*parts, *lines[done:]])


def _in_order(
    notebook: TextNotebook,
    order: Sequence[int | InsertCell],
    bodies: Mapping[int, list[str]],
    lines: Sequence[str],
    newline: str,
) -> str:
    """Put the cells' lines in another order; between two cells there is at least one blank line."""
    blocks = notebook.blocks
    if notebook.format == "myst" or any(one.end != two.start for one, two in pairwise(blocks)):
        raise NotebookError("is in a text format whose cells cannot be inserted, deleted or moved here")
    head = list(lines[: blocks[0].start]) if blocks else list(lines)
    tail = list(lines[blocks[-1].end :]) if blocks else []
    written = [bodies[entry] if isinstance(entry, int) else _new_cell(notebook, entry, newline) for entry in order]
    if notebook.format == "databricks":
        written = [_separated(body, newline, first=number == 0) for number, body in enumerate(written)]
    last_text, last_blank = _split(bodies[len(blocks) - 1]) if blocks else ([], [])
    ends_in_newline = not last_text or last_text[-1].endswith("\n")
    fenced = notebook.format in FENCED
    parts: list[str] = []
    for number, body in enumerate(written):
        text, blank = _split(body)
        if text and not text[-1].endswith("\n"):
            text = [*text[:-1], text[-1] + newline]
        if number + 1 < len(written):
            blank = [line if line.endswith("\n") else line + newline for line in blank] or [newline]
            if len(blank) == 1 and fenced and _is_new_pair_of_texts(notebook, order[number], order[number + 1]):
                blank *= 2  # what parts two texts
        else:
            blank = last_blank
            if text and not ends_in_newline:
                text = [*text[:-1], text[-1].removesuffix(newline)]
        parts += [*text, *blank]
    return "".join([*head, *parts, *tail])


def _is_new_pair_of_texts(notebook: Notebook, one: int | InsertCell, two: int | InsertCell) -> bool:
    """Tell whether two text cells come together that were not before."""
    if isinstance(one, int) and isinstance(two, int) and two == one + 1:
        return False
    cells = [entry if isinstance(entry, InsertCell) else notebook.cells[entry] for entry in (one, two)]
    return all(cell.cell_type != "code" for cell in cells)


def _split(body: Sequence[str]) -> tuple[list[str], list[str]]:
    """Part the blank lines at the end from the rest."""
    end = len(body)
    while end and not body[end - 1].strip():
        end -= 1
    return list(body[:end]), list(body[end:])


def _edited(cell: Cell, block: Block, source: str, lines: Sequence[str], newline: str) -> list[str]:
    """Give the lines of a cell with another source: lines that stay keep their bytes."""
    old, new = cell.source.split("\n"), source.split("\n")
    if len(block.lines) != len(old):
        raise NotebookError("is text in which the place of a cell's lines is not known")
    written = list(lines[block.start : block.end])
    # From the end, so that the numbers of the lines above stay.
    for tag, i1, i2, j1, j2 in reversed(SequenceMatcher(None, old, new, autojunk=False).get_opcodes()):
        if tag == "equal":
            continue
        places = block.lines[i1:i2]
        beside = next((line for line in (*places, *block.lines[i1 - 1 : i1], *block.lines[i2 : i2 + 1]) if line), None)
        if beside is None or any(line is None or line.suffix for line in places):
            raise NotebookError("is text in which the place of a cell's lines is not known")
        known = [line.number for line in places if line is not None]
        if known:
            first, end = known[0], known[-1] + 1
        else:
            first = end = beside.number + (beside in block.lines[:i1])
        ending = written[first - block.start][-1:] if known else "\n"
        made = [
            _prefix(cell, text, _nearest(places, at) or beside) + text + newline for at, text in enumerate(new[j1:j2])
        ]
        if made and ending != "\n" and end == block.end:
            made[-1] = made[-1].removesuffix(newline)
        if made and not known and first > block.start and not written[first - block.start - 1].endswith("\n"):
            written[first - block.start - 1] += newline  # behind the last line of the file
            made[-1] = made[-1].removesuffix(newline)
        written[first - block.start : end - block.start] = made
    return written


def _nearest(places: Sequence[Line | None], at: int) -> Line | None:
    return places[min(at, len(places) - 1)] if places else None


def _prefix(cell: Cell, text: str, beside: Line) -> str:
    """Give what stands before a line in the file, judged by the line it replaces or comes beside."""
    if "MAGIC" in beside.prefix or cell.cell_type != "code":
        blank = beside.prefix.rstrip() if beside.prefix.startswith("#") else ""
        plain = beside.prefix if beside.prefix.startswith("#") else ""
        return plain if text else blank
    # In a script, a magic is a comment; Python is not.
    return beside.prefix if text.lstrip().startswith(("%", "!")) else ""


def _separated(body: list[str], newline: str, *, first: bool) -> list[str]:
    """Give the lines of a Databricks cell with the separator above it, which the first one has not."""
    lines = body[1:] if body and body[0].startswith("# COMMAND -") else list(body)
    while lines and not lines[0].strip():
        lines.pop(0)
    return lines if first else [f"# COMMAND ----------{newline}", newline, *lines]


def _new_cell(notebook: TextNotebook, change: InsertCell, newline: str) -> list[str]:
    """Write a new cell as the format does."""
    tags = list(change.metadata.get("tags", ()))
    if set(change.metadata) - {"tags"} or (notebook.format == "databricks" and tags):
        raise NotebookError("is in a text format that cannot hold a new cell's metadata")
    code = change.cell_type == "code"
    fenced = notebook.format in FENCED
    if not code and change.cell_type != "markdown":
        raise NotebookError("is in a text format that cannot hold a new cell of this kind")
    body = change.source.split("\n")
    if fenced:
        lines = [*_opening(notebook.format, tags), *body, "```"] if code else body
    elif notebook.format == "databricks":
        lines = body if code else ["# MAGIC %md", *(f"# MAGIC {line}" for line in body)]
    else:
        percent = notebook.format == "percent"
        marker = ("# %%" if percent else "# +") + ("" if code else " [markdown]")
        marker += f" tags={json.dumps(tags)}" if tags else ""
        inside = body if code else [f"# {line}".rstrip() for line in body]
        lines = [marker, *inside] if percent or not code else [marker, *inside, "# -"]
        lines = lines[1:] if not percent and not code else lines
    return [line + newline for line in lines]


def _opening(name: str, tags: Sequence[str]) -> list[str]:
    if name == "md":
        return [f"```python tags={json.dumps(tags)}" if tags else "```python"]
    if name == "rmd":
        return [f"```{{python tags=c({', '.join(map(json.dumps, tags))})}}" if tags else "```{python}"]
    return ["```{python}", *([f"#| tags: [{', '.join(tags)}]"] if tags else [])]
