"""Whether the server's side replies what its schema says."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.ui.running import ROOT

SCHEMA = json.loads((ROOT / "docs/pages/schema/lab.json").read_text())


def valid(kind: str, reply: Any) -> Any:
    """Give a reply that is as the schema says, from which the browser's side has its types."""
    Draft202012Validator({**SCHEMA["$defs"][kind], "$defs": SCHEMA["$defs"]}).validate(reply)
    return reply
