"""Writes nbpipe/analysis/library/distributions.json: which distributions bring a module, and which they bring along.

``python docs/generate_distributions.py`` adds what the environment it runs in has installed, as its metadata says, to
docs/distributions.txt and to what the file holds already; so it may be run in one environment after another. Remove the
file to begin anew.
"""
# A script, in no package:
# ruff: noqa: INP001, T201

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "nbpipe" / "analysis" / "library" / "distributions.json"

KNOWN = ROOT / "docs" / "distributions.txt"
# Top-level folders that distributions leave behind by mistake, and namespaces that many share.
NO_MODULES = frozenset(["tests", "test", "docs", "examples", "benchmarks", "google", "azure"])

Table = dict[str, list[str]]


def main() -> int:
    """Write the file and say what it holds."""
    modules, brings = _file_so_far()
    _add_known(modules, brings)
    _add_installed(modules, brings)
    rows = [' "comment": "Written by docs/generate_distributions.py: import name to distributions, the usual first."']
    for key, table in (("modules", modules), ("brings", brings)):
        lines = [f"  {json.dumps(name)}: {json.dumps(table[name])}" for name in sorted(table)]
        rows.append(f' "{key}": {{\n' + ",\n".join(lines) + "\n }")
    FILE.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
    print(f"{len(modules)} modules, {len(brings)} distributions with what they bring")
    return 0


def _file_so_far() -> tuple[Table, Table]:
    if not FILE.is_file():
        return {}, {}
    facts = json.loads(FILE.read_text(encoding="utf-8"))
    return facts["modules"], facts["brings"]


def _add_known(modules: Table, brings: Table) -> None:
    """Add what docs/distributions.txt says."""
    section = ""
    for line in KNOWN.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        name, _, rest = line.partition(":")
        if line.startswith("["):
            section = line.strip("[]")
        elif section == "modules":
            _add(modules, name, rest.split())
        elif section == "plain":
            _add(modules, name, [name])
        else:
            _add(brings, _normalized(name), rest.split())


def _add_installed(modules: Table, brings: Table) -> None:
    """Add what the metadata of the installed distributions says."""
    for module, names in packages_distributions().items():
        if re.fullmatch(r"[A-Za-z]\w*", module) and module not in NO_MODULES:
            _add(modules, module, sorted(set(names)))
    for distribution in distributions():
        requires = [each for each in distribution.requires or () if not re.search(r"extra\s*==", each)]
        if requires:
            _add(brings, _normalized(distribution.name), [re.split(r"[^\w.-]", each)[0] for each in requires])


def _add(table: Table, key: str, names: list[str]) -> None:
    known = table.setdefault(key, [])
    known += [name for name in dict.fromkeys(map(_normalized, names)) if name not in known]


def _normalized(name: str) -> str:
    """Give a distribution's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
