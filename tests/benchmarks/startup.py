"""What `nbpipe check` on a six-cell notebook costs, in bare Python starts.

python -m tests.benchmarks.startup [RUNS]
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.timing import medians

SOURCES = (
    "import numpy as np\nimport pandas as pd\nimport matplotlib.pyplot as plt",
    "%matplotlib inline\nrng = np.random.default_rng(0)\ndf = pd.DataFrame({'a': rng.normal(size=100)})",
    "def centre(frame):\n    return frame - frame.mean()",
    "df['b'] = centre(df['a'])\ndf.head()",
    "for name in df.columns:\n    print(name, df[name].std())",
    "fig, ax = plt.subplots()\nax.plot(df['a'])\nplt.show()",
)


def main(runs: int) -> None:
    """Measure, and print milliseconds and ratios."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "six.ipynb"
        cells = [
            {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": number}
            for number, source in enumerate(SOURCES, 1)
        ]
        path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
        nbpipe = [sys.executable, "-m", "nbpipe"]
        times = medians(
            {
                "python -c pass": [sys.executable, "-c", "pass"],
                "import click": [sys.executable, "-c", "import click"],
                "nbpipe check six.ipynb": [*nbpipe, "check", str(path)],
                "the same through click": [*nbpipe, "check", "--", str(path)],
                "nbpipe --help": [*nbpipe, "--help"],
            },
            runs,
        )
    bare = times["python -c pass"]
    for name, seconds in times.items():
        print(f"{name:24} {seconds * 1000:6.1f} ms  {seconds / bare:5.2f}")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 21)
