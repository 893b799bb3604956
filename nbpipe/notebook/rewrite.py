"""Rewriting a cell that holds IPython syntax: each magic becomes Python with the same data flow on the same lines."""

from __future__ import annotations

import ast

from nbpipe.notebook.emission import Line, add_autocall, add_call, joined
from nbpipe.notebook.escapes import find_escapes
from nbpipe.notebook.interpolation import Reading
from nbpipe.notebook.magic_names import BODY_ONLY, PYTHON_MAGICS
from nbpipe.notebook.magics import Effect, cell_effect, code_offset, line_effect
from nbpipe.notebook.parsing import free_names, parsed
from nbpipe.notebook.prompts import IPYTHON_PROMPT, strip_prompts
from nbpipe.notebook.python_code import Magic
from nbpipe.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nbpipe.notebook.escapes import Escape

_CELL_HELP = pattern(r"%%\w+\?")
_WORD = pattern(r"\w+")
_DEEPEST = 20  # cell magics in cell magics, and line magics in line magics


class Rewriter:
    """Rewrites the lines of one cell and collects what its magics do."""

    def __init__(
        self, is_bound: Callable[[str], bool], python_magics: frozenset[str], opaque_magics: frozenset[str]
    ) -> None:
        self.magics: list[Magic] = []
        self.opaque: list[str] = []
        self.is_python = True
        self.scratch = False
        self._is_bound = is_bound
        self._depth = 0
        self._own_python = frozenset(name.lstrip("%") for name in python_magics)
        self._own_opaque = frozenset(name.lstrip("%") for name in opaque_magics)

    def cell(self, lines: list[Line]) -> list[Line]:
        """Rewrite a cell, or the Python body of a cell magic; gives as many lines."""
        source = "\n".join(line.text for line in lines)
        if not _starts_otherwise(source) and parsed(source):
            return lines
        texts, lost = strip_prompts([line.text for line in lines])
        lines = [line.part(width) if width else line for line, width in zip(lines, lost, strict=True)]
        first = next((number for number, text in enumerate(texts) if text.strip()), -1)
        if first < 0:
            return lines
        if texts[first].startswith("%%") and not _CELL_HELP.match(texts[first]) and self._depth < _DEEPEST:
            return lines[:first] + self._cell_magic(lines[first], lines[first + 1 :])
        return lines if any(lost) and parsed("\n".join(texts)) else self._statements(lines)

    def automagic(self, line: Line) -> Line:
        """Rewrite a line that is a magic without its percent sign."""
        text = line.text.rstrip()
        name = _WORD.findall(text)[0]
        column = text.index(name)
        head = line.part(0, 0)
        head.mark(line.place(column))
        rest = text[column + len(name) :]
        argument = line.part(len(text) - len(rest.lstrip()), len(text))
        self._line_magic(name, argument, head, assigned=False)
        head.mark(line.place(len(text)))
        return head

    def _statements(self, lines: list[Line]) -> list[Line]:
        """Rewrite each escape in lines of Python."""
        lines = list(lines)
        for escape in find_escapes([line.text for line in lines]):
            old = lines[escape.line : escape.end_line + 1]
            head = old[0].part(0, escape.column)
            head.mark(old[0].place(escape.column))
            self._escape(escape, joined(old, escape.column + len(escape.kind)), head)
            head.mark(old[-1].place(len(old[-1].text.rstrip())))
            lines[escape.line] = head
            for number in range(escape.line + 1, escape.end_line + 1):
                lines[number] = lines[number].part(0, 0)
        return lines

    def _escape(self, escape: Escape, argument: Line, head: Line) -> None:
        """Append the Python of one escape to `head`."""
        kind = escape.kind
        if kind in {"?", "??"}:
            self.magics.append(Magic("?", _line(head), escape.topic or argument.text))
            head.add("pass")
        elif kind in {"!", "!!"}:
            effect = line_effect(kind, argument.text, self._is_bound)
            self._note(kind, argument, effect)
            method = "system" if kind == "!" and not escape.assigned else "getoutput"
            add_call(head, (method, ""), effect, argument, assigned=escape.assigned)
        elif kind == "%":
            name = argument.text.partition(" ")[0]
            self._line_magic(name, argument.part(len(name) + 1), head, assigned=escape.assigned)
        else:
            self.magics.append(Magic(kind, _line(head), argument.text))
            add_autocall(head, kind, argument)

    def _line_magic(self, name: str, argument: Line, head: Line, *, assigned: bool) -> None:
        """Append the Python of ``%name argument`` to `head`."""
        if self._runs_python(name):
            place = len(self.magics)
            code = self._code(argument.part(code_offset(name, argument.text)))
            tree = parsed(code.text)
            if tree:
                self.magics.insert(place, Magic("%" + name, _line(head), argument.text, body_is_python=True))
                _add_code(head, name, code, tree.body, assigned=assigned)
                return
            del self.magics[place:]
        effect = line_effect(name, argument.text, self._is_bound)
        # Python that does not parse fails only when it runs, and the rest of the cell with it.
        effect.opaque = effect.opaque or name in self._own_opaque or self._runs_python(name)
        self._note("%" + name, argument, effect)
        add_call(head, ("run_line_magic", name), effect, argument, assigned=assigned)

    def _code(self, code: Line) -> Line:
        """Rewrite the Python in the argument of a line magic, which may hold magics itself."""
        if self._depth >= _DEEPEST:
            return code
        self._depth += 1
        code = self._statements([code])[0]
        self._depth -= 1
        return code

    def _cell_magic(self, first: Line, body: list[Line]) -> list[Line]:
        """Rewrite a cell whose first line is ``%%name argument``."""
        text = first.text.rstrip()
        name = text[2:].partition(" ")[0]
        argument = first.part(min(len(name) + 3, len(text)), len(text))
        body_text = "\n".join(line.text for line in body)
        effect = cell_effect(name, argument.text, body_text, self._is_bound)
        runs_python = self._runs_python(name)
        effect.opaque = name in self._own_opaque or (effect.opaque and not runs_python)
        self._note("%%" + name, argument, effect, body_text, body_is_python=runs_python)
        head = first.part(0, 0)
        head.mark(first.place(0))
        if effect.reads or effect.binds:
            add_call(head, ("run_cell_magic", name), effect, argument, assigned=False)
        elif runs_python and name in PYTHON_MAGICS and name not in BODY_ONLY:
            code = self._code(argument.part(code_offset(name, argument.text)))
            if parsed(code.text):
                head.take(code)
        head.mark(first.place(len(text)))
        if not runs_python:
            self.is_python = False
            return [head, *(line.part(0, 0) for line in body)]
        self.scratch = self.scratch or name == "timeit"
        self._depth += 1
        body = self.cell(body)
        self._depth -= 1
        return [head, *body]

    def _runs_python(self, name: str) -> bool:
        """Say whether a magic runs Python in the notebook's namespace."""
        return name not in self._own_opaque and (name in PYTHON_MAGICS or name in self._own_python)

    def _note(self, name: str, argument: Line, effect: Effect, body: str = "", *, body_is_python: bool = False) -> None:
        """Keep what a magic does, and that it is opaque where it is."""
        reads = tuple(dict.fromkeys(read for reading in effect.reads for read in reading.names))
        text = argument.text
        self.magics.append(
            Magic(
                name, _line(argument), text, body=body, reads=reads, binds=effect.binds, body_is_python=body_is_python
            )
        )
        if effect.opaque:
            self.opaque.append(f"{name} {text.strip()}".strip())


def _starts_otherwise(source: str) -> bool:
    """Say whether the first lines are a cell magic or a prompt, which IPython takes away even from valid Python."""
    lines = source.lstrip().split("\n", 2)[:2]
    return lines[0].startswith("%%") or any(map(IPYTHON_PROMPT.match, lines))


def _line(line: Line) -> int:
    """Give the line of the source that an emitted line stands for."""
    return line.place(0)[0]


def _add_code(head: Line, name: str, code: Line, body: list[ast.stmt], *, assigned: bool) -> None:
    """Append the Python that a line magic runs: as it is, or as an expression where one is wanted."""
    if not body:
        head.add("None" if assigned else "pass")
    elif name != "timeit" and not assigned:
        head.take(code)
    elif len(body) == 1 and isinstance(body[0], ast.Expr):
        # Only the expression, as a comment may follow.
        start, end = (_characters(code.text, at) for at in (body[0].col_offset, body[0].end_col_offset or 0))
        head.add("(" if name != "timeit" else "get_ipython().run_line_magic('timeit', (")
        head.take(code, start, end)
        head.add(")" if name != "timeit" else "))")
    elif name != "timeit" and not any(hasattr(statement, "body") for statement in body):
        head.add("None; ")
        head.take(code)
    else:
        effect = Effect([Reading(free, -1, (free,)) for free in free_names(code.text)])
        add_call(head, ("run_line_magic", name), effect, code, assigned=assigned)


def _characters(text: str, utf8_column: int) -> int:
    """Turn a column in UTF-8 bytes into one in characters."""
    return len(text.encode("utf-8", "surrogatepass")[:utf8_column].decode("utf-8", "ignore"))
