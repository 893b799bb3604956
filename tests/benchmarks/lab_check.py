"""What checking a notebook of 100 cells costs in JupyterLab: against the same check in process, and key to mark.

python -m tests.benchmarks.lab_check [RUNS]
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from nbpipe.lab.handlers import check
from tests.ui.running import ARGUMENTS, browser_path, document, running_lab

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.ui.running import Lab

CELLS = (
    "import numpy as np\nimport pandas as pd\nfrom sklearn.model_selection import train_test_split",
    "rng = np.random.default_rng({n})\nframe_{n} = pd.DataFrame({{'a': rng.normal(size=9), 'b': rng.normal(size=9)}})",
    "def centre_{n}(frame):\n    return frame - frame.mean()",
    "frame_{n}['c'] = centre_{n}(frame_{n}['a'])\nframe_{n}.head()",
    "for name in frame_{n}.columns:\n    print(name, frame_{n}[name].std())",
    "train_{n}, test_{n} = train_test_split(frame_{n}, random_state=0)",
    "means_{n} = {{name: train_{n}[name].mean() for name in train_{n}.columns}}",
    "if means_{n}['a'] > 0:\n    scaled_{n} = train_{n} / means_{n}['a']\nelse:\n    scaled_{n} = train_{n}",
    "missing_{n} + scaled_{n}['b'].sum()",
    "with open('out_{n}.csv', 'w') as file:\n    file.write(scaled_{n}.to_csv())",
)
# Measured in the page: from the key to the mark that it causes.
KEY_TO_MARK = """() => new Promise(done => {
  let pressed = 0;
  document.addEventListener('keydown', () => { pressed = performance.now(); }, { capture: true });
  const cell = document.querySelectorAll('.jp-Notebook .jp-Cell')[1];
  new MutationObserver((_, observer) => {
    if (pressed && [...cell.querySelectorAll('.cm-lintRange-error')].some(mark => mark.textContent.startsWith('zz'))) {
      observer.disconnect();
      done(performance.now() - pressed);
    }
  }).observe(cell, { subtree: true, childList: true, attributes: true });
})"""


def main(runs: int) -> None:
    """Measure, and print milliseconds and ratios."""
    cells = [CELLS[index % len(CELLS)].format(n=index // len(CELLS)) for index in range(100)]
    notebook = document([{"source": source, "execution_count": number} for number, source in enumerate(cells, 1)])
    data = json.dumps(notebook).encode()
    with tempfile.TemporaryDirectory() as folder, running_lab(Path(folder)) as lab:
        file = lab.root / "hundred.ipynb"
        file.write_bytes(data)
        times = _alternated(
            {
                "in process": lambda: json.dumps(check(data, file)),
                "through the server": lambda: lab.request("check?path=hundred.ipynb", data),
            },
            runs,
        )
        base = statistics.median(times["in process"])
        for name, each in times.items():
            _tell(name, each, f"{statistics.median(each) / base:5.2f}")
        _tell("from key to mark", _key_to_mark(lab, runs), "")


def _tell(name: str, seconds: list[float], ratio: str) -> None:
    """Print the median, and the fastest: that is the one least delayed by what else the machine does."""
    median, fastest = statistics.median(seconds) * 1000, min(seconds) * 1000
    print(f"{name:20} median {median:6.1f} ms, fastest {fastest:6.1f} ms  {ratio}")  # noqa: T201


def _alternated(calls: dict[str, Callable[[], object]], runs: int) -> dict[str, list[float]]:
    """Give the seconds of each call; they take turns, so that a slow minute hits all of them."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(runs + 2):
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            if number >= 2:  # the first ones import and compile
                times[name].append(time.perf_counter() - started)
    return times


def _key_to_mark(lab: Lab, runs: int) -> list[float]:
    """Give the seconds from pressing a key to the mark of the name that it makes."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        page = browser.new_page()
        page.goto(f"{lab.url}lab/tree/hundred.ipynb?token={lab.token}&reset")
        page.set_default_timeout(120_000)
        page.locator(".cm-lintRange").first.wait_for()
        page.locator(".jp-Notebook .jp-Cell").nth(1).locator(".cm-content").click()
        page.keyboard.press("Control+End")
        page.keyboard.type("\nz")
        times = []
        for _ in range(runs):
            page.evaluate(f"void (window.measured = ({KEY_TO_MARK})())")  # not awaited yet
            page.keyboard.type("z")
            times.append(float(page.evaluate("window.measured")) / 1000)
            page.wait_for_timeout(500)
            page.keyboard.press("Backspace")
            page.wait_for_timeout(1500)
        browser.close()
    return times


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
