"""skops, for fitted scikit-learn estimators, where it is installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import IO, Any

from .base import Serializer, has_base
from .pickled import LOADED


def _accepts(value: Any) -> bool:
    return has_base(value, "sklearn", "BaseEstimator") and find_spec("skops") is not None


def _write(value: Any, file: IO[bytes]) -> None:
    from skops import io

    file.write(io.dumps(value))


def _read(file: IO[bytes]) -> Any:
    from skops import io

    content = file.read()
    # The store's own content, whose hash was checked: its types are those that a step of this project made.
    trusted = io.get_untrusted_types(data=content)
    LOADED["sklearn:base"] = None
    LOADED.update(dict.fromkeys(":".join(name.rpartition(".")[::2]) for name in trusted))
    return io.loads(content, trusted=trusted)


SERIALIZER = Serializer("skops", _accepts, _write, _read)
