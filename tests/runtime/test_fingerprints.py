from __future__ import annotations

import copy
import math
import pickle
import subprocess
import sys
import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbpipe.runtime.fingerprints import Limits, fingerprint
from tests.runtime.samples import PLAIN, Account, Node

ATOMS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | st.complex_numbers()
)
KEYS = st.integers(-3, 3) | st.text(max_size=3) | st.tuples(st.integers(0, 2), st.booleans())


def _containers(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.sets(KEYS, max_size=5)
        | st.frozensets(KEYS, max_size=5)
        | st.builds(Account, st.text(max_size=3), st.lists(inner, max_size=3))
    )


VALUES = st.recursive(ATOMS, _containers, max_leaves=15)


def _canonical(value: Any) -> Any:
    """Give what makes two values equal, written down independently of the code under test."""
    name = type(value).__name__
    if isinstance(value, float):
        return name, "nan" if math.isnan(value) else value.hex()
    if isinstance(value, complex):
        return name, _canonical(value.real), _canonical(value.imag)
    if isinstance(value, list | tuple):
        return name, [_canonical(item) for item in value]
    if isinstance(value, dict):
        return name, [(_canonical(key), _canonical(item)) for key, item in value.items()]
    if isinstance(value, set | frozenset):
        return name, sorted(repr(_canonical(item)) for item in value)
    if isinstance(value, Account):
        return name, value.owner, _canonical(value.entries)
    return name, value


def _made_otherwise(value: Any) -> Any:
    """Give an equal value that shares no part with the first, with sets filled in another order."""
    if isinstance(value, str):
        return "".join(list(value))
    if isinstance(value, list | tuple):
        return type(value)([_made_otherwise(item) for item in value])
    if isinstance(value, dict):
        return {_made_otherwise(key): _made_otherwise(item) for key, item in value.items()}
    if isinstance(value, set | frozenset):
        return type(value)(sorted((_made_otherwise(item) for item in value), key=repr, reverse=True))
    if isinstance(value, Account):
        other = Account.__new__(Account)
        other.entries = _made_otherwise(value.entries)
        other.owner = value.owner
        return other
    return copy.deepcopy(value)


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_equal_values_made_differently_have_equal_fingerprints(value: Any) -> None:
    assert fingerprint(_made_otherwise(value)) == fingerprint(value)
    assert fingerprint(pickle.loads(pickle.dumps(value))) == fingerprint(value)


@settings(max_examples=200, deadline=None)
@given(VALUES, VALUES)
def test_fingerprints_are_equal_exactly_when_values_are(first: Any, second: Any) -> None:
    same = _canonical(first) == _canonical(second)
    assert (fingerprint(first).digest == fingerprint(second).digest) is same
    assert fingerprint([first, second]).digest != fingerprint([first]).digest


@settings(max_examples=150, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=5), st.data())
def test_one_changed_part_changes_the_fingerprint(values: list[Any], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(values) - 1))
    other = data.draw(VALUES)
    changed = [*values[:place], other, *values[place + 1 :]]
    same = _canonical(values[place]) == _canonical(other)
    assert (fingerprint(changed).digest == fingerprint(values).digest) is same


@pytest.mark.parametrize("name", PLAIN)
def test_values_of_many_kinds(name: str) -> None:
    make = PLAIN[name]
    first = fingerprint(make())
    assert first.comparable, first.reason
    assert first.proves_equality
    assert fingerprint(make()) == first
    others = [other for key, other in PLAIN.items() if key != name]
    assert first.digest not in {fingerprint(other()).digest for other in others}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (1, True),
        (1, 1.0),
        (0.0, -0.0),
        ("a", b"a"),
        ([1], (1,)),
        ({1}, frozenset({1})),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (["ab", "c"], ["a", "bc"]),
        ([[1], 2], [1, [2]]),
        ({"a": None}, {}),
        (bytearray(b"a"), b"a"),
        (range(3), [0, 1, 2]),
        (lambda x: x + 1, lambda x: x + 2),
        (lambda x, y=1: x + y, lambda x, y=2: x + y),
    ],
)
def test_what_differs_in_any_way_a_reader_can_see_differs(first: object, second: object) -> None:
    assert fingerprint(first).digest != fingerprint(second).digest


def test_sharing_equal_parts_does_not_show() -> None:
    part = ["x"]
    assert fingerprint([part, part]) == fingerprint([["x"], ["x"]])


def test_doubly_shared_parts_take_no_exponential_time() -> None:
    value: list[Any] = []
    for _ in range(200):
        value = [value, value]
    assert fingerprint(value).comparable


def test_a_cycle_does_not_depend_on_what_stands_before_it() -> None:
    root = PLAIN["tree"]()
    other = PLAIN["tree"]()
    assert fingerprint([1, [root]]) == fingerprint([1, [other]])
    assert fingerprint(root) == fingerprint(pickle.loads(pickle.dumps(root)))
    other.children.append(Node())
    assert fingerprint(root) != fingerprint(other)


def test_the_order_in_which_attributes_were_set_does_not_count() -> None:
    one, other = Node(), Node.__new__(Node)
    other.children = []
    other.parent = None
    assert fingerprint(one) == fingerprint(other)


def test_attributes_of_a_subclass_of_a_container_count() -> None:
    bag, other = PLAIN["dict subclass"](), PLAIN["dict subclass"]()
    other.label = "x"
    assert fingerprint(bag) != fingerprint(other)


def test_iterators_are_refused_and_not_consumed() -> None:
    numbers = (number for number in range(3))
    result = fingerprint({"a": [numbers]})
    assert not result.comparable
    assert not result.proves_equality
    assert result.reason == "['a'][0]: a generator, which can be read only once"
    assert list(numbers) == [0, 1, 2]
    pairs = iter([1, 2])
    assert not fingerprint(pairs).comparable
    assert next(pairs) == 1


def test_locks_and_files_are_refused_by_name(tmp_path: Any) -> None:
    assert fingerprint([threading.Lock()]).reason == "[0]: a lock (lock)"
    with (tmp_path / "notes.txt").open("w") as file:
        assert "notes.txt" in fingerprint(file).reason


def test_depth_beyond_the_stack_is_said() -> None:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    assert fingerprint(value).reason == "it is nested too deeply"
    while value:
        value = value.pop()


def test_large_containers_are_sampled_and_say_so() -> None:
    limits = Limits(items=5000, bytes=1 << 20)
    small, large = list(range(5000)), list(range(5001))
    assert not fingerprint(small, limits=limits).sampled
    sampled = fingerprint(large, limits=limits)
    assert sampled.sampled
    assert not sampled.proves_equality
    assert fingerprint([*large[:-1], 7], limits=limits).digest != sampled.digest


def test_the_module_of_a_local_class_does_not_count() -> None:
    outcomes = []
    for module in ("__main__", "shop.definitions", "other.place"):
        namespace: dict[str, Any] = {"__name__": module}
        exec("class Item:\n    def price(self): return 3\nclass More(Item): pass\nitem = More()\nitem.n = 1", namespace)
        outcomes.append(fingerprint([namespace["item"], namespace["More"]], local=["shop"]).digest)
    assert outcomes[0] == outcomes[1]
    assert outcomes[0] != outcomes[2]


def test_an_instance_names_its_class_and_does_not_hold_it() -> None:
    outcomes = []
    for price in (3, 4):
        namespace: dict[str, Any] = {"__name__": "__main__"}
        exec(f"class Item:\n    def price(self): return {price}\nitem = Item()", namespace)
        outcomes.append((fingerprint(namespace["item"]).digest, fingerprint(namespace["Item"]).digest))
    assert outcomes[0][0] == outcomes[1][0]
    assert outcomes[0][1] != outcomes[1][1]


def test_code_counts_but_not_its_comments_or_place() -> None:
    sources = [
        "def f(a):\n    return a + 1\n",
        "\n\ndef f(a):\n    # more\n    return a + 1\n",
        "def f(a):\n    return a + 2\n",
    ]
    digests = []
    for source in sources:
        namespace: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(source, "cell", "exec"), namespace)
        digests.append(fingerprint(namespace["f"]).digest)
    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_hash_seed_does_not_show() -> None:
    program = "from nbpipe.runtime.fingerprints import fingerprint as f; print(f({'a', 'b', 'c', ('d', 1)}).digest)"
    digests = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True, text=True
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(digests) == 1
