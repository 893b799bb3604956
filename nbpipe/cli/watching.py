"""The body of ``check --watch``: checks again whenever something changes, until it is interrupted."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from nbpipe.api.check import baseline_file, settings_for
from nbpipe.cli import console, findings
from nbpipe.cli.frame import INTERRUPTED
from nbpipe.errors import ConfigError, Interrupted, NbpipeError
from nbpipe.lint.files import notebooks_of, signature

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SECONDS = 1.0
CLEAR_SCREEN = "\x1b[2J\x1b[H"
ONCE = ("add-ignores", "show-files", "write-baseline")


def watch(
    names: Sequence[str],
    arguments: Mapping[str, Sequence[str]],
    given: Mapping[str, Sequence[str]],
    wait: Callable[[], None] = lambda: time.sleep(SECONDS),
) -> int:
    """Check, and again after each change; give the exit code when interrupted.

    Args:
        names: as for `findings.check`.
        arguments: the texts for configuration keys.
        given: as for `findings.check`.
        wait: returns when it is time to look again.

    Raises:
        ConfigError: the call is wrong; what goes wrong later is only written.
    """
    if "-" in names:
        raise ConfigError("--watch looks at files; standard input (-) is none")
    for option in ONCE:
        if option in given:
            raise ConfigError(f"--watch cannot be used together with --{option}")
    wanted = {name: texts for name, texts in given.items() if name != "watch"}
    try:
        before = _state(names, arguments)
        findings.check(names, wanted)
        while True:
            _ready()
            while (now := _state(names, arguments)) == before:
                wait()
            before = now
            _begin()
            try:
                findings.check(names, wanted)
            except NbpipeError as error:
                console.error(" ".join(str(error).split("\n")))
    except KeyboardInterrupt as stop:
        if isinstance(stop, Interrupted):
            raise
        return INTERRUPTED


def _state(names: Sequence[str], arguments: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Give what changes when there is something to check again."""
    try:
        settings = settings_for(names, arguments=arguments)
        notebooks = notebooks_of(names, settings)
        found = {each.path: each.problem or signature(each.path) for each in notebooks}
    except NbpipeError as error:
        return {"": str(error)}
    files = [settings.file, baseline_file(settings)]
    return {**found, **{file: signature(file) for file in files if file}}


def _begin() -> None:
    if console.is_terminal(sys.stdout):
        sys.stdout.write(CLEAR_SCREEN)


def _ready() -> None:
    console.note("Watching for changes; Ctrl-C ends.")
    sys.stdout.flush()
    sys.stderr.flush()
