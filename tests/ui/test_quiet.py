"""No page says anything in the browser's console: no error, no warning, at any width."""

from __future__ import annotations

import pytest

from workbench.model import registry

pytestmark = [pytest.mark.browser, pytest.mark.slow]
QUIET_MS = 5000  # of running, in which Bokeh would have complained at every drawing
WIDTHS = (390, 1280, 1920)


@pytest.mark.parametrize("slug", sorted(registry.models()))
def test_a_page_that_runs_is_quiet(open_page, server, slug):
    said: list[str] = []
    for width in WIDTHS:
        page = open_page("about:blank", width=width)
        page.on(
            "console",
            lambda m, width=width: (
                said.append(f"{width}: {m.type}: {m.text}")
                if m.type in ("warning", "error")
                else None
            ),
        )
        page.goto(f"{server.url}/{slug}")
        page.get_by_text("ready", exact=True).first.wait_for()
        page.keyboard.press(" ")
        page.wait_for_timeout(QUIET_MS)
        page.keyboard.press(" ")
        page.get_by_text("paused", exact=True).first.wait_for()
        page.close()
    assert said == []
