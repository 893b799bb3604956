"""Finds endpoints: addresses of services, databases, buckets and tables that one deployment has."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from nbpipe.keeping import kept
from nbpipe.patterns import pattern
from nbpipe.settings.configuration import is_configuration, is_parameters_cell
from nbpipe.settings.endpoint_shape import Address, address_of, is_local, is_public
from nbpipe.settings.evaluated import SILENT, evaluated_texts, leftmost
from nbpipe.settings.literals import Literal, literal
from nbpipe.settings.setting import ENDPOINT, Setting, in_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis import Analysis
    from nbpipe.analysis.flow import CallSite

# Kinds of addresses that are an endpoint wherever they are evaluated.
_SURE: Final = frozenset([Address.BUCKET, Address.DATABASE, Address.BROKER, Address.PRIVATE])
_WEB: Final = frozenset([Address.PRIVATE, Address.URL])
_ADDRESSED: Final = frozenset([*_SURE, Address.URL, Address.HOST])
# Parameters that take an endpoint whatever is called.
_KEYWORDS: Final = {
    "account_url": _ADDRESSED, "api_base": _WEB, "api_endpoint": _ADDRESSED, "azure_endpoint": _ADDRESSED,
    "base_url": _WEB, "bootstrap_servers": _ADDRESSED, "broker_url": _ADDRESSED, "endpoint_url": _ADDRESSED,
    "host": _ADDRESSED, "hostname": _ADDRESSED, "hosts": _ADDRESSED, "openai_api_base": _WEB,
    "registry_uri": _SURE | _WEB, "tracking_uri": _SURE | _WEB, "workspace_url": _ADDRESSED,
}  # fmt: skip
# Parameters of calls that open a connection, with any text or number.
_CONNECTING: Final = frozenset(["account", "database", "db", "dbname", "port", "schema", "warehouse"])
_CONNECTORS: Final = frozenset([
    "connect", "create_connection", "Redis", "StrictRedis", "MongoClient", "Elasticsearch", "OpenSearch", "Connection",
])  # fmt: skip
_BUCKET_KEYWORDS: Final = frozenset(["Bucket", "bucket", "bucket_name"])
_BUCKET_METHODS: Final = frozenset(["Bucket", "bucket", "get_bucket", "lookup_bucket"])
# What serves: the address is where to listen, not what is called.
_SERVING: Final = frozenset(["run", "launch", "serve", "bind", "start_server", "run_server", "start", "run_app"])
# What calls a service. A plain `get` reads a page, a file or what a public API gives: that is data.
_CALLING: Final = frozenset(["post", "put", "patch", "delete"])
_CLIENTS: Final = ("requests", "httpx", "aiohttp")
_TRACKING: Final = frozenset(["set_tracking_uri", "set_registry_uri", "create_engine", "InferenceServerClient"])
_TABLES: Final = frozenset(["table", "saveAsTable", "insertInto", "read_sql_table", "forName"])
_QUERIES: Final = frozenset(["sql", "read_sql", "read_sql_query", "read_gbq", "query"])
# Keywords, and the last names of what is called with an argument, of which one stands where a call may be given one.
_NAMED: Final = frozenset([
    *_KEYWORDS, *_CONNECTING, *_BUCKET_KEYWORDS, "con", "connection_string", "table", "table_name", "uri", "url",
])  # fmt: skip
_CALLED: Final = frozenset([
    *_TRACKING, *_BUCKET_METHODS, *_CONNECTORS, *_TABLES, *_QUERIES, *_CALLING, "get", "request",
])  # fmt: skip
_TABLE: Final = r"`?[A-Za-z_][\w-]*`?\.`?[A-Za-z_]\w*`?(?:\.`?[A-Za-z_]\w*`?)?"
_FROM: Final = pattern(rf"(?i)\b(?:from|join|into|table|update)\s+({_TABLE})(?![\w(.])")
_ALL_OF: Final = pattern(r"(?is)\s*(?:select|insert|with|merge|create|update|delete|drop|describe)\b")
# Texts of which one stands in a cell that can hold an endpoint.
_CANDIDATES: Final = (
    "://", "jdbc:", "host", "_url", "endpoint", "server", "onnect", "ucket", "able", "sql", "query", "MongoClient",
    "Redis", "read_gbq", "api_base", "OpenSearch", "lasticsearch",
)  # fmt: skip


@kept
def find_endpoints(analysis: Analysis) -> list[Setting]:
    """Give the hard-coded endpoints of a notebook, in order of place.

    Connection strings, buckets, and URLs in a private network or of one account are found wherever
    they are evaluated; other URLs where a service is called; hosts, ports, buckets and tables where something that
    wants one is given it. Addresses that are only shown, compared or taken apart are left alone, and so are public
    data, parameters cells, forms and defaults of environment variables.
    """
    found: dict[tuple[int, ...], Setting] = {}
    candidates = False
    for home, code in analysis.codes.items():
        text = code.code.text
        if code.tree is None or not code.code.is_python or is_parameters_cell(analysis, home):
            continue
        if not any(each in text for each in _CANDIDATES):
            continue
        candidates = True
        if "://" in text or "jdbc:" in text or ";" in text:
            for setting in _in_code(analysis, home, code.tree):
                found[setting.range.key()] = setting
    return in_order(found, _in_calls(analysis) if candidates else ())


def _in_code(analysis: Analysis, home: int, tree: ast.Module) -> Iterator[Setting]:
    """Give the texts whose shape alone decides."""
    for node, text in evaluated_texts(tree):
        if not ("://" in text or ";" in text or text.startswith("jdbc:")) or address_of(text) not in _SURE:
            continue
        complete = id(node) not in _beginnings(analysis)
        if address_of(text, complete=complete) in _SURE and not is_configuration(analysis, home, node):
            yield _make(analysis, Literal(text, node, home), node, home)


@kept
def _beginnings(analysis: Analysis) -> set[int]:
    """Give the texts to which more is appended."""
    begun = {id(node.values[0]) for _, node in analysis.nodes(ast.JoinedStr) if node.values[1:]}
    begun.update(id(node.left) for _, node in analysis.nodes(ast.BinOp) if isinstance(node.op, ast.Add))
    return begun


def _may_be_in_calls(analysis: Analysis) -> bool:
    """Tell by names alone whether a call may be given an endpoint, before the data flow is asked what it calls."""
    if not _NAMED.isdisjoint(analysis.keywords):
        return True
    return any(
        call.args and (getattr(call.func, "attr", None) or getattr(call.func, "id", "")) in _CALLED
        for _, call in analysis.nodes(ast.Call)
    )


def _in_calls(analysis: Analysis) -> Iterator[Setting]:
    for site in analysis.calls if _may_be_in_calls(analysis) else ():
        node = site.node
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in _SERVING:
            continue
        for keyword in node.keywords:
            if keyword.arg is not None:
                yield from _of_keyword(analysis, site, called, keyword.arg, keyword.value)
        if node.args:
            yield from _of_position(analysis, site, called)


def _of_keyword(analysis: Analysis, site: CallSite, called: str, name: str, node: ast.expr) -> Iterator[Setting]:
    """Give the endpoint that one keyword is given."""
    if name in _KEYWORDS:
        nodes = node.elts if isinstance(node, ast.List | ast.Tuple) else [node]
        for each in nodes:
            yield from _reaching(analysis, site, each, (name, called), _KEYWORDS[name])
    elif (name in _CONNECTING and called in _CONNECTORS) or name in _BUCKET_KEYWORDS:
        if name == "port" and _is_on_this_machine(site.node):
            return
        yield from _reaching(analysis, site, node, (name, called), None)
    elif name == "url" and called == "InferenceServerClient":
        yield from _reaching(analysis, site, node, (name, called), _ADDRESSED)
    elif name in ("con", "uri", "connection_string") and called not in SILENT:
        yield from _reaching(analysis, site, node, (name, called), frozenset([Address.DATABASE]))
    elif name in ("url", "table", "table_name"):
        yield from _of_named_place(analysis, site, called, name, node)


def _is_on_this_machine(call: ast.Call) -> bool:
    """Tell whether a connection is opened to a server on this machine, where a port alone says no more."""
    return any(
        isinstance(part, ast.Constant) and isinstance(part.value, str) and is_local(part.value)
        for part in (*call.args[:1], *(each.value for each in call.keywords if each.arg in ("host", "hostname")))
    )


def _of_named_place(analysis: Analysis, site: CallSite, called: str, name: str, node: ast.expr) -> Iterator[Setting]:
    if name == "url":
        yield from _called_service(analysis, site, called, node)
    elif called in _TABLES and _is_qualified(node):
        yield from _reaching(analysis, site, node, ("table_name", called), None)


def _of_position(analysis: Analysis, site: CallSite, called: str) -> Iterator[Setting]:
    """Give the endpoint that a call is given by position."""
    first = site.node.args[0]
    if called in _TRACKING:
        wanted = frozenset([*_SURE, Address.URL, *([Address.HOST] if called == "InferenceServerClient" else [])])
        yield from _reaching(analysis, site, first, ("", called), wanted)
    elif called in _BUCKET_METHODS and isinstance(site.node.func, ast.Attribute):
        yield from _reaching(analysis, site, first, ("bucket", called), None)
    elif called in _CONNECTORS and called != "connect":
        yield from _reaching(analysis, site, first, ("host", called), _ADDRESSED)
    elif called in _TABLES and _is_qualified(first) and _is_of_tables(site.node.func, called):
        yield from _reaching(analysis, site, first, ("table_name", called), None)
    elif called in _QUERIES:
        yield from _of_query(analysis, site, called, first)
    else:
        yield from _called_service(analysis, site, called, first)


def _called_service(analysis: Analysis, site: CallSite, called: str, node: ast.expr) -> Iterator[Setting]:
    """Give the URL of a service that is called, not of a page or file that is read."""
    if called not in _CALLING and called not in ("get", "request"):
        return
    if not any(name.startswith(_CLIENTS) for name in site.names):
        return
    wanted = _WEB if called in _CALLING else frozenset([Address.PRIVATE])
    yield from _reaching(analysis, site, node, ("", called), wanted)


def _of_query(analysis: Analysis, site: CallSite, called: str, node: ast.expr) -> Iterator[Setting]:
    """Give the first table of a query that is named in full: with its schema, its catalog or its project."""
    found = literal(analysis, site.cell, site.home, leftmost(node))
    if found is None or not isinstance(found.value, str) or not _ALL_OF.match(found.value):
        return
    table = _FROM.search(found.value)
    if table is not None and not is_configuration(analysis, found.home, found.node):
        name = table[1].replace("`", "")
        if not name.lower().startswith(("information_schema.", "pg_catalog.", "sys.")) and not is_public(name):
            setting = _make(analysis, found, site.node, site.home, keyword="table_name", sink=called)
            setting.value = name
            setting.node = None  # a part of the text: not to be replaced as a whole
            yield setting


def _is_of_tables(callee: ast.expr, called: str) -> bool:
    """Tell whether a method surely takes the name of a table: other libraries draw tables."""
    if called != "table":
        return True
    owner = ast.unparse(callee.value).lower() if isinstance(callee, ast.Attribute) else ""
    return "spark" in owner or owner.endswith("read")


def _is_qualified(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(re.fullmatch(_TABLE, node.value))
    )


def _reaching(
    analysis: Analysis, site: CallSite, node: ast.expr, use: tuple[str, str], wanted: frozenset[Address] | None
) -> Iterator[Setting]:
    """Give the literal that an argument is or begins with, where it is an address of a kind wanted; any for None."""
    begin = leftmost(node)
    found = literal(analysis, site.cell, site.home, begin)
    if found is None or is_configuration(analysis, found.home, found.node):
        return
    keyword, sink = use
    if wanted is not None:
        kind = address_of(found.value, complete=begin is node) if isinstance(found.value, str) else None
        if kind not in wanted or (kind is Address.URL and begin is not node):  # the rest says what of it is wanted
            return
    elif begin is not node or not _is_named(found.value, keyword):
        return
    yield _make(analysis, found, site.node, site.home, keyword=keyword, sink=sink)


def _is_named(value: object, keyword: str) -> bool:
    """Tell whether a value names a bucket, a database, a table, a port..., and is no gap to be filled in."""
    if keyword == "port":
        return isinstance(value, int) and not isinstance(value, bool) and value > 0
    if not isinstance(value, str):
        return False
    if keyword == "table_name":
        return re.fullmatch(_TABLE, value) is not None and not is_public(value)
    return bool(re.fullmatch(r"[\w.-]{2,}", value)) and not is_public(value) and not re.search(r"(?i)your|xxx", value)


def _make(  # noqa: PLR0913 - the facts of a setting
    analysis: Analysis, found: Literal, place: ast.AST, home: int, *, keyword: str = "", sink: str = ""
) -> Setting:
    where = analysis.range(found.home, found.node)
    return Setting(
        ENDPOINT, found.value, where, place=place, home=home, keyword=keyword, sink=sink, via=found.via, node=found.node
    )
