"""States of the global random generators, as JSON: taken, restored and seeded without drawing from them."""

from __future__ import annotations

import base64
import importlib
import random
import sys
from typing import Any

# Generator ("random", "numpy.random", "torch") -> its state, JSON-able; SYSTEM -> what `fix_system` was given.
States = dict[str, Any]

SYSTEM = "system"
_fixed: dict[str, int] = {}  # by SYSTEM
_asked: dict[str, Any] = {}  # by SYSTEM, what numpy asked before


def get_states() -> States:
    """Give the state of each global generator whose library is loaded."""
    version, internal, gauss = random.getstate()
    states: States = {"random": [version, list(internal), gauss]}
    numpy_random = _numpy_random()
    if numpy_random is not None:
        name, keys, position, has_gauss, cached = numpy_random.get_state(legacy=True)
        states["numpy.random"] = [str(name), keys.tolist(), int(position), int(has_gauss), float(cached)]
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        states["torch"] = base64.b64encode(torch.get_rng_state().numpy().tobytes()).decode()
    return {**states, **_fixed}


def set_states(states: States) -> None:
    """Restore states that `get_states` gave; a library that has one is imported for it."""
    if "random" in states:
        version, internal, gauss = states["random"]
        random.setstate((version, tuple(internal), gauss))
    if "numpy.random" in states:
        import numpy  # noqa: ICN001 - only where a state is numpy's

        name, keys, position, has_gauss, cached = states["numpy.random"]
        numpy.random.set_state((name, numpy.array(keys, dtype="uint32"), position, has_gauss, cached))  # noqa: NPY002 - its state
    if "torch" in states:
        import torch

        content = bytearray(base64.b64decode(states["torch"]))
        torch.set_rng_state(torch.frombuffer(content, dtype=torch.uint8))
    if SYSTEM in states:
        fix_system(states[SYSTEM])


def fix_system(seed: int) -> None:
    """Let numpy's new generators without a seed start alike each time, in this process from now on.

    For runs that are to be compared: such a generator asks the system for its start, which gives another one each time.
    """
    _fixed[SYSTEM] = seed
    if (module := _asking_system()) is not None:
        _asked.setdefault(SYSTEM, module.randbits)
        module.randbits = lambda bits: random.Random(seed).getrandbits(bits)  # noqa: S311 - no secret


def free_system() -> None:
    """Let such generators ask the system again."""
    _fixed.clear()
    if SYSTEM in _asked and (module := _asking_system()) is not None:
        module.randbits = _asked.pop(SYSTEM)


def _asking_system() -> Any:
    """Give the module in which numpy asks the system, None where there is none."""
    module = getattr(_numpy_random(), "bit_generator", None)
    return module if hasattr(module, "randbits") else None


def seed_all(seed: int) -> None:
    """Seed each global generator whose library is loaded: the common start of two runs that are to be compared."""
    random.seed(seed)
    numpy_random = _numpy_random()
    if numpy_random is not None:
        numpy_random.seed(seed % 2**32)
    torch: Any = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)


def changed(before: States, after: States) -> tuple[str, ...]:
    """Name the generators whose state is not what it was; one that was loaded meanwhile does not count."""
    return tuple(sorted(name for name in before.keys() & after.keys() if before[name] != after[name]))


def _numpy_random() -> Any:
    # Newer versions of numpy load `numpy.random` only when it is first used: its generator counts as there before.
    return importlib.import_module("numpy.random") if "numpy" in sys.modules else None
