"""What a change leaves behind: pale lines of before, pinned by a click, and marks in time."""

from __future__ import annotations

import numpy as np
import pytest
from bokeh.models import Line, VSpan

import panels.parts.ghosts as module
from panels.model_plots.gain import Curve, Lines
from panels.widgets.live_lines import LiveLine, LiveLines
from tests.ui.test_explorer import built, drag, page, sessions  # noqa: F401
from tests.ui.test_moments import Opened
from workbench.interventions import Intervention
from workbench.plots.live.seen import seen_of
from workbench.plots.live.tick_marks import MOST, TickMarks

# What panel-material-ui 0.16 passes on to Panel 1.9 by itself.
pytestmark = pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning")

X, Y = np.arange(5.0), np.arange(5.0) ** 2


def lines(x: str = "orientation (deg)") -> Lines:
    curves = [Curve("e", "excitatory"), Curve("p", points=True), Curve("law", dashed=True)]
    plot = Lines("profile", x, "rate (Hz)", curves, empty="nothing yet")
    plot.show(e=(X, Y), p=(X, -Y), law=(X, Y + 1))
    return plot


def pale(plot) -> list[np.ndarray]:
    return [np.asarray(y) for y in plot.before.ghost.source.data["ys"]]


@pytest.fixture
def shown(page, sessions):  # noqa: F811
    """A page with a plot of its model's own, and the plot."""
    plot = lines()
    page.show_before([plot.before])
    built(page, sessions[0])
    return page, plot


def test_the_lines_of_before_stay_and_then_go(shown, monkeypatch):
    page, plot = shown  # noqa: F811
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    drag(page, "tau_m", 12.0)
    page.tick()
    plot.show(e=(X, 2 * Y))
    now[0] += 0.5
    drag(page, "tau_m", 15.0, final=True)  # the same gesture: what was before it is of interest
    page.tick()
    plot.show(e=(X, 3 * Y))
    ghost = plot.before.ghost
    (found,) = pale(plot)
    np.testing.assert_array_equal(found, Y)
    np.testing.assert_array_equal(ghost.dots.data["y"], -Y)  # of those that no line joins
    assert "before, τ_m 10 ms" in ghost._label.text and ghost._label.visible
    now[0] += module.STAYS_S - 0.1
    page.tick()
    assert ghost.shown
    now[0] += 0.2
    page.tick()
    assert not ghost.shown and not ghost._label.visible


def test_a_rebuild_leaves_the_lines_of_the_network_before(shown):
    page, plot = shown  # noqa: F811
    drag(page, "n_exc", 20, final=True)
    page.tick()
    plot.clear()
    np.testing.assert_array_equal(pale(plot)[0], Y)
    assert "before, N 10" in plot.before.ghost._label.text


def test_a_click_pins_and_lets_go(shown, monkeypatch):
    page, plot = shown  # noqa: F811
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    ghost = plot.before.ghost
    drag(page, "tau_m", 12.0, final=True)
    page.tick()
    ghost.click()
    plot.show(e=(X, 2 * Y))
    now[0] += 2 * module.STAYS_S
    page.tick()
    drag(page, "tau_m", 13.0, final=True)
    page.tick()
    np.testing.assert_array_equal(pale(plot)[0], Y)
    assert "kept" in ghost._label.text
    ghost.click()
    assert not ghost.shown
    ghost.click()  # nothing is pale: what is shown now is kept
    np.testing.assert_array_equal(pale(plot)[0], 2 * Y)


def test_the_axes_have_room_for_both():
    for plot, show in (
        (lines(), lambda p, y: p.show(e=(X, y), p=(X, y))),
        (LiveLines([LiveLine("e", "#112233", "#ddeeff")], x_label="x", y_label="y",
                   x_range=(0, 5), name="n"), lambda p, y: p.show({"e": (X, y)})),
    ):  # fmt: skip
        show(plot, 10 * Y)
        plot.before.ghost.take("before")
        show(plot, Y)
        assert plot.root.y_range.end >= 160
        drawn = [layer for layer in seen_of(plot.root).layers if layer.kind == "line"]
        assert any(np.array_equal(layer.data["y"], 10 * Y) for layer in drawn)


def test_dark_pages_have_pale_lines_of_their_own():
    inks = []
    for dark in (False, True):
        plot = lines()
        plot.set_dark(dark)
        plot.before.ghost.take("before")
        inks += plot.before.ghost.source.data["color"]
    assert len(set(inks)) == 2


def test_moments_are_marked_in_every_plot_of_time(page, sessions):  # noqa: F811
    over_time = lines("time (s)")
    assert over_time.before.ghost is None
    page.show_before([over_time.before])
    built(page, sessions[0])
    sessions[0].interventions += [
        Intervention(3, 3.0, "set", "tau_m", "τ_m 10 ms → 12 ms"),
        Intervention(2100, 2100.0, "operation", "Inject", "inject"),
    ]
    page.tick()
    views = [v for v in page.plots.views.values() if hasattr(v, "time")]
    assert len(views) >= 3
    for view in views:
        marks = [r for r in view.root.renderers if isinstance(r.glyph, VSpan)]
        assert [r.data_source.data["ms"] for r in marks] == [[3.0, 2100.0]]
        assert view.root.renderers[-1] is marks[0]  # above images
        assert marks[0].level == "glyph"  # clipped to the frame
    assert over_time.before.marks.source.data["s"] == [0.003, 2.1]
    page.restart(True)
    assert marks[0].data_source.data["ms"] == []


def test_only_the_latest_moments_are_marked():
    marks = TickMarks()
    marks.show([float(k) for k in range(2 * MOST)])
    assert len(marks.source.data["ms"]) == MOST and marks.source.data["ms"][-1] == 2 * MOST - 1


def test_a_running_pair_leaves_what_it_showed():
    opened = Opened("ssn-pair")
    explorer = opened.explorer
    try:
        opened.pause_at(200.0)
        ghosts = [b.ghost for b in explorer.ghosts._plots if b.ghost is not None]
        assert ghosts
        before = [
            [np.array(r.data_source.data["y"]) for r in g._fig.renderers
             if isinstance(r.glyph, Line) and not r.glyph.line_dash
             and len(r.data_source.data["x"])]
            for g in ghosts
        ]  # fmt: skip
        explorer.set_values({"h": 9.0}, "a test")
        opened.turn_until(lambda: any(e.is_change for e in explorer.session.interventions))
        for ghost, wanted in zip(ghosts, before, strict=True):
            np.testing.assert_equal([np.asarray(y) for y in ghost.source.data["ys"]], wanted)
    finally:
        opened.close()
