"""The live plots of spike matching, fed with what a simulation fired."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from models.spike_matching.measures import distances, fired_in
from models.spike_matching.pairing import unpaired
from panels import spike_matching
from workbench.model import registry

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Both 'variant':PendingDeprecationWarning"),
]
STEPS = 100


def small(passes):
    """A small network after so many passes, and what compares them."""
    model = registry.load(
        "spike-matching", n_neurons=30, w_max=15.0, pass_steps=STEPS, I_mean=0.35
    )  # fmt: skip
    run = model.run(passes * STEPS * 3.0, engine="numpy")
    kinds = ("on_info", "on_frames", "on_reset", "on_dark", "draw_with")
    nothing = dict.fromkeys(kinds, lambda _act: None)
    explorer = SimpleNamespace(
        model=model, model_class=type(model), values=model.values(), network=run.info, **nothing
    )
    return run, spike_matching.Matching(explorer)


def frame(run, first, stop, t_ms, dropped=0):
    """The frame of the steps from ``first`` to ``stop``."""
    mine = (run.steps >= first) & (run.steps < stop)
    weights = {"learner_recurrent": run.weight_matrix("learner_recurrent")}
    return SimpleNamespace(
        steps=run.steps[mine], units=run.units[mine], weights=weights, t_ms=t_ms,
        counters={"dropped_spikes": dropped},
    )  # fmt: skip


def rows(seen):
    """Pass, distances and share of what is shown."""
    shown, values = seen._course.line()
    return np.column_stack([shown, values]) if len(shown) else np.empty((0, 4))


def test_a_pass_is_compared_when_it_is_over():
    run, seen = small(2)
    seen._take([frame(run, 0, 60, 180.0)], 180.0)
    seen._draw(180.0)
    assert not len(rows(seen))  # the pass is not over
    seen._take([frame(run, 60, STEPS + 5, 315.0)], 315.0)
    seen._draw(315.0)
    ours, theirs = fired_in(run, "learner", 0), fired_in(run, "reference", 0)
    extra, missed = unpaired(ours, theirs, 14)
    row = rows(seen)[0]
    control = fired_in(run, "control", 0)
    assert row == pytest.approx(
        (1, distances(ours, theirs)[0], distances(control, theirs)[0],
         100 * (1 - missed.sum() / theirs.sum()))
    )  # fmt: skip
    drawn = {k: len(s.data["t"]) for k, s in seen.rasters.sources.items()}
    assert drawn == {"matched": (ours & ~extra).sum(), "extra": extra.sum(), "missed": missed.sum()}
    assert len(seen.plots["Learnt weights"].sources["w"].data["x"]) == 24 * 30
    # Spikes were dropped: what is left of this pass says nothing.
    seen._take([frame(run, STEPS + 5, 2 * STEPS, 600.0, dropped=3)], 600.0)
    seen._draw(600.0)
    assert len(seen._course) == 1
    assert np.isfinite(rows(seen)).all()


def test_all_passes_are_compared_however_rarely_they_are_drawn():
    run, seen = small(6)
    often = spike_matching.Matching(seen.explorer)
    for k in range(6):
        given = frame(run, k * STEPS, (k + 1) * STEPS, (k + 1) * STEPS * 3.0)
        for one in (seen, often):
            one._take([given], given.t_ms)
        often._draw(given.t_ms)
    seen._draw(6 * STEPS * 3.0)
    line = seen.plots["Distance to the reference"].sources["learner"].data
    assert line["x"].tolist() == [1, 2, 3, 4, 5, 6]
    assert np.array_equal(rows(seen), rows(often))
    for kind, source in seen.rasters.sources.items():
        assert np.array_equal(source.data["a"], often.rasters.sources[kind].data["a"])


def test_lines_do_not_reach_over_passes_that_were_not_compared(monkeypatch):
    monkeypatch.setattr(spike_matching, "GAP", 1)
    run, seen = small(4)
    for k in (0, 1, 3):
        t_ms = (k + 1) * STEPS * 3.0
        seen._take([frame(run, k * STEPS, (k + 1) * STEPS, t_ms)], t_ms)
        seen._draw(t_ms)
    y = np.asarray(seen.plots["Spikes with a pair"].sources["paired"].data["y"])
    assert np.flatnonzero(np.isnan(y)).tolist() == [2]
