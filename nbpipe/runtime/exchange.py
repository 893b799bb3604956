"""Work that is asked for in one file and answered in another."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def answered(work: Callable[[dict[str, Any]], dict[str, Any]], request: str, answer: str) -> None:
    """Do the work that a request file asks for, and write the answer."""
    write_answer(work(json.loads(Path(request).read_text(encoding="utf-8"))), answer)


def write_answer(content: dict[str, Any], answer: str) -> None:
    """Write an answer; it appears whole or not at all."""
    temporary = answer + ".partial"
    with open(temporary, "w", encoding="utf-8") as file:  # noqa: PTH123 - one call, no object
        file.write(json.dumps(content))
    os.replace(temporary, answer)  # noqa: PTH105 - as above
