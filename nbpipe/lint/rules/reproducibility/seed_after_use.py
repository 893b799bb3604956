"""NB306."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic


class SeedAfterUse(Rule):
    """A generator is seeded after it was used.

    ## What it does

    Reports, once for each generator, a seed that comes after the first draw from Python's `random`, NumPy's global
    generator, PyTorch's or TensorFlow's, when the notebook is run from the top: in a later cell, further down in the
    same cell, or in a function that is called later. Which calls draw and which seed, and where it is silent, is the
    same as for `unseeded-random`, which speaks where no seed comes at all.

    Silent where nothing depends on what was drawn before: it must train a model, choose the rows for one, or be read
    behind the seed. A seed that begins another section, example or figure, after draws that were only looked at, is
    fine. Making a `DataLoader` draws nothing; going through it does.

    Silent where another seed of the generator comes before the draw: seeding again, to repeat something, is fine.
    Silent for the first weights of a network that are drawn anew: `model.apply(init_weights)`.

    ## Why is this bad?

    What is drawn before the seed is other numbers each time: the first weights, the shuffled rows. The seed makes
    readers believe that the results can be got again, and they cannot. Often the cells were moved, or the seed was
    added to the cell that was worked on last.

    ## Example

    ```python
    # %%
    import numpy as np

    noise = np.random.normal(size=100)
    # %%
    np.random.seed(0)
    sample = np.random.choice(noise, 10)
    ```

    ## Use instead

    ```python
    # %%
    import numpy as np

    np.random.seed(0)
    noise = np.random.normal(size=100)
    # %%
    sample = np.random.choice(noise, 10)
    ```
    """

    code = "NB306"
    severity = Severity.WARNING
    triggers = ("seed", "setstate", "set_state", "set_rng_state", "determinis")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield the first seed of each generator that is used before."""
        from nbpipe.lint.draws import GENERATORS, overtaken, severity_of

        for draw, late in overtaken(context):
            if draw.name.startswith("torch.nn.") and _starts_over(context):
                continue
            used = context.analysis.range(draw.site.home, draw.site.node.func)
            where = context.analysis.range(late.home, late.node)
            place = "above" if used.cell == where.cell else f"in cell {used.cell + 1}"
            message = (
                f"this seeds {GENERATORS[draw.generator][0]} too late: '{draw.name}' {place} has drawn from it before"
            )
            related = (Related(used, "drawn here, unseeded"),)
            yield context.diagnostic(where, message, related=related, severity=severity_of(context, draw))


def _starts_over(context: Context) -> bool:
    """Tell whether weights are drawn anew, layer by layer: ``model.apply(init_weights)``."""
    return any(
        getattr(call.func, "attr", "") == "apply"
        and any(isinstance(each, ast.Name) and ("init" in each.id or "reset" in each.id) for each in call.args)
        for _, call in context.analysis.nodes(ast.Call)
    )
