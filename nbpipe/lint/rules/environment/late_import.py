"""NB404."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Applicability, CellEdit, Edit, Fix, Related, Severity
from nbpipe.lint.naming import listed, ordinal
from nbpipe.lint.rule import Rule
from nbpipe.notebook.model import Range
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis
    from nbpipe.analysis.code import CellCode
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

    Import = ast.Import | ast.ImportFrom

MOST_NAMES = 3
MOST_PLACES = 5
# What may have to come before an import: a package, a file, a path, a variable of the environment.
PREPARING = pattern(
    r"\binstall\b|sys\.path|chdir|%cd\b|%run\b|environ|%(?:set_)?env\b|reload|clone|%%(?:writefile|file)|unzip|extractall"
    r"|dotenv|\.use\(|addsitedir"
)


class LateImport(Rule):
    """An import stands below the cells in which the notebook begins to work.

    ## What it does

    A notebook opens with cells that import, set constants or run magics. Reports imports at the top level of later
    cells, one finding for the notebook, unless an earlier cell imports the same.

    Silent where the cell also installs something, for imports in functions and under conditions, and for
    `from __future__`.

    ## Why is this bad?

    What the notebook needs cannot be seen at its top. A missing package is noticed only when the run gets there, maybe
    after hours. A cell above that is run again needs a name which only a cell below brings.

    ## Example

    ```python
    # %%
    import pandas as pd

    # %%
    df = pd.DataFrame({"a": [1, 2]})
    # %%
    import matplotlib.pyplot as plt

    plt.plot(df["a"])
    ```

    ## Use instead

    ```python
    # %%
    import matplotlib.pyplot as plt
    import pandas as pd

    # %%
    df = pd.DataFrame({"a": [1, 2]})
    # %%
    plt.plot(df["a"])
    ```

    ## Fix safety

    The import runs earlier than before. That matters where it registers something, where cells in between change what
    it finds, or where it takes long; there is no fix where a cell above the import installs, downloads, changes paths
    or the environment, or binds the name to something else.
    """

    code = "NB404"
    severity = Severity.INFO
    default = False
    triggers = ("import ",)

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for the notebook."""
        opening = True
        known: set[str] = set()
        begun = -1
        target: CellCode | None = None
        late: dict[int, list[Import]] = {}
        for index, code in context.analysis.codes.items():
            found = _imports(code)
            if opening and not (found or _is_setting_up(code)):
                opening, begun = False, index
            new = [node for node in found if ast.dump(node) not in known]
            known.update(map(ast.dump, found))
            if opening:
                target = target or (code if found and not code.code.scratch else None)
            elif new and not _installs(context, index):
                late[index] = new
        if late:
            yield _report(context, begun, late, target)


def _imports(code: CellCode) -> list[Import]:
    if "import" not in code.code.text:
        return []
    return [
        node
        for node in code.body
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module != "__future__")
    ]


def _is_setting_up(code: CellCode) -> bool:
    """Tell whether a cell without imports does no work yet: constants, magics, remarks."""
    return code.tree is not None and all(
        isinstance(node, ast.Pass)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (
            isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant | ast.List | ast.Tuple)
        )
        or _is_call_on_shell(node)
        for node in code.body
    )


def _is_call_on_shell(node: ast.stmt) -> bool:
    """Tell whether a statement is what stands for a magic with values put in."""
    return isinstance(node, ast.Expr) and ast.unparse(node).startswith("get_ipython()")


def _installs(context: Context, index: int) -> bool:
    return bool(re.search(r"\binstall\b", context.notebook.cells[index].source))


def _report(context: Context, begun: int, late: dict[int, list[Import]], target: CellCode | None) -> Diagnostic:
    names = list(dict.fromkeys(f"'{name}'" for found in late.values() for node in found for name in _modules(node)))
    if len(names) > MOST_NAMES:
        names = [*names[:MOST_NAMES], f"{len(names) - MOST_NAMES} more"]
    verb = "is" if len(names) == 1 else "are"
    places = [context.analysis.range(index, found[0]) for index, found in late.items()]
    others = tuple(Related(place, "imported here") for place in places[1 : MOST_PLACES + 1])
    message = f"{listed(names, 'and')} {verb} imported below {ordinal(begun)}, where the notebook begins to work"
    if len(places) > 1:
        message += f", in {len(places)} cells"
    return context.diagnostic(places[0], message, related=others, fix=_fix(context, late, target))


def _modules(node: Import) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return ["." * node.level + (node.module or "")]


def _fix(context: Context, late: dict[int, list[Import]], target: CellCode | None) -> Fix | None:
    """Give the fix that moves all of them, where all of them can be moved."""
    place = _end_of_imports(context, target) if target is not None else None
    if (target is not None and place is None) or _may_matter(context, late):
        return None
    texts: list[str] = []
    edits: list[Edit | CellEdit] = []
    for index, found in late.items():
        lines = context.notebook.cells[index].source.split("\n")
        runs = _whole_lines(context.analysis.codes[index], lines, found)
        if runs is None:
            return None
        texts += ["\n".join(lines[first : last + 1]) for first, last in runs]
        taken = {line for first, last in runs for line in range(first, last + 1)}
        if all(not line.strip() for number, line in enumerate(lines) if number not in taken):
            edits.append(CellEdit("delete-cell", cell=index))
        else:
            edits += [Edit(_lines(index, lines, first, last), "") for first, last in runs]
    text = "\n".join(texts)
    if place is not None:
        return Fix(
            f"move to the imports of {ordinal(place.cell)}", (Edit(place, f"\n{text}"), *edits), Applicability.UNSAFE
        )
    first = next(iter(context.analysis.codes))
    insert = CellEdit("insert-cell", after=first - 1, content=text)
    return Fix("move to a new cell at the top", (insert, *edits), Applicability.UNSAFE)


def _whole_lines(code: CellCode, lines: list[str], found: list[Import]) -> list[tuple[int, int]] | None:
    """Give the first and last lines of runs of imports that have their lines to themselves; None where one has not."""
    runs: list[tuple[int, int]] = []
    own = {id(node) for node in found}
    others = {
        line
        for node in code.body
        if id(node) not in own
        for line in (node.lineno - 1, (node.end_lineno or node.lineno) - 1)
    }
    for node in found:
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        if first in others or last in others or last >= len(lines) or not re.match(r"import\b|from\b", lines[first]):
            return None
        if runs and first <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], last)
        else:
            runs.append((first, last))
    return runs


def _lines(index: int, lines: list[str], first: int, last: int) -> Range:
    """Give the range that takes whole lines away, with the blank ones behind them where nothing stands before."""
    if first == 0:
        while last + 1 < len(lines) and not lines[last + 1].strip():
            last += 1
    if last + 1 < len(lines):
        return Range(index, first, 0, last + 1, 0)
    return Range(index, first - 1, len(lines[first - 1]), last, len(lines[last]))


def _end_of_imports(context: Context, target: CellCode) -> Range | None:
    """Give the end of the line of the last import at the top of a cell."""
    last: ast.stmt | None = None
    for node in target.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            last = node
    if last is None:
        return None
    line = (last.end_lineno or last.lineno) - 1
    text = context.notebook.cells[target.index].source.split("\n")
    alone = all(node is last or line not in (node.lineno - 1, (node.end_lineno or 0) - 1) for node in target.body)
    plain = line < len(text) and not text[line].rstrip().endswith("\\") and last.col_offset == 0
    return Range(target.index, line, len(text[line]), line, len(text[line])) if alone and plain else None


def _may_matter(context: Context, late: dict[int, list[Import]]) -> bool:
    """Tell whether something above an import may have to come first, or uses its names otherwise."""
    above = context.notebook.cells[: max(late) + 1]
    if any(cell.cell_type == "code" and PREPARING.search(cell.source) for cell in above):
        return True
    moved = [node for found in late.values() for node in found]
    names = [alias.asname or alias.name.partition(".")[0] for node in moved for alias in node.names]
    return "*" in names or not set(names).isdisjoint(_bound(context.analysis, moved))


def _bound(analysis: Analysis, moved: list[Import]) -> Iterator[str]:
    """Yield the names that something else than the imports to be moved binds anywhere in the notebook."""
    for _, name in analysis.nodes(ast.Name):
        if not isinstance(name.ctx, ast.Load):
            yield name.id
    for _, function in analysis.nodes(ast.FunctionDef):
        yield function.name
    for _, each in analysis.nodes(ast.ClassDef):
        yield each.name
    same = set(map(ast.dump, moved))
    statements: list[tuple[int, Import]] = [*analysis.nodes(ast.Import), *analysis.nodes(ast.ImportFrom)]
    for _, statement in statements:
        if ast.dump(statement) not in same:
            yield from (alias.asname or alias.name.partition(".")[0] for alias in statement.names)
