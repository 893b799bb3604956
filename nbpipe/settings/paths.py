"""Finds paths that hold on one machine only, by what they are passed to and by their shape."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbpipe.analysis.arguments import entry, passed
from nbpipe.analysis.traversal import walk
from nbpipe.keeping import kept
from nbpipe.notebook.model import Range
from nbpipe.patterns import pattern
from nbpipe.settings.configuration import is_configuration, is_parameters_cell
from nbpipe.settings.evaluated import SILENT, asks_where, evaluated_texts, leftmost
from nbpipe.settings.literals import Literal, literal
from nbpipe.settings.path_shape import IN_COMMAND, Shape, shape_of
from nbpipe.settings.setting import PATH, Setting, in_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis
    from nbpipe.analysis.code import CellCode
    from nbpipe.analysis.flow import CallSite
    from nbpipe.notebook.python_code import Magic

# A text that begins like a machine-bound path; cells without one are not looked at.
_BEGINNING = pattern(r"['\"](?:/[\w~.@{%]|~[\w-]*/|file:/|dbfs:/|[A-Za-z]:[\\/]|\\\\)")
# Methods whose argument is a place on disk whatever they are called on.
_WRITERS = frozenset([
    "imread", "imsave", "imwrite", "load_model", "load_weights", "read_csv", "read_excel", "read_parquet", "save_model",
    "save_pretrained", "save_weights", "savefig", "to_csv", "to_excel", "to_feather", "to_hdf", "to_json", "to_parquet",
    "to_pickle",
])  # fmt: skip
_COMMANDS = frozenset(["!", "!!", "%sx", "%env"])
# Commands whose argument is a place on disk.
_PLACES = frozenset(["%cd", "%run", "%pushd", "%load", "%%writefile", "%%file"])


@kept
def find_paths(analysis: Analysis) -> list[Setting]:
    r"""Give the machine-bound paths of a notebook, in order of place.

    A path that looks like nothing else (``/home/ann/x``, ``C:\data``, ``~/x``, ``/content/x``...) is found wherever
    it is evaluated; any other absolute path where it reaches something that takes a place on disk. Paths that are
    only shown, compared, taken apart or tried out are left alone, and so is configuration: parameters cells, forms,
    defaults of environment variables and command lines, branches that ask where the notebook runs.
    """
    found: dict[tuple[int, ...], Setting] = {}
    candidates = False
    for home, code in analysis.codes.items():
        if is_parameters_cell(analysis, home):
            continue
        for setting in _in_magics(analysis, code):
            found[setting.range.key()] = setting
        if code.tree is not None and _BEGINNING.search(code.code.text):
            for node, text in evaluated_texts(code.tree):
                shape = shape_of(text)
                candidates |= shape is not None
                if shape is Shape.MACHINE and not is_configuration(analysis, home, node):
                    setting = _make(analysis, Literal(text, node, home), node, home)
                    found[setting.range.key()] = setting
    return in_order(found, _in_calls(analysis) if candidates else ())


# Texts that reach a place of a file


def _in_calls(analysis: Analysis) -> Iterator[Setting]:
    for site in analysis.calls:
        attr = site.node.func.attr if isinstance(site.node.func, ast.Attribute) else ""
        if attr in SILENT:
            continue
        for name in site.names or ("",):
            places = entry("paths", name) if name else None
            if places:
                given = passed(site, name)
                nodes = [(each, given[each].node) for each in places.split() if each in given]
            elif attr in _WRITERS:
                nodes = [("", argument) for argument in site.node.args[:1]]
            else:
                continue
            for keyword, node in nodes:
                if node is not None:
                    yield from _reaching(analysis, site, node, keyword, name or attr)


def _reaching(analysis: Analysis, site: CallSite, node: ast.expr, keyword: str, sink: str) -> Iterator[Setting]:
    found = literal(analysis, site.cell, site.home, leftmost(node))
    if found is None or not isinstance(found.value, str) or is_configuration(analysis, found.home, found.node):
        return
    if shape_of(found.value) is not None and not _guarded(analysis, found.home, found.node):
        yield _make(analysis, found, site.node, site.home, keyword=keyword, sink=sink)


def _guarded(analysis: Analysis, home: int, node: ast.AST) -> bool:
    """Tell whether a literal stands where `_parts` does not look, such as under a test for the machine."""
    tree = analysis.codes[home].tree
    return tree is None or not any(each is node for each, _ in evaluated_texts(tree))


def _make(  # noqa: PLR0913 - the facts of a setting
    analysis: Analysis, found: Literal, place: ast.AST, home: int, *, keyword: str = "", sink: str = ""
) -> Setting:
    where = analysis.range(found.home, found.node)
    return Setting(
        PATH, found.value, where, place=place, home=home, keyword=keyword, sink=sink, via=found.via, node=found.node
    )


# IPython's commands


def _in_magics(analysis: Analysis, code: CellCode) -> Iterator[Setting]:
    for magic in code.code.magics:
        if magic.name in _COMMANDS or magic.name in _PLACES:
            yield from _in_command(analysis, code, magic)


def _in_command(analysis: Analysis, code: CellCode, magic: Magic) -> Iterator[Setting]:
    """Give the first machine-bound path of a command; more of them on one line are one thing to change."""
    line = analysis.notebook.cells[code.index].source.split("\n")[magic.line]
    for match in re.finditer(IN_COMMAND, line):
        text = match[0].rstrip(");,")
        shape = shape_of(text)
        if shape is Shape.MACHINE or (shape is not None and magic.name in _PLACES):
            if not _is_elsewhere(code, magic.line + 1):
                where = Range(code.index, magic.line, match.start(), magic.line, match.start() + len(text))
                yield Setting(PATH, text, where, place=ast.Constant(text), home=code.index, sink=magic.name)
            return


def _is_elsewhere(code: CellCode, line: int) -> bool:
    """Tell whether a line (from 1) of the cell's code stands under a test for where the notebook runs."""
    return any(
        isinstance(node, ast.If) and node.lineno < line <= (node.end_lineno or line) and asks_where(node.test)
        for node in (walk(code.tree) if code.tree is not None else ())
    )
