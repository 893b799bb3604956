"""NB704."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import ordinal
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.flow import Definition
    from nbpipe.analysis.values import Obj
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.steps import Crossing

_FILE = "an open file"
_CONNECTION = "a connection"
_LOCK = "a lock"
_READER = "a reader of an open file"
# What cannot be pickled, by the call that makes it.
_MADE_BY = {
    "open": _FILE,
    "io.open": _FILE,
    "gzip.open": _FILE,
    "bz2.open": _FILE,
    "lzma.open": _FILE,
    "codecs.open": _FILE,
    "zipfile.ZipFile": _FILE,
    "tarfile.open": _FILE,
    "h5py.File": _FILE,
    "netCDF4.Dataset": _FILE,
    "pandas.HDFStore": _FILE,
    "pandas.ExcelFile": _FILE,
    "pandas.ExcelWriter": _FILE,
    "csv.reader": _READER,
    "csv.writer": "a writer to an open file",
    "csv.DictReader": _READER,
    "csv.DictWriter": "a writer to an open file",
    "sqlite3.connect": _CONNECTION,
    "sqlite3.Connection": _CONNECTION,
    "sqlite3.Cursor": "a cursor of a connection",
    "psycopg2.connect": _CONNECTION,
    "psycopg.connect": _CONNECTION,
    "pymysql.connect": _CONNECTION,
    "mysql.connector.connect": _CONNECTION,
    "pyodbc.connect": _CONNECTION,
    "duckdb.connect": _CONNECTION,
    "snowflake.connector.connect": _CONNECTION,
    "sqlalchemy.create_engine": "a database engine",
    "pymongo.MongoClient": _CONNECTION,
    "redis.Redis": _CONNECTION,
    "boto3.client": "a client",
    "boto3.resource": "a client",
    "socket.socket": _CONNECTION,
    "paramiko.SSHClient": _CONNECTION,
    "threading.Lock": _LOCK,
    "threading.RLock": _LOCK,
    "threading.Condition": _LOCK,
    "threading.Semaphore": _LOCK,
    "threading.Event": "an event",
    "threading.Thread": "a thread",
    "concurrent.futures.ThreadPoolExecutor": "a pool of threads",
    "concurrent.futures.ProcessPoolExecutor": "a pool of processes",
    "multiprocessing.Pool": "a pool of processes",
    "subprocess.Popen": "a running process",
    "pyspark.SparkContext": "a Spark context",
    "tensorflow.Session": "a session",
    "tensorflow.compat.v1.Session": "a session",
}
_METHODS = {"cursor": "a cursor of a connection"}
_CHUNKED = frozenset(["chunksize", "iterator"])


class UnserializableOutput(Rule):
    """A value that cannot be stored would have to go from one step to another.

    ## What it does

    Reports, in a notebook with step tags, a name that one step binds and another one reads, where the value is surely
    a generator, a lambda, an open file or a reader of one, a lock or thread, a connection, engine or cursor of a
    database, a session, or a module under a name of its own (`xp = cupy`). Told once for each name and step that
    makes it.

    Silent about what an import, a `def` or a `class` binds, for these are there in every step, and about functions
    that give such values when they are called in the step that needs them.

    ## Why is this bad?

    Each step runs in a process of its own: what it gives to others is written to a store and read again. These values
    live in their process, and pickling them raises, mostly after the step has done all its work.

    ## Example

    ```python
    # %% tags=["step:open"]
    import sqlite3

    connection = sqlite3.connect("shop.db")

    # %% tags=["step:read"]
    rows = connection.execute("select * from orders").fetchall()
    ```

    ## Use instead

    ```python
    # %% tags=["step:open"]
    import sqlite3

    database = "shop.db"

    # %% tags=["step:read"]
    connection = sqlite3.connect(database)
    rows = connection.execute("select * from orders").fetchall()
    ```
    """

    code = "NB704"
    severity = Severity.WARNING
    python_only = False
    tagged = ("step:",)

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each value that would have to cross."""
        from nbpipe.steps import crossings, understood

        plan = understood(context.notebook)
        if plan is None:
            return
        kinds = _Kinds(context)
        told: set[tuple[str, str]] = set()
        for found in crossings(context.analysis, plan):
            key = (found.maker, found.use.name)
            if key in told:
                continue
            kind = kinds.of(found.definition)
            if kind and all(kinds.of(other) for other in found.use.definitions):
                told.add(key)
                yield _report(context, found, kind, plan.title_of(found.maker), plan.title_of(found.user))


def _report(context: Context, found: Crossing, kind: str, maker: str, user: str) -> Diagnostic:
    use, definition = found.use, found.definition
    assert definition.node is not None  # noqa: S101 - a crossing has one
    advice = "write it with `def`" if kind == "a lambda" else f"make it in '{user}'"
    if kind == "a generator":
        advice = "make it a list"
    message = (
        f"`{use.name}` is {kind}, which cannot be stored, and step '{user}' needs it from step '{maker}' "
        f"({ordinal(use.cell)}): {advice}"
    )
    related = (Related(context.analysis.range(use.home, use.node), f"step '{user}' needs it here"),)
    return context.diagnostic(context.analysis.range(definition.home, definition.node), message, related=related)


class _Kinds:
    """Says in words what of the kind that cannot be stored a definition surely binds."""

    def __init__(self, context: Context) -> None:
        self._calls = context.analysis.top_down.calls
        nodes = context.analysis.nodes
        self._modules = {alias.name for _, node in nodes(ast.Import) for alias in node.names}
        # %pylab imports, but in the Python that stands for it there are assignments.
        self._pylab = any(
            magic.name == "%pylab" for code in context.analysis.codes.values() for magic in code.code.magics
        )
        self._given: dict[int, ast.expr] = {}
        for _, node in nodes(ast.Assign):
            self._given.update((id(target), node.value) for target in node.targets)
        for _, annotated in nodes(ast.AnnAssign):
            if annotated.value is not None:
                self._given[id(annotated.target)] = annotated.value
        for _, item in nodes(ast.withitem):
            self._given[id(item.optional_vars)] = item.context_expr

    def of(self, definition: Definition) -> str:
        """Give it, "" where the value may be stored."""
        known = {self._object(obj) for obj in definition.value}
        if len(known) == 1 and (kind := known.pop()):
            return kind
        given = self._given.get(id(definition.node))
        site = self._calls.get(id(given)) if isinstance(given, ast.Call) else None
        if site is None or not site.names:
            return ""
        if any(name.startswith("pandas.read_") for name in site.names):
            return _READER if self._in_chunks(site.node) else ""
        kinds = {_MADE_BY.get(name, "") for name in site.names}
        return kinds.pop() if len(kinds) == 1 else ""

    def _object(self, obj: Obj) -> str:
        from nbpipe.analysis.values import Container, External, Function, Thing

        if isinstance(obj, Container):
            return "a generator" if obj.kind == "generator" else ""
        if isinstance(obj, Function):
            return "a lambda" if isinstance(obj.node, ast.Lambda) else ""
        if isinstance(obj, External):
            return "a module" if obj.name in self._modules and not self._pylab else ""
        if isinstance(obj, Thing) and obj.type_name:
            name = obj.type_name.removesuffix("()")
            owner, _, method = name.rpartition("().")
            return _METHODS.get(method, "") if owner in _MADE_BY else _MADE_BY.get(name, "")
        return ""

    def _in_chunks(self, call: ast.Call) -> bool:
        return any(
            keyword.arg in _CHUNKED and not (isinstance(keyword.value, ast.Constant) and not keyword.value.value)
            for keyword in call.keywords
        )
