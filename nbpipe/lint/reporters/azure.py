"""Issues of Azure Pipelines: logging commands, which the agent reads from the output.

See "Logging commands" in the documentation of Azure Pipelines, also for how values are escaped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.lint import reporting
from nbpipe.lint.repository import repository_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbpipe.lint.diagnostic import Diagnostic, FileResult

TYPES = {"error": "error", "warning": "warning", "info": "warning"}  # it knows no third


class Reporter(reporting.Reporter):
    """``##vso[task.logissue type=error;sourcepath=a/b.ipynb;linenumber=118;code=NB102;]message``."""

    locates = True

    def file(self, result: FileResult) -> Iterator[str]:
        """Yield a line a finding."""
        for item in result.diagnostics:
            properties = "".join(f"{name}={_property(value)};" for name, value in _properties(item))
            yield f"##vso[task.logissue {properties}]{_data(reporting.located_message(result, item))}"


def _properties(item: Diagnostic) -> Iterator[tuple[str, str]]:
    yield "type", TYPES[item.severity.label]
    yield "sourcepath", reporting.printable(repository_path(item.path))
    if item.json_line is not None:
        yield "linenumber", str(item.json_line)
    yield "code", item.code


def _data(text: str) -> str:
    return text.replace("%", "%AZP25")


def _property(text: str) -> str:
    """Give a value such that it can end neither the property nor the command."""
    return _data(text).replace(";", "%3B").replace("]", "%5D")
