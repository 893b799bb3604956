"""What each step takes, gives and needs: liveness at the boundaries of steps, from reaching definitions."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbpipe.convert.changes import may_change
from nbpipe.convert.display import is_display
from nbpipe.convert.left_out import needed
from nbpipe.convert.refusal import TiedStepsError, refuse
from nbpipe.convert.scopes import mentioned_in, names_of
from nbpipe.steps import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.flow import Definition, Use
    from nbpipe.convert.layout import Layout
    from nbpipe.convert.source import Source, Statement


@dataclass(slots=True)
class StepFlow:
    """What flows in and out of one step.

    Attributes:
        name: of the step.
        inputs: names of values that earlier steps give.
        outputs: names of values that later steps need, and that this step made or changed.
        parameters: names of parameters it uses.
        nested: names of functions that are defined inside the step, since they read its values.
        imported: names that the step imports for itself: later steps bind them to something else.
        reads: names of the package that it needs: imports, definitions, constants.
        binds: names it binds.
        mutates: names whose values it may change in place without binding them.
        why: for people, by name, why it is an input, output or parameter.
    """

    name: str
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    parameters: list[str] = field(default_factory=list)
    nested: list[str] = field(default_factory=list)
    imported: list[str] = field(default_factory=list)
    reads: frozenset[str] = frozenset()
    binds: frozenset[str] = frozenset()
    mutates: set[str] = field(default_factory=set)
    why: dict[str, str] = field(default_factory=dict)


class DataFlow:
    """What flows between the steps of a notebook."""

    def __init__(self, source: Source, layout: Layout) -> None:
        self.source = source
        self.layout = layout
        self.order = {step.name: place for place, step in enumerate(source.steps)}
        self.steps = {step.name: StepFlow(step.name) for step in source.steps}
        self.foreseen: dict[str, StepFlow] = {}  # by reading alone, of a flow that a recorded run settles
        self._shown: set[int] = set()
        self._step_of = {cell: step.name for step in source.steps for cell in step.cells}
        self._statements = {step.name: self._body(step.name) for step in source.steps}

    def solve(self, changed: dict[str, set[str]] | None = None) -> dict[str, StepFlow]:
        """Give the flow of each step.

        Args:
            changed: names that a recorded run saw change in each step, beside those that the code shows.

        Raises:
            ConversionError: a value reaches a step on some paths only, or comes from where no step can pass it on.
        """
        for name, flow in self.steps.items():
            self._take_names(flow, self._statements[name])
            flow.mutates |= self._mutated(name) | (changed or {}).get(name, set())
        for name in self.steps:
            for use in self._uses(name):
                self._take_use(name, use)
        for flow in self.steps.values():
            self._complete(flow)
        self.sort()
        return self.steps

    def sort(self) -> None:
        """Order names as each step's code first mentions them."""
        for flow in self.steps.values():
            mentioned = [name for item in self._statements[flow.name] for name in mentioned_in(item.node)]
            order = {name: place for place, name in enumerate(dict.fromkeys(mentioned))}
            for names in (flow.inputs, flow.outputs, flow.parameters):
                names.sort(key=lambda name: (order.get(name, len(order)), name))

    def body(self, step: str) -> tuple[Statement, ...]:
        """Give the statements of a step, those of the prelude that run in it first among them."""
        return self._statements[step]

    def _body(self, step: str) -> tuple[Statement, ...]:
        first = self.layout.prelude.first if self.order[step] == 0 else ()
        own = self.source.of_step(step)
        return (*first, *(statement for statement in own if not self._is_shown(statement)))

    def _is_shown(self, statement: Statement) -> bool:
        """Tell whether a statement is left out since it only shows something."""
        if statement.is_dropped or is_display(self.source, statement):
            self._shown.update(id(node) for node in ast.walk(statement.node))
            return True
        return False

    def _take_names(self, flow: StepFlow, statements: tuple[Statement, ...]) -> None:
        """Find what of the package a step needs, and the functions that must be defined inside it."""
        kept = [statement for statement in statements if not self._is_moved(statement)]
        reads, binds = set[str](), set[str]()
        if kept:
            names = names_of([statement.node for statement in kept])
            reads, binds = set(names.reads), set(names.binds)
        nested: dict[str, Statement] = {}
        inner = self.layout.definitions.keys() - self.layout.hoisted
        while more := (reads & inner) - nested.keys():
            for name in more:
                nested[name] = self.layout.definitions[name]
                reads |= nested[name].names.reads
        flow.nested = sorted(nested, key=list(self.layout.definitions).index)
        flow.binds = frozenset(binds)
        flow.reads = frozenset(name for name in reads if self.layout.is_global(name))
        unsure = {name for name in binds if not self._surely_binds(flow.name, name)}
        imported = (reads | unsure) & self.layout.rebound.keys()
        flow.imported = sorted(name for name in imported if not self._binding_before(flow.name, name))
        for name in sorted(self._parameters(flow, statements)):
            flow.parameters.append(name)
            flow.why[name] = f"parameter: {self._first_reader(statements, name)} reads it"

    def _is_moved(self, statement: Statement) -> bool:
        """Tell whether a statement goes to definitions.py, or to the top of modules."""
        names = statement.names.binds
        return bool(names) and (
            all(name in self.layout.hoisted for name in names) or all(name in self.layout.imports for name in names)
        )

    def _parameters(self, flow: StepFlow, statements: tuple[Statement, ...]) -> set[str]:
        """Give the parameters whose values a step, or a function that it calls, reads."""
        found: set[str] = set()
        for use in self._uses(flow.name):
            roles = [self.source.plan.roles.get(definition.cell) for definition in use.definitions]
            if any(role is not None and role.role is Role.PARAMETERS for role in roles):
                found.add(use.name)
        declared = {parameter.name for parameter in self.source.declared}
        for statement in statements:
            # Those of the prelude, and names that only the pipeline has.
            found |= statement.names.reads if statement.step != flow.name else statement.names.reads & declared
        for function in flow.nested:
            found |= self.layout.definitions[function].names.reads - flow.binds
        return found & self.layout.parameters.keys()

    def _first_reader(self, statements: tuple[Statement, ...], name: str) -> str:
        reader = next((statement for statement in statements if name in statement.names.reads), None)
        return "a function that the step calls" if reader is None else f"cell {reader.cell + 1} ('{reader.shown}')"

    def _uses(self, step: str) -> Iterator[Use]:
        """Give the uses, while the step runs, of names that its cells get from elsewhere."""
        for use in self.source.analysis.top_down.uses.values():
            if self._step_of.get(use.cell) != step or use.local or use.uncalled or id(use.node) in self._shown:
                continue
            outside = any(definition.cell != use.cell for definition in use.definitions)
            if outside and use.name.isidentifier() and not self._is_defined(use.name):
                yield use

    def _take_use(self, step: str, use: Use) -> None:
        """Make a name that reaches a use from outside the step its input, and an output of the steps it comes from."""
        outside = [definition for definition in use.definitions if self._step_of.get(definition.cell) != step]
        bound = [definition for definition in outside if definition.bound and definition.cell >= 0]
        producers = {self._producer(definition, use) for definition in bound} - {""}
        if not producers:
            return
        origins = {self._origin(definition) for definition in bound}
        if use.name in self.layout.rebound:
            origins.discard("")  # the step that binds it under a condition imports it, too
        if len(producers) < len(origins):
            raise refuse(
                use.cell, f"'{use.name}' is either a parameter or what a step made: give the two different names"
            )
        producers |= self._deleting(outside)
        missing = any(not definition.bound for definition in use.definitions)
        if (missing or not self._reach_back(use.name, producers)) and not use.certain:
            raise TiedStepsError(
                use.cell,
                f"'{use.name}' is bound on some paths only before step '{step}' needs it: bind it on all of them",
                min(producers, key=self.order.__getitem__),
                step,
            )
        self._connect(use.name, producers, step, use)

    def _deleting(self, definitions: list[Definition]) -> set[str]:
        """Give the steps that may take the name away: they give it, so that they fail where the notebook does."""
        return {self._origin(definition) for definition in definitions if definition.kind == "deleted"} - {""}

    def _reach_back(self, name: str, producers: set[str]) -> bool:
        """Add the earlier steps whose value a step may leave as it was; tell whether one surely binds the name.

        A use that stands under the same condition as the binding sees only that one, but the step returns the name
        whatever the condition is.
        """
        while True:
            first = min(producers, key=self.order.__getitem__)
            if self._surely_binds(first, name):
                return True
            earlier = self._binding_before(first, name)
            if not earlier:
                return False
            producers.add(earlier[-1])

    def _surely_binds(self, step: str, name: str) -> bool:
        changes = self.source.analysis.top_down.changes
        surely = any(changes[cell].binds.get(name) for cell, owner in self._step_of.items() if owner == step)
        return surely or name in self.steps[step].imported

    def _may_bind(self, step: str, name: str) -> bool:
        changes = self.source.analysis.top_down.changes
        return any(name in changes[cell].binds for cell, owner in self._step_of.items() if owner == step)

    def _binding_before(self, step: str, name: str) -> list[str]:
        """Give the steps before one that may bind a name, in order."""
        return [other for other in self.order if self.order[other] < self.order[step] and self._may_bind(other, name)]

    def _origin(self, definition: Definition) -> str:
        return self._step_of.get(definition.cell, "")

    def _producer(self, definition: Definition, use: Use) -> str:
        """Give the step that makes what reaches a use, "" where it is not a step's value."""
        step = self._step_of.get(definition.cell)
        if step is not None:
            return step
        role = self.source.plan.roles.get(definition.cell)
        if role is not None and role.role in (Role.SKIP, Role.SERVE):
            raise needed(self.source, [definition.cell], f"makes '{use.name}', which cell {use.cell + 1} uses")
        return ""

    def _connect(self, name: str, producers: set[str], consumer: str, use: Use) -> None:
        """Pass a name from the steps that make it to the one that uses it, through those that may make or change it."""
        first = min(self.order[producer] for producer in producers)
        chain = [
            step
            for step, place in self.order.items()
            if first <= place < self.order[consumer] and (step in producers or name in self.steps[step].mutates)
        ]
        for place, step in enumerate(chain):
            verb = "makes" if step in producers else "changes"
            self.add_output(step, name, f"it {verb} it, and step '{consumer}' needs it")
            if place:
                self.add_input(step, name, f"it may leave it as step '{chain[place - 1]}' gave it")
        where = f"cell {use.cell + 1}" if use.cell == use.home else f"cell {use.cell + 1}, through cell {use.home + 1},"
        self.add_input(consumer, name, f"{where} reads it; step '{chain[-1]}' gives it")

    def add_input(self, step: str, name: str, why: str) -> None:
        """Let a step take a name."""
        flow = self.steps[step]
        if name in flow.parameters and name not in flow.inputs:
            flow.parameters.remove(name)
            flow.why.pop(name, None)
        if name not in flow.inputs:
            flow.inputs.append(name)
            flow.why[name] = f"input: {why}" if name not in flow.why else f"input and {flow.why[name]}"

    def add_output(self, step: str, name: str, why: str) -> None:
        """Let a step give a name."""
        flow = self.steps[step]
        if name not in flow.outputs:
            flow.outputs.append(name)
            flow.why[name] = f"output: {why}" if name not in flow.why else f"{flow.why[name]}; output: {why}"

    def _complete(self, flow: StepFlow) -> None:
        """Add the values that functions defined inside the step read without a call that the analysis sees."""
        for function in flow.nested:
            for name in sorted(self.layout.definitions[function].names.reads):
                if name in flow.binds or name in flow.inputs or name in flow.parameters or self._is_defined(name):
                    continue
                makers = [
                    step for step in self.order if self.order[step] < self.order[flow.name] and self._gives(step, name)
                ]
                if makers:
                    self.add_output(makers[-1], name, f"it makes it, and step '{flow.name}' needs it")
                    self.add_input(flow.name, name, f"function {function} reads it; step '{makers[-1]}' gives it")

    def _gives(self, step: str, name: str) -> bool:
        return name in self.steps[step].binds or name in self.steps[step].mutates

    def _is_defined(self, name: str) -> bool:
        """Tell whether a name is at the top of modules, or defined inside the steps that use it: never passed."""
        return self.layout.is_global(name) or name in self.layout.definitions

    def _mutated(self, step: str) -> set[str]:
        changes = self.source.analysis.top_down.changes
        found: set[str] = set()
        for cell, owner in self._step_of.items():
            if owner == step:
                found.update(changes[cell].mutates)
        bound = {bound for other in self.steps.values() for bound in other.binds}
        for statement in self._statements[step]:
            found.update(name for name in may_change(statement.node) if name in bound)
        return {name for name in found if not self.layout.is_global(name) and name not in self.steps[step].binds}
