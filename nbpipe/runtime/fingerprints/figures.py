"""Handlers of matplotlib: a figure is what it looks like, drawn from a copy so that nothing about it changes."""

from __future__ import annotations

import copyreg
import io
import pickle
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .walk import Handler, Sink


def encode_figure(value: Any, sink: Sink) -> None:
    """Size, resolution and pixels."""
    sink.label("figure", sink.walk.name_of(type(value)))
    try:
        size, pixels = draw(value)
    except RecursionError:
        raise
    except Exception as error:  # noqa: BLE001 - any artist may fail to pickle or to draw
        sink.walk.refuse(f"a figure that cannot be drawn ({type(error).__name__})")
        return
    sink.value(float(value.dpi))
    sink.value(size)
    sink.raw(pixels)


def encode_axes(value: Any, sink: Sink) -> None:
    """Axes are a place in their figure."""
    figure = value.get_figure()
    sink.label("axes")
    if figure is None or value not in figure.axes:
        sink.walk.refuse("axes without a figure")
        return
    sink.value(figure.axes.index(value))
    sink.value(figure, ".figure")


def encode_artist(value: Any, sink: Sink) -> None:
    """A part of a drawing has no look of its own."""
    sink.label("artist")
    sink.walk.refuse(f"a part of a figure ({type(value).__name__}): pass the figure instead")


def draw(figure: Any) -> tuple[tuple[int, int], bytes]:
    """Draw a copy of a figure; width and height in pixels, and the pixels (RGBA)."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    buffer = io.BytesIO()
    _Copier(buffer, figure).dump(figure)
    copy = pickle.loads(buffer.getvalue())  # noqa: S301 - pickled one line above
    canvas: Any = FigureCanvasAgg(copy)
    canvas.draw()
    return canvas.get_width_height(), bytes(canvas.buffer_rgba())


class _Copier(pickle.Pickler):
    """Pickles a figure without the note that would register the copy with pyplot."""

    def __init__(self, file: io.BytesIO, figure: Any) -> None:
        super().__init__(file, protocol=4)
        self._figure = figure

    def reducer_override(self, value: Any) -> Any:
        if value is not self._figure:
            return NotImplemented
        state = {key: part for key, part in value.__getstate__().items() if key != "_restore_to_pylab"}
        return copyreg.__newobj__, (type(value),), state  # type: ignore[attr-defined]


HANDLERS: dict[tuple[str, str], Handler] = {
    ("matplotlib", "Figure"): encode_figure,
    ("matplotlib", "Axes"): encode_axes,
    ("matplotlib", "Artist"): encode_artist,
}
