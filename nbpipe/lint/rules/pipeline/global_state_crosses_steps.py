"""NB706."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from nbpipe.lint.diagnostic import Related, Severity
from nbpipe.lint.naming import ordinal, where_run
from nbpipe.lint.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.analysis.flow import CallSite, Definition, GlobalState, Use
    from nbpipe.lint.context import Context
    from nbpipe.lint.diagnostic import Diagnostic
    from nbpipe.steps import StepPlan

_GENERATORS = {
    "<random>": "Python's generator",
    "<numpy.random>": "NumPy's global generator",
    "<torch.random>": "PyTorch's generator",
    "<tensorflow.random>": "TensorFlow's generator",
}
# Options, in words, and the library whose calls they change.
_OPTIONS = {
    "pandas.options": ("an option of pandas", "pandas"),
    "sklearn.config": ("scikit-learn's configuration", "sklearn"),
    "numpy.seterr": ("how NumPy takes errors", "numpy"),
    "torch.defaults": ("a default of PyTorch", "torch"),
    "decimal": ("the context of decimals", "decimal"),
}
_DISPLAY = ("display", "plotting", "styler")
_PRINTING = ("display", "print_changed_only")
_FILES = frozenset(["open", "listdir", "scandir", "glob", "iglob", "walk", "exists", "isfile", "isdir", "Path", "load"])
_FILE_PREFIXES = ("read_", "to_", "save", "load", "imread", "imwrite", "genfromtxt", "loadtxt")


class GlobalStateCrossesSteps(Rule):
    """A step relies on a seed, working directory, environment variable or option that another step sets.

    ## What it does

    Reports, in a notebook with step tags,

    - random numbers drawn in one step from a generator that another step seeded last;
    - a relative path used in one step after another one changed the working directory;
    - an environment variable that one step sets and another one reads;
    - an option set in one step (`pd.set_option("mode.copy_on_write", True)`, `sklearn.set_config`, `np.seterr`,
      `torch.set_default_dtype`, the context of decimals) where another one uses that library.

    Silent about what is set before the first step (in cells tagged `imports`, `parameters` or `definitions`, or
    untagged), for every step has that, and about options that only change how things look.

    ## Why is this bad?

    Each step runs in a process of its own, where nobody has set it: other random numbers, other files, other results,
    and no error. nbpipe's pipelines carry the states of generators from step to step, which ties the steps together:
    none can run alone, at the same time as another, or from the cache when only the other has changed.

    ## Example

    ```python
    # %% tags=["step:load"]
    import random

    random.seed(7)
    rows = list(range(10))

    # %% tags=["step:sample"]
    sample = random.sample(rows, 3)
    ```

    ## Use instead

    ```python
    # %% tags=["step:load"]
    import random

    rows = list(range(10))

    # %% tags=["step:sample"]
    random.seed(7)
    sample = random.sample(rows, 3)
    ```
    """

    code = "NB706"
    severity = Severity.WARNING
    python_only = False
    tagged = ("step:",)

    def check(self, context: Context) -> Iterator[Diagnostic]:
        """Yield the first draw of each step from a generator, and the first step that relies on each setting."""
        from nbpipe.steps import understood

        plan = understood(context.notebook)
        if plan is None:
            return
        yield from _generators(context, plan)
        yield from _settings(context, plan)


def _generators(context: Context, plan: StepPlan) -> Iterator[Diagnostic]:
    told: set[tuple[str, str]] = set()
    for use in context.analysis.top_down.uses.values():
        generator = _GENERATORS.get(use.name)
        step = plan.step_of(use.cell)
        if generator is None or not step or use.uncalled or (step, use.name) in told:
            continue
        told.add((step, use.name))  # after the first draw, the generator is as that one left it
        seeds = {id(seed.node): seed for seed in use.definitions if seed.kind == "seed"}
        if len(seeds) == len(use.definitions) == 1:
            seed = next(iter(seeds.values()))
            if (other := plan.step_of(seed.cell)) and other != step:
                yield _drawn(context, use, seed, f"step '{plan.title_of(step)}' draws from {generator}", plan)


def _drawn(context: Context, use: Use, seed: Definition, what: str, plan: StepPlan) -> Diagnostic:
    assert seed.node is not None  # noqa: S101 - a seed is a call
    other = plan.title_of(plan.step_of(seed.cell))
    message = f"{what}, which step '{other}' seeds ({ordinal(seed.cell)}): seed it in this step{where_run(use)}"
    related = (Related(context.analysis.range(seed.home, seed.node), "the seed"),)
    return context.diagnostic(context.analysis.range(use.home, use.node), message, related=related)


def _settings(context: Context, plan: StepPlan) -> Iterator[Diagnostic]:
    states = [state for state in context.analysis.top_down.global_state if plan.step_of(state.cell)]
    order = [step.name for step in plan.steps]
    told: set[tuple[str, str]] = set()
    for state in states:
        step = plan.step_of(state.cell)
        if state.effect != "set" or not state.certain or (step, state.kind) in told:
            continue
        later = [other for other in order[order.index(step) + 1 :] if not _sets(states, plan, other, state.kind)]
        for user in later:
            found = _reliance(context, plan, state, user, states)
            if found is not None:
                if state.kind != "environ":  # several variables are several findings
                    told.add((step, state.kind))
                yield _relied(context, plan, state, found)
                break  # the later ones are mended in the same way


def _relied(
    context: Context, plan: StepPlan, state: GlobalState, found: tuple[tuple[int, ast.AST], str, str]
) -> Diagnostic:
    place, how, what = found
    message = (
        f"{how}, and step '{plan.title_of(plan.step_of(state.cell))}' sets {what} ({ordinal(state.cell)}): "
        "set it before the first step, or in each step that needs it"
    )
    related = (Related(context.analysis.range(state.home, state.node), "set here"),)
    return context.diagnostic(context.analysis.range(*place), message, related=related)


def _sets(states: list[GlobalState], plan: StepPlan, step: str, kind: str) -> bool:
    return any(state.effect == "set" and state.kind == kind and plan.step_of(state.cell) == step for state in states)


def _reliance(
    context: Context, plan: StepPlan, state: GlobalState, step: str, states: list[GlobalState]
) -> tuple[tuple[int, ast.AST], str, str] | None:
    """Give where and how a step relies on what was set, and what that is in words."""
    title = plan.title_of(step)
    sites = [site for site in context.analysis.calls if plan.step_of(site.cell) == step]
    if state.kind == "cwd":
        site = next((site for site in sites if _is_relative(site)), None)
        how = f"the path is relative in step '{title}'"
        return None if site is None else ((site.home, site.node), how, "the working directory")
    if state.kind == "environ":
        names = _variables(state.node)
        for site in sites:
            read = _variables(site.node) if any(_reads_variable(name) for name in site.names) else set()
            if read & names:
                return (site.home, site.node), f"step '{title}' reads {min(read & names)}", "that variable"
        for other in states:
            if other.effect == "read" and other.kind == "environ" and plan.step_of(other.cell) == step:
                read = _variables(other.node) & names
                if read:
                    return (other.home, other.node), f"step '{title}' reads {min(read)}", "that variable"
        return None
    if state.kind not in _OPTIONS or _only_shows(state):
        return None
    kind, library = _OPTIONS[state.kind]
    site = next((site for site in sites if any(name.partition(".")[0] == library for name in site.names)), None)
    return None if site is None else ((site.home, site.node), f"step '{title}' uses {library}", kind)


def _reads_variable(name: str) -> bool:
    return name in ("os.getenv", "os.environ.get", "os.environ.pop")


def _variables(node: ast.AST) -> set[str]:
    """Give the texts in an expression that may name environment variables."""
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def _only_shows(state: GlobalState) -> bool:
    if state.kind == "sklearn.config":
        keywords = state.node.keywords if isinstance(state.node, ast.Call) else []
        return bool(keywords) and all(keyword.arg in _PRINTING for keyword in keywords)
    return state.kind == "pandas.options" and any(word in ast.unparse(state.node) for word in _DISPLAY)


def _is_relative(site: CallSite) -> bool:
    """Tell whether a call takes a relative path, written out, to a file."""
    function = site.node.func
    name = getattr(function, "attr", "") or getattr(function, "id", "")
    if name not in _FILES and not name.startswith(_FILE_PREFIXES):
        return False
    first = site.node.args[0] if site.node.args else None
    text = first.value if isinstance(first, ast.Constant) else None
    return (
        isinstance(text, str) and ("." in text or "/" in text) and not text.startswith(("/", "~")) and ":" not in text
    )
