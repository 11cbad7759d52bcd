"""What keeps the page light: one message a drawing, nothing drawn unseen, little asked of it."""

from __future__ import annotations

import json
import time

import pytest

from panels.bokeh_internals.heartbeat import AHEAD

from .test_journey import CLOCK, IDLE, RATE, drawings, look_at, press, state, until

pytestmark = pytest.mark.browser

EVENTS = '{"events"'  # how the content of a change to the page begins
SHEET = """() => {
  const { InlineStyleSheet } = Bokeh.require("core/dom");
  const sheet = new InlineStyleSheet("a {}"); let writes = 0;
  const watch = new MutationObserver(m => writes += m.length);
  watch.observe(sheet.el, { childList: true, characterData: true });
  const count = () => { const n = watch.takeRecords().length; return n };
  sheet.replace("b {}"); const first = count();
  sheet.replace("b {}"); const same = count();
  sheet.replace("c {}"); const other = count();
  return [first > 0, same, other > 0, sheet.css] }"""
EM = """() => {
  const plots = [];
  const walk = v => { if (v.base_font_size !== undefined && v.frame) plots.push(v);
                      for (const c of v.children_views?.() ?? []) walk(c) };
  for (const view of Bokeh.index.roots) walk(view);
  return plots.map(p => [p.base_font_size, parseFloat(getComputedStyle(p.el).fontSize)]) }"""

# What a page takes for its own after the server has sent it a model, and what it has itself.
SENT = """() => {
  const [document] = Bokeh.documents, [{ id }] = document._all_models.values(), own = { id: "own" };
  const there = new Set(document._new_models);
  document._new_models.add(own);
  const sent = [{ type: "object", name: "Range1d", id: "sent-by-hand" }];
  const event = { kind: "ModelChanged", model: { id }, attr: "tags", new: sent };
  document.apply_json_patch({ events: [event] });
  const found = [...document._new_models].filter((model) => !there.has(model));
  document._new_models.delete(own);
  return [document._all_models.has("sent-by-hand"), found.map((model) => model.id)];
}"""


def test_models_that_the_server_sent_are_not_sent_back(shared_page):
    assert shared_page("cuba").evaluate(SENT) == [True, ["own"]]


@pytest.mark.slow
def test_bokeh_is_answered_as_the_page_would_answer(shared_page):
    page = shared_page("cuba")
    assert page.evaluate(SHEET) == [True, 0, True, "c {}"]
    page.locator(".wb-card-raster canvas").first.wait_for()
    until(lambda: page.evaluate(IDLE))
    sizes = page.evaluate(EM)
    assert sizes and all(a == b for a, b in sizes)


# Names of all that belongs to the plots that are drawn less often.
SLOW = """() => {
  const found = [], cards = ["wb-card-rates", "wb-card-traces"];
  for (const doc of Bokeh.documents) for (const m of doc._all_models.values())
    if (m.css_classes?.some((name) => cards.includes(name)))
      for (const part of m.references()) found.push(part.id);
  return found }"""


@pytest.mark.slow
def test_a_drawing_is_one_message(shared_page):
    page = shared_page("cuba")
    came: list[str] = []
    client = page.context.new_cdp_session(page)
    client.send("Network.enable")
    client.on("Network.webSocketFrameReceived", lambda e: came.append(e["response"]["payloadData"]))
    press(page, "run")
    state(page, "running")
    drawings(page, 20)
    # What is looked at was sent after this moment: of the drawings before the first of it, fewer
    # can have been on their way.
    began, first = time.monotonic(), page.evaluate(CLOCK)[1] + 2 * AHEAD
    drawings(page, 2 * AHEAD + 50)
    until(lambda: page.evaluate(CLOCK) and any(f'"beat","new":{first + 50}' in t for t in came))
    seconds = time.monotonic() - began
    press(page, "pause")
    patches = [(text, json.loads(text)["events"]) for text in came if text.startswith(EVENTS)]
    beats = [[e["new"] for e in events if e.get("attr") == "beat"] for _, events in patches]
    start, end = beats.index([first]), beats.index([first + 50])
    assert [n for found in beats[start : end + 1] for n in found] == [*range(first, first + 51)]
    assert all(len(found) <= 1 for found in beats)
    # Besides the drawings, the status line speaks five times a second at most. While a simulation
    # is slow and has nothing new, the circuit's glow fades, and rates and traces catch up.
    others = [patches[k] for k in range(start, end) if not beats[k]]
    slow = set(page.evaluate(SLOW))
    lines = 0
    for text, events in others:
        lines += "wb-status" in text
        for e in events:
            status = "wb-status" in str(e.get("new"))
            assert status or e.get("attr") == "levels" or e["model"]["id"] in slow, e
    assert lines <= 5 * seconds + 1


# Whether the page has said that it does not see the rates.
UNSEEN = """() => {
  for (const doc of Bokeh.documents) for (const m of doc._all_models.values())
    if (m.css_classes?.includes("wb-card-rates"))
      return m.children.some((part) => part.data?.seen === false) }"""


@pytest.mark.slow
def test_what_is_below_the_page_is_drawn_when_it_is_scrolled_to(server, open_page):
    page = open_page(f"{server.url}/background-gain", height=700)
    state(page, "ready")
    # As long as the page has not said what it does not see, all is drawn.
    until(lambda: page.evaluate(UNSEEN))
    press(page, "run")
    state(page, "running")
    until(lambda: page.evaluate(CLOCK)[0] > 500)
    drawings(page, 20)
    assert not page.evaluate(RATE) > 0
    look_at(page, "rates")
    until(lambda: page.evaluate(RATE) > 0)
    press(page, "pause")


# Of each entry of each legend: its text, the colour of its line, and that of the sample as drawn.
LEGENDS = """() => {
  const hex = (n) => n.toString(16).padStart(2, "0"), found = [];
  const walk = (v) => {
    for (const { glyph, item, label } of v.grid_el ? v.entries : []) {
      const { canvas } = glyph, [line] = item.renderers, given = line.glyph.line_color;
      const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      let at = 0;
      for (let k = 0; k < pixels.length; k += 4) if (pixels[k + 3] > pixels[at + 3]) at = k;
      const of = (column) => line.data_source.data[column];
      const row = given.field ? of(item.label.field).indexOf(label) : null;
      const color = given.field ? of(given.field)[row] : given.value ?? given;
      found.push([label, color, pixels[at + 3] && [...pixels.slice(at, at + 3)].map(hex).join("")]);
    }
    for (const c of v.children_views?.() ?? []) walk(c) };
  for (const view of Bokeh.index.roots) walk(view);
  return found }"""
CHANGES = """() => {
  window.changes = 0;
  const watch = new MutationObserver((m) => (window.changes += m.length));
  const walk = (v) => {
    if (v.grid_el) watch.observe(v.grid_el, { childList: true, subtree: true });
    for (const c of v.children_views?.() ?? []) walk(c) };
  for (const view of Bokeh.index.roots) walk(view) }"""


@pytest.mark.slow
def test_legends_are_made_once_and_follow_the_colours(shared_page):
    page = shared_page("cuba")
    press(page, "run")
    until(lambda: page.evaluate(RATE) > 0)

    def samples_are_right():
        found = page.evaluate(LEGENDS)
        return len(found) >= 5 and all(
            drawn and _near(color.removeprefix("#"), drawn) for _, color, drawn in found
        )

    until(samples_are_right)
    light = page.evaluate(LEGENDS)
    page.evaluate(CHANGES)
    drawings(page, 20)
    assert page.evaluate("window.changes") == 0
    page.locator("[aria-label*='theme' i]").first.click()
    until(lambda: [c for _, c, _ in page.evaluate(LEGENDS)] != [c for _, c, _ in light])
    until(samples_are_right)
    press(page, "pause")
    state(page, "paused")


@pytest.mark.slow
def test_a_legend_that_was_away_has_its_samples_again(shared_page):
    page = shared_page("normalisation")

    def drawn():
        found = page.evaluate(LEGENDS)
        return len(found) >= 2 and all(sample for _, _, sample in found)

    press(page, "run")
    until(drawn)
    for _ in range(2):
        press(page, "reset")
        state(page, "ready")
        press(page, "run")
        until(lambda: page.evaluate(CLOCK)[0] > 100)
        until(drawn, 20)
    press(page, "pause")
    state(page, "paused")


# What the page shows, and what Bokeh would show: of each image the pixels; of each axis its numbers
# and the room that they take.
SHOWN = """() => {
  const images = [], axes = [], { is_equal } = Bokeh.require("core/util/eq");
  const walk = (v) => {
    const { image_data, model } = v, n = image_data && model.color_mapper ? v.image.length : 0;
    for (let k = 0; k < n; k++) {
      const { width, height } = image_data[k], context = image_data[k].getContext("2d");
      const drawn = context.getImageData(0, 0, width, height).data, pixels = v.image.get(k);
      const meant = model.color_mapper.rgba_mapper.v_compute(pixels);
      // A canvas keeps no colour where nothing is seen of it.
      const far = (x, i) => meant[i | 3] && Math.abs(x - drawn[i]) > 255 / meant[i | 3];
      const off = meant.filter(far);
      images.push([new Set(pixels).size > 1, off.length, drawn.length - meant.length]);
    }
    if (v.compute_labels && v.is_renderable && v.tick_coords) {
      const ticks = v.tick_coords.major[v.dimension], texts = v.compute_labels(ticks).items;
      const shown = texts.map((t) => t.text), { extents } = v;
      v.wb_labels = v.wb_extents = null;
      const anew = v.compute_labels(ticks).items.map((t) => t.text);
      axes.push([shown.join(" "), is_equal(shown, anew), is_equal(extents, v.extents)]);
    }
    for (const c of v.children_views?.() ?? []) walk(c) };
  for (const view of Bokeh.index.roots) walk(view);
  return [images, axes] }"""


# The colours of the axes' numbers.
COLOURS = """() => {
  const found = [];
  for (const doc of Bokeh.documents) for (const m of doc._all_models.values())
    if (m.major_label_text_color) found.push(JSON.stringify(m.major_label_text_color));
  return found.join() }"""


# The number of axes whose labels follow when their formatter is replaced, and when it changes.
FOLLOW = """() => {
  let found = 0;
  const { PrintfTickFormatter } = Bokeh.require("models/formatters");
  const walk = (v) => {
    if (v.compute_labels && v.is_renderable && !v._major_label_views.size) {
      const ticks = v.tick_coords.major[v.dimension], { formatter } = v.model;
      const texts = () => v.compute_labels(ticks).items.map((t) => t.text);
      const plain = texts();
      v.model.formatter = new PrintfTickFormatter({ format: "<%s>" });
      const other = texts();
      v.model.formatter.format = "[%s]";
      const third = texts();
      v.model.formatter = formatter;
      const back = texts();
      found += ticks.length && other.every((t) => t[0] === "<") &&
        third.every((t) => t[0] === "[") && back.join() === plain.join();
    }
    for (const c of v.children_views?.() ?? []) walk(c) };
  for (const view of Bokeh.index.roots) walk(view);
  return found }"""


@pytest.mark.slow
def test_images_and_axes_show_what_bokeh_would(shared_page):
    page = shared_page("cuba")
    press(page, "run")

    def right():
        images, axes = page.evaluate(SHOWN)
        assert all(off == longer == 0 for _, off, longer in images)
        assert all(labels and room for _, labels, room in axes)
        return any(full for full, _, _ in images) and sum(bool(text) for text, _, _ in axes) >= 4

    def numbers():
        return [text for text, _, _ in page.evaluate(SHOWN)[1]]

    until(right)
    before, colours = numbers(), page.evaluate(COLOURS)
    drawings(page, 20)
    until(lambda: numbers() != before)  # time goes on
    until(right)
    page.locator("[aria-label*='theme' i]").first.click()
    until(lambda: page.evaluate(COLOURS) != colours)
    drawings(page, 5)
    until(right)
    press(page, "pause")
    state(page, "paused")
    assert page.evaluate(FOLLOW) >= 3


def _near(a: str, b: str) -> bool:
    """Two colours as "rrggbb", but for what smoothing leaves of a thin line."""
    return all(abs(int(a[k : k + 2], 16) - int(b[k : k + 2], 16)) <= 8 for k in (0, 2, 4))
