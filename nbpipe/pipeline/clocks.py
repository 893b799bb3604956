"""Calls whose answer is another each time: the calendar, the system's source of randomness, a person.

Durations are no such thing: of `time.time` only what is not subtracted counts.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from nbpipe.pipeline.modules import LocalModule, Uses

_ALWAYS: Final = {
    "datetime.datetime.now": "the clock",
    "datetime.datetime.utcnow": "the clock",
    "datetime.datetime.today": "the clock",
    "datetime.date.today": "the clock",
    "pandas.Timestamp.now": "the clock",
    "pandas.Timestamp.utcnow": "the clock",
    "pandas.Timestamp.today": "the clock",
    "time.ctime": "the clock",
    "time.asctime": "the clock",
    "uuid.uuid1": "a new UUID",
    "uuid.uuid4": "a new UUID",
    "os.urandom": "the system's randomness",
    "secrets.token_hex": "the system's randomness",
    "secrets.token_bytes": "the system's randomness",
    "secrets.token_urlsafe": "the system's randomness",
    "secrets.choice": "the system's randomness",
    "secrets.randbelow": "the system's randomness",
    "random.SystemRandom": "the system's randomness",
    "input": "a person",
}
# Only where they are called without arguments.
_BARE: Final = {
    "time.localtime": "the clock",
    "time.gmtime": "the clock",
    "numpy.random.default_rng": "a generator without a seed",
    "numpy.random.RandomState": "a generator without a seed",
    "random.Random": "a generator without a seed",
    "random.seed": "a seed from the system",
    "numpy.random.seed": "a seed from the system",
}


def unrepeatable_calls(statement: ast.stmt, uses: Uses, module: LocalModule) -> list[str]:
    """Say which calls of a statement give another answer each time: ``it asks the clock (shop.steps, line 4)``."""
    names = _full_names(uses, module)
    durations: set[int] | None = None
    found = []
    for name, call in uses.calls:
        head, _, rest = name.partition(".")
        full = f"{names.get(head, head)}.{rest}" if rest else names.get(head, head)
        what = _ALWAYS.get(full)
        if what is None and not call.args and not call.keywords:
            what = _BARE.get(full)
        if full == "time.strftime" and len(call.args) == 1:
            what = "the clock"
        if full == "time.time":
            durations = _durations(statement) if durations is None else durations
            what = None if id(call) in durations else "the clock"
        if what is not None:
            found.append(f"it asks {what} ({module.name}, line {call.lineno}: {name}())")
    return found


def _full_names(uses: Uses, module: LocalModule) -> dict[str, str]:
    """Give what the names that imports bind stand for, in full."""
    imports = [*uses.imports]
    for name in uses.names:
        imports += [node for node in module.bindings.get(name, ()) if isinstance(node, (ast.Import, ast.ImportFrom))]
    found: dict[str, str] = {}
    for node in imports:
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            elif alias.asname:
                found[alias.asname] = alias.name
    return found


def _durations(statement: ast.stmt) -> set[int]:
    """Give the calls whose answer is only subtracted, directly or by way of a name."""
    subtracted: set[str] = set()
    calls: set[int] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            for side in (node.left, node.right):
                if isinstance(side, ast.Name):
                    subtracted.add(side.id)
                elif isinstance(side, ast.Call):
                    calls.add(id(side))
    for node in ast.walk(statement):
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
            continue
        if all(isinstance(target, ast.Name) and target.id in subtracted for target in node.targets):
            calls.add(id(node.value))
    return calls
