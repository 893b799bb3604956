"""Which distributions bring a module: `library/distributions.json`, which docs/generate_distributions.py writes."""

from __future__ import annotations

from nbpipe.analysis.library_facts import library_file
from nbpipe.environment.requirement import normalized

# Packages whose parts are distributions of their own.
_NAMESPACES = ("google.cloud.", "azure.", "ruamel.", "zope.", "sphinxcontrib.", "backports.", "opentelemetry.")


def distributions_of(module: str) -> tuple[str, ...]:
    """Give the distributions, the usual first, that bring a module; its own name where nothing else is known."""
    modules = library_file("distributions")["modules"]
    name = module
    while name:
        if name in modules:
            return tuple(modules[name])
        name = name.rpartition(".")[0]
    for start in _NAMESPACES:
        if module.startswith(start):
            parts = module.split(".")[: start.count(".") + 1]
            return (normalized("-".join(parts)),)
    return (normalized(module.partition(".")[0]),)


def is_known(module: str) -> bool:
    """Tell whether a module is known to be on the package index, so that it is none of the project's own."""
    modules = library_file("distributions")["modules"]
    return module in modules or module.partition(".")[0] in modules or module.startswith(_NAMESPACES)


def brought_by(name: str, declared: frozenset[str]) -> str:
    """Give the declared distribution that brings another one along, "" where none is known to."""
    brings = library_file("distributions")["brings"]
    for start in sorted(declared):
        pending, seen = [start], {start}
        while pending:
            for each in brings.get(pending.pop(), ()):
                if each == name:
                    return start
                if each not in seen:
                    seen.add(each)
                    pending.append(each)
    return ""
