"""Making random draws reproducible: the edits that give a call its seed, or seed a generator behind its import."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from nbpipe.analysis.values import Const, External
from nbpipe.lint.diagnostic import Applicability, Edit, Fix
from nbpipe.notebook.model import Range
from nbpipe.patterns import pattern
from nbpipe.settings.bindings import bindings_of
from nbpipe.settings.configuration import is_parameters_cell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis
    from nbpipe.analysis.flow import CallSite

    Place = tuple[int, ast.stmt]

# What seeds a generator, by the module that a name must stand for.
_SEEDING: Final = {
    "random": {"random": "seed"},
    "numpy.random": {"numpy": "random.seed", "numpy.random": "seed"},
    "torch.random": {"torch": "manual_seed"},
    "tensorflow.random": {
        "tensorflow": "random.set_seed",
        "tensorflow.compat.v1": "set_random_seed",
        "tensorflow.keras": "utils.set_random_seed",
        "keras": "utils.set_random_seed",
    },
}
_SEED_NAME: Final = pattern(r"(?i)(?:(?:my|global|default|rand|random|manual|np|numpy|torch|tf)_?)?seed|random_?state")
_DEFAULT: Final = "0"


def seeded_call(analysis: Analysis, site: CallSite, parameter: str, names: tuple[str, ...]) -> Fix | None:
    """Give the fix that gives a call a seed.

    Args:
        analysis: the notebook's.
        site: the call, none of whose arguments is a seed, unless it is None.
        parameter: the seed's name; empty to pass it by position, as the first argument.
        names: of parameters that may hold it already.
    """
    node, home = site.node, site.home
    found = seed_name(analysis, home, node.lineno)
    seed = found[0] if found is not None else _DEFAULT
    given = next((keyword.value for keyword in node.keywords if keyword.arg in names), None)
    if given is None and not parameter:
        given = next(iter(node.args), None)
    if given is None:
        edit = appended(analysis, home, node, f"{parameter}={seed}" if parameter else seed)
    elif isinstance(given, ast.Constant) and given.value is None:
        edit = Edit(analysis.range(home, given), seed)
    else:
        edit = None
    if edit is None:
        return None
    return Fix(f"Seed it with {seed}", (edit,), Applicability.UNSAFE)


def appended(analysis: Analysis, home: int, call: ast.Call, text: str) -> Edit | None:
    """Give the edit that appends an argument to a call, None where it cannot be made."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    if not analysis.codes[home].code.is_python or any(isinstance(each, ast.GeneratorExp) for each in given):
        return None  # a generator expression may stand without parentheses of its own only where it is alone
    lines = analysis.notebook.cells[home].source.split("\n")
    whole = analysis.range(home, call)
    close = (whole.end_line, whole.end_column - 1)
    if close[1] < 0 or lines[close[0]][close[1] : whole.end_column] != ")":
        return None
    if not given:
        return Edit(Range(home, *close, *close), text)
    ends = [analysis.range(home, each) for each in given]
    place = max((each.end_line, each.end_column) for each in ends)
    for line in range(place[0], close[0] + 1):
        start = place[1] if line == place[0] else 0
        stop = close[1] if line == close[0] else len(lines[line])
        between = lines[line][start:stop].partition("#")[0]
        if ")" in between:  # the argument stands in parentheses of its own
            place = (line, start + between.rindex(")") + 1)
    return Edit(Range(home, *place, *place), f", {text}")


def seed_name(analysis: Analysis, home: int, line: int) -> tuple[str, Place] | None:
    """Give the name that holds a seed at this line, and the statement that gives it that, where there is one."""
    local = bindings_of(analysis).local
    for name, definitions in analysis.top_down.definitions.items():
        if not _SEED_NAME.fullmatch(name) or name in local or len(definitions) != 1:
            continue
        definition = definitions[0]
        value = definition.value[0] if len(definition.value) == 1 else None
        if definition.kind != "assignment" or not isinstance(value, Const) or type(value.value) is not int:
            continue
        for statement in analysis.codes[definition.home].body if definition.cell == definition.home else ():
            targets = statement.targets if isinstance(statement, ast.Assign) else ()
            if definition.node in targets and (definition.home, statement.lineno) < (home, line):
                return name, (definition.home, statement)
    return None


def seeded_generator(analysis: Analysis, site: CallSite, generator: str) -> Fix | None:
    """Give the fix that seeds a process-wide generator: behind its import, or behind the notebook's own seed."""
    imported = _import_of(analysis, site, generator)
    if imported is None:
        return None
    seeding, anchor = imported
    found = seed_name(analysis, site.home, site.node.lineno) if site.home == site.cell else None
    seed = _DEFAULT
    if found is not None:
        seed = found[0]
        anchor = max(anchor, found[1], key=lambda place: (place[0], place[1].lineno))
    text = f"{seeding}({seed})"
    edit = _behind(analysis, anchor, text)
    if edit is None or not _is_before(anchor, site):
        return None
    return Fix(f"Seed the generator: {text}", (edit,), Applicability.UNSAFE)


def _is_before(anchor: Place, site: CallSite) -> bool:
    """Tell whether a statement is surely run before a call."""
    home, statement = anchor
    if home != site.cell:
        return home < site.cell
    return site.home == home and site.node.lineno > (statement.end_lineno or statement.lineno)


def _behind(analysis: Analysis, anchor: Place, text: str) -> Edit | None:
    """Give the edit that puts a line behind a statement, which must end its line and stand at its beginning."""
    home, statement = anchor
    if is_parameters_cell(analysis, home) or not analysis.codes[home].code.is_python:
        return None
    where = analysis.range(home, statement)
    lines = analysis.notebook.cells[home].source.split("\n")
    rest = lines[where.end_line][where.end_column :].strip()
    if where.start_column != 0 or (rest and not rest.startswith("#")):
        return None
    end = len(lines[where.end_line])
    return Edit(Range(home, where.end_line, end, where.end_line, end), f"\n{text}")


def _import_of(analysis: Analysis, site: CallSite, generator: str) -> tuple[str, Place] | None:
    """Give the call that seeds a generator, as the notebook names it, and the last of the imports it comes with."""
    wanted = _SEEDING[generator]
    local = bindings_of(analysis).local
    for home, code in analysis.codes.items():
        for number, statement in enumerate(code.body):
            for name, module in _bound(statement):
                if module in wanted and name not in local and _stands_for(analysis, name, module):
                    place = (home, statement)
                    for follower in code.body[number + 1 :]:
                        if not isinstance(follower, ast.Import | ast.ImportFrom):
                            break
                        place = (home, follower)
                    return (f"{name}.{wanted[module]}", place) if _is_before(place, site) else None
    return None


def _bound(statement: ast.stmt) -> Iterator[tuple[str, str]]:
    """Yield the names that an import binds, with what they stand for."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            top = alias.name.partition(".")[0]
            yield (alias.asname, alias.name) if alias.asname else (top, top)
    elif isinstance(statement, ast.ImportFrom) and not statement.level:
        for alias in statement.names:
            yield alias.asname or alias.name, f"{statement.module}.{alias.name}"


def _stands_for(analysis: Analysis, name: str, module: str) -> bool:
    """Tell whether a name is nothing but this module, all through the notebook."""
    definitions = analysis.top_down.definitions.get(name, ())
    return bool(definitions) and all(
        definition.kind == "import"
        and len(definition.value) == 1
        and isinstance(definition.value[0], External)
        and definition.value[0].name == module
        for definition in definitions
    )
