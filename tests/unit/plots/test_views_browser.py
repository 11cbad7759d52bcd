"""The plots in a real browser: marks, zoom and follow, drawn without an error."""

from __future__ import annotations

import asyncio
import shutil
import threading
import time

import numpy as np
import pytest

from workbench.engine.frames import Frame
from workbench.network import NetworkInfo, Population, Projection
from workbench.palette import population_colors
from workbench.plots.registry import live_views

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]

INFO = NetworkInfo(
    dt_ms=0.1,
    tick_ms=1.0,
    populations=(
        Population("exc", 3200, 0, "neurons"),
        Population("inh", 10, 3200, "neurons"),
    ),
    projections=(Projection("feedback", "exc", "inh", 100, "w", "nA", bins=(10, 50)),),
    traces={"inh.v": "mV"},
    watched={"inh.v": (0, 7)},
)


def one_frame() -> Frame:
    rng = np.random.default_rng(1)
    steps = np.sort(rng.integers(0, 10_000, 20_000))
    units = rng.integers(0, 3210, 20_000).astype(np.int32)
    t = np.arange(0.0, 1000.0)
    weights = np.zeros((10, 50), np.float32)
    weights[0] = 1.0  # the first postsynaptic neuron has all the weight
    v = np.stack([-60 + np.sin(t / 50), -55 + np.sin(t / 30)], axis=1)
    return Frame(1000, 1000.0, steps, units, t, {"inh.v": v}, {"feedback": weights}, {})


class Page:
    """A Bokeh server on a thread of its own, with the views of the last session."""

    def __init__(self):
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        assert self.ready.wait(60)

    def _serve(self):
        from bokeh.layouts import column, row
        from bokeh.server.server import Server

        asyncio.set_event_loop(asyncio.new_event_loop())

        def app(doc):
            self.views = live_views(INFO, colors=population_colors(INFO.populations))
            self.doc = doc
            for view in self.views.values():
                view.update([one_frame()], 1000.0)
            cells = [column(v.root, width=600, height=400) for v in self.views.values()]
            doc.add_root(column(row(*cells[:2]), row(*cells[2:]), width=1200, height=800))

        server = Server({"/": app}, port=0)
        self.port = server.port
        server.start()
        self.loop = server.io_loop
        self.ready.set()
        self.loop.start()
        server.stop()

    def close(self):
        self.loop.add_callback(self.loop.stop)
        self.thread.join(60)


@pytest.fixture(scope="module")
def page():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    server = Page()
    problems: list[str] = []
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        tab = browser.new_page(viewport={"width": 1280, "height": 860})
        tab.on("pageerror", lambda e: problems.append(str(e)))
        tab.on("console", lambda m: problems.append(m.text) if m.type == "error" else None)
        tab.set_default_timeout(120_000)
        tab.goto(f"http://localhost:{server.port}/")
        tab.wait_for_function(DRAWN)
        tab.wait_for_timeout(500)
        tab.server = server
        yield tab
        browser.close()
    server.close()
    problems = [t for t in problems if "favicon" not in t and "404" not in t]
    assert not problems


DRAWN = """() => {
  const doc = window.Bokeh?.documents?.[0]
  return doc?.roots()?.length > 0 && doc.is_idle
}"""
PLACE = """(name) => {
  const find = (v) => v.model.name === name && v.frame ? v
    : [...(v.child_views ?? [])].map(find).find(x => x)
  const views = Object.values(Bokeh.index.roots ?? Bokeh.index)
  const view = views.map(find).find(x => x)
  const box = view.el.getBoundingClientRect(), f = view.frame.bbox
  return {x: box.x + f.x0, y: box.y + f.y0, w: f.width, h: f.height}
}"""
MARKS = """() => {
  const doc = Bokeh.documents[0], out = {}
  const of = (name) => doc.get_model_by_name(name)
  for (const r of of("raster").renderers)
    if (r.glyph.type === "HStrip") out.rows = r.data_source.data
  for (const r of of("weights").renderers) {
    if (r.glyph.type === "VStrip") out.columns = r.data_source.data
    if (r.glyph.type === "HStrip") out.post = r.data_source.data
  }
  const lines = of("traces").renderers.map(r => r.view.filter).filter(f => f.indices != null)
  out.lines = lines.map(f => [...f.indices])[0]
  return JSON.parse(JSON.stringify(out, (k, v) => ArrayBuffer.isView(v) ? [...v] : v))
}"""


def settle(tab, condition, timeout_s=60.0):
    began = time.monotonic()
    while time.monotonic() - began < timeout_s:
        if condition():
            return True
        tab.wait_for_timeout(50)
    return False


def marks_when(tab, condition):
    """The marks as soon as ``condition`` holds of them; as they are, when it never does."""
    settle(tab, lambda: condition(tab.evaluate(MARKS)))
    tab.wait_for_timeout(100)  # for what belongs to the same movement
    return tab.evaluate(MARKS)


def neuron_at(tab, population: str, neuron: int) -> tuple[float, float]:
    bands = tab.server.views["raster"].bands
    k = [p.name for p in INFO.populations].index(population)
    y = bands.bottom[k] + bands.height[k] - (neuron + 0.5) * bands.row[k]
    place = tab.evaluate(PLACE, "raster")
    return place["x"] + place["w"] / 2, place["y"] + place["h"] * (1 - y / bands.total)


KEPT = """([n, px, apart]) => {
  const { Indices } = Bokeh.require("core/types")
  const { major_label_policy } = Bokeh.documents[0].get_model_by_name("raster").below[0]
  const distance = (i, j) => Math.abs(j - i) * apart - px
  return [...major_label_policy.filter(Indices.all_set(n), [], distance)]
}"""


@pytest.mark.parametrize(
    ("px", "apart", "kept"),
    [(20, 40, [0, 1, 2, 3, 4, 5]), (30, 20, [0, 2, 4]), (30, 14, [0, 3]), (300, 20, [0])],
)
def test_numbers_that_would_touch_are_left_out_regularly(page, px, apart, kept):
    assert page.evaluate(KEPT, [6, px, apart]) == kept


def test_hovering_a_neuron_marks_it_in_every_plot(page):
    page.mouse.move(*neuron_at(page, "inh", 7))
    marks = marks_when(page, lambda m: m["rows"]["y0"] and m["lines"] == [1])
    assert len(marks["rows"]["y0"]) == 1
    assert marks["post"] == {"y0": [6.5], "y1": [7.5]}
    assert marks["columns"]["x0"] == []
    assert marks["lines"] == [1]  # neuron 7 is the second that is watched
    page.mouse.move(5, 850)
    assert marks_when(page, lambda m: not m["rows"]["y0"])["rows"]["y0"] == []


def test_hovering_a_weight_marks_both_neurons(page):
    place = page.evaluate(PLACE, "weights")
    # The uppermost row of cells is postsynaptic neuron 0; the first column covers neurons 0-63.
    page.mouse.move(place["x"] + 3, place["y"] + place["h"] * 0.05)
    marks = marks_when(page, lambda m: m["columns"]["x0"] and m["lines"] == [0])
    assert marks["columns"] == {"x0": [-0.5], "x1": [63.5]}
    assert marks["post"] == {"y0": [-0.5], "y1": [0.5]}
    assert len(marks["rows"]["y0"]) == 2
    assert marks["lines"] == [0]
    arrowheads = """() => [...document.querySelectorAll(".bk-Tooltip")]
        .map(t => t.shadowRoot.textContent).join("|")"""
    settle(page, lambda: "1 nA" in page.evaluate(arrowheads))
    tip = page.evaluate(arrowheads)
    assert "1 nA" in tip and "exc 0–63" in tip and "inh 0" in tip


def test_a_click_reaches_python_and_stays(page):
    heard = []
    page.server.views["raster"].link.on_pick(heard.append)
    page.mouse.click(*neuron_at(page, "inh", 3))
    assert settle(page, lambda: heard == [[("inh", 3, 3)]])
    page.mouse.move(5, 850)
    left = {"y0": [2.5], "y1": [3.5]}
    assert marks_when(page, lambda m: m["post"] == left)["post"] == {"y0": [2.5], "y1": [3.5]}
    page.wait_for_timeout(600)  # else it is a double click
    page.mouse.click(*neuron_at(page, "inh", 3))
    assert settle(page, lambda: heard[-1] == [])


def test_zooming_holds_the_plot_and_goes_back_to_marks(page):
    raster = page.server.views["raster"]
    assert raster.mode == "image"
    place = page.evaluate(PLACE, "raster")
    x, y = place["x"] + place["w"] * 0.4, place["y"] + place["h"] * 0.3
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 20, steps=4)
    page.mouse.move(x + 60, y + 60, steps=4)
    page.mouse.up()
    assert settle(page, lambda: not raster.time.following and raster.mode == "glyphs")
    start, end = raster.time.span
    assert 350 < start < 450 and 60 < end - start < 150
    # The server's thread says "glyphs" a moment before it has filled them in.
    assert settle(page, lambda: len(raster._dots.data["t"]) + len(raster._ticks.data["t"]) > 20)
    held = raster.time.span
    updated = []
    raster.root.document.add_next_tick_callback(
        lambda: [raster.update([], 1500.0), updated.append(True)]
    )
    assert settle(page, lambda: updated)
    page.wait_for_timeout(300)
    assert raster.time.span == held
    page.mouse.move(place["x"] + 20, place["y"] + 20)
    page.wait_for_timeout(200)
    page.evaluate("""() => {
      const find = (v) => v.model.name === "raster" && v.frame ? v
        : [...(v.child_views ?? [])].map(find).find(x => x)
      Object.values(Bokeh.index.roots ?? Bokeh.index).map(find).find(x => x).reset()
    }""")
    assert settle(page, lambda: raster.time.following)
    whole = pytest.approx((500, 1500), abs=raster.time.quantum_ms)
    # The server's thread says that it follows a moment before it does.
    assert settle(page, lambda: raster.time.span == whole), raster.time.span
    top = pytest.approx(raster.bands.total)
    assert settle(page, lambda: raster.root.y_range.end == top), raster.root.y_range.end


def test_matrix_is_drawn_with_the_first_postsynaptic_neuron_on_top(page):
    from io import BytesIO

    from PIL import Image

    place = page.evaluate(PLACE, "weights")
    at = place["x"] + place["w"] / 2
    seen = []

    def is_right_way_up():
        shot = Image.open(BytesIO(page.screenshot())).convert("RGB")
        seen[:] = (shot.getpixel((round(at), round(place["y"] + place["h"] * y)))
                   for y in (0.05, 0.95))  # fmt: skip
        top, bottom = seen
        # Yellow: much; violet: nothing.
        return top[0] > 200 and top[2] < 90 and bottom[0] < 100 and bottom[2] > 60

    assert settle(page, is_right_way_up), seen
