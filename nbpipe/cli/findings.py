"""The body of ``check``: checks, and writes what is found. Free of click, which its plain calls do without."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from nbpipe.api.check import (
    baseline_of,
    check_each,
    check_source,
    exit_code,
    known_left_out,
    settings_for,
    since_revision,
)
from nbpipe.cli import console
from nbpipe.cli.options import CHECK, SWITCHES
from nbpipe.errors import ConfigError
from nbpipe.lint.files import notebooks_of
from nbpipe.lint.reporters import make_reporter
from nbpipe.lint.reporting import Summary, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nbpipe.config import Settings
    from nbpipe.lint.diagnostic import FileResult
    from nbpipe.lint.failure import RuleFailure
    from nbpipe.lint.reporting import Reporter
    from nbpipe.lint.since import Since


def check(paths: Sequence[str], given: Mapping[str, Sequence[str]]) -> int:
    """Check what `paths` mean, write the findings, and give the exit code.

    Args:
        paths: files, folders, patterns, or ``-`` for standard input; none for the current folder.
        given: option name to the texts given for it; an empty list for a flag.

    Raises:
        ConfigError: the configuration or a path is wrong.
    """
    console.STATE.quiet |= "quiet" in given
    console.STATE.debug |= "debug" in given
    arguments = _arguments(given)
    names = list(paths) or ["."]
    code = _instead(names, arguments, given)
    if code is not None:
        return code
    if "-" in names:
        if len(names) > 1:
            raise ConfigError("standard input (-) cannot be checked together with other paths")
        if "show-files" in given:
            raise ConfigError("--show-files shows what paths mean; standard input (-) is no path")
        names = [(given.get("stdin-filename") or ["-"])[-1]]
    settings = settings_for(names, arguments=arguments)
    since = _since(given, names, settings)
    if "show-files" in given:
        return show_files(names, settings, since)
    reporter = _reporter(settings, given)
    baseline = baseline_of(settings)
    if "fix" in given or "diff" in given:
        from nbpipe.cli import fixing  # a plain check does not pay for it

        code = fixing.fix(names, given, settings, reporter, stdin="-" in paths)
    else:
        cached = "no-cache" not in given
        results: Iterable[FileResult]
        if "-" in paths:
            results = [check_source(sys.stdin.buffer.read(), names[0], settings, **reporter.details())]
        else:
            results = check_each(names, settings, cached=cached, since=since, **reporter.details())
        results = known_left_out(results, baseline)
        code = _report(results if since is None else map(since.filtered, results), reporter, given, settings, since)
    if baseline is not None:
        from nbpipe.cli.silencing import note_baseline

        note_baseline(baseline, settings)
    return 0 if code == 1 and "exit-zero" in given else code


def _arguments(given: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Give the texts for configuration keys."""
    arguments = {option.name: given[option.name] for option in CHECK if option.is_key and option.name in given}
    switched = {key: [value] for option, (key, value) in SWITCHES.items() if option in given}
    return {**arguments, **switched}


def _instead(
    names: Sequence[str], arguments: Mapping[str, Sequence[str]], given: Mapping[str, Sequence[str]]
) -> int | None:
    """Do what was asked for in place of a check, and give the exit code; None where it was a check."""
    if "show-settings" in given:
        from nbpipe.cli.shown_settings import show_settings

        return show_settings(names, arguments)
    if "watch" in given:
        from nbpipe.cli.watching import watch

        return watch(names, arguments, given)
    if "write-baseline" in given or "add-ignores" in given:
        from nbpipe.cli.silencing import silence

        return silence(names, arguments, given)
    return None


def _reporter(settings: Settings, given: Mapping[str, Sequence[str]]) -> Reporter:
    if "output-file" in given or "statistics" in given:
        from nbpipe.cli.reports import Reports  # a plain check does not pay for it

        return Reports(settings, given)
    return make_reporter(settings.output_format, settings.origin("output-format"), console.style)


def _since(given: Mapping[str, Sequence[str]], names: Sequence[str], settings: Settings) -> Since | None:
    """Give what tells which findings came since the revision that was given, None where there is none."""
    if "since" not in given:
        return None
    if "fix" in given or "diff" in given:
        raise ConfigError("--since cannot be used together with --fix or --diff: fixes are made in whole notebooks")
    if "-" in names:
        raise ConfigError("--since on standard input (-) needs --stdin-filename: which notebook to compare with")
    return since_revision(given["since"][-1], names, settings)


def show_files(names: Sequence[str], settings: Settings, since: Since | None = None) -> int:
    """Write which notebooks would be checked, and give the exit code: 1 where a folder cannot be searched."""
    problems = 0
    for found in notebooks_of(names, settings):
        if found.problem:
            problems += 1
            console.error(f"the folder '{found.path}' cannot be searched: {found.problem}")
        elif since is None or since.may_differ(found.path):
            console.echo(printable(found.path))
    return int(problems > 0)


def _report(
    results: Iterable[FileResult],
    reporter: Reporter,
    given: Mapping[str, Sequence[str]],
    settings: Settings,
    since: Since | None,
) -> int:
    summary = Summary()
    failed = False
    watched = console.is_terminal(sys.stderr)
    for result in results:
        summary.add(result)
        for line in reporter.file(result):
            console.echo(line)
        failed |= report_failures(result.failures)
        if watched:
            console.progress(f"{summary.notebooks} checked, last {result.path}")
    for line in reporter.end(summary):
        console.echo(line)
    if reporter.summarises and not console.STATE.quiet:
        console.echo(summary.sentence())
        if fixes := summary.fixes(unsafe="unsafe-fixes" in given):
            console.echo(fixes)
    if not summary.notebooks and since is not None:
        console.note(f"no notebook has changed since {printable(since.ref)}")
    elif not summary.notebooks:
        console.warn("no notebooks found")
    return exit_code(summary, settings, failed=failed)


def report_failures(failures: Iterable[RuleFailure]) -> bool:
    """Write a line for each error of nbpipe itself, and tell whether there was one."""
    failed = False
    for failure in failures:
        failed = True
        console.error(str(failure))
        if console.STATE.debug:
            from traceback import print_exception

            print_exception(failure.error)
    return failed
