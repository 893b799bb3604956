"""NB307."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.flow import CallSite
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.notebook.model import Range

SHOWN = 5
PAIR = 2


class InteractiveInput(Rule):
    """The notebook waits for a person.

    ## What it does

    Reports calls that wait until someone types, chooses or draws something: `input`, `getpass`, `breakpoint`,
    `click.prompt`, `files.upload` of Colab, file dialogs of tkinter. One finding for each function that is called, at
    its first call; the other calls are named with it.

    Two things are an info. Calls that ask for a login or a permission and go on without where there is one already:
    `drive.mount` and `auth.authenticate_user` of Colab, `notebook_login`, `ee.Authenticate`. And the `value` of an
    ipywidgets control that a later cell reads: a run that nobody attends gets the value that the control began with,
    whatever was chosen for the stored results.

    Silent in functions that nothing calls, and in a branch, a `try`, a loop with a condition, an `or`, or behind a
    `return`: `if "KEY" not in os.environ`, `os.getenv("KEY") or getpass()`, `if IN_COLAB`. There a run that nobody
    attends may have another way.

    ## Why is this bad?

    Scheduled, in CI or by papermill, there is no keyboard: the run fails with `StdinNotImplementedError`, or waits
    until it is killed. And what was typed is stored nowhere, so the results cannot be got again.

    ## Example

    ```python
    # %%
    year = int(input("Which year? "))
    # %%
    print(f"Sales of {year}")
    ```

    ## Use instead

    ```python
    # %% tags=["parameters"]
    year = 2024
    # %%
    print(f"Sales of {year}")
    ```
    """

    code = "NB307"
    severity = Severity.WARNING
    triggers = (
        "input(", "getpass", "breakpoint(", "set_trace(", "prompt", "upload(", "filedialog", "simpledialog", "widgets",
        "stdin", "mount(", "authenticate_user(", "Authenticate(", "notebook_login(", "confirm(", "pause(", "selectROI(",
    )  # fmt: skip

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield one finding for each function that asks, and for each control whose value is read."""
        from nbpipe.analysis.destinations import is_met
        from nbpipe.analysis.library_facts import library_file

        known = library_file("reproducibility")
        asking = {**known["asking"], **known["confirming"]}
        called = context.analysis.called
        if not called.isdisjoint({name.rpartition(".")[2] for name in asking}):
            found: dict[str, list[CallSite]] = {}
            for site in context.analysis.calls:
                name = next((each for each in site.names if each in asking), None)
                if name is not None and is_met(context.analysis, site.home, site.node):
                    found.setdefault(name, []).append(site)
            for name, sites in found.items():
                severity = Severity.INFO if name in known["confirming"] else None
                yield _report(context, name, asking[name], sites, severity)
        if not context.analysis.imported.isdisjoint(known["widgets"]):
            yield from _controls(context, tuple(f"{module}." for module in known["widgets"]))


def _report(context: Context, name: str, effect: str, sites: list[CallSite], severity: Severity | None) -> Diagnostic:
    places = [context.analysis.range(site.home, site.node.func) for site in sites]
    short = name.rpartition(".")[2]
    others = f" (and {len(sites) - 1} more {'call' if len(sites) == PAIR else 'calls'})" if len(sites) > 1 else ""
    message = f"'{short}' {effect}: the notebook cannot run unattended{others}"
    if severity is Severity.INFO:
        message = f"'{short}' {effect}, who must be there unless that was done before{others}"
    related = tuple(Related(place, "and here") for place in places[1 : SHOWN + 1])
    return context.diagnostic(places[0], message, related=related, severity=severity)


def _controls(context: Context, modules: tuple[str, ...]) -> Iterator[Diagnostic]:
    """Yield the first reading of each control's value in a later cell, outside functions."""
    from nbpipe.analysis.destinations import FUNCTIONS, around
    from nbpipe.analysis.values import type_name_of

    analysis = context.analysis
    found: dict[int, tuple[Range, Diagnostic]] = {}
    for home, node in analysis.nodes(ast.Attribute):
        if node.attr != "value" or not isinstance(node.ctx, ast.Load) or not isinstance(node.value, ast.Name):
            continue
        use = analysis.top_down.uses.get((home, id(node.value)))
        if use is None or len(use.definitions) != 1:
            continue
        definition = use.definitions[0]
        target = definition.node
        value = definition.value
        if target is None or definition.home >= home or len(value) != 1:
            continue
        if not (type_name_of(value[0]) or "").startswith(modules):
            continue
        if any(isinstance(outer, FUNCTIONS) for outer in around(analysis, home, node)):
            continue
        where = analysis.range(home, node)
        if id(target) not in found or where.key() < found[id(target)][0].key():
            message = (
                f"'{node.value.id}.value' is what someone has chosen since cell {definition.home + 1}: unattended, "
                "the notebook gets what the control began with"
            )
            related = (Related(analysis.range(definition.home, target), "the control"),)
            found[id(target)] = where, context.diagnostic(where, message, related=related, severity=Severity.INFO)
    for _, diagnostic in found.values():
        yield diagnostic
