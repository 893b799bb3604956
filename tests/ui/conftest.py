"""One JupyterLab and one browser for the whole run, and a page for each test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.ui.running import ARGUMENTS, BROWSERS, browser_path, running_lab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

    from tests.ui.running import Lab

WAIT_MILLISECONDS = 180_000  # for one thing to appear: the machine may be busy with other things
# What JupyterLab itself, or the browser, says in any session.
NOT_OURS = re.compile(
    r"Autofill|favicon|WebSocket|ERR_ABORTED|preload|third-party cookie|/lsp/|Deprecat|ResizeObserver|sourceMap",
    re.IGNORECASE,
)
# It throws the first at each start, the second at some, with no extension installed, too.
OF_NOTEBOOK_7 = re.compile(r"(reading 'schema'|'filebrowser:open-path' not registered).*/static/notebook/", re.DOTALL)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    pytest.importorskip("jupyterlab", reason="JupyterLab is not installed")
    with running_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running
    log = running.log.read_text(errors="replace")
    assert "nbpipe/lab/" not in log, log  # no traceback leads through the extension


# Of a module: playwright keeps an event loop running in the thread of the tests.
@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start the machine's Chromium; where there is none, the tests of the browser's side are skipped."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = browser_path()
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(BROWSERS)} is installed, and NBPIPE_BROWSER names none")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Give what the pages of a module share: above all the cache, in which JupyterLab's ten megabytes are."""
    shared = browser.new_context(viewport={"width": 1360, "height": 860})
    yield shared
    shared.close()


@pytest.fixture
def page(context: BrowserContext, lab: Lab) -> Iterator[Page]:
    """Give a page of its own, in which nothing may be written to the console as an error."""
    page = context.new_page()
    page.set_default_timeout(WAIT_MILLISECONDS)
    errors: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        text = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not NOT_OURS.search(text):
            errors.append(text)

    page.on("console", hear)
    page.on("pageerror", lambda error: errors.append(f"{error} {error.stack}"))
    yield page
    page.close()
    lab.end_kernels()
    assert [error for error in errors if not OF_NOTEBOOK_7.search(error)] == []
