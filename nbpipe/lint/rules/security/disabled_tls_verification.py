"""NB605."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.rule import Rule
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Range

# Keywords that turn the check off when they are False, and the last names of what takes them.
KEYWORDS = {
    "verify": pattern(
        r"get|post|put|patch|delete|head|options|request|stream|send|Client|AsyncClient|client|resource|Session|urlopen"
        r"|MlflowClient|Minio|ClientSession"
    ),
    "verify_ssl": pattern(r".*"),
    "verify_certs": pattern(r".*"),
    "ssl_verify": pattern(r".*"),
    "check_hostname": pattern(r".*"),
    "ssl": pattern(r"get|post|put|patch|delete|head|request|TCPConnector|ws_connect"),
    "validate_cert": pattern(r".*"),
    "tls_verify": pattern(r".*"),
}
VARIABLES = {
    "PYTHONHTTPSVERIFY": "0",
    "CURL_CA_BUNDLE": "",
    "REQUESTS_CA_BUNDLE": "",
    "NODE_TLS_REJECT_UNAUTHORIZED": "0",
    "GIT_SSL_NO_VERIFY": "",
    "SSL_NO_VERIFY": "",
}
# Addresses that no certificate speaks of: this machine's, private ones, an address by number in a variable, plain http.
EXEMPT = pattern(
    r"http://|https://(?:localhost|127\.|0\.0\.0\.0|\[::1\]|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\."
    r"|[^/\s]*\.(?:local|internal|lan|test)\b|\$?\{?(?:\w+_)?ip(?:_?addr\w*|_\w+)?\b)",
    re.IGNORECASE,
)
URL = pattern(r"https?://")
# A comment that says why, on the line or just above it.
REASON = pattern(r"(?i)#(?!.*disabled-tls-verification).*(?:certificat|self[- ]?signed|expired)")
LINES_ABOVE = 2
OPTIONS = {
    "curl": ("-k", "--insecure"),
    "wget": ("--no-check-certificate", "--no-check-certificates"),
    "pip": ("--trusted-host",),
    "git": ("http.sslVerify=false",),
    "conda": ("--insecure",),
    "aria2c": ("--check-certificate=false",),
}


class DisabledTlsVerification(Rule):
    """The check that a server is who it says is turned off.

    ## What it does

    Reports `verify=False` in requests and httpx, `ssl._create_unverified_context` (called, or put in the place of the
    default), contexts without `CERT_REQUIRED`, `verify_ssl=False`, `verify_certs=False` and the like, environment
    variables that turn the check off, and commands: `curl -k`, `wget --no-check-certificate`, `pip --trusted-host`,
    `git -c http.sslVerify=false`. One finding for each cell.

    Silent for addresses of this machine and of private networks, for which no public certificate can speak, for plain
    http, where nothing is checked anyway, and where a comment on the line, or on the two above it, gives the reason
    (`# the server's certificate has expired`).

    ## Why is this bad?

    Anyone on the way can pose as the server, read what is sent, tokens too, and change what comes back: the data, or
    the package that is installed. `ssl._create_default_https_context = ...` does so for all that the notebook fetches
    from there on.

    ## Example

    ```python
    # %%
    import requests

    page = requests.get("https://data.example.org/rows", verify=False)
    ```

    ## Use instead

    ```python
    # %%
    import requests

    page = requests.get("https://data.example.org/rows", verify="company-ca.pem")
    ```
    """

    code = "NB605"
    severity = Severity.WARNING
    triggers = (
        "verify",
        "_create_unverified_context",
        "CERT_NONE",
        "ssl=False",
        "check_hostname",
        "validate_cert",
        "insecure",
        "curl -",
        "no-check-certificate",
        "trusted-host",
        "PYTHONHTTPSVERIFY",
        "CA_BUNDLE",
        "sslVerify",
        "NO_VERIFY",
        "TLS_REJECT",
    )

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each cell."""
        cells: dict[int, list[tuple[Range, str]]] = {}
        found = [*self._in_calls(context), *self._in_assignments(context), *self._in_commands(context)]
        for where, what in sorted(found, key=lambda each: each[0].key()):
            if not _is_explained(context, where):
                cells.setdefault(where.cell, []).append((where, what))
        for places in cells.values():
            yield _report(context, places)

    def _in_calls(self, context: Context) -> Iterator[tuple[Range, str]]:
        from nbpipe.analysis.origins import last_name

        for home, node in context.analysis.nodes(ast.Call):
            name = last_name(node.func)
            if name == "_create_unverified_context":
                yield context.callee(home, node), "'_create_unverified_context'"
            for keyword in node.keywords:
                fits = KEYWORDS.get(keyword.arg or "")
                if fits is None or not _is_false(keyword.value) or not fits.fullmatch(name):
                    continue
                if not any(map(_is_exempt, node.args)):
                    yield context.analysis.range(home, keyword), f"'{keyword.arg}=False'"

    def _in_assignments(self, context: Context) -> Iterator[tuple[Range, str]]:
        for home, node in context.analysis.nodes(ast.Assign):
            what = _turned_off(node)
            if what:
                yield context.analysis.range(home, node), what

    def _in_commands(self, context: Context) -> Iterator[tuple[Range, str]]:
        for command in context.analysis.commands:
            option = _insecure_option(command.words)
            addresses = [word for word in command.words if URL.match(word)] if option else []
            if option and not (addresses and all(map(EXEMPT.match, addresses))):
                yield command.range, f"'{option}'"


def _is_explained(context: Context, where: Range) -> bool:
    """Tell whether a comment says why the check is turned off."""
    lines = context.notebook.cells[where.cell].source.split("\n")
    near = lines[max(where.start_line - LINES_ABOVE, 0) : where.end_line + 1]
    return any(REASON.search(line) for line in near)


def _report(context: Context, places: list[tuple[Range, str]]) -> Diagnostic:
    """Give the finding for the places of a cell, at the first."""
    where, what = places[0]
    times = f" ({len(places)} times in this cell)" if len(places) > 1 else ""
    text = f"{what} turns the check of the server's certificate off{times}: anyone on the way can pose as the server"
    return context.diagnostic(where, text)


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _is_exempt(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        return bool(EXEMPT.match(ast.unparse(node)[2:]))
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(EXEMPT.match(node.value))


def _turned_off(node: ast.Assign) -> str:
    """Say what an assignment turns the check off with; "" where it does not."""
    target, value = node.targets[0], node.value
    if isinstance(target, ast.Attribute):
        if target.attr == "_create_default_https_context" and "unverified" in ast.unparse(value):
            return "'ssl._create_unverified_context', here for all connections,"
        if target.attr == "verify_mode" and ast.unparse(value).endswith("CERT_NONE"):
            return "'CERT_NONE'"
        if target.attr == "verify" and _is_false(value):
            return f"'{ast.unparse(target)} = False'"
    if isinstance(target, ast.Subscript) and ast.unparse(target.value).endswith("environ"):
        name = target.slice.value if isinstance(target.slice, ast.Constant) else ""
        given = value.value if isinstance(value, ast.Constant) else None
        if isinstance(name, str) and name in VARIABLES and isinstance(given, str):
            off = given == VARIABLES[name] if not name.endswith("NO_VERIFY") else given not in ("", "0", "false")
            return f"'{name}'" if off else ""
    return ""


def _insecure_option(words: tuple[str, ...]) -> str:
    name = words[0].rpartition("/")[2].rstrip("0123456789.")
    if name == "sudo" and len(words) > 1:
        return _insecure_option(words[1:])
    options = OPTIONS.get("pip" if "pip" in words[:4] else name, ())
    for word in words[1:]:
        if word.partition("=")[0] in options or word in options:
            return f"{name} {word}" if name in OPTIONS else word
        if name == "curl" and re.fullmatch(r"-[A-Za-z]*k[A-Za-z]*", word):
            return f"curl {word}"
    return ""
