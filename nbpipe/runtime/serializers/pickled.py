"""Pickle, for all that no open format keeps: with cloudpickle where it is installed."""

from __future__ import annotations

import pickle
from importlib.util import find_spec
from typing import IO, Any

from .base import Serializer

PROTOCOL = 5


# What values that were read are made of: ``module:name`` of classes and functions, in order of first use.
LOADED: dict[str, None] = {}


class _Reader(pickle.Unpickler):
    """Refuses a value that only the process that wrote it could read; notes what a value is made of."""

    def find_class(self, module: str, name: str) -> Any:
        if module == "__main__":
            raise pickle.UnpicklingError(f"{name} is defined in __main__, where no other process finds it")
        LOADED[f"{module}:{name}"] = None
        return super().find_class(module, name)


def _accepts(_: object) -> bool:
    return True


def _has_cloudpickle(_: object) -> bool:
    return find_spec("cloudpickle") is not None


def _write(value: object, file: IO[bytes]) -> None:
    pickle.dump(value, file, protocol=PROTOCOL)


def _write_cloud(value: object, file: IO[bytes]) -> None:
    import cloudpickle

    cloudpickle.dump(value, file, protocol=PROTOCOL)


def _read(file: IO[bytes]) -> Any:
    return _Reader(file).load()


SERIALIZERS = (
    Serializer("cloudpickle", _has_cloudpickle, _write_cloud, _read),
    Serializer("pickle", _accepts, _write, _read),
)
