"""What a person does in JupyterLab, and sees there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.ui.running import document

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.ui.running import Lab


def opened(page: Page, lab: Lab, name: str, cells: list[dict[str, Any]], where: str = "lab/tree") -> Screen:
    """Write a notebook and open it."""
    (lab.root / name).write_text(json.dumps(document(cells)))
    return Screen(page, lab, name, where).open()


class Screen:
    """An open notebook in JupyterLab."""

    def __init__(self, page: Page, lab: Lab, name: str, where: str = "lab/tree") -> None:
        """Take a page, and the notebook's name; `where` is the address of JupyterLab or, ``notebooks``, Notebook 7."""
        self.where = where
        self.page = page
        self.lab = lab
        self.name = name

    def open(self) -> Screen:
        """Open the notebook and wait until it was checked, and its steps are known."""
        with self.page.expect_response(lambda reply: "/nbpipe/structure" in reply.url):
            self.page.goto(f"{self.lab.url}{self.where}/{quote(self.name)}?token={self.lab.token}&reset")
            self.page.locator(".jp-Notebook .jp-Cell").first.wait_for()
        return self

    def command(self, label: str) -> None:
        """Choose a command of the menu nbpipe."""
        self.page.locator(".lm-MenuBar-item", has_text="nbpipe").click()
        self.page.locator(".lm-Menu-item", has_text=label).click()

    def open_panel(self) -> None:
        """Open the panel by its command, whatever is known of the notebook yet."""
        self.command("Show Findings")
        self.panel.wait_for()

    def show_panel(self) -> Locator:
        """Open the panel by a click on the status bar, as people do."""
        if not self.panel.is_visible():
            self.page.locator(".nbpipe-status span").click()
            self.panel.wait_for()
        return self.panel

    @property
    def panel(self) -> Locator:
        return self.page.locator("#nbpipe-panel")

    def cell(self, number: int) -> Locator:
        """Give a cell, counted from 1."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(number - 1)

    def finding(self, rule: str) -> Locator:
        return self.panel.locator(f".nbpipe-findings [data-rule={rule}]")

    def saved(self) -> dict[str, Any]:
        """Save, and give what is in the file then."""
        with self.page.expect_response(
            lambda reply: reply.request.method == "PUT" and "/api/contents/" in reply.url and reply.ok
        ):
            self.page.locator(".jp-NotebookPanel-toolbar [data-command='docmanager:save']").first.click()
        found: dict[str, Any] = json.loads((self.lab.root / self.name).read_text())
        return found
