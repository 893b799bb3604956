"""``python -m <package>``: a pipeline's own front door."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.errors import PipelineError
from nbpipe.pipeline.project import MARK

if TYPE_CHECKING:
    from nbpipe.pipeline.model import Pipeline


def main(pipeline: Pipeline) -> None:
    """Run the pipeline of the program's own project, with the command line's options: ``nbpipe run FOLDER ...``.

    Raises:
        PipelineError: the program does not lie in a project's folder.
    """
    started = Path(getattr(sys.modules["__main__"], "__file__", None) or sys.argv[0]).resolve()
    folder = next((parent for parent in started.parents if (parent / MARK / "project.json").is_file()), None)
    if folder is None:
        raise PipelineError(f"pipeline '{pipeline.name}': {started.parent} lies in no folder with {MARK}/project.json")
    sys.argv = ["nbpipe", "run", str(folder), *sys.argv[1:]]
    # The command line is a layer above: it is started as a program, not imported.
    runpy.run_module("nbpipe", run_name="__main__", alter_sys=True)
