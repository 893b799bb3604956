"""The figures of a step: those that it shows, which closes them as in a notebook, returns, or leaves open."""

from __future__ import annotations

import contextlib
import io
import sys
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .store import Store


class Figures:
    """Collects what is drawn."""

    def __init__(self) -> None:
        self._shown: list[tuple[weakref.ref[Any], bytes]] = []

    @contextlib.contextmanager
    def showing(self) -> Iterator[None]:
        """Within the block, let ``show()`` of pyplot draw and close all figures, as Jupyter's inline backend does.

        Without it, what is drawn next "on the current figure" would be drawn over the last one.
        """
        pyplot: Any = sys.modules.get("matplotlib.pyplot")
        if pyplot is None:
            yield
            return
        show = pyplot.show

        def shown(*_: object, **__: object) -> None:
            for figure in _open():
                self._shown.append((weakref.ref(figure), _drawn(figure)))
            pyplot.close("all")

        pyplot.show = shown
        try:
            yield
        finally:
            pyplot.show = show

    def keep(self, outputs: Mapping[str, Any], store: Store) -> list[dict[str, Any]]:
        """Store all figures as PNG: ``name`` and ``key`` of each; one that cannot be drawn is left out."""
        module: Any = sys.modules.get("matplotlib.figure")
        if module is None:
            return []
        found = {name: value for name, value in outputs.items() if isinstance(value, module.Figure)}
        returned = {id(figure) for figure in found.values()}
        drawn = [content for figure, content in self._shown if id(figure()) not in returned]
        drawn += [_drawn(figure) for figure in _open() if id(figure) not in returned]
        named = {name: _drawn(figure) for name, figure in found.items()}
        named.update((f"figure_{number}", content) for number, content in enumerate(drawn, 1))
        return [{"name": name, "key": store.put_bytes(content, "png")} for name, content in named.items() if content]


def _open() -> Iterator[Any]:
    """Yield the figures that are open and hold something."""
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    for number in pyplot.get_fignums() if pyplot is not None else ():
        figure = pyplot.figure(number)
        if figure.axes or figure.texts or figure.images or figure.lines:
            yield figure


def _drawn(figure: Any) -> bytes:
    """Draw a figure as PNG; b"" where that fails, which is no reason to lose the step."""
    with contextlib.suppress(Exception):
        content = io.BytesIO()
        figure.savefig(content, format="png", metadata={"Software": None})
        return content.getvalue()
    return b""
