"""Which Python and packages a kernel has, when it is not the environment that nbpipe runs in."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbpipe.execute.kernels import KernelChoice

# jupyter_client runs these as its own interpreter.
_OWN = {"python", "python3", f"python3.{sys.version_info.minor}"}

# One expression, so that nothing is left in the notebook's namespace.
_QUESTION = (
    "__import__('json').dumps({"
    "'version': __import__('platform').python_version(), "
    "'implementation': __import__('platform').python_implementation(), "
    "'executable': __import__('sys').executable, "
    "'packages': {str(d.metadata['Name']): str(d.version)"
    " for d in __import__('importlib.metadata').metadata.distributions()}})"
)


def is_other(choice: KernelChoice) -> bool:
    """Tell whether a kernel is an IPython kernel of another environment."""
    program = choice.spec.argv[0]
    return choice.is_ipython and program not in _OWN and Path(program).parent != Path(sys.executable).parent


async def ask_environment(client: Any) -> dict[str, Any] | None:
    """Ask a kernel that answers; gives ``python`` and ``packages`` as `nbpipe.provenance` does, None without answer."""
    message = client.kc.execute("", silent=True, store_history=False, user_expressions={"nbpipe": _QUESTION})
    try:
        found = json.loads(answer_of(await client.async_wait_for_reply(message)))
    except (KeyError, ValueError, SyntaxError):
        return None
    packages = {name.replace("_", "-").lower(): version for name, version in found.pop("packages").items()}
    return {"python": found, "packages": dict(sorted(packages.items()))}


def answer_of(reply: dict[str, Any] | None) -> str:
    """Give the text that the expression ``nbpipe`` of an execute request came to.

    Raises:
        KeyError, ValueError, SyntaxError: it failed, or is no text.
    """
    answer = ((reply or {}).get("content", {}).get("user_expressions") or {}).get("nbpipe", {})
    return str(ast.literal_eval(answer["data"]["text/plain"]))
