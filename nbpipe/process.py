"""L0: what holds for processes that are nbpipe's own, and not for those that use it as a library."""

from __future__ import annotations

import sys
from typing import Any


def spare_imports() -> None:
    """Keep out of this process what libraries would import, at length, for nothing that nbpipe does.

    nbformat imports jsonschema, and that, where it finds it (every environment with JupyterLab), the package
    rfc3987_syntax, for checking the format of IRIs: building its grammar takes 2 to 4 seconds of CPU at every start.
    jsonschema does without where the import fails, and notebooks have no IRIs to check.
    """
    modules: dict[str, Any] = sys.modules
    modules.setdefault("rfc3987_syntax", None)  # how the import system is told that there is none
