"""``python <this folder> COMMAND REQUEST ANSWER``: one piece of work in the project's interpreter.

COMMAND is ``step`` or ``compare``; REQUEST and ANSWER are JSON files. The answer appears whole or not at all.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path

PACKAGE = "_nbpipe_runtime"


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
    command, request, answer = sys.argv[1:4]
    sys.argv[:] = [""]
    worker = importlib.import_module(PACKAGE + ".worker")
    worker.die_with_parent()
    comparing = PACKAGE + ".comparing"
    work = worker.run_step if command == "step" else importlib.import_module(comparing).compare_stored
    content = work(json.loads(Path(request).read_text(encoding="utf-8")))
    temporary = Path(answer + ".partial")
    temporary.write_text(json.dumps(content), encoding="utf-8")
    os.replace(temporary, answer)  # noqa: PTH105 - one call, no object


if __name__ == "__main__":
    main()
