"""Work that is asked for in one file and answered in another."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def answered(work: Callable[[dict[str, Any]], dict[str, Any]], request: str, answer: str) -> None:
    """Do the work that a request file asks for; its answer appears whole or not at all."""
    content = work(json.loads(Path(request).read_text(encoding="utf-8")))
    temporary = Path(answer + ".partial")
    temporary.write_text(json.dumps(content), encoding="utf-8")
    os.replace(temporary, answer)  # noqa: PTH105 - one call, no object
