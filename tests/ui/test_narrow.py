"""A page in a window as narrow as a phone: everything that moves the run is within reach."""

from __future__ import annotations

import os

import pytest

import workbench as wb
from workbench.catalogue import Catalogue

from .conftest import served
from .test_journey import CLOCK, IDLE, press, state, until

pytestmark = pytest.mark.browser

WIDTH, HEIGHT = 390, 844
BUTTONS = (
    "run", "pause", "step", "reset", "stop", "speed", "keep", "export", "save-layout", "model",
)  # fmt: skip
SIDEBAR = ".wb-parameters"


def boxes(page) -> dict[str, dict[str, float]]:
    """Where the parts of the bar are."""
    return {name: page.locator(f".wb-{name}").first.bounding_box() for name in BUTTONS}


def overlap(a, b) -> bool:
    return (
        a["x"] + a["width"] > b["x"] + 1
        and b["x"] + b["width"] > a["x"] + 1
        and a["y"] + a["height"] > b["y"] + 1
        and b["y"] + b["height"] > a["y"] + 1
    )


@pytest.mark.parametrize("width", [390, 700, 1000, 1280])
def test_the_bar_is_within_the_window_and_nothing_lies_on_another(shared_page, width):
    page = shared_page("hippocampal-cam")
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.locator(".wb-card-raster canvas").first.wait_for()
    until(lambda: page.evaluate(IDLE))
    found = boxes(page)
    for name, box in found.items():
        assert box["x"] >= 0 and box["x"] + box["width"] <= width, name
        assert box["height"] >= 24, name
    names = list(found)
    for k, one in enumerate(names):
        for other in names[k + 1 :]:
            assert not overlap(found[one], found[other]), (one, other)
    # The strip begins where the bar ends.
    bar = page.locator(".MuiAppBar-root").bounding_box()
    strip = page.locator(".wb-status").first.bounding_box()
    assert strip["y"] >= bar["y"] + bar["height"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_what_a_button_does_is_said_in_one_line(shared_page):
    page = shared_page("hippocampal-cam")
    page.set_viewport_size({"width": 1280, "height": HEIGHT})
    button = page.locator(".wb-save-layout").first
    button.hover()
    said = page.get_by_role("tooltip").get_by_text("Save all plots as one figure")
    said.wait_for()
    # Two lines of its 11 px would be at least 30 px high with the margins.
    assert said.bounding_box()["height"] < 30
    page.mouse.move(0, 0)


@pytest.mark.parametrize("width", [WIDTH, 1280])
def test_the_status_stays_at_the_top_of_the_whole_page(shared_page, width):
    page = shared_page("hippocampal-cam")
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.locator(".wb-card-raster canvas").first.wait_for()
    until(lambda: page.evaluate(IDLE))
    strip, last = page.locator(".wb-status").first, page.locator(".wb-card").last
    drawer = page.locator(SIDEBAR).first
    until(lambda: drawer.is_visible() == (width > WIDTH))
    until(lambda: strip.bounding_box()["x"] == (12 if width == WIDTH else 312))  # it has moved
    before = strip.bounding_box()
    last.scroll_into_view_if_needed()
    assert last.bounding_box()["y"] < HEIGHT
    until(lambda: strip.bounding_box() == before, 20)


def test_no_tab_is_wider_than_the_window(shared_page):
    page = shared_page("cuba")
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    page.locator(SIDEBAR).first.wait_for(state="hidden")
    for tab, there in (
        ("Sweep", ".wb-sweep-start"), ("Compare", ".wb-compare-run"), ("About", ".about .tex"),
    ):  # fmt: skip
        page.get_by_role("tab", name=tab).click()
        page.locator(there).first.wait_for()
        until(lambda: page.evaluate(TOO_FAR) == [], 20)
    page.get_by_role("tab", name="Live").click()


@pytest.mark.slow
def test_a_run_is_moved_from_a_phone(server, open_page):
    page = open_page(f"{server.url}/hippocampal-cam", width=WIDTH, height=HEIGHT)
    state(page, "ready")
    raster = page.locator(".wb-card-raster").first
    raster.locator("canvas").first.wait_for()
    # The parameters are folded away, the raster is on the screen and comes first.
    page.locator(SIDEBAR).first.wait_for(state="hidden")
    box = raster.bounding_box()
    assert box["y"] + box["height"] <= HEIGHT
    cards = page.locator(".wb-card")
    assert box["y"] == min(b["y"] for b in (c.bounding_box() for c in cards.all()) if b)
    press(page, "run")
    state(page, "running")
    until(lambda: page.evaluate(CLOCK)[0] > 5)
    press(page, "pause")
    state(page, "paused")
    press(page, "stop")
    state(page, "stopped")
    press(page, "reset")
    state(page, "ready")
    # The drawer opens over the page, and closes by a button of its own and by Escape.
    for close in (
        lambda: press(page, "fold"),
        lambda: page.keyboard.press("Escape"),
    ):
        page.get_by_role("button", name="Open drawer").click()
        page.locator(SIDEBAR).first.wait_for(state="visible")
        close()
        page.locator(SIDEBAR).first.wait_for(state="hidden")


@pytest.mark.slow
def test_the_parameters_are_away_while_the_window_is_narrow(server, open_page):
    page = open_page(f"{server.url}/hippocampal-cam")
    state(page, "ready")
    page.locator(SIDEBAR).first.wait_for(state="visible")
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    page.locator(SIDEBAR).first.wait_for(state="hidden")
    page.set_viewport_size({"width": 1280, "height": HEIGHT})
    page.locator(SIDEBAR).first.wait_for(state="visible")


# What reaches over the right edge of the window, in whatever box it lies.
TOO_FAR = """() => {
  const found = []
  const walk = (root) => {
    for (const e of root.querySelectorAll("*")) {
      if (e.shadowRoot) walk(e.shadowRoot)
      const { width, height, right } = e.getBoundingClientRect()
      if (width && height && right > window.innerWidth + 1) found.push(e.className || e.tagName)
    }
  }
  walk(document)
  return found
}"""


@pytest.mark.slow
def test_saved_runs_are_looked_at_on_a_phone(tmp_path, open_page):
    catalogue = Catalogue(tmp_path)
    for seed in (1, 2):
        catalogue.keep(wb.load("ssn-pair").run(20, seed=seed, engine="numpy"), f"run-{seed}")
    with served({**os.environ, "WORKBENCH_RUNS": str(tmp_path)}) as server:
        page = open_page(f"{server.url}/runs", width=WIDTH, height=HEIGHT)
        runs = page.locator(".wb-runs").first
        page.locator(".run").nth(1).wait_for()
        until(lambda: page.locator(".MuiDrawer-paper").bounding_box()["x"] == 0)
        assert page.evaluate(TOO_FAR) == []
        # Nothing lies on the button that closes the list, and the list makes way for a run.
        page.locator(".wb-fold button").first.click()
        runs.wait_for(state="hidden")
        page.get_by_role("button", name="Open drawer").click()
        page.locator('.run[data-run="run-1"] .line').first.click()
        runs.wait_for(state="hidden")
        page.locator(".wb-run-plots img").first.wait_for()
        assert page.evaluate(TOO_FAR) == []
        # One box leaves the list open for the other one.
        page.get_by_role("button", name="Open drawer").click()
        page.locator('.run[data-run="run-2"] .box').click()
        runs.wait_for(state="hidden")
        page.get_by_text("A: run-1").first.wait_for()
        page.set_viewport_size({"width": 1280, "height": HEIGHT})
        runs.wait_for(state="visible")
        page.close()


BOXES = """() => {
  const found = []
  const walk = (root) => {
    for (const e of root.querySelectorAll("*")) {
      if (e.shadowRoot) walk(e.shadowRoot)
      const named = e.matches(".MuiInputLabel-root") ? "label"
        : e.matches(".MuiOutlinedInput-root, .MuiButton-outlined") ? "field" : ""
      const { top, bottom, left, right } = e.getBoundingClientRect()
      if (named && bottom > top && right < 300) found.push({ named, top, bottom, left, right })
    }
  }
  walk(document)
  return found
}"""


@pytest.mark.parametrize("model", ["normalisation", "active-dendrites"])
def test_no_label_of_a_field_lies_on_what_is_above_it(shared_page, model):
    page = shared_page(model)
    page.set_viewport_size({"width": 1280, "height": 1600})
    until(lambda: page.evaluate(IDLE))
    found = page.evaluate(BOXES)
    labels = [box for box in found if box["named"] == "label"]
    assert len(labels) > 2
    for label in labels:
        beneath = [
            box
            for box in found
            if box["named"] == "field"
            and box["left"] < label["right"]
            and box["right"] > label["left"]
            and box["top"] < label["top"]  # it lies on the outline of its own field
        ]
        assert all(box["bottom"] <= label["top"] for box in beneath), label


def test_seed_and_engine_are_as_high_as_each_other(shared_page):
    page = shared_page("normalisation")
    seed, engine = (
        page.locator(f".wb-{name} .MuiOutlinedInput-root").bounding_box()
        for name in ("seed", "engine")
    )
    assert (seed["y"], seed["height"]) == (engine["y"], engine["height"])


def test_the_histogram_of_weights_is_within_its_card(shared_page):
    page = shared_page("cuba")
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    card = page.locator(".wb-card-weights").first
    card.scroll_into_view_if_needed()
    page.locator(".wb-card-weights canvas").nth(1).wait_for(state="attached")
    until(lambda: page.evaluate(IDLE))
    until(lambda: card.locator(".bk-Figure").count() == 2)
    box = card.bounding_box()
    matrix, histogram = (figure.bounding_box() for figure in card.locator(".bk-Figure").all())
    assert not overlap(matrix, histogram)
    for canvas in card.locator("canvas").all():
        drawn = canvas.bounding_box()
        assert drawn["x"] + drawn["width"] <= box["x"] + box["width"] + 1


def test_no_line_of_the_strip_begins_with_a_separator(shared_page):
    page = shared_page("hippocampal-cam")
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
    strip = page.locator(".wb-status").first
    strip.evaluate("e => { e.style.width = '150px' }")
    cut = strip.bounding_box()["x"] + strip.evaluate(
        "e => parseFloat(getComputedStyle(e).clipPath.split(' ').pop())"
    )
    end_of = "e => e.getBoundingClientRect().x + parseFloat(getComputedStyle(e, '::before').left)"
    before, first, others = strip.locator(".state").bounding_box(), 0, 0
    for part in strip.locator(".part").all():
        box, separator = part.bounding_box(), part.evaluate(end_of)
        if box["y"] > before["y"] + 2:
            assert separator + 4 <= cut <= box["x"]  # the dot is 4 px wide
            first += 1
        else:
            assert separator >= cut
            others += 1
        before = box
    assert first and others


def test_rows_of_parameters_show_symbol_and_words_and_no_name_of_the_code(shared_page):
    page = shared_page("cuba")
    page.set_viewport_size({"width": 1280, "height": 900})
    row = page.locator('[data-row="p_connect"]')
    row.locator(".what").wait_for()
    assert row.locator(".symbol").inner_text() == "p"
    words = row.locator(".what")
    assert words.inner_text() == "probability that one neuron has a synapse onto another"
    assert "connect" not in row.locator(".head").inner_text()
    assert "p_connect" in row.locator(".tip").text_content()
    # One line, within the column, and above the slider.
    box, slider = words.bounding_box(), row.locator("input[type=range]").bounding_box()
    assert box["height"] < 20 and box["x"] + box["width"] < 300
    assert box["y"] + box["height"] <= slider["y"] + 1
