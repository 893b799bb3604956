"""How conversion does on many random notebooks: what share is exact, merged, refused; nothing may be different.

    python -m tests.benchmarks.conversion_programs 2000 [FIRST]

Each is recorded, converted and run in this process (see tests/convert/in_process.py), at the values of its parameters
and at others. Prints Markdown; ends with 1 where a pipeline gave another value without a word.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.convert.programs import program
from tests.convert.test_programs import outcome_of


def main(count: int, first: int = 0) -> int:
    """Convert programs and print the tables; give the exit code."""
    outcomes: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    wanted = kept = 0
    wrong = []
    for seed in range(first, first + count):
        made = program(seed)
        kinds.update(made.kinds)
        with tempfile.TemporaryDirectory(prefix="nbpipe-program-") as folder:
            outcome = outcome_of(made, Path(folder) / "notebook")
        outcomes[outcome.name] += 1
        wanted += len(made.steps) if outcome.steps else 0
        kept += outcome.steps
        if outcome.wrong:
            wrong.append(f"program {seed}: {outcome.name} {outcome.wrong}")
    lines = [f"{count} programs, from number {first} on; {kept} of {wanted} steps ({kept / wanted:.0%}) kept", ""]
    lines += ["| outcome | programs | share |", "|---|---|---|"]
    lines += [f"| {name} | {number} | {number / count:.1%} |" for name, number in outcomes.most_common()]
    lines += ["", "| hazard | statements |", "|---|---|"]
    lines += [f"| {name} | {number} |" for name, number in sorted(kinds.items())]
    sys.stdout.write("\n".join([*lines, "", *wrong]) + "\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
