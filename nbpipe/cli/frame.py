"""What surrounds every command: how errors, signals and closed pipes end the process."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

from nbpipe.cli import console
from nbpipe.errors import Interrupted, MissingExtraError, NbpipeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

INTERNAL, INTERRUPTED, BROKEN_PIPE = 2, 130, 141

# Top-level packages that come with an extra.
EXTRAS = {
    "jupytext": "text",
    "cloudpickle": "run",
    "ipykernel": "run",
    "jupyter_client": "run",
    "markdown_it": "run",
    "nbclient": "run",
    "nbformat": "run",
    "papermill": "run",
    "psutil": "run",
    "yaml": "run",
    "mlflow": "mlflow",
    "libcst": "convert",
    "pandas": "demo",
    "sklearn": "demo",
}


def run(arguments: Sequence[str]) -> int:
    """Run a command line and give the exit code; the user never sees a traceback without ``--debug``."""
    console.prepare()
    previous = _on_terminate(_raise_terminated)
    try:
        return _guarded(lambda: dispatch(_with_notebooks(arguments)), debug="--debug" in arguments)
    finally:
        _on_terminate(previous)


def dispatch(arguments: Sequence[str]) -> int:
    """Run a command line; a plain ``check`` without click, which costs three times a bare Python start."""
    if arguments[:1] == ["check"]:
        from nbpipe.cli import quick

        request = quick.parse(arguments[1:], os.environ)
        if request is not None:
            from nbpipe.cli.findings import check

            return check(*request)
    from nbpipe.cli.group import invoke

    return invoke(arguments)


def _with_notebooks(arguments: Sequence[str]) -> list[str]:
    """Give arguments in which no notebook that is there is taken for an option, as ``-draft.ipynb`` would be.

    Who passes on names, as pre-commit does, cannot put ``--`` before them and still take options behind.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    return [
        f".{os.sep}{each}"
        if number < end and each.startswith("-") and each.endswith(".ipynb") and os.path.isfile(each)  # noqa: PTH113
        else each
        for number, each in enumerate(arguments)
    ]


def _guarded(call: Callable[[], int], *, debug: bool) -> int:
    try:
        code = call()
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered would fail again when the interpreter flushes it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt as stop:
        console.error(str(stop) or "interrupted")
        return stop.exit_code if isinstance(stop, Interrupted) else INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort: one line instead of a traceback
        if debug or console.STATE.debug:
            from traceback import print_exc

            print_exc()
        return _report(error)
    return code


def _report(error: Exception) -> int:
    """Write the line for an error and give the exit code."""
    if isinstance(error, ModuleNotFoundError):
        package = (error.name or "").partition(".")[0]
        if package in EXTRAS:
            error = MissingExtraError(f"this command uses {package}, which", EXTRAS[package])
    message = " ".join(str(error).split("\n"))
    if isinstance(error, NbpipeError):
        console.error(message)
        return error.exit_code
    console.error(f"internal error: {type(error).__name__}: {message} (--debug shows where)")
    return INTERNAL


def _raise_terminated(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature of handlers
    raise Interrupted(number, "terminated")  # an exception, so that what is open is closed and kernels are stopped


def _on_terminate(handler: object) -> object:
    """Set the handler of SIGTERM and give the previous one; outside the main thread nothing can be set."""
    try:
        return signal.signal(signal.SIGTERM, handler)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return None
