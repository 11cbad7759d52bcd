"""Networks made at random run here exactly as in bare Brian2, live and in batch.

Each has several clocks, pathways with their own delays, plasticity, subgroups and units. The
network is made twice from one seed: once for Brian2 alone, once as a model.
"""

from __future__ import annotations

from typing import ClassVar

import brian2 as b2
import numpy as np
import pytest

from workbench import Model, Parameter
from workbench.engine.runtime import brian_settings_kept
from workbench.replay import same_spikes

NETWORKS = 30
QUICK = 6  # of them, without the mark "slow"
DURATION_MS = 40.0
STEPS_MS = (0.1, 0.2, 0.25, 0.5)  # of the clocks; all divide a tick, not one another

NEURONS = {
    "volts": ("dv/dt = (drive*mV - v)/(10*ms) : volt (unless refractory)\ndrive : 1\n"
              "gain : 1 (shared)", "v", "volt"),
    "plain": ("dv/dt = (drive/10 - v)/(10*ms) : 1 (unless refractory)\ndrive : 1\n"
              "gain : 1 (shared)", "v", "1"),
    "current": ("dv/dt = (drive*mV - v + 20*Mohm*I)/(10*ms) : volt (unless refractory)\n"
                "dI/dt = -I/(5*ms) : amp\ndrive : 1\ngain : 1 (shared)", "I", "amp"),
}  # fmt: skip
PLASTIC = """w : {unit}
dpre_trace/dt = -pre_trace/(20*ms) : 1 (event-driven)
dpost_trace/dt = -post_trace/(20*ms) : 1 (event-driven)"""


def network(number: int, gain: float) -> b2.Network:
    """The random network of that number; ``gain`` multiplies every weight of some projections."""
    rng = np.random.default_rng(number)
    kinds = [str(k) for k in rng.choice(list(NEURONS), 2)]
    steps = rng.choice(STEPS_MS, 2)
    groups = []
    for name, kind, dt in zip("ab", kinds, steps, strict=True):
        clock = b2.Clock(dt * b2.ms, name=f"clock_{name}")
        unit = 10 if kind != "plain" else 1
        threshold = "v > 10*mV" if unit == 10 else "v > 1"
        group = b2.NeuronGroup(
            int(rng.integers(4, 12)), NEURONS[kind][0], threshold=threshold,
            reset="v = 0*mV" if unit == 10 else "v = 0", refractory=2 * b2.ms, method="exact",
            clock=clock, namespace={}, name=name,
        )  # fmt: skip
        group.drive = rng.uniform(8, 25, group.N)
        group.gain = gain
        groups.append(group)
    noise = b2.PoissonGroup(5, 60 * b2.Hz, clock=groups[0].clock, name="noise")
    objects = [*groups, noise]
    for k in range(int(rng.integers(2, 5))):
        source = (*groups, noise)[int(rng.integers(3))]
        target = groups[int(rng.integers(2))]
        _, channel, written = NEURONS[kinds[groups.index(target)]]
        if rng.random() < 0.4:
            target = target[: max(2, target.N // 2)]
        if rng.random() < 0.4 and source is not noise:
            source = source[1:]
        objects.append(_joined(rng, f"s{k}", source, target, channel, written))
    return b2.Network(*objects, name=f"random_{number}")


def _joined(rng, name, source, target, channel, written):
    unit = {"volt": b2.mV, "amp": b2.nA, "1": 1}[written]
    plastic, two = rng.random() < 0.5, rng.random() < 0.5
    model, add = f"w : {written}", f"{channel}_post += gain_post*w"
    on_pre: str | dict[str, str] = add
    on_post = None
    if plastic:
        model = PLASTIC.format(unit=written)
        on_pre = f"{add}\npre_trace += 1\nw = w*(1 - 0.01*post_trace)"
        on_post = "post_trace += 1\nw = w*(1 + 0.01*pre_trace)"
    if two:
        on_pre = {"fast": on_pre, "slow": f"{channel}_post -= 0.3*w"}
    s = b2.Synapses(
        source, target, model, on_pre=on_pre, on_post=on_post, namespace={}, name=name,
        clock=(source if hasattr(source, "clock") else source.source).clock,
    )  # fmt: skip
    i, j = np.nonzero(rng.random((len(source), len(target))) < 0.5)
    s.connect(i=np.append(i, 0), j=np.append(j, 0))
    s.w = rng.uniform(-1, 2, len(s)) * unit
    for pathway in s._pathways:
        pathway.delay = rng.integers(0, 8, len(s)) * 0.5 * b2.ms
    return s


class Random(Model):
    """The random network of a number."""

    slug = "random-network"
    title = "Random"
    traces: ClassVar[dict] = {"a.v": "1", "b.v": "1"}
    watch = 99
    number = Parameter(0, bounds=(0, 99), integer=True, live=False, doc="which one")
    gain = Parameter(1.0, bounds=(0, 9), doc="multiplies weights")

    def build(self):
        return network(self.number, self.gain)


def bare(number: int, gain: float) -> tuple[dict, dict]:
    """Spikes of every group, (ms, i), and the last values of every array, by Brian2 alone."""
    with brian_settings_kept():
        b2.seed(1)
        net = network(number, gain)
        monitors = {n: b2.SpikeMonitor(net[n], name=f"bare_{n}") for n in ("a", "b", "noise")}
        net.add(*monitors.values())
        net.run(DURATION_MS * b2.ms, namespace={})
        spikes = {
            n: sorted(zip(np.round(m.t / b2.ms, 6).tolist(), m.i[:].tolist(), strict=True))
            for n, m in monitors.items()
        }
        weights = {o.name: np.array(o.w) for o in net.objects if isinstance(o, b2.Synapses)}
    return spikes, weights


def spikes_of(run) -> dict:
    return {
        n: sorted(zip(np.round(t, 6).tolist(), i.tolist(), strict=True))
        for n in ("a", "b", "noise")
        for t, i in (run.spikes(n),)
    }


def need_equal(run, number: int, gain: float) -> None:
    spikes, weights = bare(number, gain)
    assert spikes_of(run) == spikes
    assert set(run.weights) == set(weights)
    for name, values in weights.items():
        found = run.weights[name]["w"][-1]
        assert found == pytest.approx(values, rel=1e-9, abs=1e-15), name


NUMBERS = [
    pytest.param(k, marks=[pytest.mark.slow] * (k >= QUICK), id=str(k)) for k in range(NETWORKS)
]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_random_network_is_that_of_brian2(number):
    gain = 1.0 + number % 3
    run = Random(number=number, gain=gain).run(DURATION_MS, engine="numpy")
    need_equal(run, number, gain)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(NETWORKS))
def test_live_it_is_the_same(number):
    options = {"engine": "numpy", "duration_ms": DURATION_MS}
    with Random(number=number).start(speed=None, **options) as session:
        assert session.wait(120)
        need_equal(session.stop(), number, 1.0)


@pytest.mark.slow
@pytest.mark.timeout(1500)  # it compiles
@pytest.mark.parametrize("number", range(NETWORKS))
def test_compiled_in_batch_and_live_it_is_the_same_but_for_what_is_drawn(number):
    """Its random numbers are others, so the noise is silent in both."""

    class Silent(Random):
        """Without noise."""

        def build(self):
            net = super().build()
            net["noise"].rates = 0 * b2.Hz
            return net

    model = Silent(number=number)
    one, other = (model.run(DURATION_MS, engine=e) for e in ("numpy", "compiled"))
    need_same(one, other)
    with model.start(speed=None, engine="compiled", duration_ms=DURATION_MS) as session:
        assert session.wait(600)
        need_same(one, session.stop())


def need_same(one, other) -> None:
    assert same_spikes(one, other)
    assert set(one.weights) == set(other.weights)
    for name, w in one.weights.items():
        assert other.weights[name]["w"][-1] == pytest.approx(w["w"][-1], rel=1e-9, abs=1e-15)
