"""The axis of time that live plots share."""

from __future__ import annotations

from bokeh.plotting import figure

from workbench.plots.live.time_axis import TimeAxis


def test_a_label_that_no_page_shows_yet_has_the_unit_of_the_stretch():
    axis = TimeAxis(0.1, 500.0)
    fig = figure()
    window = axis.attach(fig, lambda: None)
    assert fig.xaxis[0].axis_label == "time (ms)"
    axis.advance(18_000.0)
    axis.set_window(5000.0)
    window.sync()
    assert fig.xaxis[0].axis_label == "time (s)"
    axis.hold(17_000.0, 17_040.0)
    window.sync()
    assert fig.xaxis[0].axis_label == "time (ms)"
    # Past ten seconds sooner: nine numbers of five digits do not fit below a plot on a phone.
    axis.hold(17_000.0, 17_400.0)
    window.sync()
    assert fig.xaxis[0].axis_label == "time (s)"
    axis.hold(7000.0, 7400.0)
    window.sync()
    assert fig.xaxis[0].axis_label == "time (ms)"
