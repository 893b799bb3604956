"""What is asked of a kernel's interpreter about the run: files, seeds, effects."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from nbpipe.execute.environment import answer_of
from nbpipe.runtime.inject import PACKAGE, bootstrap_source

if TYPE_CHECKING:
    from collections.abc import Sequence

_BEGIN_SECONDS = 20.0
_END_SECONDS = 150.0  # large files may still have to be hashed
_VERSION = 1


class Observation:
    """Has a Python kernel observed: the runtime is loaded there by path, so nbpipe need not be installed.

    The record's ``observed`` is what `nbpipe.runtime.session.end` gives, with ``version``; where the kernel could not
    be asked any more it has only ``missing``, which says why.
    """

    def __init__(self) -> None:
        self._begun = False

    async def begin(self, client: Any, ignored: Sequence[str] = ()) -> None:
        """Observe from now on. A kernel that cannot be is not."""
        answer = await self._ask(client, f"begin({list(ignored)!r})", _BEGIN_SECONDS)
        self._begun = answer is not None

    async def end(self, client: Any, *, is_answering: bool) -> dict[str, Any]:
        """Give what was observed."""
        if not self._begun:
            return {"version": _VERSION, "missing": "the kernel's interpreter could not be observed"}
        if not is_answering:
            return {"version": _VERSION, "missing": "the kernel could not be asked at the end"}
        report = await self._ask(client, "end()", _END_SECONDS)
        if not isinstance(report, dict):
            return {"version": _VERSION, "missing": "the kernel did not answer at the end"}
        return {"version": _VERSION, **report}

    async def _ask(self, client: Any, call: str, seconds: float) -> Any:
        question = f"__import__({PACKAGE + '.session'!r}, fromlist=['begin']).{call}"
        code = "" if self._begun else bootstrap_source()
        message = client.kc.execute(code, silent=True, store_history=False, user_expressions={"nbpipe": question})
        try:
            reply = await asyncio.wait_for(client.async_wait_for_reply(message), seconds)
            return json.loads(answer_of(reply))
        except (TimeoutError, KeyError, ValueError, SyntaxError, RuntimeError):
            return None
