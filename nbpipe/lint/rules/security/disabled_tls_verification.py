"""NB605."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Range

# Keywords that turn the check off when they are False, and the last names of what takes them.
KEYWORDS = {
    "verify": re.compile(
        r"get|post|put|patch|delete|head|options|request|stream|send|Client|AsyncClient|client|resource|Session|urlopen"
        r"|MlflowClient|Minio|ClientSession"
    ),
    "verify_ssl": re.compile(r".*"),
    "verify_certs": re.compile(r".*"),
    "ssl_verify": re.compile(r".*"),
    "check_hostname": re.compile(r".*"),
    "ssl": re.compile(r"get|post|put|patch|delete|head|request|TCPConnector|ws_connect"),
    "validate_cert": re.compile(r".*"),
    "tls_verify": re.compile(r".*"),
}
VARIABLES = {
    "PYTHONHTTPSVERIFY": "0",
    "CURL_CA_BUNDLE": "",
    "REQUESTS_CA_BUNDLE": "",
    "NODE_TLS_REJECT_UNAUTHORIZED": "0",
    "GIT_SSL_NO_VERIFY": "",
    "SSL_NO_VERIFY": "",
}
LOCAL = re.compile(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])")
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
    `git -c http.sslVerify=false`.

    Silent for addresses of this machine.

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
        """Yield one finding for each place."""
        yield from self._in_calls(context)
        yield from self._in_assignments(context)
        for command in context.analysis.commands:
            option = _insecure_option(command.words)
            if option and not any(LOCAL.match(word) for word in command.words):
                yield context.diagnostic(
                    command.range, f"'{option}' turns the check of the server's certificate off{_ENDING}"
                )

    def _in_calls(self, context: Context) -> Iterator[Diagnostic]:
        from nbpipe.analysis.origins import last_name

        for home, node in context.analysis.nodes(ast.Call):
            name = last_name(node.func)
            if name == "_create_unverified_context":
                yield _report(context, context.callee(home, node), "'_create_unverified_context'")
            for keyword in node.keywords:
                fits = KEYWORDS.get(keyword.arg or "")
                if fits is None or not _is_false(keyword.value) or not fits.fullmatch(name):
                    continue
                if not any(_is_local(argument) for argument in node.args):
                    yield _report(context, context.analysis.range(home, keyword), f"'{keyword.arg}=False'")

    def _in_assignments(self, context: Context) -> Iterator[Diagnostic]:
        for home, node in context.analysis.nodes(ast.Assign):
            what = _turned_off(node)
            if what:
                yield _report(context, context.analysis.range(home, node), what)


_ENDING = ": anyone on the way can pose as the server"


def _report(context: Context, where: Range, what: str) -> Diagnostic:
    return context.diagnostic(where, f"{what} turns the check of the server's certificate off{_ENDING}")


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _is_local(node: ast.expr) -> bool:
    first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
    return isinstance(first, ast.Constant) and isinstance(first.value, str) and bool(LOCAL.match(first.value))


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
