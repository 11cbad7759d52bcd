"""A sweep in the real page: started, drawn, and one of its points opened live."""

from __future__ import annotations

import pytest

from .test_journey import IDLE, press, state, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def put(page, name, value):
    field = page.locator(f".wb-sweep-{name} input").first
    field.fill(str(value))
    field.press("Enter")


def test_a_sweep_is_drawn_and_a_click_runs_its_point(server, open_page):
    page = open_page(f"{server.url}/cuba")
    state(page, "ready")
    page.get_by_role("tab", name="Sweep").click()
    put(page, "duration", 100)
    put(page, "x-count", 3)
    put(page, "repeats", 1)
    press(page, "sweep-start")
    page.get_by_text("finished: 3 runs").first.wait_for()
    plot = page.locator(".wb-sweep-plot canvas").first
    plot.wait_for()
    until(lambda: page.evaluate(IDLE))
    page.wait_for_timeout(1000)
    box = plot.bounding_box()
    # The axis is w_e from 0 to 4 mV; the right end means 4.
    page.mouse.click(box["x"] + 0.85 * box["width"], box["y"] + 0.5 * box["height"])
    state(page, "running")
    page.get_by_text("1 changed").first.wait_for()
    press(page, "pause")
