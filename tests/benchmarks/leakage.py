"""The five rules about learning against the labels in docs/benchmarks/leakage-labels.json.

python -m tests.benchmarks.leakage FOLDER [--all] [--list]

FOLDER holds the repositories, each as FOLDER/<owner>/<repository>, at the commits that the labels name. Prints, for
each rule, true and false positives and negatives over notebooks, with precision, recall and F1: of the half that was
held out while the rules were made, or of all. Labels that a reviewer could argue about (null) count for neither.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from nbpipe.analysis import analyze
from nbpipe.notebook import read_notebook

LABELS = Path(__file__).parents[2] / "docs" / "benchmarks" / "leakage-labels.json"
RULES = {
    "preprocessing-leakage": "leaks",
    "overlap-leakage": "overlaps",
    "train-serve-skew": "skews",
    "test-set-reuse": "reuses",
    "model-exported-alone": "exported_alone",
}


def main(folder: Path, *, everything: bool, listing: bool) -> None:
    """Check the labelled notebooks, and print what comes of it."""
    labels = [entry for entry in json.loads(LABELS.read_text("utf-8")) if everything or entry["held_out"]]
    counts = {rule: dict.fromkeys(("tp", "fp", "fn", "tn"), 0) for rule in RULES}
    seconds = 0.0
    for entry in labels:
        found, spent = checked(folder / entry["repository"] / entry["path"])
        seconds += spent
        for rule, outcomes in counts.items():
            if entry[rule] is not None:
                outcome = ("t" if found[rule] == entry[rule] else "f") + ("p" if found[rule] else "n")
                outcomes[outcome] += 1
                if listing and outcome[0] == "f":
                    print(f"{outcome} {rule}: {entry['repository']} {entry['path']} ({entry['reason']})")  # noqa: T201
    print(f"{len(labels)} notebooks, {1000 * seconds / len(labels):.1f} ms of CPU each")  # noqa: T201
    for rule, outcomes in counts.items():
        print(f"{rule:24} {outcomes} {scores(outcomes)}")  # noqa: T201


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
    main(Path(sys.argv[1]), everything="--all" in sys.argv, listing="--list" in sys.argv)
