"""How findings are written: one file a format, found by its name.

A format ``some-name`` is the module ``some_name`` here with a
class ``Reporter``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbpipe.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from nbpipe.lint.reporting import Paint, Reporter


def formats() -> list[str]:
    """Give the names of all formats."""
    from pkgutil import iter_modules

    return sorted(module.name.replace("_", "-") for module in iter_modules(__path__))


def make_reporter(name: str, origin: str, paint: Paint) -> Reporter:
    """Give a new reporter for a format; raises ConfigError, naming `origin`, where there is no such format."""
    module = f"{__name__}.{name.replace('-', '_')}"
    try:
        found = __import__(module, fromlist=["Reporter"])
        reporter: Reporter = found.Reporter(paint)
    except (ImportError, AttributeError):
        near = did_you_mean(name, formats()) or f". There are: {', '.join(formats())}"
        raise ConfigError(f"{origin}: unknown output-format '{name}'{near}") from None
    return reporter
