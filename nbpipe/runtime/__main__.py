"""``python <this folder> COMMAND REQUEST ANSWER``: one piece of work in the project's interpreter.

``python <this folder> serve DESCRIPTOR``: a fork server; see `server`.
``python <this folder> debug REQUEST``: a prompt; see `debugging`.

COMMAND is one of `WORK`; REQUEST and ANSWER are JSON files. The answer appears whole or not at all.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

PACKAGE = "_nbpipe_runtime"
WORK = {
    "step": ("worker", "run_step"),
    "compare": ("comparing", "compare_stored"),
    "digest": ("written", "digests_stored"),
    "libraries": ("libraries", "described"),
}


def main() -> None:
    """Load this folder as a package, do the work, write the answer."""
    folder = Path(__file__).resolve().parent
    # The interpreter put this folder on the path: its modules must not hide the project's.
    sys.path[:] = [entry for entry in sys.path if not entry or Path(entry).resolve() != folder]
    spec = importlib.util.spec_from_file_location(
        PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise SystemExit("the runtime's folder cannot be loaded")
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)
    command, *arguments = sys.argv[1:]
    sys.argv[:] = [""]
    if command == "serve":
        importlib.import_module(PACKAGE + ".server").serve(int(arguments[0]))
        return
    if command == "debug":
        importlib.import_module(PACKAGE + ".debugging").debug(arguments[0])
        return
    request, answer = arguments
    importlib.import_module(PACKAGE + ".usage").die_with_parent()
    module, name = WORK[command]
    work = getattr(importlib.import_module(f"{PACKAGE}.{module}"), name)
    importlib.import_module(PACKAGE + ".exchange").answered(work, request, answer)


if __name__ == "__main__":
    main()
