from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.execute.making import kernels_left

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _no_kernel_left() -> Iterator[None]:
    yield
    assert kernels_left() == []
