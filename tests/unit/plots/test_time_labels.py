"""Numbers at axes of time, in a real browser: no exponent, none upon another, at any width."""

from __future__ import annotations

import shutil

import pytest
from bokeh.embed import file_html
from bokeh.models import Range1d
from bokeh.plotting import figure
from bokeh.resources import INLINE

from workbench.plots.live import theme as themes
from workbench.plots.live.time_labels import TimeLabels

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
WIDTHS = (240, 330, 1200)
# unit of the data, stretch of time, label of the axis
STRETCHES = (
    ("ms", (0.0, 1000.0), "time (ms)"),
    ("ms", (65_500.0, 66_500.0), "time (s)"),
    ("ms", (1_222_800.0, 1_223_800.0), "time (s)"),
    ("ms", (1_222_800.0, 1_222_804.0), "time (ms)"),
    ("ms", (0.0, 11_190_830.0), "time (s)"),
    ("s", (11_120.0, 11_190.83), "time (s)"),
    ("s", (0.0, 0.5), "time (s)"),
)
SHOWN = """() => {
  const found = []
  const walk = (view) => {
    if (view.model.type === "Figure" || view.frame) {
      const axis = view.model.below[0], {start, end} = view.model.x_range
      const places = axis.ticker.get_ticks(start, end, view.model.x_range, NaN).major
      const pen = document.createElement("canvas").getContext("2d")
      pen.font = "11px Roboto, Arial, sans-serif"
      const texts = axis.formatter.doFormat(places, {loc: 0})
      const px = places.map(at => (at - start) / (end - start) * view.frame.bbox.width)
      found.push({name: view.model.name, label: axis.axis_label, texts, px,
                  widths: texts.map(t => pen.measureText(t).width)})
    }
    for (const child of view.child_views ?? []) walk(child)
  }
  for (const view of Object.values(Bokeh.index.roots ?? Bokeh.index)) walk(view)
  return found
}"""
READY = "() => window.Bokeh?.documents?.[0]?.is_idle"


def a_figure(name: str, width: int, unit: str, stretch: tuple[float, float]):
    fig = figure(
        name=name, width=width, height=160, x_range=Range1d(0, 1), y_range=Range1d(0, 1),
        y_axis_label="rate (Hz)", tools="",
    )  # fmt: skip
    fig.line([*stretch], [0, 1])
    TimeLabels(fig, unit).move(*stretch)
    if unit == "s":
        fig.xaxis[0].axis_label = "time (s)"
    themes.apply(fig, themes.theme(False))
    return fig


@pytest.fixture(scope="module")
def drawn():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    from bokeh.layouts import column
    from playwright.sync_api import sync_playwright

    figures = [
        a_figure(f"{k}/{width}", width, unit, stretch)
        for k, (unit, stretch, _label) in enumerate(STRETCHES)
        for width in WIDTHS
    ]
    problems: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.on("pageerror", lambda e: problems.append(str(e)))
        page.set_default_timeout(120_000)
        page.set_content(file_html(column(figures), INLINE))
        page.wait_for_function(READY)
        found = page.evaluate(SHOWN)
        browser.close()
    assert not problems
    return {figure["name"]: figure for figure in found}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("k", range(len(STRETCHES)))
def test_numbers_of_time_have_room(drawn, k, width):
    seen = drawn[f"{k}/{width}"]
    assert seen["label"] == STRETCHES[k][2]
    assert len(seen["texts"]) >= 2, seen
    assert len(set(seen["texts"])) == len(seen["texts"]), seen
    assert not any("e" in text for text in seen["texts"]), seen
    for a in range(len(seen["px"]) - 1):
        between = seen["px"][a + 1] - seen["px"][a]
        assert between >= (seen["widths"][a] + seen["widths"][a + 1]) / 2 + 4, seen
    if width == max(WIDTHS):
        assert len(seen["texts"]) >= 4, seen
