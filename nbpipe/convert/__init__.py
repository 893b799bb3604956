"""L3: a tagged notebook becomes a pipeline project, or is refused with the reason."""

from __future__ import annotations

from nbpipe.convert.conversion import Conversion, convert_notebook

__all__ = ["Conversion", "convert_notebook"]
