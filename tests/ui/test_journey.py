"""What a person does in the browser, done by a program: run, teach, ask, change, save, leave."""

from __future__ import annotations

import os
import re
import signal
import time
import xml.etree.ElementTree as ET

import psutil
import pytest

pytestmark = pytest.mark.browser

# Spikes of the last raster drawn, whether as marks or as an image.
MARKS = """() => { let n = 0;
  for (const doc of Bokeh.documents) for (const m of doc._all_models.values())
    if (m.data?.unit?.length !== undefined && m.data?.pop) n += m.data.unit.length;
    else if (m.data?.image?.length && "dw" in m.data) n += 1e6;
  return n }"""
# Mean of the excitatory rate over the later half of what is shown.
RATE = """() => {
  for (const doc of Bokeh.documents) for (const m of doc._all_models.values())
    if (m.data?.time_ms?.length > 4) {
      const [name] = Object.keys(m.data).filter(k => k !== "time_ms");
      const hz = [...m.data[name]].filter(Number.isFinite);
      const late = hz.slice(Math.floor(hz.length / 2));
      return late.reduce((a, b) => a + b, 0) / late.length }
  return NaN }"""
# The page's own clock: simulated ms, and how often it was drawn.
CLOCK = """() => {
  for (const doc of Bokeh.documents) for (const m of doc._all_models.values())
    if (typeof m.beat === "number" && m.t_ms) return [m.t_ms[0], m.beat];
  return [0, 0] }"""
# Whether all plots have been laid out and drawn.
IDLE = "Bokeh.documents.length > 0 && Bokeh.documents.every((doc) => doc.is_idle)"


def press(page, name):
    page.locator(f".wb-{name}").first.click()


def state(page, word):
    page.get_by_text(word, exact=True).first.wait_for()


def look_at(page, card):
    """Scroll to a card: what it shows is placed when it is first seen."""
    page.locator(f".wb-card-{card}").first.scroll_into_view_if_needed()


def drawings(page, n):
    """Wait until the page was drawn ``n`` times more."""
    beat = page.evaluate(CLOCK)[1]
    until(lambda: page.evaluate(CLOCK)[1] >= beat + n)


def until(condition, timeout_s=120.0):
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < timeout_s, "it did not happen in time"
        time.sleep(0.1)


def test_a_memory_that_was_taught_nothing_offers_to_learn_and_recall(server, open_page):
    page = open_page(f"{server.url}/hippocampal-cam")
    state(page, "ready")
    press(page, "once")  # before Run
    page.get_by_text("Recall by cue 0 gave {0, 1}: correct.").wait_for()
    page.locator(".wb-once").wait_for(state="hidden")
    press(page, "reset")
    page.locator(".wb-once").wait_for()


def test_the_memory_learns_and_recalls_and_its_worker_ends(server, open_page, tmp_path):
    before = server.workers()
    page = open_page(f"{server.url}/hippocampal-cam")
    state(page, "ready")
    (worker,) = server.workers() - before
    press(page, "run")
    state(page, "running")
    press(page, "learn")
    until(lambda: page.evaluate(MARKS) > 0)
    press(page, "recall-cue")
    # Learn and recall are logged as interventions, and evaluated.
    look_at(page, "log")
    page.get_by_text("learn cue 0 {0, 1}").first.wait_for()
    page.get_by_text("recall by cue 0").first.wait_for()
    look_at(page, "own-1")  # "Operations"
    until(lambda: page.get_by_text("correct", exact=True).count() >= 2)

    press(page, "pause")
    state(page, "paused")
    # The strip may say so while the last drawings are on their way.
    t_ms = float(page.locator(".wb-status").first.get_attribute("data-t-ms"))
    until(lambda: page.evaluate(CLOCK)[0] == t_ms)
    time.sleep(0.7)
    assert page.evaluate(CLOCK)[0] == t_ms

    press(page, "save-raster")
    with page.expect_download() as caught:
        page.locator(".wb-save-svg").first.click()
    saved = tmp_path / "raster.svg"
    caught.value.save_as(saved)
    root = ET.parse(saved).getroot()
    assert root.tag.endswith("svg")
    assert root.get("width") == "85mm"
    assert '"n_cues": 5' in saved.read_text().replace("&quot;", '"')

    page.close()
    until(lambda: not psutil.pid_exists(worker), 100)


@pytest.mark.slow
def test_a_slider_changes_the_rate(shared_page):
    page = shared_page("cuba")
    look_at(page, "rates")
    press(page, "run")
    state(page, "running")
    until(lambda: page.evaluate(CLOCK)[0] > 600)
    until(lambda: page.evaluate(RATE) > 0)  # drawn, for the card was scrolled to
    before = page.evaluate(RATE)
    assert 2 < before < 15  # the network fires at 5 to 6 Hz
    slider = page.get_by_role("slider", name="w_i in mV")
    slider.fill("-2")
    look_at(page, "log")
    page.get_by_text("w_i -9 mV → -2 mV").first.wait_for()
    look_at(page, "rates")
    changed = page.evaluate(CLOCK)[0]
    until(lambda: page.evaluate(CLOCK)[0] > changed + 700)
    # Without its inhibition the network fires several times as fast.
    assert page.evaluate(RATE) > 2 * before
    press(page, "pause")
    state(page, "paused")


def test_a_choice_stands_between_the_ends_of_the_sliders(shared_page):
    page = shared_page("elm-neuron")
    pick, slider = page.locator("select.pick").first, page.locator(".row input[type=range]").first
    pick.wait_for()
    a, b = pick.bounding_box(), slider.bounding_box()
    assert abs(a["x"] - b["x"]) < 1 and abs(a["width"] - b["width"]) < 1
    engine = page.locator(".wb-engine [role=combobox]").first.bounding_box()
    assert abs(a["height"] - engine["height"]) <= 4


def test_a_number_is_typed_with_a_unit_or_refused_in_a_sentence(shared_page):
    page = shared_page("cuba")
    box = page.get_by_label("w_e, exact value")
    slider = page.get_by_role("slider", name="w_e in mV")
    box.fill("1700 uV")
    box.press("Enter")
    until(lambda: slider.input_value() == "1.7")
    box.fill("1,62mV")
    box.press("Enter")
    page.get_by_text("it has a decimal comma; did you mean '1.62 mV'?").first.wait_for()
    assert slider.input_value() == "1.7"
    box.press("ArrowUp")
    until(lambda: float(slider.input_value()) > 1.7)
    until(lambda: page.get_by_text("it has a decimal comma").count() == 0)


@pytest.mark.slow
def test_pages_do_not_disturb_each_other(server, shared_page, open_page):
    first = shared_page("hippocampal-cam")
    before = server.workers()
    second = open_page(f"{server.url}/hippocampal-cam")
    state(second, "ready")
    (mine,) = server.workers() - before
    press(first, "run")
    state(first, "running")
    press(first, "learn")
    for page in (first, second):
        look_at(page, "log")
    first.get_by_text("learn cue 0 {0, 1}").first.wait_for()
    until(lambda: first.evaluate(CLOCK)[0] > 5)
    assert second.get_by_text("learn cue 0 {0, 1}").count() == 0
    assert second.evaluate(CLOCK)[0] == 0
    state(second, "ready")

    # A killed simulation says so and starts again, and the other one goes on.
    press(second, "run")
    state(second, "running")
    os.kill(mine, signal.SIGKILL)
    state(second, "failed")
    second.get_by_text(re.compile(r"was killed \(signal 9\)")).first.wait_for()
    t_ms = first.evaluate(CLOCK)[0]
    until(lambda: first.evaluate(CLOCK)[0] > t_ms)
    press(second, "reset")
    state(second, "ready")
    press(first, "pause")
    state(first, "paused")


@pytest.mark.slow
def test_keys_run_and_pause(shared_page):
    page = shared_page("hippocampal-cam")
    page.locator(".wb-status").first.click()
    page.keyboard.press("s")
    state(page, "paused")
    page.keyboard.press(" ")
    state(page, "running")
    page.keyboard.press(" ")
    state(page, "paused")
    page.keyboard.press("r")
    state(page, "ready")


@pytest.mark.parametrize("width", [1280, 1920])
def test_nothing_scrolls_sideways(shared_page, width):
    page = shared_page("hippocampal-cam")
    page.set_viewport_size({"width": width, "height": 900})
    page.locator(".wb-card-raster canvas").first.wait_for()
    until(lambda: page.evaluate(IDLE))
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_gallery_leads_to_every_model(server, open_page):
    page = open_page(server.url + "/")
    page.get_by_text("Hippocampal CAM").first.wait_for()
    page.get_by_text("CUBA").first.wait_for()
    tiles = page.locator(".group .tile:visible")
    every = tiles.count()
    page.keyboard.press("/")
    page.keyboard.type("balanced inhibition")
    until(lambda: 0 < tiles.count() < every)
    assert page.locator(".search output").inner_text() == f"{tiles.count()} of {every} models"
    assert not page.locator(".start").is_visible()
    page.keyboard.type(" nowhere")
    page.get_by_text("No model speaks of that.").wait_for()
    page.keyboard.press("Escape")
    until(lambda: tiles.count() == every)
    assert page.locator(".start").is_visible()
