"""NB707."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import ordinal
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.flow import Definition, Mutation, Use
    from nbpipe.analysis.values import Obj
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.steps import StepPlan


class MutationCrossesSteps(Rule):
    """An object made in one step is changed in place in another and read in a third.

    ## What it does

    Reports, in a notebook with step tags, a surely executed change in place (`log.append(...)`, `frame["x"] = ...`,
    `model.fit(...)`) of an object that an earlier step made, where a later step reads the object under a name that
    the changing step does not bind: the same name, or another name for the same object. Told once for each object
    and step that changes it.

    Silent where the changing step gives the result a name (`model = model.fit(...)`), where no other step reads the
    object afterwards, and for what is made before the first step.

    ## Why is this bad?

    Steps exchange copies. The third step has to get the changed copy, but nothing in the code says that the second
    step makes something: converters that look at names alone hand on the copy of the first step, and the pipeline
    ends with other numbers than the notebook, without an error. nbpipe finds the change and passes it on; with two
    names for one object it has to keep them together in one file, or to merge the steps.

    ## Example

    ```python
    # %% tags=["step:load"]
    rows = [3, 1, 2]

    # %% tags=["step:clean"]
    rows.remove(1)

    # %% tags=["step:count"]
    number = len(rows)
    ```

    ## Use instead

    ```python
    # %% tags=["step:load"]
    rows = [3, 1, 2]

    # %% tags=["step:clean"]
    kept = [row for row in rows if row != 1]

    # %% tags=["step:count"]
    number = len(kept)
    ```
    """

    code = "NB707"
    severity = Severity.WARNING
    python_only = False
    tagged = ("step:",)

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each object and step that changes it."""
        from nbpipe.steps import understood

        plan = understood(context.notebook)
        if plan is None:
            return
        uses = _uses(context, plan)
        order = {step.name: number for number, step in enumerate(plan.steps)}
        told: set[tuple[int, str]] = set()
        for mutation in context.analysis.top_down.mutations:
            changer = plan.step_of(mutation.cell)
            if not mutation.certain or not changer:
                continue
            for use, definition in uses.get(id(mutation.obj), ()):
                maker, reader = plan.step_of(definition.cell), plan.step_of(use.cell)
                if order[maker] < order[changer] < order[reader] and (id(mutation.obj), changer) not in told:
                    told.add((id(mutation.obj), changer))
                    yield _report(context, plan, mutation, use, definition)


def _uses(context: Context, plan: StepPlan) -> dict[int, list[tuple[Use, Definition]]]:
    """Give, by object, what steps read of what other steps made."""
    from nbpipe.steps import crossings

    found: dict[int, list[tuple[Use, Definition]]] = {}
    for each in crossings(context.analysis, plan):
        reached: dict[int, Obj] = {}
        if len(each.definition.value) == 1:  # else, which object it is depends on the path
            _reach(each.definition.value[0], reached)
        for key in reached:
            found.setdefault(key, []).append((each.use, each.definition))
    return found


def _reach(obj: Obj, found: dict[int, Obj]) -> None:
    """Collect an object, what it is a part of, and what it surely contains."""
    from nbpipe.analysis.values import Container, External, root_of

    if id(obj) in found or isinstance(obj, External):
        return
    found[id(obj)] = obj
    _reach(root_of(obj), found)
    if isinstance(obj, Container):
        for element in obj.elements():
            _reach(element, found)


def _report(context: Context, plan: StepPlan, mutation: Mutation, use: Use, definition: Definition) -> Diagnostic:
    maker, changer, reader = (plan.step_of(cell) for cell in (definition.cell, mutation.cell, use.cell))
    assert definition.node is not None  # noqa: S101 - a crossing has one
    message = (
        f"step '{plan.title_of(changer)}' changes `{use.name}` of step '{plan.title_of(maker)}' "
        f"({ordinal(definition.cell)}) in place, and step '{plan.title_of(reader)}' reads it ({ordinal(use.cell)}): "
        "give what is changed a name of its own"
    )
    related = (
        Related(context.analysis.range(definition.home, definition.node), f"`{use.name}` is made here"),
        Related(context.analysis.range(use.home, use.node), "and read here"),
    )
    return context.diagnostic(context.analysis.range(mutation.home, mutation.node), message, related=related)
