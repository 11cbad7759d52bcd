"""Pictures of square points stay square in a browser, however wide or high their card is."""

from __future__ import annotations

import numpy as np
import pytest
from bokeh.embed import file_html
from bokeh.layouts import column
from bokeh.resources import INLINE

from panels.model_plots.directions import GROUND, SCALE, Directions, painted
from panels.model_plots.receptive_fields import TESTED, TOLD, ReceptiveFields
from workbench.plots.live import theme as themes

SIDE, UNITS = 8, 20
SIZES = [(520, 300), (900, 300), (330, 520), (330, 300)]
# Of each figure: pixels that one point takes across and down, and whether the image is all there.
POINTS = """
() => { const found = {};
  const walk = view => { for (const child of view.child_views ?? []) walk(child);
    const {model, frame} = view;
    if (!model?.name || !frame) return;
    const [x, y] = [frame.x_scale, frame.y_scale], {start, end} = model.x_range;
    found[model.name] = {
      across: Math.abs(x.compute(1) - x.compute(0)), down: Math.abs(y.compute(1) - y.compute(0)),
      x: [model.x_range.start, model.x_range.end], y: [model.y_range.start, model.y_range.end],
    };
  };
  for (const view of Object.values(Bokeh.index)) walk(view);
  return found; }
"""


@pytest.fixture
def fields():
    plot = ReceptiveFields()
    rng = np.random.default_rng(2)
    plot.show_fields(rng.random((UNITS, SIDE**2)), rng.random((10, UNITS)))
    plot.show_answer(rng.random((SIDE, SIDE)), np.eye(UNITS)[3], np.arange(10), "4", SIDE)
    return plot


def test_bars_of_the_class_units_have_numbers_of_their_own(fields):
    bars = fields._units
    assert bars.xaxis[0].visible and bars.xaxis[0].axis_label == TOLD
    assert bars.yaxis[0].axis_label == "digit"
    assert fields._bars.data["x"].tolist() == list(range(10))
    assert 9 < bars.x_range.end < 10
    fields.show_answer(np.zeros((8, 8)), np.zeros(UNITS), np.zeros(10), "Test: 4", SIDE, True)
    assert bars.xaxis[0].axis_label == TESTED and bars.x_range.end == 1
    fields.clear()
    assert not np.any(fields._bars.data["x"])


@pytest.mark.parametrize("dark", [False, True])
def test_squares_of_no_weight_are_told_from_the_page(dark):
    rows = np.zeros((2, SIDE**2))
    rows[:, 0], rows[:, 1] = 1, -1
    colors = painted(rows, dark).astype(int)
    paper = int(themes.theme(dark).surface[1:3], 16)
    assert abs(colors[4, 4, 0] - paper) >= 0.8 * GROUND * abs(
        int(themes.theme(dark).text[1:3], 16) - paper
    )
    assert colors[4, SIDE, 0] == paper  # between two squares
    assert Directions().root.title.text == SCALE


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_points_are_square_and_all_are_seen(chromium, fields, width, height):
    directions = Directions()
    directions.show(np.random.default_rng(1).standard_normal((52, SIDE**2)))
    roots = [column(each.root, width=width, height=height) for each in (fields, directions)]
    page = chromium.new_page(viewport={"width": 1000, "height": 1200})
    try:
        page.set_content(file_html(column(*roots), INLINE))
        page.wait_for_function("globalThis.Bokeh && Bokeh.documents?.[0]?.is_idle")
        found = page.evaluate(POINTS)
    finally:
        page.close()
    seen = {"receptive-fields": (44, 35), "picture-shown": (SIDE, SIDE), "directions": (71, 62)}
    for name, (wide, high) in seen.items():
        at = found[name]
        assert at["across"] == pytest.approx(at["down"], rel=0.01) and at["across"] > 0.5
        (left, right), (below, above) = at["x"], at["y"]
        assert left <= 0.01 and right >= wide - 0.01 and above <= 0.01 and below >= high - 0.01
