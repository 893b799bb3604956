"""The modules that a notebook imports, with the circumstances."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis

_TOLERANT = frozenset(["ImportError", "ModuleNotFoundError", "Exception", "BaseException"])
# Packages without a module of their own: what is imported from them is a module.
_NAMESPACES = frozenset(["google", "google.cloud", "azure", "azure.ai", "azure.storage", "ruamel", "mpl_toolkits"])
# Once in the standard library, under Python 2 or before 3.12 and 3.13.
_FORMER = frozenset(
    [
        "ConfigParser",
        "HTMLParser",
        "Queue",
        "StringIO",
        "Tkinter",
        "__builtin__",
        "aifc",
        "asynchat",
        "asyncore",
        "audioop",
        "binhex",
        "cPickle",
        "cProfile",
        "cStringIO",
        "cgi",
        "cgitb",
        "chunk",
        "commands",
        "cookielib",
        "copy_reg",
        "crypt",
        "distutils",
        "exceptions",
        "formatter",
        "httplib",
        "imghdr",
        "imp",
        "itertools",
        "mailcap",
        "md5",
        "msilib",
        "new",
        "nis",
        "nntplib",
        "ossaudiodev",
        "parser",
        "pipes",
        "sets",
        "sha",
        "smtpd",
        "sndhdr",
        "spwd",
        "string_letters",
        "sunau",
        "symbol",
        "telnetlib",
        "tkMessageBox",
        "urllib2",
        "urlparse",
        "uu",
        "xdrlib",
        "xmlrpclib",
        "zoneinfo",
    ]
)


class Imported:
    """One module that an import statement names.

    Attributes:
        module: dotted name; with the name imported behind it where that is a module of a namespace (``google.cloud``).
        level: dots before it, for relative imports.
        optional: it stands under a condition, or where failing is expected.
    """

    __slots__ = ("home", "level", "module", "node", "optional")

    def __init__(
        self, module: str, node: ast.Import | ast.ImportFrom, home: int, *, level: int = 0, optional: bool = False
    ) -> None:
        self.module = module
        self.node = node
        self.home = home
        self.level = level
        self.optional = optional

    @property
    def top(self) -> str:
        """The name before the first dot."""
        return self.module.partition(".")[0]


def imports(analysis: Analysis) -> list[Imported]:
    """Give every module imported anywhere in a notebook, in document order."""
    found: list[Imported] = []
    for home, node in analysis.nodes(ast.Import):
        found += [Imported(alias.name, node, home) for alias in node.names]
    for home, each in analysis.nodes(ast.ImportFrom):
        module = each.module or ""
        names = [f"{module}.{alias.name}" for alias in each.names] if module in _NAMESPACES else [module]
        found += [Imported(name, each, home, level=each.level) for name in names]
    conditions = list(_conditions(analysis)) if found else []
    for item in found:
        line = item.node.lineno
        item.optional = any(home == item.home and first <= line <= last for home, first, last in conditions)
    return sorted(found, key=lambda item: (item.home, item.node.lineno, item.node.col_offset))


def is_standard(module: str) -> bool:
    """Tell whether a module is, or once was, in the standard library."""
    top = module.partition(".")[0]
    return top in sys.stdlib_module_names or top in _FORMER


def _conditions(analysis: Analysis) -> Iterator[tuple[int, int, int]]:
    """Yield where imports may fail or be passed over: cell, first and last line of the code."""
    for home, attempt in analysis.nodes(ast.Try):
        if any(_tolerates(handler) for handler in attempt.handlers):
            yield home, attempt.lineno, attempt.end_lineno or attempt.lineno
    for home, choice in analysis.nodes(ast.If):
        yield home, choice.lineno, choice.end_lineno or choice.lineno
    for home, block in analysis.nodes(ast.With):
        if any("suppress" in ast.unparse(item.context_expr) for item in block.items):
            yield home, block.lineno, block.end_lineno or block.lineno


def _tolerates(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(getattr(kind, "attr", getattr(kind, "id", "")) in _TOLERANT for kind in kinds)
