"""Runs as HoloViews elements: everything is shown, at its place, on both backends."""

from __future__ import annotations

from dataclasses import replace

import holoviews as hv
import numpy as np
import pytest
from made_up import balanced, made_up, memory, silent

from workbench import plots
from workbench.errors import ParameterError, UnknownName
from workbench.interventions import Intervention
from workbench.numerals import unit_text
from workbench.plots.circuit.static import circuit
from workbench.plots.raster.static import raster
from workbench.plots.rates.static import rate_table, rates
from workbench.plots.styling import labelled
from workbench.plots.traces.static import traces
from workbench.plots.weights.static import binned, weights

RUNS = {"memory": memory, "balanced": balanced, "silent": silent}
DRAWN = ("raster", "rates", "traces", "weights")


@pytest.fixture(scope="module")
def with_bokeh():
    import holoviews.plotting.bokeh  # noqa: F401


@pytest.mark.parametrize("view", DRAWN)
@pytest.mark.parametrize("name", RUNS)
def test_every_view_is_drawn_by_both_backends(with_bokeh, name, view):
    element = plots.element(RUNS[name](), view)
    assert hv.render(element, backend="bokeh") is not None
    assert hv.render(element, backend="matplotlib") is not None


def marks(overlay, kind):
    """Spikes of a raster: everything that is neither a rule nor a sign."""
    return [e for e in overlay if isinstance(e, kind) and e.kdims[0].name.startswith("time")]


def test_raster_shows_every_spike_at_its_place():
    run = memory()
    found = marks(raster(run), hv.Segments)
    assert len(found) == 12
    middles = []
    for element, (name, size) in zip(found, run.populations.items(), strict=True):
        t, i = run.spikes(name)
        assert np.array_equal(element.dimension_values(0), t)
        y = (element.dimension_values("y0") + element.dimension_values("y1")) / 2
        rows = {int(k): float(np.unique(np.round(y[i == k], 9))[0]) for k in np.unique(i)}
        below = [rows[k] for k in sorted(rows)]
        assert below == sorted(below, reverse=True)  # neuron 0 at the top
        assert len(set(below)) == len(rows) <= size
        middles.append(np.mean(y))
    assert middles == sorted(middles, reverse=True)


def test_raster_of_many_neurons_is_dots():
    run = balanced()
    found = marks(raster(run), hv.Points)
    assert sum(len(e) for e in found) == len(run.steps)


def test_raster_shows_what_is_asked_for():
    run = memory()
    t, _ = run.spikes("out_cue")
    (only,) = marks(raster(run, populations=["out_cue"], t_ms=(50, 100)), hv.Segments)
    assert len(only) == int(((t >= 50) & (t <= 100)).sum())
    with pytest.raises(UnknownName, match="Did you mean 'out_cue'"):
        raster(run, populations=["out_cues"])
    with pytest.raises(ParameterError, match="must end later"):
        raster(run, t_ms=(100, 50))


def test_interventions_are_signs_above_the_spikes():
    run = memory()
    run.interventions.append(Intervention(5, 5.0, "input", "Inject"))
    signs = [e for e in raster(run) if e.label]
    assert [s.label for s in signs] == [
        "Learn", "Recall by cue", "Recall by content", "Set tau_m",
    ]  # fmt: skip
    assert [s.dimension_values(0).tolist() for s in signs] == [[10], [60], [120], [150]]
    assert not [e for e in raster(run, interventions=False) if e.label]


@pytest.mark.parametrize("bin_ms", [None, 1.0, 7.0, 0.3, 500.0])
def test_rates_hold_every_spike_in_bins_that_end_with_the_run(bin_ms):
    run = memory()
    edges, table = rate_table(run, bin_ms=bin_ms)
    assert edges[0] == 0
    assert edges[-1] == run.duration_ms
    for name, size in run.populations.items():
        spikes = table[name] * size * np.diff(edges) / 1e3
        assert spikes.sum() == pytest.approx(len(run.spikes(name)[0]))


def test_a_spike_on_an_edge_belongs_to_the_bin_that_it_opens():
    run = made_up({"a": 1}, steps=np.array([0, 10, 20, 30]), units=np.zeros(4, np.int32))
    _, table = rate_table(run, bin_ms=1.0)
    assert table["a"][:5].tolist() == [1000, 1000, 1000, 1000, 0]


def test_impossible_bins_are_refused():
    for wrong in (0, -1, float("nan"), "5"):
        with pytest.raises(ParameterError, match="bin_ms"):
            rates(memory(), bin_ms=wrong)


def test_traces_are_rows_of_lines_with_parameter_and_unit():
    run = memory()
    rows = list(traces(run))
    assert [len(row) for row in rows] == [3, 2]
    (line, *_) = traces(run, "v")
    assert np.array_equal(line.dimension_values(1), run.state("in_cue.v")[:, 0])
    assert len(list(traces(run, ["in_cue.v", "g"]))) == 2
    with pytest.raises(UnknownName, match="recorded state"):
        traces(run, "w")


def test_weights_are_means_of_what_falls_into_a_cell():
    run = memory()
    matrix, shape = binned(run, "first_second")
    assert shape == (10, 5)
    assert np.array_equal(matrix, run.weight_matrix("first_second"), equal_nan=True)
    assert np.isnan(matrix).any()
    many, shape = binned(balanced(), "first_second")
    assert shape == (800, 3200)
    assert many.shape == (400, 400)
    w = balanced().weights["first_second"]
    row, column = np.argwhere(np.isfinite(many))[0]
    mine = (w["j"] // 2 == row) & (w["i"] // 8 == column)
    assert many[row, column] == pytest.approx(w["w"][-1][mine].mean())
    assert np.isfinite(many).sum() == len(np.unique(w["j"] // 2 * 400 + w["i"] // 8))


def test_weights_at_a_moment_that_was_not_recorded_are_refused():
    with pytest.raises(ParameterError, match="recorded 2 times"):
        weights(memory(), at=2)
    with pytest.raises(UnknownName, match="Did you mean 'first_second'"):
        weights(memory(), "first_secund")


def test_colours_of_weights_diverge_only_around_zero():
    run = memory()
    run.weights["first_second"]["w"] = run.weights["first_second"]["w"] - 3
    signed = hv.Store.lookup_options("matplotlib", weights(run), "plot").kwargs
    assert signed["clim"][0] == -signed["clim"][1]
    plain = hv.Store.lookup_options("matplotlib", weights(memory()), "plot").kwargs
    assert plain["clim"][0] == 0


@pytest.mark.parametrize(("most", "shown"), [(8.0, 8.0), (4.0, 8.0), (2.0, 2.0), (0.0, 8.0)])
def test_weights_that_reach_less_than_a_third_of_their_limits_get_the_colours_to_themselves(
    most, shown
):
    run = memory()
    w = run.weights["first_second"]["w"]
    run.weights["first_second"]["w"] = most * w / w.max()
    run.info = replace(
        run.info, projections=tuple(replace(p, limits=(0.0, 8.0)) for p in run.info.projections)
    )
    drawn = hv.Store.lookup_options("matplotlib", weights(run), "plot").kwargs
    assert drawn["clim"] == (0.0, pytest.approx(shown))


@pytest.mark.parametrize(
    ("unit", "shown"),
    [("1", ""), ("mV", "mV"), ("uS", "µS"), ("um", "µm"), ("Mohm", "MΩ"), ("uA/cm**2", "µA/cm²")],
)
def test_units_are_printed_as_people_write_them(unit, shown):
    assert unit_text(unit) == shown


def test_labels_are_sentence_case_with_a_unit():
    assert labelled("content_cue v", "mV") == "Content cue v (mV)"
    assert labelled("w", "1") == "w"
    assert labelled("v_soma_mV", "1") == "v soma (mV)"


def test_elements_leave_the_backend_alone():
    before = hv.Store.current_backend
    for view in DRAWN:
        plots.element(memory(), view)
    assert hv.Store.current_backend == before


def test_a_run_without_its_circuit_says_so():
    import dataclasses

    run = memory()
    run.info = dataclasses.replace(run.info, circuit=None)
    with pytest.raises(ParameterError, match="without its circuit"):
        circuit(run)
