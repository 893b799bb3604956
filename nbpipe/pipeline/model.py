"""Steps and pipelines: names and functions; the edges are derived from what steps take and give."""

from __future__ import annotations

import dataclasses
import keyword
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nbpipe.errors import PipelineError, did_you_mean
from nbpipe.pipeline.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME_FIELDS = ("inputs", "outputs", "parameters", "metrics", "after")


@dataclass(frozen=True, slots=True)
class Step:
    """One plain function of a pipeline.

    Attributes:
        name: an identifier, unique in the pipeline.
        function: ``package.module:function``.
        inputs: names of values that earlier steps give; the function takes them by name.
        outputs: names of the values the function returns: one value, or a tuple in this order; none returns None.
        parameters: names of the parameters that the function takes as keywords.
        metrics: names of numbers to log. Those that are not outputs too are returned after the outputs.
        after: names of steps that must have ended before, for reasons that no value shows.
        generators: global random generators that the function draws from or seeds (``random``, ``numpy.random``,
            ``torch``). None: not known, so that the step runs after all earlier ones that may draw.
        cache: whether its result may be used again. None: where nothing unseen could have changed it.
        retries: how often it runs again when it fails.
        backoff: seconds before the first of these; each further one waits twice as long.
        timeout: seconds that it may take, each time.
        memory: bytes that its process, with those that it starts, may take, or a size such as ``2G``.
    """

    name: str
    function: str
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    generators: tuple[str, ...] | None = None
    cache: bool | None = None
    retries: int | None = None
    backoff: float | None = None
    timeout: float | None = None
    memory: int | str | None = None

    def __post_init__(self) -> None:
        """Check what can be checked of one step.

        Raises:
            PipelineError: a field is not of its kind, or a name is no identifier.
        """
        _check_identifier(self.name, "step")
        module, _, function = self.function.partition(":")
        if not all(part.isidentifier() for part in (*module.split("."), function)):
            raise PipelineError(
                f"step '{self.name}': function must be 'package.module:function', not {self.function!r}"
            )
        for field in _NAME_FIELDS:
            names: object = getattr(self, field)
            if not isinstance(names, tuple):
                raise PipelineError(f"step '{self.name}': {field} must be a tuple of names, not {names!r}")
            for name in names:
                _check_identifier(name, f"step '{self.name}': {field}")
            if len(set(names)) < len(names):
                raise PipelineError(f"step '{self.name}': {field} names something twice: {', '.join(names)}")
        both = set(self.inputs) & set(self.parameters)
        if both:
            raise PipelineError(f"step '{self.name}': '{min(both)}' is both an input and a parameter")
        Limits.of(self)

    @property
    def returns(self) -> tuple[str, ...]:
        """The names of what the function returns, in order: the outputs, then metrics that are no outputs."""
        return (*self.outputs, *(name for name in self.metrics if name not in self.outputs))


@dataclass(frozen=True, slots=True)
class Edge:
    """A value that one step gives and another takes; `name` is empty where only the order matters."""

    producer: str
    consumer: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Steps in the order in which they run one by one.

    A step takes the latest version of a name that an earlier step gives: a name may be given again.
    """

    name: str
    steps: tuple[Step, ...]
    _found: tuple[Edge, ...] = dataclasses.field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check that the steps fit together.

        Raises:
            PipelineError: two steps have one name, or a step takes what no earlier one gives.
        """
        if not isinstance(self.steps, tuple) or not all(isinstance(step, Step) for step in self.steps):
            raise PipelineError(f"pipeline '{self.name}': steps must be a tuple of Step")
        seen: dict[str, Step] = {}
        given: set[str] = set()
        for step in self.steps:
            if step.name in seen:
                raise PipelineError(f"pipeline '{self.name}': two steps are named '{step.name}'")
            for name in step.inputs:
                if name not in given:
                    raise PipelineError(f"step '{step.name}': {self._missing(name, given)}")
            for name in step.after:
                if name not in seen:
                    raise PipelineError(
                        f"step '{step.name}': after: no earlier step '{name}'{did_you_mean(name, seen)}"
                    )
            seen[step.name] = step
            given.update(step.outputs)
        object.__setattr__(self, "_found", tuple(self._edges()))  # frozen; asked for by every step

    def _missing(self, name: str, given: set[str]) -> str:
        later = next((step.name for step in self.steps if name in step.outputs), None)
        if later is not None:
            return f"its input '{name}' is given only later, by step '{later}'"
        return f"no earlier step gives its input '{name}'{did_you_mean(name, given)}"

    def step(self, name: str) -> Step:
        """Give the step of a name.

        Raises:
            PipelineError: there is none.
        """
        for step in self.steps:
            if step.name == name:
                return step
        names = [step.name for step in self.steps]
        raise PipelineError(f"pipeline '{self.name}' has no step '{name}'{did_you_mean(name, names)}")

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of all parameters that steps use, in order of first use."""
        return tuple(dict.fromkeys(name for step in self.steps for name in step.parameters))

    def edges(self) -> tuple[Edge, ...]:
        """Derive which step takes which value from which other one, in step order."""
        return self._found

    def _edges(self) -> Iterator[Edge]:
        latest: dict[str, str] = {}
        for step in self.steps:
            yield from (Edge(latest[name], step.name, name) for name in step.inputs)
            yield from (Edge(name, step.name) for name in step.after)
            latest.update(dict.fromkeys(step.outputs, step.name))

    def sources(self, step: Step) -> dict[str, str]:
        """Give, for each input of a step, the name of the step that gives it."""
        return {edge.name: edge.producer for edge in self._found if edge.consumer == step.name and edge.name}

    def ancestors(self) -> dict[str, frozenset[str]]:
        """Give, for each step, all steps that must have ended before it may start."""
        found: dict[str, frozenset[str]] = {step.name: frozenset() for step in self.steps}
        for edge in self._found:
            found[edge.consumer] |= {edge.producer} | found[edge.producer]
        return found


def _check_identifier(name: object, what: str) -> None:
    if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
        raise PipelineError(f"{what}: {name!r} is not a name (letters, digits and _)")
