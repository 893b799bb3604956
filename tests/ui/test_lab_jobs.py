"""What takes long, in a real JupyterLab and a real browser: suggest, convert, run, verify, cancel."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.ui.conftest import WAIT_MILLISECONDS
from tests.ui.pages import Screen, opened
from tests.ui.replies import valid
from tests.ui.running import heading, sums

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

    from tests.ui.running import Lab

expect.set_options(timeout=WAIT_MILLISECONDS)


def followed(page: Page) -> list[Response]:
    """Give the list of what the server will have told of jobs."""
    replies: list[Response] = []
    page.on("response", lambda reply: replies.append(reply) if re.search(r"/nbpipe/jobs/\w+", reply.url) else None)
    return replies


def test_from_a_notebook_without_steps_to_a_run_in_mlflow(page: Page, lab: Lab) -> None:
    (lab.root / "sums.ipynb").write_text(json.dumps(sums()))
    replies = followed(page)
    screen = Screen(page, lab, "sums.ipynb").open()
    screen.command("Convert to Pipeline")
    work = screen.panel.locator(".nbpipe-work")
    expect(work).to_have_attribute("data-state", "failed")
    expect(work.locator(".nbpipe-problem")).to_contain_text("no cell is tagged as a step: tag the cells")
    screen.command("Run the Pipeline With")
    expect(page.locator(".jp-Dialog")).to_contain_text("no pipeline was made of this notebook yet: convert it first")
    page.locator(".jp-Dialog button").click()

    screen.command("Suggest Steps")
    suggested = page.locator(".nbpipe-suggestions li")
    expect(suggested).to_have_text([re.compile("cell 4: step:load"), re.compile("cell 6: step:add_up")])
    page.locator(".nbpipe-split").select_option("headings")
    expect(suggested.first).to_contain_text("heading 'Load'")
    page.locator(".jp-Dialog button", has_text="Tag").click()
    expect(screen.cell(4).locator(".nbpipe-bar-role")).to_have_value("step:load")
    expect(screen.panel.locator(".nbpipe-graph .box")).to_have_count(2)

    screen.command("Convert to Pipeline")
    expect(screen.panel.locator(".nbpipe-work[data-kind=convert][data-state=done]")).to_be_visible()
    expect(work.locator(".nbpipe-verdict")).to_have_text("2 of 2 step outputs equal")
    assert (lab.root / "sums_pipeline" / "sums_pipeline" / "pipeline.py").is_file()

    screen.command("Run the Pipeline With")
    field = page.locator(".nbpipe-form input[name=limit]")
    expect(field).to_have_value("3")
    expect(page.locator(".nbpipe-form")).to_contain_text(re.compile("limit.*int.*how many"))
    field.fill("4")
    page.locator(".jp-Dialog button", has_text="Run").click()
    expect(screen.panel.locator(".nbpipe-work[data-kind=run][data-state=done]")).to_be_visible()
    expect(work.locator(".nbpipe-verdict")).to_contain_text("ok in ")
    expect(work).to_contain_text("with limit = 4")
    for reply in replies:
        valid("followed", reply.json())

    page.reload()  # what was run is known to the pipeline, not to the page
    screen.command("Open the Last MLflow Run")
    expect(page.locator(".jp-Dialog")).to_contain_text("mlflow ui --backend-store-uri sqlite:///")
    page.locator(".nbpipe-start-mlflow").click()
    address = page.locator(".nbpipe-viewing a").get_attribute("href") or ""
    with urllib.request.urlopen(address.partition("#")[0], timeout=60) as reply:
        assert b"<title>MLflow</title>" in reply.read()
    assert re.search(r"#/runs/\w{32}$", address)


def test_verify_reports_and_what_takes_long_is_cancelled(page: Page, lab: Lab) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "1\n"}
    first = {"source": "print(2)", "outputs": [output], "execution_count": 1}
    screen = opened(page, lab, "verified.ipynb", [heading("# Verified"), first])
    replies = followed(page)
    screen.command("Verify")
    work = screen.panel.locator(".nbpipe-work")
    expect(work).to_have_attribute("data-state", "done")
    expect(work.locator(".nbpipe-verdict")).to_contain_text("not reproducible")
    expect(work.locator(".nbpipe-difference")).to_contain_text("Cell 2: different")
    for reply in replies:
        valid("followed", reply.json())

    screen.cell(2).locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.type("import time\nwhile True:\n    time.sleep(1)")
    screen.command("Verify")  # which saves
    expect(work.locator(".nbpipe-progress")).to_contain_text("cell 2")
    page.reload()  # the page forgets, the server does not
    screen.open_panel()
    expect(work.locator(".nbpipe-progress")).to_contain_text("cell 2")
    work.locator(".nbpipe-cancel").click()
    expect(work).to_have_attribute("data-state", "cancelled")
