"""What a step has logged itself by MLflow's functions, as far as the functions' arguments say it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ONE = {"log_param": "params", "log_metric": "metrics", "set_tag": "tags"}
_MANY = {"log_params": "params", "log_metrics": "metrics", "set_tags": "tags"}
_FIRST = ("params", "metrics", "tags")  # what the first argument of the latter is called
NAMES = (
    *_ONE,
    *_MANY,
    *("active_run", "delete_tag", "log_artifact", "log_artifacts", "log_dict", "log_figure", "log_image", "log_input"),
    *("log_inputs", "log_stream", "log_table", "log_text"),
)
"""The functions that need MLflow's store to answer."""


class OwnValues:
    """The last value of each parameter, metric and tag.

    Attributes:
        values: ``params``, ``metrics`` and ``tags``, each name to value.
    """

    def __init__(self) -> None:
        self.values: dict[str, dict[str, Any]] = {kind: {} for kind in _FIRST}

    def heed(self, function: str, arguments: Sequence[Any], options: Mapping[str, Any]) -> None:
        """Note the arguments of a function of MLflow; what is not as documented is MLflow's to refuse."""
        if function in _ONE:
            found = dict(zip(("key", "value"), arguments))  # noqa: B905 - `strict` is newer than Python 3.9
            found |= options
            self._note(_ONE[function], {found.get("key"): found.get("value")})
        elif function in _MANY:
            kind = _MANY[function]
            self._note(kind, arguments[0] if arguments else options.get(kind))

    def _note(self, kind: str, items: Any) -> None:
        for name, value in items.items() if isinstance(items, dict) else ():
            if isinstance(name, str):
                try:
                    self.values[kind][name] = float(value) if kind == "metrics" else str(value)
                except (TypeError, ValueError):
                    continue
