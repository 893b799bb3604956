"""Writes the knowledge about libraries from those that are installed where this runs, and the page of its coverage.

``python docs/generate_library.py [LIBRARY...]`` writes ``nbpipe/analysis/library/types/<library>.json`` (what
functions, methods and attributes give), ``nbpipe/analysis/library/arguments/<library>.json`` (what arguments mean) and,
where no library is named, ``docs/benchmarks/library-coverage.md``. It is run by hand with the libraries' newest
releases and mypy (``pip install mypy pandas-stubs scipy-stubs`` besides the libraries), and its output is committed.
The same versions give the same bytes. The files in ``nbpipe/analysis/library/`` itself, and those in ``arguments/``
that do not say they are generated, are written by hand.
"""
# A script, in no package:
# ruff: noqa: INP001, T201

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from pathlib import Path

from library import coverage
from library.arguments import ARGUMENTS, text
from library.facts import LibraryFacts
from library.inventory import DISTRIBUTIONS
from library.writing import files

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "nbpipe" / "analysis" / "library"
COVERAGE = ROOT / "docs" / "benchmarks" / "library-coverage.md"


def main(names: list[str]) -> None:
    """Write the files of the libraries named, or of all that are installed."""
    warnings.simplefilter("ignore")
    rows: list[coverage.Row] = []
    for package in dict.fromkeys([*DISTRIBUTIONS, *ARGUMENTS]):
        if names and package not in names:
            continue
        try:
            import_module(package if package != "python" else "sys")
        except ImportError:
            print(f"not installed: {package}")
            continue
        if package in ARGUMENTS:
            _write(TARGET / "arguments" / f"{package}.json", text(package, ARGUMENTS[package](package)))
        if package in DISTRIBUTIONS:
            facts = LibraryFacts(package)
            for name, content in files(facts).items():
                _write(TARGET / "types" / f"{name}.json", content)
            rows.append(coverage.row(facts, TARGET))
    if rows:
        COVERAGE.write_text(coverage.page(coverage.merged(COVERAGE, rows)), encoding="utf-8")


def _write(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8")
    print(f"written: {path.relative_to(ROOT)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
