"""The five rules about learning against the labels in docs/benchmarks/leakage-labels.json.

python -m tests.benchmarks.leakage FOLDER [--list]

FOLDER holds the repositories, each as FOLDER/<owner>/<repository>, at the commits that the labels name. Prints, for
each rule, true and false positives and negatives over notebooks, with precision, recall and F1: of the half that the
rules were made with, of the half held out then, of those labelled afterwards, and of all. Labels that a reviewer could
argue about (null) count for neither.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbpipe.analysis import analyze
from nbpipe.notebook import read_notebook

if TYPE_CHECKING:
    from collections.abc import Callable

LABELS = Path(__file__).parents[2] / "docs" / "benchmarks" / "leakage-labels.json"
RULES = {
    "preprocessing-leakage": "leaks",
    "overlap-leakage": "overlaps",
    "train-serve-skew": "skews",
    "test-set-reuse": "reuses",
    "model-exported-alone": "exported_alone",
}
SETS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "first round, made with": lambda entry: entry["round"] == 1 and not entry["held_out"],
    "first round, held out": lambda entry: entry["round"] == 1 and entry["held_out"],
    "second round, held out": lambda entry: entry["round"] == 2,
    "all": lambda _: True,
}


def main(folder: Path, *, listing: bool) -> None:
    """Check the labelled notebooks, and print what comes of it, set by set."""
    labels = json.loads(LABELS.read_text("utf-8"))
    outcomes = [(entry, *checked(folder / entry["repository"] / entry["path"])) for entry in labels]
    for name, chosen in SETS.items():
        _report(name, [outcome for outcome in outcomes if chosen(outcome[0])], listing=listing)


def _report(name: str, outcomes: list[tuple[dict[str, Any], dict[str, bool], float]], *, listing: bool) -> None:
    spent = 1000 * sum(seconds for _, _, seconds in outcomes) / len(outcomes)
    print(f"{name}: {len(outcomes)} notebooks, {spent:.1f} ms of CPU each")  # noqa: T201
    for rule in RULES:
        counts = dict.fromkeys(("tp", "fp", "fn", "tn"), 0)
        for entry, found, _ in outcomes:
            if entry[rule] is None:
                continue
            outcome = ("t" if found[rule] == entry[rule] else "f") + ("p" if found[rule] else "n")
            counts[outcome] += 1
            if listing and outcome[0] == "f":
                print(f"  {outcome} {entry['repository']} {entry['path']} ({entry['reason']})")  # noqa: T201
        print(f"  {rule:24} {counts} {scores(counts)}")  # noqa: T201


def checked(path: Path) -> tuple[dict[str, bool], float]:
    """Give which rules find something in a notebook, and the CPU seconds that following its data took."""
    analysis = analyze(read_notebook(path))
    _ = analysis.top_down  # which any check pays for
    begin = time.process_time()
    learning: Any = analysis.learning
    found = {rule: bool(getattr(learning, findings)) for rule, findings in RULES.items()}
    return found, time.process_time() - begin


def scores(outcomes: dict[str, int]) -> str:
    """Give precision, recall and F1."""
    tp, fp, fn = outcomes["tp"], outcomes["fp"], outcomes["fn"]
    precision, recall = tp / max(tp + fp, 1), tp / max(tp + fn, 1)
    return f"precision {precision:.2f} recall {recall:.2f} F1 {2 * tp / max(2 * tp + fp + fn, 1):.2f}"


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), listing="--list" in sys.argv)
