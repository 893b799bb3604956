"""The body of ``check --fix`` and ``check --diff``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from nbpipe.api.check import exit_code
from nbpipe.api.fix import fix_each, fix_source
from nbpipe.cli import console
from nbpipe.cli.findings import report_failures
from nbpipe.lint.differences import differences
from nbpipe.lint.fixing import applicable
from nbpipe.lint.reporting import Summary, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from nbpipe.api.fix import FixedFile
    from nbpipe.config import Settings
    from nbpipe.lint.reporting import Reporter


class _Tally:
    """Counts over all files."""

    def __init__(self) -> None:
        self.summary = Summary()
        self.fixes = 0
        self.files = 0
        self.unwritten = 0
        self.failed = False

    def add(self, file: FixedFile) -> None:
        """Count one file, and write what went wrong with it."""
        self.summary.add(file.result)
        self.fixes += len(file.applied)
        self.files += bool(file.applied)
        self.failed |= report_failures(file.result.failures)
        if file.problem:
            self.unwritten += 1
            console.error(f"{file.path}: {file.problem}")
        if file.fixed is not None and file.fixed.endless:
            rules = ", ".join(file.fixed.endless)
            console.warn(f"{file.path}: left as it is: the fixes of {rules} do not come to an end; please report it")


def fix(
    names: Sequence[str], given: Mapping[str, Sequence[str]], settings: Settings, reporter: Reporter, *, stdin: bool
) -> int:
    """Fix what `names` mean, or show what would be fixed, and give the exit code.

    Args:
        names: files, folders or patterns; of standard input, what it is called.
        given: option name to the texts given for it.
        settings: those in force.
        reporter: writes the findings that are left.
        stdin: whether the notebook is on standard input; the fixed one then goes to standard output, all else to
            standard error.
    """
    unsafe = "unsafe-fixes" in given
    files: Iterable[FixedFile]
    if stdin:
        data = sys.stdin.buffer.read()
        file = fix_source(data, names[0], settings, unsafe=unsafe, locate=reporter.locates)
        if "diff" not in given:
            sys.stdout.flush()
            sys.stdout.buffer.write(data if file.text is None else file.text.encode())
            sys.stdout.buffer.flush()
        files = [file]
    else:
        files = fix_each(names, settings, unsafe=unsafe, write="diff" not in given, locate=reporter.locates)
    if "diff" in given:
        return _show(files, unsafe=unsafe)
    return _report(files, given, settings, reporter, console.write_error if stdin else console.echo)


def _show(files: Iterable[FixedFile], *, unsafe: bool) -> int:
    """Write what would be changed; 1 where something would."""
    tally = _Tally()
    more = 0
    for file in files:
        tally.add(file)
        if file.fixed is not None:
            for line in differences(file.fixed, console.style):
                console.echo(line)
            more += len(applicable(file.fixed.result.diagnostics, unsafe=True))
    hint = f"; {more} more with --unsafe-fixes" if more and not unsafe else ""
    console.note(f"Would fix {tally.fixes} in {plural(tally.files, 'notebook')}{hint}.")
    return 2 if tally.failed else int(tally.files > 0)


def _report(
    files: Iterable[FixedFile],
    given: Mapping[str, Sequence[str]],
    settings: Settings,
    reporter: Reporter,
    write: Callable[[str], None],
) -> int:
    """Write what is left after fixing."""
    tally = _Tally()
    for file in files:
        tally.add(file)
        for line in reporter.file(file.result):
            write(line)
    summary = tally.summary
    for line in reporter.end(summary):
        write(line)
    if reporter.summarises and not console.STATE.quiet:
        left = sum(summary.counts.values())
        more = f", {summary.unsafe} of them fixable with --unsafe-fixes" if summary.unsafe and left else ""
        more = "" if "unsafe-fixes" in given else more
        write(f"Fixed {tally.fixes} in {plural(tally.files, 'notebook')}; {left} left{more}.")
    if not summary.notebooks:
        console.warn("no notebooks found")
    code = exit_code(summary, settings, failed=tally.failed)
    fixed = tally.fixes > 0 and "exit-non-zero-on-fix" in given
    return max(code, int(tally.unwritten > 0), int(fixed))
