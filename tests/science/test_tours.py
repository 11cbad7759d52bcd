"""What the tours of the models say is so."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import workbench as wb
from workbench.errors import ParameterError
from workbench.interventions import Intervention
from workbench.links import Link
from workbench.model import registry
from workbench.model.tour import Step, Tour

TOURS = {slug: m for slug, m in registry.models().items() if m.tour is not None}


def run_of(slug: str):
    """The run that a tour makes."""
    cls = registry.model_class(slug)
    values, log = dict(cls().values()), []
    for step in cls.tour.steps:
        for name, value in step.values.items():
            tick = round(step.t_ms / cls.tick_ms)
            if tick:
                change = Intervention.of_change(cls, tick, step.t_ms, name, values[name], value)
                log.append(change)
            values[name] = value
    if log:
        link = Link(cls, values, engine="numpy", t_ms=cls.tour.until_ms, log=tuple(log))
        return link.run()
    done = [
        dataclasses.replace(s.operation, t_ms=s.t_ms)
        for s in cls.tour.steps
        if s.operation is not None
    ]
    return wb.load(slug).run(cls.tour.until_ms, operations=done, engine="numpy", seed=1)


@pytest.mark.parametrize("slug", TOURS)
def test_a_tour_fits_its_model_and_a_minute(slug):
    tour = TOURS[slug].tour
    tour.check(TOURS[slug]())
    assert 15 <= tour.seconds <= 30
    assert all(len(step.caption) <= 200 for step in tour.steps)


@pytest.mark.parametrize(
    ("steps", "message"),
    [((Step(5.0, "b"), Step(1.0, "a")), "The times of a tour must grow, from 0 to less than 9 ms"),
     ((Step(9.0, "a"),), "The times of a tour must grow"),
     ((Step(0.0, "a", {"n_neurons": 9}),), "n_neurons cannot change while the model runs"),
     ((Step(0.0, "a", {"w_e": -1.0}),), "w_e = -1 mV is not allowed"),
     ((), "The times of a tour must grow")],
)  # fmt: skip
def test_a_tour_that_cannot_be_is_refused(steps, message):
    with pytest.raises(ParameterError, match=message):
        Tour(steps, 9.0, 1.0).check(wb.load("cuba"))


def test_the_memory_learns_recalls_and_forgets():
    from models.hippocampal_cam.tour import FIRST, SECOND

    run = run_of("hippocampal-cam")
    content, cue = ((t, i) for t, i in (run.spikes("out_content"), run.spikes("out_cue")))
    times = [s.t_ms for s in TOURS["hippocampal-cam"].tour.steps][1:]

    def said(spikes, k):
        t, i = spikes
        until = times[k + 1] if k + 1 < len(times) else np.inf
        return tuple(sorted(set(i[(t >= times[k]) & (t < until)].tolist())))

    assert said(content, 1) == FIRST and said(cue, 2) == (0,) and said(content, 4) == SECOND
    first = content[0][content[0] >= times[1]].min() - times[1]
    assert first <= 8  # "a few milliseconds later"


@pytest.mark.slow
def test_the_noise_of_the_pair_shrinks_to_a_third():
    run = run_of("ssn-pair")
    v, t = run.state("excitatory.V")[:, 0], run.state_t
    weak, strong = v[(t > 1000) & (t < 8000)], v[t > 9000]
    # 7 and 8 s of noise with a time constant of 50 ms: some hundred samples each, whose standard
    # deviation is known to about 7 %.
    assert 0.2 <= strong.std() / weak.std() <= 0.5
    assert strong.mean() > weak.mean() + 1


@pytest.mark.slow
def test_cuba_loses_its_balance():
    run = run_of("cuba")
    t, i = run.spikes("excitatory")
    size = run.info.population("excitatory").size

    def hz(start, end):
        return ((t >= start) & (t < end)).sum() / size / (end - start) * 1e3

    assert hz(150, 600) == pytest.approx(6, abs=2)
    assert hz(750, 1100) == pytest.approx(20, abs=5)
    assert hz(1250, 1600) > 100
    late = t >= 1250
    gaps = [np.diff(t[late & (i == k)]) for k in range(50)]
    assert np.mean([g.std() / g.mean() for g in gaps]) < 0.1  # like clockwork
