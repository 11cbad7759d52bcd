"""Plots of sweeps: what is drawn where."""

from __future__ import annotations

import holoviews as hv
import numpy as np
import pytest
from toys import Toy

from workbench import figures as figure
from workbench.errors import ParameterError, UnknownName
from workbench.plots.sweep import edges_of, sweep_plot
from workbench.sweeps.dataset import dataset
from workbench.sweeps.design import make_design


def swept(vary, repeats=3):
    """A sweep that nobody simulated: run k has the rates k and 2 k."""
    design = make_design(
        Toy(), vary, repeats=repeats, measure="mean_rate", duration_ms=10, engine="numpy",
        operations=(), seed=1,
    )  # fmt: skip

    def cell(k):
        return {"dims": ["population"], "coords": {"population": ["a", "b"]}, "units": "Hz",
                "data": [k, 2 * k]}  # fmt: skip

    outcomes = {
        k: {"k": k, "seed": k, "error": "", "engine": "", "wall_s": 0, "cells": {"r": cell(k)}}
        for k in design.order()
    }
    return dataset(design.settings(), outcomes)


def test_a_line_is_the_mean_and_its_band_one_deviation():
    drawn = sweep_plot(swept({"tau": [20, 5, 10]}), label="a")
    curve, band = drawn.get(1), drawn.get(0)
    np.testing.assert_array_equal(curve.dimension_values(0), [5, 10, 20])
    np.testing.assert_array_equal(curve.dimension_values(1), [4, 7, 1])  # of 3-5, 6-8, 0-2
    np.testing.assert_array_equal(band.dimension_values(2) - band.dimension_values(1), [2, 2, 2])
    assert curve.kdims[0].label == "tau (ms)"
    assert curve.vdims[0].label == "R (Hz)"
    assert len(sweep_plot(swept({"tau": [20, 5]}))) == 2 * 3  # both populations


def test_populations_have_the_colours_that_they_are_given():
    hv.renderer("bokeh")  # options are kept for backends that are there
    data, colors = swept({"tau": [20, 5]}), {"a": "#C8102E", "b": "#1F77B4"}
    drawn = hv.render(sweep_plot(data, colors=colors), backend="bokeh")
    lines = [r.glyph for r in drawn.renderers if type(r.glyph).__name__ == "Line"]
    assert [line.line_color for line in lines] == list(colors.values())
    alone = hv.render(sweep_plot(data, label="b", colors=colors), backend="bokeh")
    lines = [r.glyph for r in alone.renderers if type(r.glyph).__name__ == "Line"]
    assert [line.line_color for line in lines] == [colors["b"]]


def test_a_heat_map_has_its_cells_around_the_values():
    data = swept({"tau": [5, 10, 20], "current": [1, 2]}, repeats=1)
    drawn = sweep_plot(data, label="b")
    assert isinstance(drawn, hv.QuadMesh)
    at = data["r"].sel(population="b", tau=20, current=1).item()
    assert drawn.dimension_values(2, flat=False)[0, 2] == at
    np.testing.assert_array_equal(edges_of(np.array([5.0, 10, 20])), [2.5, 7.5, 15, 25])


def test_what_cannot_be_drawn_is_reported():
    with pytest.raises(UnknownName, match="Unknown measure of the sweep: 'q'"):
        sweep_plot(swept({"tau": [5, 10]}), "q")
    with pytest.raises(UnknownName, match="Unknown population: 'c'"):
        sweep_plot(swept({"tau": [5, 10]}), label="c")
    with pytest.raises(ParameterError, match="A sweep over 3 parameters cannot be drawn"):
        sweep_plot(swept({"tau": [5], "current": [1], "w": [2]}))


@pytest.mark.parametrize("vary", [{"tau": [5, 10]}, {"tau": [5, 10], "w": [1, 2]}])
def test_it_prints(vary):
    assert figure.element_bytes(sweep_plot(swept(vary)), fmt="svg", width_mm=85).count(b"<path") > 5
