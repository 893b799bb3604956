"""A setting that stands in the code: what it is, where it stands and where its value goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable

    from nbpipe.notebook import Range

PATH = "path"
HYPERPARAMETER = "hyperparameter"
ENDPOINT = "endpoint"
CONSTANT = "constant"


class Setting:
    """A literal in a cell that configures what the cell does.

    Attributes:
        kind: `PATH`, `HYPERPARAMETER`, `ENDPOINT` or `CONSTANT`.
        keyword: the parameter it is passed for, empty where there is none.
        sink: qualified name of what it is passed to (``pandas.read_csv``), empty where that is not known.
        value: the literal's value.
        name: a name for a parameter that would replace it, see `nbpipe.settings.naming`.
        range: where the literal stands.
        place: the node of the call (or loop, or comparison) that is configured; the literal where there is none.
        home: index of the cell whose source holds `place`.
        via: the name through which the literal gets there, empty where it stands in the call itself.
        node: the literal; None where it stands in a command of IPython's.
    """

    __slots__ = ("home", "keyword", "kind", "name", "node", "place", "range", "sink", "value", "via")

    def __init__(  # noqa: PLR0913 - the facts of a setting
        self,
        kind: str,
        value: Any,
        range: Range,  # noqa: A002 - LSP's name
        *,
        place: ast.AST,
        home: int,
        keyword: str = "",
        sink: str = "",
        via: str = "",
        node: ast.expr | None = None,
    ) -> None:
        self.kind = kind
        self.value = value
        self.range = range
        self.place = place
        self.home = home
        self.keyword = keyword
        self.sink = sink
        self.via = via
        self.node = node
        self.name = ""

    @property
    def type(self) -> str:
        """The name of the value's type, as an annotation would have it."""
        return type(self.value).__name__

    def __repr__(self) -> str:
        return f"Setting({self.kind}, {self.name or self.keyword}={self.value!r}, {self.range})"


def in_order(evaluated: dict[tuple[int, ...], Setting], passed: Iterable[Setting]) -> list[Setting]:
    """Give settings in order of place: those seen where they are evaluated, and those seen where they are passed on.

    What says of one literal where its value goes counts for more.

    Args:
        evaluated: by the key of the range; changed.
        passed: settings of calls.
    """
    for setting in passed:
        key = setting.range.key()
        if key not in evaluated or not evaluated[key].sink:
            evaluated[key] = setting
    return [evaluated[key] for key in sorted(evaluated)]
