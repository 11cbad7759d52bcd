"""Active dendrites: the law by exact integers, what a run counts, the experiments in small."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest

from models.active_dendrites import ActiveDendrites, ShowPattern, law, wiring
from models.active_dendrites.experiments.curves import detected
from models.active_dendrites.measures import counted
from workbench.errors import BuildError, ParameterError

SMALL = {"n_inputs": 120, "n_active": 40, "n_synapses": 16, "theta": 8, "n_cells": 5,
         "n_segments": 8, "n_patterns": 10}  # fmt: skip
EXPERIMENTS = {e.name: e for e in ActiveDendrites.experiments}


def exactly(n: int, a: int, s: int, theta: int) -> Fraction:
    ways = sum(comb(s, b) * comb(n - s, a - b) for b in range(theta, min(s, a) + 1))
    return Fraction(ways, comb(n, a))


@pytest.mark.parametrize("key", [*law.ANCHORS, (500, 128, 24, 12), (300, 256, 24, 12)])
def test_false_matches_are_those_of_exact_integers(key):
    assert law.false_match(*key) == pytest.approx(float(exactly(*key)), rel=1e-9)


def test_a_dense_code_does_not_get_better_with_more_cells():
    """Half of all cells active: 0.584 at n 300 and 0.581 at n 1900, as printed by the authors."""
    assert law.false_match(300, 150, 24, 12) == pytest.approx(0.584, abs=5e-4)
    assert law.false_match(1900, 950, 24, 12) == pytest.approx(0.581, abs=5e-4)


def test_examples_of_the_text():
    assert law.false_match(10_000, 300, 30, 12) == pytest.approx(2.28e-11, rel=3e-3)
    assert law.missed_match(300, 30, 12, 60) == pytest.approx(3.9e-8, rel=0.02)
    assert law.any_of(10**6, law.false_match(10_000, 300, 30, 15)) == pytest.approx(
        1.049e-9, rel=1e-3
    )


def test_nothing_is_missed_when_nothing_is_lost():
    assert law.missed_match(128, 24, 12, 0) == 0
    assert law.missed_match(128, 24, 12, 128) == pytest.approx(1)
    assert law.union_false_match(300, 64, 24, 12, 1) == pytest.approx(
        law.false_match(300, 64, 24, 12)
    )


def test_the_pattern_is_recognised_by_the_segments_that_store_it_and_after_a_switch():
    model = ActiveDendrites(**SMALL, familiar=1, noise=0)
    run = model.run(60, operations=[ShowPattern(30, pattern=3)], engine="numpy")
    t, i = run.spikes("segments")
    first, second = set(i[t < 30]), set(i[t >= 30])
    assert set(wiring.knowing(model, 0)) <= first
    assert set(wiring.knowing(model, 3)) <= second
    for volley in range(6):
        fired = set(run.spikes("inputs")[1][run.spikes("inputs")[0] // 10 == volley])
        assert fired == set(wiring.patterns(model)[0 if volley < 3 else 3])


def test_displaced_cells_are_replaced_from_outside():
    model = ActiveDendrites(**SMALL, familiar=1, noise=0.25)
    t, i = model.run(200, engine="numpy").spikes("inputs")
    inside = np.isin(i, wiring.patterns(model)[0])
    for volley in range(20):
        mine = (t // 10).astype(int) == volley
        assert mine.sum() == 40
        assert inside[mine].sum() == 30


def test_late_spikes_are_not_added_up():
    """Spread over four time constants, half of the synapses are no longer enough."""
    together = ActiveDendrites(**SMALL, familiar=1, noise=0)
    spread = ActiveDendrites(**SMALL, familiar=1, noise=0, jitter=8)
    found = [counted(m, 5, own_step=True).segments.mean() for m in (together, spread)]
    assert found[0] >= 4
    assert found[1] < found[0] / 2
    assert detected(24, 12, 2.0, 0.0, 0.5) == 1
    assert detected(24, 12, 2.0, 8.0, 0.5) < 0.05


def test_cells_take_any_of_their_segments():
    run = ActiveDendrites(**SMALL, familiar=0).run(100, engine="numpy")
    t, i = run.spikes("segments")
    expected = {(int(a // 10), int(k) // 8) for a, k in zip(t, i, strict=True)}
    t, i = run.spikes("cells")
    assert {(int(a // 10), int(k)) for a, k in zip(t, i, strict=True)} == expected


def test_what_cannot_be_is_refused_in_a_sentence():
    with pytest.raises(ParameterError, match="stored the patterns 0 to 9"):
        ShowPattern(0, pattern=10).check(ActiveDendrites(**SMALL))
    with pytest.raises(BuildError, match="cannot have 60 synapses onto a pattern of 40 cells"):
        ActiveDendrites(**{**SMALL, "n_synapses": 60}).build()


@pytest.mark.parametrize("name", ["noise", "union", "window", "table"])
def test_an_experiment_stops_when_told_and_says_so(name):
    reported = []

    def stop(fraction, text):
        reported.append(fraction)
        return False

    data = EXPERIMENTS[name].run(ActiveDendrites(), stop)
    assert len(reported) == 2
    assert all(np.isnan(c.ours) for c in EXPERIMENTS[name].compare(data)[:5])


def test_unions_agree_with_the_law_and_can_be_drawn():
    import holoviews as hv

    hv.extension("matplotlib")
    union = EXPERIMENTS["union"]
    small = ActiveDendrites(n_cells=10, n_segments=10)
    data = union.run(small, volleys=10, most=2, seed=3)
    assert all(c.agrees for c in union.compare(data))
    assert hv.render(union.figure(data), backend="matplotlib") is not None
