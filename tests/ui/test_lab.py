"""The extension in a real JupyterLab, in a real browser, with real kernels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from playwright.sync_api import expect

from tests.ui.conftest import WAIT_MILLISECONDS
from tests.ui.pages import opened
from tests.ui.running import heading, tagged

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.ui.running import Lab

expect.set_options(timeout=WAIT_MILLISECONDS)


def test_findings_are_marked_listed_and_mended(page: Page, lab: Lab) -> None:
    screen = opened(
        page,
        lab,
        "marks.ipynb",
        [
            heading("# Marks"),
            {"source": "smile = '😀'\nwide = '😀😀'; print(smile, wide, nowhere)", "execution_count": 2},
            {"source": "!pip install pandas==2.2.0"},
        ],
    )
    marks = screen.cell(2).locator(".cm-lintRange-error")
    expect(marks).to_have_text(["nowhere"])  # in editors, characters like those before it count twice
    expect(screen.cell(2).locator(".cm-line").nth(1).locator(".cm-lintRange-error")).to_have_count(1)
    expect(screen.cell(2).locator(".cm-lint-marker-error")).to_have_count(1)
    expect(page.locator(".nbpipe-status")).to_have_text(re.compile(r"nbpipe: 1 error, \d warnings?"))

    marks.hover()
    hover = page.locator(".cm-tooltip .nbpipe-hover")
    expect(hover).to_contain_text("`nowhere` is defined in no cell")
    expect(hover.locator("a")).to_have_attribute("href", re.compile("undefined-name"))

    screen.show_panel()
    expect(screen.panel.locator(".nbpipe-findings section")).to_have_count(2)
    screen.finding("undefined-name").locator(".nbpipe-message").click()
    expect(screen.cell(2)).to_have_class(re.compile("jp-mod-active"))
    page.wait_for_function("() => getSelection().toString() === 'nowhere'")

    screen.panel.locator(".nbpipe-filter.nbpipe-mod-error").click()
    expect(screen.finding("undefined-name")).to_have_count(0)
    screen.panel.locator(".nbpipe-filter.nbpipe-mod-error").click()
    screen.panel.locator("select[aria-label=Rule]").select_option("shell-pip")
    expect(screen.panel.locator(".nbpipe-finding")).to_have_count(1)

    screen.finding("shell-pip").locator(".nbpipe-fix").click()
    expect(screen.cell(3).locator(".cm-content")).to_have_text("%pip install pandas==2.2.0")
    expect(screen.finding("shell-pip")).to_have_count(0)
    expect(screen.cell(3).locator(".cm-lintRange")).to_have_count(0)

    before = (lab.root / "marks.ipynb").read_bytes()
    screen.cell(3).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\nprint(typed)")
    expect(screen.cell(3).locator(".cm-lintRange-error")).to_have_text(["typed"])
    assert (lab.root / "marks.ipynb").read_bytes() == before  # what is checked is what is in the browser


def test_unsafe_fixes_are_shown_before_they_are_made_and_can_be_undone(page: Page, lab: Lab) -> None:
    screen = opened(
        page,
        lab,
        "unsafe.ipynb",
        [
            heading("# Unsafe"),
            {"source": "print(later)", "execution_count": 2},
            {"source": "later = 1", "execution_count": 1},
        ],
    )
    for button in ("Cancel", "Fix"):
        expect(screen.cell(2).locator(".cm-content")).to_have_text("print(later)")
        screen.command("Fix What Is Unsafe, Too")
        dialog = page.locator(".jp-Dialog")
        expect(dialog.locator(".nbpipe-diff")).to_contain_text("is now below cell 1")
        dialog.locator("button", has_text=button).click()
    expect(screen.cell(2).locator(".cm-content")).to_have_text("later = 1")
    expect(screen.cell(3).locator(".cm-content")).to_have_text("print(later)")
    expect(page.locator(".nbpipe-status")).to_have_text("nbpipe: 0 errors, 0 warnings")
    assert ["".join(cell["source"]) for cell in screen.saved()["cells"]] == ["# Unsafe", "later = 1", "print(later)"]

    page.keyboard.press("Escape")
    page.locator(".lm-MenuBar-item", has_text="Edit").click()
    page.locator(".lm-Menu-item", has_text="Undo Cell Operation").click()
    expect(screen.cell(2).locator(".cm-content")).to_have_text("print(later)")


def test_steps_are_set_drawn_and_judged(page: Page, lab: Lab) -> None:
    screen = opened(
        page,
        lab,
        "steps.ipynb",
        [
            heading("# Steps"),
            {"source": "rows = [1, 2]", "metadata": tagged("step:load", "mine")},
            {"source": "total = sum(rows)"},
            {"source": "limit = 3"},
            {"source": "print(total)"},
        ],
    )
    roles = [screen.cell(number).locator(".nbpipe-bar-role") for number in range(2, 6)]
    expect(roles[0]).to_have_value("step:load")
    expect(roles[1].locator("option").first).to_have_text("joins load")
    expect(screen.cell(2)).to_have_class(re.compile("nbpipe-step"))

    roles[1].select_option(label="new step…")
    page.locator(".jp-Dialog input").fill("add up")
    page.locator(".jp-Dialog button.jp-mod-accept").click()
    expect(roles[1]).to_have_value("step:add up")
    roles[2].select_option("skip")
    expect(roles[2]).to_have_value("skip")
    roles[3].select_option("step:load")
    expect(roles[3]).to_have_value("step:load")

    screen.command("Show the Graph of the Steps")
    graph = screen.panel.locator(".nbpipe-graph")
    expect(graph.locator(".box")).to_have_count(2)
    expect(graph.locator("[data-source=load][data-target=add_up] text")).to_have_text("rows")
    upward = graph.locator("[data-source=add_up][data-target=load]")
    expect(upward).to_have_class(re.compile("nbpipe-mod-wrong"))
    expect(screen.panel.locator(".nbpipe-steps .nbpipe-problem")).to_contain_text("must stand together")

    roles[3].select_option("")
    expect(upward).to_have_count(0)
    graph.locator("[data-key=add_up]").click()
    expect(screen.cell(3)).to_have_class(re.compile("jp-mod-active"))
    tags = [cell["metadata"].get("tags") for cell in screen.saved()["cells"]]
    assert tags == [None, ["step:load", "mine"], ["step:add up"], ["skip"], None]


def run_all(page: Page, last: Locator) -> None:
    """Run the whole notebook, when its kernel is ready; a request that is lost all the same is made again."""
    page.locator(".jp-NotebookPanel-toolbar .jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    for _ in range(20):
        page.locator(".lm-MenuBar-item", has_text="Run").click()
        page.locator(".lm-Menu-item", has_text=re.compile("^Run All Cells")).click()
        try:
            expect(last.locator(".jp-InputArea-prompt")).to_have_text(re.compile(r"\[(\*|\d+)\]"), timeout=4_000)
        except AssertionError:
            continue
        break
    expect(last.locator(".jp-InputArea-prompt")).to_have_text(re.compile(r"\[\d+\]"))


def test_what_was_edited_since_it_ran_is_stale_with_all_that_uses_it(page: Page, lab: Lab) -> None:
    screen = opened(
        page,
        lab,
        "stale.ipynb",
        [heading("# Stale"), {"source": "a = 1"}, {"source": "print(a)"}, {"source": "1"}],
    )
    run_all(page, screen.cell(4))
    expect(page.locator(".nbpipe-stale")).to_have_count(0)

    screen.cell(2).locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type("0")

    expect(page.locator(".nbpipe-stale")).to_have_count(2)
    chip = screen.cell(3).locator(".nbpipe-mod-stale")
    expect(chip).to_have_attribute("title", "This cell uses a of cell 2, which was edited since it ran")
    screen.cell(2).locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    expect(chip).to_have_attribute("title", "This cell uses a of cell 2, which ran again since")
    page.keyboard.press("Shift+Enter")
    expect(page.locator(".nbpipe-stale")).to_have_count(0)


def test_a_fix_for_what_is_no_longer_there_is_not_made(page: Page, lab: Lab) -> None:
    screen = opened(
        page,
        lab,
        "moved.ipynb",
        [
            heading("# Moved"),
            {"source": "import sys"},
            {"source": "!pip install pandas==2.2.0"},
        ],
    )
    screen.show_panel()
    page.route("**/nbpipe/check*", lambda _: None)  # the server takes its time
    screen.cell(2).locator(".jp-InputArea-prompt").click()
    page.keyboard.press("a")
    expect(page.locator(".jp-Notebook .jp-Cell")).to_have_count(4)

    screen.finding("shell-pip").locator(".nbpipe-fix").click()

    expect(page.locator(".Toastify")).to_contain_text("the notebook has changed since")
    expect(screen.cell(3).locator(".cm-content")).to_have_text("import sys")
    expect(screen.cell(4).locator(".cm-content")).to_have_text("!pip install pandas==2.2.0")
    screen.finding("shell-pip").locator(".nbpipe-message").click()
    expect(screen.cell(4)).to_have_class(re.compile("jp-mod-active"))
    page.unroute_all(behavior="ignoreErrors")


def search_palette(page: Page, text: str) -> None:
    """Type into the command palette; it hides when anything else takes the focus, and is opened again then."""
    given = page.locator(".lm-CommandPalette-input")
    for timeout in (10_000, 20_000, 180_000):
        page.locator(".lm-MenuBar-item", has_text="View").click()
        page.locator(".lm-Menu-item", has_text="Activate Command Palette").click()
        try:
            return given.fill(text, timeout=timeout)
        except PlaywrightTimeoutError:
            page.keyboard.press("Escape")
    raise AssertionError("the command palette does not stay open")


def test_notebook_7_has_marks_commands_and_the_panel(page: Page, lab: Lab) -> None:
    pytest.importorskip("notebook", reason="Notebook 7 is not installed")
    cells = [heading("# Seven"), {"source": "print(nowhere)"}, {"source": "!pip install pandas==2.2.0"}]
    screen = opened(page, lab, "seven.ipynb", cells, "notebooks")
    expect(screen.cell(2).locator(".cm-lintRange-error")).to_have_text(["nowhere"])
    screen.cell(2).locator(".nbpipe-bar-role").select_option("skip")

    search_palette(page, "nbpipe")
    commands = page.locator(".lm-CommandPalette-item[data-command^='nbpipe:']")
    expect(commands.filter(has_text="Run the Pipeline With")).to_have_count(1)
    in_palette = {each.get_attribute("data-command") for each in commands.all()}
    page.keyboard.press("Escape")
    page.locator(".nbpipe-menu-button").click()  # the commands stand in the toolbar's menu, too
    in_menu = page.locator(".lm-Menu-item[data-command^='nbpipe:']")
    assert {each.get_attribute("data-command") for each in in_menu.all()} == in_palette
    in_menu.filter(has_text="Show Findings").click()
    screen.finding("undefined-name").locator(".nbpipe-message").click()
    page.wait_for_function("() => getSelection().toString() === 'nowhere'")
    screen.command("Fix What Is Safe")
    expect(screen.cell(3).locator(".cm-content")).to_have_text("%pip install pandas==2.2.0")
    assert [cell["metadata"].get("tags") for cell in screen.saved()["cells"]] == [None, ["skip"], None]
