from __future__ import annotations

import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings

from nbpipe.runtime.comparing import EQUAL, compare
from nbpipe.runtime.fingerprints import fingerprint
from nbpipe.runtime.inject import bootstrap_source
from nbpipe.runtime.serializers import Unserializable, load_value, save_value
from nbpipe.runtime.serializers.frames import layout
from nbpipe.runtime.store import Store
from tests.runtime.samples import LIBRARY, PLAIN
from tests.runtime.test_fingerprints import VALUES

SAMPLES = {**PLAIN, **LIBRARY}


def _trip(value: object, folder: Path) -> tuple[str, Any]:
    artifact = save_value(value, Store(folder))
    assert artifact.fingerprint == fingerprint(value)
    return artifact.serializer, load_value(Store(folder), artifact.key)


@pytest.mark.parametrize("name", SAMPLES)
def test_values_come_back_equal(name: str, tmp_path: Path) -> None:
    value = SAMPLES[name]()
    _, again = _trip(value, tmp_path)
    assert fingerprint(again) == fingerprint(value)
    assert compare(again, value).verdict == EQUAL


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VALUES)
def test_any_plain_value_comes_back_equal(tmp_path: Path, value: Any) -> None:
    assert fingerprint(_trip(value, tmp_path)[1]) == fingerprint(value)


@pytest.mark.parametrize(
    ("make", "serializer"),
    [
        (lambda: {"a": [1, 2.5, None, "x"]}, "json"),
        (lambda: np.arange(4.0), "npy"),
        (lambda: np.asfortranarray(np.eye(3)), "npy"),
        (lambda: pd.DataFrame({"a": [1, 2], "b": ["x", None]}), "parquet"),
        (lambda: pd.DataFrame({"a": [1, 2]}, index=pd.Index([5, 7], name="i")), "parquet"),
        (LIBRARY["fitted pipeline"], "skops"),
        (lambda: (1, 2), "cloudpickle"),
        (lambda: {1: "a"}, "cloudpickle"),
        (lambda: [float("nan")], "cloudpickle"),
        (lambda: pd.DataFrame({"a": pd.Series([[1], [2]], dtype=object)}), "cloudpickle"),
        (lambda: pd.DataFrame(np.asfortranarray(np.eye(3))), "parquet-blocks"),
        (lambda: pd.DataFrame(np.eye(3), copy=False), "cloudpickle"),
    ],
)
def test_the_first_format_that_keeps_the_value_is_used(make: Any, serializer: str, tmp_path: Path) -> None:
    assert _trip(make(), tmp_path)[0] == serializer


def test_parts_in_two_places_stay_one_object(tmp_path: Path) -> None:
    part: list[int] = []
    _, again = _trip({"a": part, "b": part}, tmp_path)
    assert again["a"] is again["b"]
    _, apart = _trip({"a": [], "b": []}, tmp_path)
    assert apart["a"] is not apart["b"]


@pytest.mark.parametrize("order", ["C", "F"])
def test_memory_layout_survives(order: Any, tmp_path: Path) -> None:
    array = np.array(np.arange(6.0).reshape(2, 3), order=order)
    again = _trip(array, tmp_path)[1]
    assert again.flags.c_contiguous == array.flags.c_contiguous
    assert again.flags.writeable
    halves = [pd.DataFrame(array, columns=list(names)) for names in ("abc", "def")]
    for frame in (
        pd.concat(halves, axis=1),
        pd.DataFrame(array),
        pd.DataFrame({"a": [1.0], "b": [2.0]}),
        pd.DataFrame(array).T,
    ):
        again = _trip(frame, tmp_path)[1]
        assert layout(again) == layout(frame)
        again.iloc[0, 0] = 99.0
        assert again.iloc[0, 0] == 99.0


def test_each_load_gives_a_copy_of_its_own(tmp_path: Path) -> None:
    artifact = save_value([1, 2], Store(tmp_path))
    load_value(Store(tmp_path), artifact.key).append(3)
    assert load_value(Store(tmp_path), artifact.key) == [1, 2]


@pytest.mark.parametrize(
    ("make", "reason", "advice"),
    [
        (lambda: (number for number in range(3)), "a generator", "make a list of it"),
        (lambda: {"a": zip([1], [2], strict=True)}, "['a']: a zip", "make a list of it"),
        (threading.Lock, "a lock", "build it in the step"),
        (lambda: Path(__file__).open(), "an open file", "pass the path"),  # noqa: SIM115 - the test closes it
        (lambda: np, "a module (numpy)", "import it in the step"),
    ],
)
def test_what_no_other_process_can_have_is_refused_with_advice(
    make: Any, reason: str, advice: str, tmp_path: Path
) -> None:
    value = make()
    with pytest.raises(Unserializable) as caught:
        save_value(value, Store(tmp_path))
    if hasattr(value, "close"):
        value.close()
    assert caught.value.reason.startswith(reason)
    assert advice in caught.value.advice
    assert not (tmp_path / "objects").exists()


class _Changing:
    def __init__(self) -> None:
        self.number = 1

    def __setstate__(self, state: dict[str, int]) -> None:
        self.number = state["number"] + 1


def test_a_value_that_comes_back_changed_is_refused(tmp_path: Path) -> None:
    value = SAMPLES["namespace"]()
    value.part = _Changing()
    with pytest.raises(Unserializable, match="unchanged"):
        save_value(value, Store(tmp_path))
    assert not list((tmp_path / "staging").iterdir())


def test_without_cloudpickle_what_main_defines_is_refused(tmp_path: Path) -> None:
    program = f"""
import sys
sys.modules["cloudpickle"] = None
{bootstrap_source()}
from _nbpipe_runtime.serializers import save_value, Unserializable, pickled
from _nbpipe_runtime.store import Store
from pathlib import Path
pickled.find_spec = lambda name: None
class Item: pass
store = Store(Path({str(tmp_path)!r}))
print(save_value((1, 2), store).serializer)
for value in (Item(), lambda: 1):
    try:
        save_value(value, store)
    except Unserializable as error:
        print(error.advice)
"""
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "pickle",
        "install cloudpickle where the code runs",
        "define it with def in definitions.py, or install cloudpickle",
    ]


def test_pickle_round_trip_is_the_reference() -> None:
    value = SAMPLES["forest"]()
    assert fingerprint(pickle.loads(pickle.dumps(value))) == fingerprint(value)
