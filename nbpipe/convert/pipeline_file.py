"""pipeline.py and the package's small files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.convert.texts import literal
from nbpipe.steps.options import LOCAL_OPTIONS

if TYPE_CHECKING:
    from nbpipe.pipeline import Pipeline


def write_pipeline(pipeline: Pipeline, notebook: str) -> str:
    """Give pipeline.py: the steps, what they pass, and nothing that imports them."""
    steps = "".join(_step(pipeline, place) for place in range(len(pipeline.steps)))
    title = literal(
        f"The steps of {notebook}, and what they pass to each other.\n\n"
        "`generators` are the global random generators that a step draws from or seeds."
    )
    return (
        f"{title}\n\nfrom nbpipe.pipeline import Pipeline, Step, main\n\n"
        f"PIPELINE = Pipeline(\n    name={pipeline.name!r},\n    steps=(\n{steps}    ),\n)\n\n"
        f'if __name__ == "__main__":\n    main(PIPELINE)\n'
    )


def _step(pipeline: Pipeline, place: int) -> str:
    step = pipeline.steps[place]
    fields = [f"name={step.name!r}", f"function={step.function!r}"]
    for field in ("inputs", "outputs", "parameters", "metrics", "after"):
        names: tuple[str, ...] = getattr(step, field)
        if names:
            fields.append(f"{field}={names!r}")
    # Which generators it draws from lets steps that share none run side by side.
    fields.append(f"generators={step.generators!r}")
    options = {name: getattr(step, name) for name in LOCAL_OPTIONS}
    fields += [f"{name}={value!r}" for name, value in options.items() if value is not None]
    return f"        Step({', '.join(fields)},),\n"


def write_main(package: str) -> str:
    """Give __main__.py."""
    title = literal(f"``python -m {package}`` runs the pipeline.")
    return f"{title}\n\nfrom {package}.pipeline import PIPELINE, main\n\nmain(PIPELINE)\n"


def write_package(notebook: str) -> str:
    """Give the package's __init__.py."""
    return literal(f"The pipeline of {notebook}, one module a step.") + "\n"
