# ruff: noqa: NPY002 - the global generators are the subject
from __future__ import annotations

import json
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from nbpipe.runtime import generators

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _kept() -> Iterator[None]:
    before = generators.get_states()
    yield
    generators.set_states(before)
    generators.free_system()


def _draw() -> tuple[float, float, float, float]:
    return random.random(), random.gauss(0, 1), float(np.random.rand()), float(np.random.normal())


def test_states_survive_json_and_give_the_same_numbers() -> None:
    _draw()  # leaves a second normal number kept in each generator
    states = json.loads(json.dumps(generators.get_states()))
    first = _draw()
    assert _draw() != first
    generators.set_states(states)
    assert _draw() == first


def test_seeding_makes_two_runs_equal() -> None:
    generators.seed_all(2**40)
    first = _draw()
    generators.seed_all(2**40)
    assert _draw() == first


def test_drawing_is_seen_and_taking_states_is_no_drawing() -> None:
    before = generators.get_states()
    assert generators.changed(before, generators.get_states()) == ()
    np.random.rand()
    after = generators.get_states()
    assert generators.changed(before, after) == ("numpy.random",)
    random.random()
    assert generators.changed(before, generators.get_states()) == ("numpy.random", "random")


def test_the_generator_of_numpy_is_there_before_its_first_use() -> None:
    program = (
        "import sys, numpy; from nbpipe.runtime import generators as g; before = g.get_states(); g.seed_all(1);"
        "first = g.get_states(); numpy.random.rand(); print(g.changed(before, first), g.changed(first, g.get_states()))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True)
    assert done.stdout == "('numpy.random', 'random') ('numpy.random',)\n"


def test_a_generator_that_was_loaded_meanwhile_was_not_drawn_from() -> None:
    states = generators.get_states()
    before = {"random": states["random"]}
    assert generators.changed(before, states) == ()


def test_generators_without_a_seed_start_alike_once_that_is_asked_for() -> None:
    def drawn() -> tuple[float, ...]:
        made = np.random.default_rng(), np.random.RandomState(), np.random.Generator(np.random.PCG64())
        return tuple(float(generator.normal()) for generator in made)

    assert drawn() != drawn()
    assert generators.SYSTEM not in generators.get_states()
    generators.set_states({**generators.get_states(), generators.SYSTEM: 5})
    five = drawn()
    assert five == drawn()
    assert len(set(five[:2])) == 2
    generators.fix_system(6)
    assert generators.get_states()[generators.SYSTEM] == 6
    assert drawn() == drawn() != five
    generators.free_system()
    assert drawn() != drawn()
    assert generators.SYSTEM not in generators.get_states()
