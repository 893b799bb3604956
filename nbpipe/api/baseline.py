"""Writes down the findings of today, so that only new ones are reported: ``nbpipe check --write-baseline``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nbpipe.api.check import check_each
from nbpipe.errors import ConfigError
from nbpipe.lint.baseline import read_baseline
from nbpipe.lint.selection import Selection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nbpipe.config import Settings
    from nbpipe.lint.failure import RuleFailure


class WrittenBaseline:
    """What went into a baseline file.

    Attributes:
        findings: how many of the check went in.
        notebooks: how many notebooks were checked.
        failures: rules that raised: nothing was written then.
    """

    __slots__ = ("failures", "findings", "notebooks")

    def __init__(self, findings: int, notebooks: int, failures: Sequence[RuleFailure] = ()) -> None:
        self.findings = findings
        self.notebooks = notebooks
        self.failures = tuple(failures)


def update_baseline(paths: Sequence[str], settings: Settings, file: str) -> WrittenBaseline:
    """Check notebooks and write the findings to a baseline file, in place of what it held about them.

    Args:
        paths: files, folders or patterns.
        settings: those to check with; the baseline they may name is not looked at.
        file: the file to write. What it holds about other notebooks and about rules that are not selected stays.

    Raises:
        ConfigError: the file is there and is no baseline, or cannot be written; or as `check_each`.
    """
    known = read_baseline(file, "--write-baseline", missing_ok=True)
    results = list(check_each(paths, settings))
    findings = sum(len(result.diagnostics) for result in results)
    failures = [failure for result in results for failure in result.failures]
    if not failures:
        _save(file, known.updated(results, selected_rules(settings)))
    return WrittenBaseline(findings, len(results), failures)


def selected_rules(settings: Settings) -> frozenset[str]:
    """Give the names of the rules that the settings turn on."""
    return frozenset(rule.name for rule in Selection(settings).rules)


def _save(file: str, text: str) -> None:
    """Write the file in one step."""
    temporary = f"{file}.{os.getpid()}.tmp"
    try:
        with open(temporary, "w", encoding="utf-8", newline="\n") as stream:  # noqa: PTH123 - as in nbpipe.lint
            stream.write(text)
        os.replace(temporary, file)  # noqa: PTH105
    except OSError as error:
        raise ConfigError(f"--write-baseline: '{file}' cannot be written: {error.strerror or error}") from None
