"""What IPython gives for shell lines and captured output is seen as the plain values that a pipeline has."""

from __future__ import annotations

import io
import types
from typing import TYPE_CHECKING, Any

import pytest
from IPython.utils.capture import CapturedIO
from IPython.utils.text import LSString, SList

from nbpipe.runtime import watching
from nbpipe.runtime.fingerprints import fingerprint
from nbpipe.runtime.of_ipython import plain, plain_type
from nbpipe.runtime.recorder import differences, observe, save, snapshot
from nbpipe.runtime.serializers import load_value
from nbpipe.runtime.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LINES = ["a.txt", "b.txt"]


def of_ipython() -> dict[str, Any]:
    return {
        "lines": SList(LINES),
        "text": LSString("a\nb"),
        "out": CapturedIO(io.StringIO("shown"), io.StringIO("warned")),
        "nothing": CapturedIO(None, None),
    }


PLAIN: dict[str, Any] = {
    "lines": LINES,
    "text": "a\nb",
    "out": types.SimpleNamespace(stdout="shown", stderr="warned"),
    "nothing": types.SimpleNamespace(stdout="", stderr=""),
}


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[None]:
    """Watch as in a recorded run."""
    watching.begin({}, 0, [], [str(tmp_path)])
    yield
    watching._watch.pop("session").__exit__(None, None, None)


def test_values_are_those_of_a_pipeline() -> None:
    found = plain(of_ipython())
    assert found == PLAIN
    assert [type(value) for value in found.values()] == [type(value) for value in PLAIN.values()]
    assert snapshot(of_ipython()) == snapshot(PLAIN)


def test_a_namespace_without_such_values_is_itself() -> None:
    assert plain(PLAIN) is PLAIN


def test_one_value_stays_one_and_equal_ones_stay_two() -> None:
    one = SList(LINES)
    found = plain({"a": one, "b": one, "c": SList(LINES)})
    assert found["a"] is found["b"]
    assert found["a"] is not found["c"]


def test_names_that_share_one_are_told_also_when_a_container_does() -> None:
    one = SList(LINES)
    assert observe({"a": one, "b": one})["aliases"][0]["names"] == ("a", "b")
    assert observe({"a": one, "kept": {"files": one}})["aliases"][0]["names"] == ("a", "kept")
    assert observe({"a": one, "b": SList(LINES)})["aliases"] == []


def test_one_within_a_container_is_a_list_too() -> None:
    assert fingerprint({"files": [SList(LINES)]}).digest == fingerprint({"files": [LINES]}).digest
    assert fingerprint(SList(LINES)).digest != fingerprint(SList(LINES[:1])).digest


def test_asking_one_for_its_text_changes_nothing() -> None:
    namespace = of_ipython()
    before = observe(namespace)
    assert namespace["lines"].s == "a.txt b.txt"
    assert observe(namespace) == before
    namespace["lines"].append("c.txt")
    assert differences(before, observe(namespace))["changed"] == ["lines"]


@pytest.mark.usefixtures("watched")
def test_types_are_those_that_annotations_name() -> None:
    names = {**of_ipython(), "mixed": SList(["a", 1]), "own": ["a"]}
    found = watching.pause(names, list(names), list(names))
    assert found["types"] == {
        "lines": ["builtins", "list[str]"],
        "text": ["builtins", "str"],
        "out": ["types", "SimpleNamespace"],
        "nothing": ["types", "SimpleNamespace"],
        "mixed": ["builtins", "list"],
        "own": ["builtins", "list"],
    }
    assert found["unstorable"] == {}


def test_what_is_saved_needs_no_ipython(tmp_path: Path) -> None:
    found = save(of_ipython(), list(PLAIN), str(tmp_path))
    store = Store(tmp_path)
    for name, value in PLAIN.items():
        again = load_value(store, found[name]["key"])
        assert (type(again), again) == (type(value), value)


def test_classes_of_that_name_elsewhere_are_others() -> None:
    class SList(list[str]):
        pass

    class Odd(type):
        @property
        def __module__(cls) -> Any:  # type: ignore[override]
            return 3

    class Thing(metaclass=Odd):
        pass

    assert plain_type(SList()) is None
    assert plain_type(Thing()) is None
