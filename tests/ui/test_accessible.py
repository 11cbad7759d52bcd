"""What axe-core says of the pages: nothing serious, in light and dark, on every tab.

axe-core (Deque Systems) checks a page against the Web Content Accessibility Guidelines: names and
roles for screen readers, contrast of text. "Serious" and "critical" are its own words.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from workbench.model import registry

from .test_journey import press, state

pytestmark = pytest.mark.browser
GRAVE = ("serious", "critical")
THEMES = ("default", "dark")
FIRST = ("hippocampal-cam", "default")  # the page that is always looked at


def faults(page) -> list[tuple[str, str, str]]:
    """(rule, element, how it fails) of each grave violation on the page as it is now."""
    found = Axe().run(page).response["violations"]
    return [
        (each["id"], node["html"][:120], node["failureSummary"][:160])
        for each in found
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]


def settle(page) -> None:
    """Wait until nothing is being faded in, which is pale on the way."""
    page.wait_for_timeout(1500)


def test_axe_core_sees_what_is_wrong(open_page, server):
    page = open_page(server.url)
    page.evaluate("""() => {
      const text = document.createElement("p")
      text.textContent = "pale"
      text.style = "color: #bbb; background: #fff"
      document.querySelector("main, body").append(text)
    }""")
    assert [rule for rule, *_ in faults(page)] == ["color-contrast"]


@pytest.mark.parametrize("theme", THEMES)
def test_the_gallery_and_the_kept_runs(open_page, server, theme):
    for path in ("", "runs"):
        page = open_page(f"{server.url}/{path}?theme={theme}")
        settle(page)
        assert faults(page) == [], path


@pytest.mark.parametrize(
    ("slug", "theme"),
    [
        pytest.param(slug, theme, marks=() if (slug, theme) == FIRST else pytest.mark.slow)
        for slug in sorted(registry.models())
        for theme in THEMES
    ],
)
def test_a_model_s_page(open_page, server, slug, theme):
    page = open_page(f"{server.url}/{slug}?theme={theme}")
    state(page, "ready")
    press(page, "run")
    state(page, "running")
    page.mouse.move(800, 600)
    for _ in range(6):  # cards are filled when they are first seen
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(500)
    page.keyboard.press(" ")
    state(page, "paused")
    page.mouse.wheel(0, -6000)
    settle(page)
    assert faults(page) == []
    for tab in page.get_by_role("tab").all()[1:]:
        tab.click()
        settle(page)
        assert faults(page) == [], tab.inner_text()
