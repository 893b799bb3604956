"""The bodies of ``check --add-ignores`` and ``check --write-baseline``: what is found now shall be reported no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.api.check import baseline_of, settings_for
from nbpipe.cli import console
from nbpipe.errors import ConfigError
from nbpipe.lint.reporters.concise import place
from nbpipe.lint.reporting import plural, printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nbpipe.config import Settings
    from nbpipe.lint.baseline import Baseline


def silence(paths: Sequence[str], arguments: Mapping[str, Sequence[str]], given: Mapping[str, Sequence[str]]) -> int:
    """Silence the findings in the notebooks or by a baseline, whichever is given; give the exit code."""
    if "-" in paths:
        raise ConfigError("what is found on standard input (-) cannot be silenced: name the notebook's file")
    if "add-ignores" in given and "write-baseline" in given:
        raise ConfigError("--add-ignores and --write-baseline cannot be used together: choose one")
    if "since" in given:
        raise ConfigError(
            "--since cannot be used together with --add-ignores or --write-baseline: they take all findings"
        )
    settings = settings_for(paths, arguments=arguments)
    if "add-ignores" in given:
        return _write_ignores(paths, settings)
    return _write_baseline(paths, settings, given["write-baseline"][-1])


def _write_ignores(paths: Sequence[str], settings: Settings) -> int:
    from nbpipe.api.ignore import add_ignores

    silenced = notebooks = left = 0
    failed = False
    for result in add_ignores(paths, settings, baseline_of(settings)):
        silenced += len(result.silenced)
        notebooks += bool(result.silenced)
        left += len(result.left)
        for item in result.left:
            console.error(f"{place(item)}: {item.code} cannot be silenced: {printable(item.message)}")
        for failure in result.failures:
            failed = True
            console.error(str(failure))
    console.note(f"Silenced {plural(silenced, 'finding')} in {plural(notebooks, 'notebook')}.")
    return 2 if failed else int(left > 0)


def _write_baseline(paths: Sequence[str], settings: Settings, file: str) -> int:
    from nbpipe.api.baseline import update_baseline

    written = update_baseline(paths, settings, file)
    for failure in written.failures:
        console.error(str(failure))
    if written.failures:
        return 2
    console.note(f"Wrote {plural(written.findings, 'finding')} of {plural(written.notebooks, 'notebook')} to {file}.")
    return 0


def note_baseline(baseline: Baseline, settings: Settings) -> None:
    """Say how many findings a baseline kept quiet, and how many it holds that are gone."""
    from nbpipe.api.baseline import selected_rules

    if baseline.hidden:
        console.note(f"{plural(baseline.hidden, 'finding')} not reported: in the baseline {baseline.file}.")
    stale = baseline.stale(selected_rules(settings))
    if stale:
        are = "is" if stale == 1 else "are"
        hint = f"`nbpipe check --write-baseline {baseline.file}` removes {'it' if stale == 1 else 'them'}"
        console.note(f"{plural(stale, 'finding')} in the baseline {are} gone: {hint}.")
