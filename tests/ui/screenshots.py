"""Makes the pictures of docs/pages/jupyterlab.md, in a real JupyterLab.

python -m tests.ui.screenshots
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

from tests.ui.pages import Screen
from tests.ui.running import ARGUMENTS, ROOT, browser_path, document, running_lab, tagged

if TYPE_CHECKING:
    from playwright.sync_api import FloatRect, Page

    from tests.ui.running import Lab

IMAGES = ROOT / "docs" / "pages" / "images"
WORDS = ROOT / "fixtures" / "pipelines" / "word_counts" / "notebook.ipynb"

PENGUINS: list[dict[str, Any]] = [
    {"cell_type": "markdown", "source": "# Which penguins are heavy?"},
    {"source": "seed = 7\nlimit = 4500", "metadata": tagged("parameters"), "execution_count": 1},
    {"source": "import numpy as np\nimport pandas as pd", "metadata": tagged("imports"), "execution_count": 2},
    {
        "source": "rng = np.random.default_rng(seed)\n"
        "birds = pd.DataFrame({'island': rng.choice(['Biscoe', 'Dream'], 200), 'mass': rng.normal(4200, 800, 200)})",
        "metadata": tagged("step:load"),
        "execution_count": 3,
    },
    {
        "source": "heavy = birds[birds['mass'] > limit]\nheavy.to_csv('/home/ada/penguins/heavy.csv')",
        "metadata": tagged("step:select"),
        "execution_count": 4,
    },
    {
        "source": "!pip install matplotlib==3.9.0\nprint(shares.round(2))",
        "metadata": tagged("step:report"),
        "execution_count": 6,
    },
    {
        "source": "shares = heavy['island'].value_counts() / len(birds)",
        "metadata": tagged("step:count"),
        "execution_count": 5,
    },
]


def main() -> None:
    """Make all pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running_lab(Path(folder)) as lab, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        page = browser.new_context(viewport={"width": 1280, "height": 980}, device_scale_factor=1.5).new_page()
        page.set_default_timeout(120_000)
        _notebook(page, lab)
        _proof(page, lab)
        browser.close()


def _notebook(page: Page, lab: Lab) -> None:
    """Show the whole window, a mark with its hover, and the confirmation of unsafe fixes."""
    (lab.root / "penguins.ipynb").write_text(json.dumps(document(PENGUINS)))
    screen = Screen(page, lab, "penguins.ipynb").open()
    screen.show_panel()
    page.keyboard.press("Control+B")  # the file browser shows nothing that matters here
    screen.finding("use-before-definition").first.wait_for()
    page.wait_for_timeout(1000)
    page.screenshot(path=IMAGES / "lab.png")
    mark = page.locator(".cm-lintRange-warning").first
    mark.hover()
    tooltip = page.locator(".cm-tooltip:has(.nbpipe-hover)")
    tooltip.wait_for()
    cell, hover = screen.cell(5).bounding_box(), tooltip.bounding_box()
    if cell is not None and hover is not None:
        top = min(cell["y"], hover["y"]) - 10
        bottom = max(cell["y"] + cell["height"], hover["y"] + hover["height"]) + 10
        clip: FloatRect = {"x": cell["x"], "y": top, "width": 780, "height": bottom - top}
        page.screenshot(path=IMAGES / "lab-hover.png", clip=clip)
    screen.command("Fix What Is Unsafe, Too")
    page.locator(".nbpipe-diff").wait_for()
    page.locator(".jp-Dialog-content").screenshot(path=IMAGES / "lab-unsafe.png")
    page.locator(".jp-Dialog button", has_text="Cancel").click()


def _proof(page: Page, lab: Lab) -> None:
    """Show the panel after a conversion."""
    shutil.copy(WORDS, lab.root / "words.ipynb")
    screen = Screen(page, lab, "words.ipynb").open()
    screen.command("Convert to Pipeline")
    screen.panel.locator(".nbpipe-work[data-state=done]").wait_for()
    page.wait_for_timeout(1000)
    screen.panel.screenshot(path=IMAGES / "lab-converted.png")
    screen.command("Run the Pipeline With")
    page.locator(".nbpipe-form input[name=minimum]").fill("3")
    page.locator(".jp-Dialog-content").screenshot(path=IMAGES / "lab-parameters.png")
    page.locator(".jp-Dialog button", has_text="Cancel").click()


if __name__ == "__main__":
    main()
