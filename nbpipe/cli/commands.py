"""The commands: name to module and one-line help, so that ``nbpipe --help`` imports none of them.

A command is a module in this folder with a click command called ``command``, whose callback returns an exit code
or None. A test compares the helps with the commands' own.
"""

from __future__ import annotations

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init", "Write configuration, the pre-commit hook and a CI job into a project."),
    "check": ("check", "Find what keeps notebooks from being trusted."),
    "run": ("run", "Run a notebook from top to bottom in a fresh kernel, or a pipeline."),
    "runs": ("runs", "List, show and compare past runs, and send them to MLflow."),
    "verify": ("verify", "Run notebooks fresh and compare with their stored outputs."),
    "tag": ("tag", "Suggest which cells form which step of a pipeline."),
    "convert": (
        "convert",
        "Make a pipeline project of a notebook's tagged cells, and prove that it computes the same.",
    ),
    "graph": ("graph", "Show the graph of a notebook's cells or steps, or of a pipeline's steps."),
    "debug": ("debug", "Open a step of a pipeline with its inputs of a past run loaded."),
    "store": ("store", "Show the size of a pipeline's store of values, and collect its garbage."),
    "demo": ("demo", "Write a small real project and take it through all that nbpipe does."),
    "rules": ("rules", "List the rules of check."),
    "rule": ("rule", "Explain a rule of check."),
    "config": ("config", "Show which settings are in force, and from where."),
}
