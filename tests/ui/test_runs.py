"""The page of saved runs in a browser: keep from the app, overlay, tag, delete."""

from __future__ import annotations

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_run_is_kept_overlaid_tagged_and_deleted(server, open_page):
    app = open_page(f"{server.url}/hippocampal-cam")
    app.get_by_text("ready", exact=True).first.wait_for()
    names = []
    for _ in range(2):
        app.locator(".wb-step").first.click()
        app.locator(".wb-keep").first.click()
        known = "".join(f"(?!{name},)" for name in names)  # which may be shown still, or no more
        message = app.get_by_text(re.compile(rf"Kept as {known}\S+, up to t = ")).first
        names.append(re.search(r"Kept as (\S+),", message.inner_text())[1])
    app.close()
    assert len(set(names)) == 2

    page = open_page(f"{server.url}/")
    page.locator(".wb-runs-link").click()
    rows = page.locator(".run")
    rows.nth(1).wait_for()
    for name in names:
        row = page.locator(f'.run[data-run="{name}"]')
        assert row.locator("img.thumb").get_attribute("src").startswith("data:image/png")
        row.locator(".box").click()
    page.get_by_text(f"A: {names[0]}").first.wait_for()
    page.locator(".wb-run-plots img[alt=Rates]").wait_for()
    assert page.locator(".wb-run-plots img").count() == 2

    page.locator(f'.run[data-run="{names[0]}"] .name').click()
    page.locator(".wb-run-tags input").fill("paper, <b>bold</b>")
    page.locator(".wb-run-label button, button.wb-run-label").first.click()
    page.locator(".run .tag", has_text="<b>bold</b>").wait_for()

    page.locator(".wb-run-delete button, button.wb-run-delete").first.click()
    page.get_by_text("There is no way to bring it back.").wait_for()
    assert rows.count() == 2
    page.get_by_role("button", name="Delete for good").click()
    page.locator(f'.run[data-run="{names[0]}"]').wait_for(state="detached")
    assert rows.count() == 1
