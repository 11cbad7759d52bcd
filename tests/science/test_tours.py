"""What the tours of the models say is so."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import workbench as wb
from models._shared.variants import fast_engine
from workbench.errors import ParameterError
from workbench.interventions import Intervention
from workbench.links import Link
from workbench.measures import branching_factor
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


def at(run, state: str, t_ms: float) -> np.ndarray:
    """Values of the sampled neurons at the end of a stretch."""
    return run.state(state)[np.searchsorted(run.state_t, t_ms) - 1]


def hz(run, population: str, start: float, end: float) -> np.ndarray:
    """Rate of each neuron between two times."""
    t, i = run.spikes(population)
    inside = (t >= start) & (t < end)
    size = run.info.population(population).size
    return np.bincount(i[inside], minlength=size) / (end - start) * 1e3


def ends(slug: str) -> list[float]:
    """When each step is over."""
    tour = TOURS[slug].tour
    return [*(s.t_ms for s in tour.steps[1:]), tour.until_ms]


def test_the_ring_amplifies_what_is_weak_and_normalises_what_is_strong():
    run = run_of("ssn")
    weak, twice, strong, stronger, both = (at(run, "excitatory.r", t).max() for t in ends("ssn"))
    assert 4.5 < twice / weak < 5  # "nearly fivefold"
    assert 1 < stronger / strong <= 1.25  # "by no more than a quarter"
    profile = at(run, "excitatory.r", ends("ssn")[-1])
    peaks = (profile > np.roll(profile, 1)) & (profile > np.roll(profile, -1)) & (profile > 1)
    assert stronger > 1.2 * both  # "each lower than the one was alone"
    assert (profile > 0.9 * both).sum() > 2 and peaks.any()


def test_the_centre_of_the_line_is_suppressed_by_what_surrounds_it():
    run = run_of("ssn-line")
    profiles = [at(run, "excitatory.r", t) for t in ends("ssn-line")]
    small, best, larger, widest = (p[len(p) // 2] for p in profiles)
    assert best / small == pytest.approx(1.55, abs=0.1)  # "half as much again"
    assert larger < 0.8 * best and widest < small
    assert abs(profiles[-1].argmax() - len(profiles[-1]) // 2) > 10  # "largest at the edges"


def test_a_pool_divides():
    run = run_of("normalisation")
    low, twice, half, full, masked = (at(run, "neurons.r", t).max() for t in ends("normalisation"))
    assert 2.7 < twice / low < 3  # "almost threefold"
    assert half > 0.9 * 100  # of R_max
    assert 1 < full / half < 1.1  # "hardly more"
    assert masked < 0.8 * full


@pytest.mark.slow
def test_outputs_become_white_twice():
    run = run_of("adaptive-whitening")
    t, y, x = run.state_t, run.state("primary.y"), run.state("primary.x")

    def correlation(v, start, end):
        return np.corrcoef(v[(t > start) & (t <= end)].T)[0, 1]

    def covariance(start, end):
        return np.cov(y[(t > start) & (t <= end)].T)

    # Each of the stretches has some thousand samples of 20 ms: 0.1 is three standard errors.
    assert correlation(x, 0, 30_000) > 0.4
    for start, end in ((30_000, 100_000), (160_000, 200_000)):
        np.testing.assert_allclose(covariance(start, end), np.eye(2), atol=0.15)
    assert abs(correlation(y, 100_000, 104_000)) > 0.25
    gains = [at(run, "interneurons.g", end) for end in (100_000, 200_000)]
    assert np.abs(gains[1] - gains[0]).max() > 0.5


def test_a_second_is_remembered_lost_and_remembered():
    run = run_of("lmu-delay")
    t, said, was = run.state_t, run.state("window.y"), run.state("window.past")
    assert run.info.watched["window.y"] == run.info.watched["window.past"]

    def error(start, end):
        k = (t > start) & (t <= end)
        return np.sqrt(((said - was)[k] ** 2).mean(axis=0)) / was[k].std(axis=0)

    before, silent, after = error(2000, 4500), error(5500, 7000), error(9000, 10_000)
    assert before.max() < 0.2 and before[-1] > before[0]
    assert (silent[1:] > 3 * before[1:]).all() and silent[2] > silent[1] > silent[0]
    assert after.max() < 0.2


@pytest.mark.slow
def test_gains_turn_down_where_the_adapter_is():
    run = run_of("v1-adaptation")
    one, two = (at(run, "v1.g", t) for t in (50_000, 200_000))
    assert run.info.watched["v1.g"] == tuple(range(len(one)))
    assert np.ptp(one) < 0.1  # "all are much alike"
    centre = slice(len(two) // 2 - 2, len(two) // 2 + 3)  # prefer some 0 degrees
    far = np.r_[two[:10], two[-10:]]
    assert two[centre].max() < 0.9 and far.min() > 0.98


def test_the_reservoir_alternates_below_the_flip_and_recovers():
    run = run_of("adaptive-reservoir")
    t, mean = run.state_t, run.state("excitatory.r").mean(axis=1)

    def of(start, end):
        k = (t > start) & (t <= end)
        s = mean[k] - mean[k].mean()
        return mean[k].mean(), s.std(), (s[1:] * s[:-1]).mean() / s.var()

    assert of(500, 1500)[0] == pytest.approx(0.5, abs=0.01) and of(500, 1500)[1] < 0.02
    level, spread, next_step = of(2400, 4000)
    assert level == pytest.approx(0.23, abs=0.04) and spread > 0.1 and next_step < -0.95
    assert of(5000, 6000)[1] < 0.02


@pytest.mark.slow
def test_extra_excitation_of_inhibitory_neurons_makes_them_fire_less():
    run = run_of("v1-spiking")
    n = run.info.population("excitatory").size
    ninety, across = slice(n * 7 // 16, n * 9 // 16), np.r_[: n // 16, n * 15 // 16 : n]
    empty, one, two = (hz(run, "excitatory", *s) for s in ((100, 300), (400, 800), (900, 1200)))
    assert empty.mean() == pytest.approx(1, abs=0.4)
    assert one[ninety].mean() > 10 > 3 > one[across].mean()
    assert two[across].mean() > 8 and two[ninety].mean() < one[ninety].mean()
    given = hz(run, "inhibitory", 1300, 1700).mean()
    assert given < 0.9 * hz(run, "inhibitory", 400, 800).mean()


@pytest.mark.slow
def test_tasks_overwrite_one_another_where_nothing_protects_them():
    from models.orthogonal_projection.tasks import accuracies, tasks_of

    run, tasks = run_of("orthogonal-projection"), tasks_of(wb.load("orthogonal-projection"))
    kept, control = (
        accuracies(run.weight_matrix(f"input_to_{x}"), tasks) for x in ("readout", "control")
    )
    assert kept[0] > 2 * control[0] and kept[1] > 2 * control[1]


@pytest.mark.slow
def test_ten_segments_know_a_pattern_that_is_damaged():
    run = run_of("active-dendrites")
    random, known, damaged, low = (
        hz(run, "segments", start, end)
        for start, end in zip((0, 1000, 2000, 3000), ends("active-dendrites"), strict=True)
    )
    ten = known >= 40  # of 50 volleys a second that are familiar
    assert ten.sum() == 10
    assert random.mean() < 0.02 * 100  # of 100 volleys a second
    assert 25 < damaged[ten].mean() < 48
    assert low[~ten].mean() > 10 * random.mean()


def test_the_neuron_fires_with_excitation_and_not_against_inhibition():
    run = run_of("elm-neuron")
    t, p = run.state_t, run.state("neurons.p_spike")[:, 0]  # of a spike within each ms

    def hz_of(start, end):
        return p[(t > start) & (t <= end)].sum() / (end - start) * 1e3

    quiet, some, many, silent = (hz_of(a + 200, a + 2000) for a in (0, 2000, 4000, 6000))
    assert quiet < 0.2 and silent < 0.5
    assert 0.5 < some < 8
    assert many == pytest.approx(24, abs=8)


@pytest.mark.slow
def test_background_divides_with_its_noise_and_shifts_without():
    run = run_of("background-gain")
    families = ("low", "medium", "high")
    copies = int(wb.load("background-gain").n_copies)

    def curves(start, end):
        return np.array([hz(run, f, start, end).reshape(-1, copies).mean(axis=1) for f in families])

    noisy, without = curves(500, 3000), curves(3500, 5000)
    last = noisy[:, -1]
    assert last[0] > 1.3 * last[1] > 1.3**2 * last[2]
    begin = noisy > 2
    assert (begin.argmax(axis=1) <= 3).all()  # "at the left edge", of thirteen currents
    first = [np.flatnonzero(c > 2)[0] if (c > 2).any() else len(c) for c in without]
    assert first[0] >= 6 and first[0] < first[1] < first[2] + 1


@pytest.mark.slow
def test_too_much_inhibition_makes_stripes():
    run = run_of("spiking-reservoir")
    t, _i = run.spikes("excitatory")

    def unevenness(start, end):  # variance by mean of the spikes of 2 ms: 1 for independent ones
        counts = np.histogram(t, np.arange(start, end + 1, 2.0))[0]
        return counts.var() / counts.mean()

    assert hz(run, "excitatory", 200, 800).mean() == pytest.approx(30, abs=2)
    assert hz(run, "excitatory", 3000, 4000).mean() < 16
    assert unevenness(3000, 4000) > 4 * unevenness(200, 800)


@pytest.mark.slow
def test_the_astrocyte_brings_the_liquid_to_the_edge_where_digits_are_told_apart():
    from models.astrocyte_lsm.images import digits
    from models.astrocyte_lsm.wiring import wiring
    from panels.model_plots.liquid_samples import FIRST_FIT, fitted

    run, wires = run_of("astrocyte-lsm"), wiring(wb.load("astrocyte-lsm").values())
    spikes = [(t, i + first) for name, first in (("excitatory", 0), ("inhibitory", wires.n_exc))
              for t, i in (run.spikes(name),)]  # fmt: skip
    t, i = (np.concatenate(part) for part in zip(*spikes, strict=True))
    order = np.argsort(t, kind="stable")
    t, i = t[order].astype(int), i[order]
    n = len(wires.position)
    explodes, tuned, told, end = (s / 250 for s in ends("astrocyte-lsm"))

    def each(what):  # sample of 250 ms
        return np.array([what(*(a[t // 250 == k] for a in (t, i))) for k in range(int(end))])

    factor = each(
        lambda t, i: branching_factor(
            t % 250, i, wires.liquid_pre, wires.liquid_post, n, 250, margin=20
        )
    )
    a, b, c = int(explodes), int(tuned), int(told)
    assert (factor[:a] > 1.3).all()
    assert factor[b:].mean() == pytest.approx(1, abs=0.1)
    inside, outside = (
        np.bincount(x.astype(int) // 250, minlength=int(end)) for x in (t, run.spikes("input")[0])
    )
    assert (inside[:a] > 10 * outside[:a]).all()
    assert inside[b:].sum() == pytest.approx(outside[b:].sum(), rel=0.25)
    rate, at_ms = run.state("astrocyte.A")[:, 0], run.state_t
    plus = wb.load("astrocyte-lsm").A_plus
    assert rate[(at_ms > 250 * a) & (at_ms <= 250 * a + 200)].mean() > 3 * plus
    assert rate[at_ms > 250 * b].mean() == pytest.approx(plus, rel=0.25)
    # As the card does: each is guessed by a readout of those before it.
    labels = digits()[1][run.state("input.picture")[125::250, 0].astype(int)][: int(end)]
    counts = each(lambda _t, i: np.bincount(i, minlength=n))
    states = counts / counts.sum(axis=1, keepdims=True)
    right = [fitted(states[:k], labels[:k]).guess(states[k]) == labels[k]
             for k in range(max(c, FIRST_FIT), int(end))]  # fmt: skip
    assert len(right) >= 20 and np.mean(right) > 0.5


@pytest.mark.slow
def test_the_learner_comes_nearer_to_the_reference_and_the_control_less():
    from models.spike_matching.measures import alike, distances, fired_in
    from models.spike_matching.wiring import weights_of

    tour = TOURS["spike-matching"].tour
    model = wb.load("spike-matching")
    run = model.run(tour.until_ms, engine=fast_engine(), seed=1)
    passes = round(tour.until_ms / (model.pass_steps * model.dt_ms))
    theirs = fired_in(run, "reference", 0)
    naive = distances(fired_in(run, "learner", 0), theirs)[0]
    late = {
        name: np.mean([distances(fired_in(run, name, k), theirs)[0]
                       for k in range(passes - 10, passes)])
        for name in ("learner", "control")
    }  # fmt: skip
    # Found: 0.38 and 0.7 with a single pass up and down by some 0.15.
    assert late["learner"] < 0.6 * naive and late["learner"] < 0.75 * late["control"]
    weights = weights_of(model)
    w = run.weight_matrix("learner_recurrent").T
    assert abs(alike(w, weights.reference, weights.sign)) < 0.1  # "stay unlike"


@pytest.mark.slow
def test_digits_are_read_far_better_than_by_chance():
    from models.symmetric_stdp.pictures import pictures_of

    tour = TOURS["symmetric-stdp"].tour
    known_ms = 70_000.0  # from when on it is said to read
    model = wb.load("symmetric-stdp")
    before, run = (
        model.run(t_ms, engine=fast_engine(), seed=1) for t_ms in (known_ms, tour.until_ms)
    )
    w = before.weight_matrix("excitatory_to_classes")  # (10, neurons), not yet told what follows
    length_ms = model.stimulus_ms + model.rest_ms
    t, i = run.spikes("excitatory")
    turn = (t // length_ms).astype(int)
    counts = np.zeros((turn.max() + 1, model.n_hidden))
    np.add.at(counts, (turn, i), 1)
    few = (counts > 0).sum(axis=1)
    assert np.median(few) <= 10  # "a few of the hundred answer"
    pictures = run.state("protocol.picture")[:, 0].astype(int)
    ends = np.searchsorted(run.state_t, (np.arange(len(counts)) + 1) * length_ms - 1.0) - 1
    labels = pictures_of(model).labels[pictures[ends]]
    told = np.arange(len(counts)) >= known_ms / length_ms
    right = np.mean(np.argmax(counts[told] @ w.T, axis=1) == labels[told])
    # Some 60 pictures: chance is 10 +- 4 %, so that 30 % is five standard errors above it.
    assert right > 0.3


def test_the_finger_feels_and_all_votes_begin_anew_with_each_letter():
    tour = TOURS["l2mu-braille"].tour
    run = run_of("l2mu-braille")
    for population in ("finger", "memory", "output"):
        t, _ = run.spikes(population)
        per_letter = np.bincount((t // 256).astype(int), minlength=round(tour.until_ms / 256))
        assert (per_letter > 0).all(), population
    votes, t = run.state("output.votes"), run.state_t
    for letter in range(1, round(tour.until_ms / 256)):
        last, first = (np.searchsorted(t, 256 * letter + d) for d in (-1, 1))
        assert votes[last].sum() > 10 > votes[first].sum()
