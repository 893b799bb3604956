"""What a step logs itself by MLflow's own functions lands in the step's own run.

The parent process makes the run of each step, and says in a file which one it is: when the step asks for it, not
before, as most steps never do. Where MLflow's store does not answer, or no longer, what the step logs goes to a
database of its own in the run's folder, from where it can be sent later; no step fails or waits for a server that is
down.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.util
import json
import os
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .own_values import NAMES, OwnValues

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_FLUENT = "mlflow.tracking.fluent"
_WAIT_SECONDS = 60.0
_LOOK_SECONDS = 0.02
_PING_SECONDS = 5.0
_TRUSTED_SECONDS = 1.0  # so long an answer of the server stands for its next ones
# Else MLflow tries for minutes: for a server that dies between our question and its call.
_RETRIES = "4"
_EXPERIMENT = "steps"


@contextmanager
def landing(spec: dict[str, Any] | None) -> Iterator[OwnCalls]:
    """Let calls of MLflow within the block land in the step's run.

    Args:
        spec: ``uri`` of the store, ``answer`` (the file in which the parent says which run it is), ``otherwise`` (a
            folder for what is logged while the store does not answer); None leaves MLflow alone.
    """
    calls = OwnCalls(spec)
    if spec is None:
        yield calls
        return
    os.environ["MLFLOW_TRACKING_URI"] = spec["uri"]
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", _RETRIES)
    finder = _Finder(calls)
    sys.meta_path.insert(0, finder)
    if _FLUENT in sys.modules:
        calls.wrap(sys.modules[_FLUENT])
    try:
        yield calls
    finally:
        sys.meta_path.remove(finder)


class OwnCalls:
    """The run that a step's own calls of MLflow go to."""

    def __init__(self, spec: dict[str, Any] | None) -> None:
        self._spec = spec or {}
        self._run: dict[str, Any] = {}
        self._used = False
        self._follows = True
        self._answered_at = float("-inf")
        self._values = OwnValues()
        self._fluent: Any = None

    def wrap(self, fluent: ModuleType) -> None:
        """Put our own functions around those that say where what is logged goes."""
        self._fluent = fluent
        for name, wrapper in (("start_run", self._start), ("set_experiment", self._set_experiment)):
            self._replace(fluent, name, wrapper)
        for name in NAMES:
            self._replace(fluent, name, functools.partial(self._log, name))
        tracking: Any = sys.modules.get("mlflow.tracking")
        for holder in (tracking, sys.modules.get("mlflow")):
            if holder is not None:
                self._replace(holder, "set_tracking_uri", self._set_uri)

    def _replace(self, module: Any, name: str, wrapper: Callable[..., Any]) -> None:
        original = getattr(module, name, None)
        if original is None or hasattr(original, "_nbpipe_wraps"):
            return

        @functools.wraps(original)
        def call(*arguments: Any, **options: Any) -> Any:
            return wrapper(original, *arguments, **options) if self._follows else original(*arguments, **options)

        call._nbpipe_wraps = True  # type: ignore[attr-defined]  # noqa: SLF001 - our own mark
        setattr(module, name, call)
        package: Any = sys.modules.get("mlflow")
        if package is not None and getattr(package, name, None) is original:
            setattr(package, name, call)

    def _start(self, original: Any, run_id: str | None = None, *arguments: Any, **options: Any) -> Any:
        if run_id is not None or options.get("nested"):
            return original(run_id, *arguments, **options)
        run = self._answered()
        if self._used:  # a further run of the step's own: below the first
            options.setdefault("parent_run_id", run["run_id"])
            options["experiment_id"] = run["experiment_id"]
            return original(None, *arguments[1:], **options)
        self._used = True
        name = options.pop("run_name", None)  # the step's run keeps the step's name
        if name:
            options["tags"] = {**(options.get("tags") or {}), "nbpipe.run_name": name}
        options.pop("experiment_id", None)
        return original(run["run_id"], **options)

    def _log(self, name: str, original: Any, *arguments: Any, **options: Any) -> Any:
        """Log something; where the server has died meanwhile, into the database of the pipeline's run."""
        self._values.heed(name, arguments, options)
        if not self._answers():
            self._move()
        try:
            return original(*arguments, **options)
        except Exception:
            self._answered_at = float("-inf")
            if self._answers():
                raise
            self._move()
            return original(*arguments, **options)

    def _answers(self) -> bool:
        """Tell whether the store answers in which the step's run is, if it has begun."""
        if not self._used or not self._run:
            return True
        if time.monotonic() - self._answered_at > _TRUSTED_SECONDS:
            if not _is_alive(self._run["uri"]):
                return False
            self._answered_at = time.monotonic()
        return True

    def _move(self) -> None:
        """Go on with a run in the database of the pipeline's run; what was logged before is on the server."""
        self._leave()
        self._run = self._local()
        os.environ["MLFLOW_TRACKING_URI"] = self._run["uri"]
        os.environ["MLFLOW_EXPERIMENT_ID"] = self._run["experiment_id"]
        import mlflow

        mlflow.set_tracking_uri(self._run["uri"])  # where the step has named the server itself
        mlflow.start_run(self._run["run_id"])

    def _leave(self) -> None:
        """Let MLflow have no active run, without telling a server that does not answer."""
        os.environ.pop("MLFLOW_RUN_ID", None)
        with suppress(AttributeError):
            self._fluent._active_run_stack.get().clear()  # noqa: SLF001 - `end_run` would ask the server

    def _set_experiment(self, original: Any, *arguments: Any, **options: Any) -> Any:
        del original
        name = arguments[0] if arguments else options.get("experiment_name")
        print(f"nbpipe: what this step logs goes to its own run, not to the experiment {name!r}", file=sys.stderr)  # noqa: T201 - into the step's log
        import mlflow

        return mlflow.get_experiment(self._answered()["experiment_id"])

    def _set_uri(self, original: Any, uri: Any) -> Any:
        """Follow somebody who names a store of their own: it is theirs, with all that goes there."""
        if str(uri).rstrip("/") not in (str(self._spec["uri"]).rstrip("/"), self._run.get("uri")):
            self._follows = False
        return original(uri)

    def _answered(self) -> dict[str, Any]:
        """Give ``run_id``, ``experiment_id`` and ``uri`` of the step's run, once the parent has made it."""
        if not self._run:
            self._run = self._asked() or self._local()
            os.environ["MLFLOW_TRACKING_URI"] = self._run["uri"]
            os.environ["MLFLOW_EXPERIMENT_ID"] = self._run["experiment_id"]
        return self._run

    def _asked(self) -> dict[str, Any] | None:
        end = time.monotonic() + _WAIT_SECONDS
        while time.monotonic() < end:
            with suppress(OSError, ValueError):
                found: dict[str, Any] = json.loads(Path(self._spec["answer"]).read_text(encoding="utf-8"))
                return found if found.get("run_id") and _is_alive(found["uri"]) else None
            time.sleep(_LOOK_SECONDS)
        return None

    def _local(self) -> dict[str, Any]:
        """Make a run in a database of the pipeline's run, as the store does not answer."""
        folder = Path(self._spec["otherwise"])
        folder.mkdir(parents=True, exist_ok=True)
        uri = f"sqlite:///{(folder / 'mlflow.db').as_posix()}"
        import mlflow

        with _one_at_a_time(folder):
            client = mlflow.MlflowClient(uri)
            known = client.get_experiment_by_name(_EXPERIMENT)
            experiment = known.experiment_id if known else client.create_experiment(_EXPERIMENT, folder.as_uri())
        # With a name: for one of its own making MLflow draws from the global generator.
        run = client.create_run(experiment, run_name="step")
        return {"uri": uri, "experiment_id": str(experiment), "run_id": run.info.run_id, "local": True}

    def found(self) -> dict[str, Any]:
        """Give what was logged: ``run_id``, ``uri``, ``params``, ``metrics`` (the last values), ``tags``, ``local``.

        Empty where nothing was.
        """
        if not self._used or not self._run:
            return {}
        known: dict[str, Any] = {name: self._run[name] for name in ("run_id", "uri", "local") if name in self._run}
        known |= {kind: dict(values) for kind, values in self._values.values.items()}
        self._answered_at = float("-inf")
        if not self._answers():
            self._leave()
            return known
        with suppress(Exception):  # the store has died meanwhile: it has what it has
            import mlflow

            mlflow.end_run()
            data = mlflow.MlflowClient(self._run["uri"]).get_run(self._run["run_id"]).data
            tags = {name: value for name, value in data.tags.items() if not name.startswith(("mlflow.", "nbpipe."))}
            for kind, values in (("params", data.params), ("metrics", data.metrics), ("tags", tags)):
                known[kind].update(values)
        return known


class _Finder(importlib.abc.MetaPathFinder):
    """Lets the other finders find, and wraps MLflow's functions once they have been loaded."""

    def __init__(self, calls: OwnCalls) -> None:
        self._calls = calls
        self._busy = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find the module."""
        del path, target
        if fullname not in (_FLUENT, "mlflow") or self._busy:
            return None
        self._busy = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._busy = False
        if spec is None or spec.loader is None:
            return spec
        load = spec.loader.exec_module

        def loading(module: ModuleType) -> None:
            load(module)
            self._calls.wrap(sys.modules.get(_FLUENT, module))

        spec.loader.exec_module = loading  # type: ignore[method-assign]
        return spec


def _is_alive(uri: str) -> bool:
    """Tell whether a server answers; any answer will do. MLflow itself would try for minutes."""
    if not uri.startswith(("http://", "https://")):
        return True
    import urllib.error
    import urllib.request

    try:
        with urllib.request.urlopen(f"{uri.rstrip('/')}/health", timeout=_PING_SECONDS):  # noqa: S310
            return True
    except urllib.error.HTTPError:
        return True
    except (OSError, ValueError):
        return False


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Let no two steps make the tables of one database at once."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with (folder / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
