"""Code of modules, made from the notebook's own text with LibCST: statements keep their comments and layout."""

from __future__ import annotations

from itertools import dropwhile
from typing import TYPE_CHECKING, Any

from nbpipe.convert.texts import comment, literal, markdown_above

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nbpipe.convert.source import Source, Statement


class Cells:
    """The concrete syntax of the cells, parsed once each."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._parsed: dict[int, tuple[list[Any], list[Any]]] = {}
        self._displays: bool | None = None

    def statement(self, statement: Statement) -> Any:
        """Give a statement of a cell as a node with its comments, by itself on its line."""
        return self._of(statement.cell)[0][statement.place]

    def footer(self, cell: int) -> list[Any]:
        """Give the comments behind the last statement of a cell."""
        return self._of(cell)[1]

    def _of(self, cell: int) -> tuple[list[Any], list[Any]]:
        if cell not in self._parsed:
            import libcst

            module = libcst.parse_module(self._source.analysis.codes[cell].code.text.replace("\r\n", "\n"))
            found: list[Any] = []
            for element in module.body:
                found.extend(_split(element))
            if found and module.header:
                found[0] = found[0].with_changes(leading_lines=[*module.header, *found[0].leading_lines])
            self._parsed[cell] = [self._printing(node) for node in found], list(module.footer)
        return self._parsed[cell]

    def _printing(self, node: Any) -> Any:
        """Let a statement print what IPython's own ``display`` shows; without a shell that prints, too."""
        if self._displays is None:
            binds = any("display" in statement.names.binds for statement in self._source.statements)
            self._displays = not binds and any("display" in item.names.reads for item in self._source.statements)
        if not self._displays:
            return node
        import libcst

        class Printing(libcst.CSTTransformer):
            def leave_Call(self, original_node: libcst.Call, updated_node: libcst.Call) -> libcst.Call:  # noqa: N802
                if not isinstance(original_node.func, libcst.Name) or original_node.func.value != "display":
                    return updated_node
                shown = [argument for argument in updated_node.args if argument.keyword is None]
                return updated_node.with_changes(func=libcst.Name("print"), args=shown)

        return node.visit(Printing())


def _split(element: Any) -> list[Any]:
    """Give each small statement of a line a line of its own."""
    import libcst

    if not isinstance(element, libcst.SimpleStatementLine):
        return [element]
    plain = libcst.MaybeSentinel.DEFAULT
    lines = [libcst.SimpleStatementLine([small.with_changes(semicolon=plain)]) for small in element.body]
    lines[0] = lines[0].with_changes(leading_lines=element.leading_lines)
    lines[-1] = lines[-1].with_changes(trailing_whitespace=element.trailing_whitespace)
    return lines


class FunctionWriter:
    """Writes one step's function, statement by statement."""

    def __init__(self, source: Source, cells: Cells) -> None:
        self._source = source
        self._cells = cells
        self._lines: list[Any] = []
        self._pending: list[Any] = []
        self._cell = -1

    def add_text(self, text: str) -> None:
        """Add a statement that is not the notebook's."""
        import libcst

        self._append(libcst.parse_statement(text))

    def add(self, statement: Statement, *, first_of_step: bool, before: str = "", is_printed: bool = False) -> None:
        """Add a statement of the notebook; Markdown above its cell becomes a comment, but for the step's first cell.

        Args:
            statement: the statement.
            first_of_step: whether its cell is the step's first.
            before: a statement that is not the notebook's, to stand before it.
            is_printed: whether the value of the expression that it is has to be printed.
        """
        if statement.cell != self._cell:
            self._enter(statement.cell, told=first_of_step)
        if before:
            self.add_text(before)
        node = self._cells.statement(statement)
        self._append(_printed(node) if is_printed else node)

    def _enter(self, cell: int, *, told: bool) -> None:
        if self._cell >= 0:
            self._pending.extend(self._cells.footer(self._cell))
            self._pending.append(_empty())
        self._cell = cell
        if not told and (above := markdown_above(self._source, cell)):
            self._pending.extend(_comment(line) for line in comment(above))

    def _append(self, node: Any) -> None:
        if self._pending:
            node = node.with_changes(leading_lines=[*self._pending, *node.leading_lines])
            self._pending = []
        if not self._lines:
            node = node.with_changes(leading_lines=list(dropwhile(_is_blank, node.leading_lines)))
        self._lines.append(node)

    def function(self, header: str, docstring: str, returned: Sequence[str]) -> str:
        """Give the function's text.

        Args:
            header: ``def name(...) -> type:``.
            docstring: its text.
            returned: names it returns.
        """
        import libcst

        if self._cell >= 0:
            self._pending.extend(self._cells.footer(self._cell))
        footer: list[Any] = []
        if returned:
            self.add_text(f"return {', '.join(returned)}\n")
        else:
            footer = [line for line in self._pending if line.comment is not None]
        shell = libcst.parse_statement(f"{header}\n    {literal(docstring, '    ')}\n")
        assert isinstance(shell, libcst.FunctionDef)  # noqa: S101 - a header is one
        body = shell.body.with_changes(body=[*shell.body.body, *self._lines], footer=footer)
        return libcst.Module([shell.with_changes(body=body)]).code


def _printed(node: Any) -> Any:
    """Let an expression's value be printed."""
    import libcst

    value = node.body[0].value
    return node.with_changes(body=[libcst.Expr(libcst.Call(libcst.Name("print"), [libcst.Arg(value)]))])


def _empty() -> Any:
    import libcst

    return libcst.EmptyLine(indent=False)


def _is_blank(line: Any) -> bool:
    return line.comment is None


def _comment(text: str) -> Any:
    import libcst

    return libcst.EmptyLine(comment=libcst.Comment(text))


def module_text(cells: Cells, statements: Iterable[Statement]) -> str:
    """Give statements as they stand at the top of a module."""
    import libcst

    return libcst.Module([cells.statement(statement) for statement in statements]).code
