"""The options of ``run`` that are for pipelines only, and what `run` does with a folder."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Any

import click

from nbpipe.cli.limit_options import POSITIVE, Size
from nbpipe.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

_OPTIONS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (("--env", "environment"), {"metavar": "NAME", "help": "Lay params.NAME.yaml over params.yaml."}),
    (("--from", "first"), {"multiple": True, "metavar": "STEP", "help": "Only run STEP and what depends on it."}),
    (("--to", "last"), {"multiple": True, "metavar": "STEP", "help": "Only run STEP and what it depends on."}),
    (("--only",), {"multiple": True, "metavar": "STEP", "help": "Only run STEP."}),
    (
        ("--resume",),
        {"is_flag": False, "flag_value": "latest", "metavar": "[RUN]", "help": "Take up the last run, or RUN."},
    ),
    (("--reproduce",), {"metavar": "RUN", "help": "Do a recorded run again, with its code, and compare."}),
    (("--dry-run",), {"is_flag": True, "help": "Say which steps would run and why, and run none."}),
    (("--explain",), {"is_flag": True, "help": "Say of each step why it runs, or where its result is from."}),
    (("--no-cache",), {"is_flag": True, "help": "Run all steps, whatever is known."}),
    (("--sweep",), {"multiple": True, "metavar": "NAME=V1,V2", "help": "Run once with each value; several: a grid."}),
    (("--sweep-list",), {"is_flag": True, "help": "Take the values of several --sweep in step, not as a grid."}),
    (("--retries",), {"type": click.IntRange(min=0), "metavar": "N", "help": "Run a step that fails N times more."}),
    (("--retry-delay",), {"type": POSITIVE, "metavar": "SECONDS", "help": "Wait before that; doubled each time."}),
    (("--step-timeout",), {"type": POSITIVE, "metavar": "SECONDS", "help": "End a step that takes longer."}),
    (("--step-memory",), {"type": Size(), "metavar": "SIZE", "help": "End a step that takes more, such as 2G."}),
    (("--store",), {"metavar": "PLACE", "help": "Keep values in this folder or at this fsspec URL."}),
)


def pipeline_options(function: Callable[..., int]) -> Callable[..., int]:
    """Add the options to a command, and let it run folders as pipelines; the function is called for all else."""

    @functools.wraps(function)
    def call(**values: Any) -> int:
        names = [option.name or "" for option in options]
        own = {name: values.pop(name) for name in names}
        first = values.get("path") or (values.get("paths") or [""])[0]
        if own["reproduce"] and (not first or os.path.isdir(first)):  # noqa: PTH112
            from nbpipe.cli.reproduce import reproduce_run

            return reproduce_run(first or None, own, values)
        if not first:
            raise ConfigError("name the notebook, or the folder of the pipeline, that is to run")
        if os.path.isdir(first) and not values.get("show_parameters"):  # noqa: PTH112 - a name, perhaps a URL
            from nbpipe.cli.pipeline import run_folder

            return run_folder(first, own, values)
        for option in options:
            if own[option.name or ""]:
                raise ConfigError(f"{option.opts[0]} is for pipelines; {first} is no folder")
        return function(**values)

    for flags, details in reversed(_OPTIONS):
        call = click.option(*flags, **details)(call)
    options: list[click.Option] = list(reversed(getattr(call, "__click_params__", [])))[: len(_OPTIONS)]
    return call
