"""The errors a user can cause or meet: each message says what is wrong, where, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class NbpipeError(Exception):
    """Base of all errors meant for the user; the CLI prints the message as one line.

    Attributes:
        exit_code: what the process exits with when this error ends a command
            (1: the input is bad, 2: the call or the configuration is).
    """

    exit_code = 1


class NotebookError(NbpipeError):
    """A file cannot be read as a notebook.

    Attributes:
        line: 1-based line in the file where reading stopped, when known.
        column: 1-based column there, when known.
    """

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class ConfigError(NbpipeError):
    """Configuration, an option or an argument is wrong."""

    exit_code = 2


class MissingExtraError(ConfigError):
    """A command needs a part of nbpipe that is not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs the extra '{extra}': python -m pip install 'nbpipe[{extra}]'")


class ExecutionError(NbpipeError):
    """A notebook could not be started or its result not be saved (a failing cell is data, not this)."""


class ConversionError(NbpipeError):
    """A notebook cannot be converted without changing what it computes."""


class PipelineError(NbpipeError):
    """A pipeline is malformed, or a step cannot be run."""


class TrackingError(NbpipeError):
    """A run cannot be recorded where it was asked to be."""


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """Give the end of a message about an unknown `word`: ". Did you mean 'x'?", or "" where nothing is near."""
    from difflib import get_close_matches  # only where something went wrong

    spelled = {candidate.lower(): candidate for candidate in sorted(candidates)}
    near = get_close_matches(word.lower(), spelled, n=1, cutoff=0.6)
    return f". Did you mean '{spelled[near[0]]}'?" if near else ""


class Interrupted(KeyboardInterrupt):
    """Somebody asked to stop (INT or TERM): what was done so far is kept, no process is left.

    Attributes:
        signal: number of the signal.
        exit_code: what the process exits with: 130 for INT, 143 for TERM.
    """

    def __init__(self, signal: int, message: str = "interrupted") -> None:
        super().__init__(message)
        self.signal = signal
        self.exit_code = 128 + signal
