"""NB301."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Severity
from nbpipe.lint.rule import Rule
from nbpipe.patterns import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.randomness import Draw
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic

# What generators call the parameter that takes their seed.
OWN_SEEDS = ("seed", "entropy", "x")
# Modules that Keras 1 and 2.0 had, which knew no function that seeds.
OLD_KERAS = pattern(r"keras\.layers\.(?:core|convolutional|embeddings|recurrent)\.")


class UnseededRandom(Rule):
    """Random numbers are drawn from a generator that nothing has seeded.

    ## What it does

    Reports, once for each generator, the first use of Python's `random`, NumPy's global generator, PyTorch's or
    TensorFlow's, when nothing seeds that generator. Where a seed comes too late, `seed-after-use` says so. A seed in a
    function that is called before counts, and so do the functions that seed several generators at once:
    `keras.utils.set_random_seed`, `seed_everything` of Lightning, `set_seed` of transformers, accelerate and fastai,
    and `Trainer` of transformers. Making layers of a network uses a generator (for their first weights), and so does a
    `DataLoader` that shuffles.

    A draw counts where something learns from it, or rows are chosen by it: it is followed through names, functions,
    classes and loops to a call that trains (`fit`, `backward`, `train_model`...), or to a mask
    (`df[np.random.rand(len(df)) < 0.8]`). Silent for what is only printed, plotted, timed, predicted from, or read by
    nothing.

    Reports also each generator that is made without a seed: `np.random.default_rng()`, `RandomState()`,
    `random.Random()`.

    Silent where a seed may come before: in a branch, in a function of a module that is named so (`set_seeds()`), by
    `seed=` or `generator=` of the call itself. Silent in functions that nothing calls, and where the numbers do not
    matter or are meant to differ: in a `print`, in a function that is named as one that shows something
    (`show_examples`) or is handed to a web page or widget (gradio, ipywidgets...), for a dummy input
    (`dummy_data = ...`), for letters and digits drawn as a unique name, for `random.SystemRandom` and `secrets`. JAX
    needs no rule, for its keys are seeds. Calls that take `random_state` are the matter of `missing-random-state`.
    After `%run` of something that cannot be looked into, the finding is an info.

    ## Why is this bad?

    Each run gives other numbers: the stored results cannot be got again, a change for the better cannot be told from
    luck, and neither nbpipe nor anyone else can verify the notebook.

    ## Example

    ```python
    # %%
    import numpy as np

    noise = np.random.normal(size=X.shape)
    model.fit(X + noise, y)
    ```

    ## Use instead

    ```python
    # %%
    import numpy as np

    rng = np.random.default_rng(0)
    noise = rng.normal(size=X.shape)
    model.fit(X + noise, y)
    ```

    ## Fix safety

    The fix gives a generator that is made without a seed one, and seeds a generator of the whole process by a line
    behind the imports that its module is imported with, or behind the notebook's own seed. The seed is the name that
    the notebook binds once to a whole number before the draw (`SEED`, `RANDOM_STATE`, `seed`), else 0. It is unsafe
    because the results change: from each time another one to always the same one, which need not be the stored one,
    and a generator made in a loop gives the same numbers each time.
    """

    code = "NB301"
    severity = Severity.WARNING
    triggers = ("random", "torch", "tensorflow", "keras", "fastai")

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield the first use of each generator that nothing seeds, and generators made without a seed."""
        from nbpipe.lint.draws import GENERATORS, late_seed, seeding_of, severity_of, unseeded
        from nbpipe.lint.seeding import seeded_generator

        for draw in unseeded(context):
            if draw.own:
                yield _own(context, draw)
            elif late_seed(context, draw) is None:
                generator, _ = GENERATORS[draw.generator]
                message = f"'{draw.name}' uses {generator}, which nothing seeds (see {seeding_of(draw)})"
                where = context.analysis.range(draw.site.home, draw.site.node.func)
                fix = (
                    None
                    if OLD_KERAS.match(draw.name)
                    else seeded_generator(context.analysis, draw.site, draw.generator)
                )
                yield context.diagnostic(where, message, severity=severity_of(context, draw), fix=fix)


def _own(context: Context, draw: Draw) -> Diagnostic:
    from nbpipe.lint.seeding import seeded_call

    where = context.analysis.range(draw.site.home, draw.site.node)
    message = f"'{draw.name}' makes a generator without a seed: each run gives other numbers"
    return context.diagnostic(where, message, fix=seeded_call(context.analysis, draw.site, "", OWN_SEEDS))
