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


def test_a_pass_is_compared_when_it_is_over():
    model = registry.load(
        "spike-matching", n_neurons=30, w_max=15.0, pass_steps=STEPS, I_mean=0.35
    )  # fmt: skip
    run = model.run(2 * STEPS * 3.0, engine="numpy")
    nothing = dict.fromkeys(("on_info", "on_frames", "on_reset", "on_dark"), lambda _act: None)
    explorer = SimpleNamespace(
        model=model, model_class=type(model), values=model.values(), network=run.info, **nothing
    )
    seen = spike_matching.Matching(explorer)

    def frame(first, stop, t_ms, dropped=0):
        mine = (run.steps >= first) & (run.steps < stop)
        weights = {"learner_recurrent": run.weight_matrix("learner_recurrent")}
        return SimpleNamespace(
            steps=run.steps[mine], units=run.units[mine], weights=weights, t_ms=t_ms,
            counters={"dropped_spikes": dropped},
        )  # fmt: skip

    seen._take([frame(0, 60, 180.0)], 180.0)
    assert not seen._curves  # the pass is not over
    seen._take([frame(60, STEPS + 5, 315.0)], 315.0)
    ours, theirs = fired_in(run, "learner", 0), fired_in(run, "reference", 0)
    extra, missed = unpaired(ours, theirs, 14)
    (row,) = seen._curves
    control = fired_in(run, "control", 0)
    assert row == pytest.approx(
        (1, distances(ours, theirs)[0], distances(control, theirs)[0],
         100 * (1 - missed.sum() / theirs.sum()))
    )  # fmt: skip
    drawn = {k: len(s.data["t"]) for k, s in seen.rasters.sources.items()}
    assert drawn == {"matched": (ours & ~extra).sum(), "extra": extra.sum(), "missed": missed.sum()}
    assert len(seen.plots["Learnt weights"].sources["w"].data["x"]) == 24 * 30
    # Spikes were dropped: what is left of this pass says nothing.
    seen._rest_until = 0
    seen._take([frame(STEPS + 5, 2 * STEPS, 600.0, dropped=3)], 600.0)
    assert len(seen._curves) == 1
    assert np.isfinite(seen._curves[0]).all()
