"""A page where nothing was compiled yet: it runs at once, and goes on compiled without a click."""

from __future__ import annotations

import re
import time

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]  # compiles a network in a server of its own


def parts(page) -> list[str]:
    return page.locator(".wb-status .part").all_inner_texts()


def until(condition, page, timeout_s=180.0):
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < timeout_s, parts(page)
        time.sleep(0.1)


def t_ms(page) -> float:
    return float(page.locator(".wb-status").first.get_attribute("data-t-ms"))


def test_the_strip_tells_how_long_it_compiles_and_since_when_it_is_compiled(
    compiling_server, open_page
):
    page = open_page(f"{compiling_server.url}/cuba")
    page.get_by_text("ready", exact=True).first.wait_for()
    page.locator(".wb-run").first.click()  # and nothing more
    until(lambda: re.match(r"NumPy, compiling for \d+ s", parts(page)[0]), page)
    until(lambda: t_ms(page) > 0, page)
    until(lambda: parts(page)[0].startswith("compiled since "), page)
    since = re.fullmatch(r"compiled since ([\d.]+) (s|ms)", parts(page)[0])
    began_ms = float(since[1]) * (1000 if since[2] == "s" else 1)
    assert began_ms > 0
    until(lambda: t_ms(page) > began_ms + 500, page)
    page.locator(".wb-card-log").first.scroll_into_view_if_needed()
    page.get_by_text("compiled from here on").first.wait_for()
