"""No page says anything in the browser's console, at any width, and no plot leaves its card.

The pointer goes over all cards before the simulation runs, while it does, and once it is paused.
"""

from __future__ import annotations

import functools

import pytest

from workbench.model import registry

pytestmark = [pytest.mark.browser, pytest.mark.slow]
QUIET_MS = 5000  # of running, in which Bokeh would have complained at every drawing
WIDTHS = (390, 1280, 1920)
SCREENS = 5  # as many as a page is high
# [class of the card, pixels too far to the right] of each plot that is wider than its card.
TOO_WIDE = """() => {
  const found = []
  const look = (root, card) => {
    for (const e of root.querySelectorAll("*")) {
      const here = e.classList.contains("wb-card") ? e : card
      if (e.shadowRoot) look(e.shadowRoot, here)
      if (!here || !e.classList.contains("bk-Figure")) continue
      const plot = e.getBoundingClientRect(), edge = here.getBoundingClientRect().right
      if (plot.width && plot.right > edge + 1) found.push([here.className, plot.right - edge])
    }
  }
  look(document, null)
  return found
}"""


def point_at_all(page, width):
    """Move the pointer over what is on the page, from its top to its end and back."""
    for way in (1, -1):
        for _ in range(SCREENS):
            for x in (0.45, 0.6, 0.75, 0.9):
                page.mouse.move(width * x, 300)
                page.mouse.move(width * x, 600, steps=4)
            page.mouse.wheel(0, way * 500)
            page.wait_for_timeout(200)


def note(said, width, message):
    if message.type in ("warning", "error"):
        said.append((width, message.text))


@pytest.mark.parametrize("slug", sorted(registry.models()))
def test_a_page_that_runs_is_quiet(open_page, server, slug):
    said: list[tuple[int, object]] = []
    for width in WIDTHS:
        page = open_page("about:blank", width=width)
        page.on("console", functools.partial(note, said, width))
        page.on("pageerror", lambda e, width=width, said=said: said.append((width, str(e))))
        page.goto(f"{server.url}/{slug}")
        page.get_by_text("ready", exact=True).first.wait_for()
        point_at_all(page, width)
        page.keyboard.press(" ")
        page.wait_for_timeout(QUIET_MS)
        point_at_all(page, width)
        said += [(width, card) for card in page.evaluate(TOO_WIDE)]
        page.keyboard.press(" ")
        page.get_by_text("paused", exact=True).first.wait_for()
        point_at_all(page, width)
        page.close()
    assert said == []
