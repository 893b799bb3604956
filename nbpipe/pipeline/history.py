"""What each step of a project did when it ran last: what it touched, and what it was known by."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_SHOWN = 3
_KINDS = {
    "code": "the code of {} changed",
    "parameter": "the parameter {} changed from {} to {}",
    "input": "its input {} changed",
    "library": "{} {} became {}",
    "seed": "the seed {} (PYTHONHASHSEED) changed from {} to {}",
    "cache": "results are kept in another form (that of version {} became {})",
    "python": "the interpreter {} became {}",
}


@dataclass(frozen=True, slots=True)
class Uses:
    """What a step used outside its arguments.

    Attributes:
        generators: global generators that it touched; None: not known.
        read: files that it read or looked for.
        written: files that it wrote.
    """

    generators: frozenset[str] | None = None
    read: frozenset[str] = frozenset()
    written: frozenset[str] = frozenset()

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Uses:
        """Read it off a step's answer."""
        files, met = answer.get("files") or {}, answer.get("met") or {}
        read = frozenset((*files.get("read", ()), *met.get("absent", ())))
        return cls(frozenset(answer.get("touched", ())), read, frozenset(files.get("written", ())))


@dataclass(frozen=True, slots=True)
class Last:
    """How a step ran last.

    Attributes:
        code: digest of its code then.
        ingredients: see `nbpipe.pipeline.cache.ingredients`.
        uses: what it used.
        why_not_kept: why its result cannot be used again; "" where it can.
    """

    code: str = ""
    ingredients: Mapping[str, str] = field(default_factory=dict)
    uses: Uses = field(default_factory=Uses)
    why_not_kept: str = ""


class History:
    """The last run of each step, one small file a step."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def last(self, step: str) -> Last | None:
        """Give how a step ran last; None where it never did, or nobody knows any more."""
        try:
            content = json.loads((self._folder / f"{step}.json").read_text(encoding="utf-8"))
            uses = {name: frozenset(values) for name, values in content.pop("uses").items()}
            return Last(**content, uses=Uses(**uses))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def keep(self, step: str, last: Last) -> None:
        """Keep how a step ran."""
        uses = {
            "generators": sorted(last.uses.generators or ()),
            "read": sorted(last.uses.read),
            "written": sorted(last.uses.written),
        }
        content = {
            "code": last.code,
            "ingredients": dict(last.ingredients),
            "uses": uses,
            "why_not_kept": last.why_not_kept,
        }
        text, target = json.dumps(content), self._folder / f"{step}.json"
        with suppress(OSError):
            if target.read_text(encoding="utf-8") == text:
                return
        temporary = self._folder / f"{step}.{os.getpid()}.partial"
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            temporary.write_text(text, encoding="utf-8")
            os.replace(temporary, target)  # noqa: PTH105 - one call, no object


def explain(last: Last | None, now: Mapping[str, str]) -> str:
    """Say what changed since a step ran last; "" where nothing of its first level did."""
    if last is None:
        return "it has not run before"
    names = [name for name in (*last.ingredients, *now) if last.ingredients.get(name) != now.get(name)]
    reasons = [_reason(name, last.ingredients.get(name), now.get(name)) for name in dict.fromkeys(names)]
    rest = f", and {len(reasons) - _SHOWN} more" if len(reasons) > _SHOWN else ""
    return ", ".join(reasons[:_SHOWN]) + rest


def _reason(name: str, before: str | None, after: str | None) -> str:
    kind, _, what = name.partition(" ")
    if kind == "code" and (before is None or after is None):
        return f"it {'uses' if before is None else 'no longer uses'} {what}"
    template = _KINDS.get(kind)
    if template is None:
        return f"its {kind} changed"
    return template.format(*([what] if what else []), before, after)
