"""What is known about the liquid, each with the way to measure it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.model.model import Fact

from .._shared.built import apart, built
from .._shared.variants import stated
from .network import network
from .reference import Plain
from .wiring import wiring

if TYPE_CHECKING:
    import brian2

    from workbench.model.model import Model


# The numbers of the authors' program, against which the network is held.
PUBLISHED = {
    "network": 0, "lambda_c": 3.0, "C_exc_exc": 0.2, "C_exc_inh": 0.1, "C_inh_exc": 0.3,
    "C_inh_inh": 0.05, "p_input": 0.15, "w_0": 3.0, "tau_v": 64.0, "tau_u": 1.0, "V_t": 20.0,
    "t_ref": 2.0, "I_in": 100.0, "rule": 3, "A_plus": 0.15, "a_trace": 0.1, "tau_trace": 10.0,
    "w_max": 3.0, "rate_decay": 1.0, "C_theta": 37.0, "dC": 22.0, "tau_C": 1000.0,
    "w_astro": 0.015, "tau_astro": 100.0, "b_astro": 0.15, "density": 1.0,
}  # fmt: skip
SMALL = {"n_neurons": 64, "n_inputs": 100}
SAMPLE_MS = 250


def _program(steps: int, **changed: float) -> Callable[[Model], float]:
    """Largest difference of v, A and weights from the authors' program, in NumPy, over some ms.

    A small liquid under given input, from the first sample into the second.
    """

    def measure(model: Model) -> float:
        values = {**PUBLISHED, **SMALL, **changed}
        given = np.random.default_rng(5).random((steps, SMALL["n_inputs"])) < 0.03
        t, i = np.nonzero(given)
        groups = ("excitatory", "inhibitory", "input")
        small: Any = type(model)(**{**model.values(), **SMALL, **changed, "input_events": 0})
        run = small.run(
            steps, input_spikes={"input": (t.astype(float), i)}, engine="numpy",
            record={**{f"{p}.v": "all" for p in groups}, "astrocyte.A": "all"},
        )  # fmt: skip
        plain = Plain(values, wiring(values))
        v, A = [], []
        for step, events in enumerate(given):
            v.append(plain.v.copy())
            # The program lets A itself fade with the rates of plasticity, the network what A does.
            A.append([plain.A * values["A_plus"] / plain.A_plus])
            if step % SAMPLE_MS == 0:
                plain.anew()
            plain.step(events)
        ours = np.hstack([run.state(f"{p}.v")[:steps] for p in groups])
        w = np.full(plain.w.shape, np.nan)
        starts = {"excitatory": 0, "inhibitory": plain.wires.n_exc, "input": plain.n}
        for p in run.info.projections:
            if "astrocyte" not in (p.source, p.target):
                found = run.weights[p.name]
                w[starts[p.target] + found["j"], starts[p.source] + found["i"]] = found["w"][-1]
        if not np.array_equal(~np.isnan(w), plain.mask):
            return math.inf
        return max(apart(ours, v), apart(run.state("astrocyte.A")[:steps], A),
                   apart(w[plain.mask], plain.w[plain.mask]))  # fmt: skip

    return measure


def _fixed(model: Model) -> float:
    """Largest difference of v between the network without the code that learns and rule 0."""
    kind: Any = type(model)

    class Fixed(kind):
        """The same network for data sets that are shown with fixed weights."""

        def build(self) -> brian2.Network:
            return network(self, plastic=False)

    given = np.random.default_rng(5).random((100, SMALL["n_inputs"])) < 0.03
    t, i = np.nonzero(given)
    values = {**model.values(), **SMALL, "rule": 0, "input_events": 0}
    groups = ("excitatory", "inhibitory", "input")
    ours, theirs = (
        each(**values).run(
            len(given), input_spikes={"input": (t.astype(float), i)}, engine="numpy",
            record={f"{p}.v": "all" for p in groups},
        )
        for each in (Fixed, kind)
    )  # fmt: skip
    return max(apart(ours.state(f"{p}.v"), theirs.state(f"{p}.v")) for p in groups)


def _sizes(model: Model) -> float:
    """Largest difference of the numbers of units and input synapses from the program's."""
    with built(model) as network:
        ours = [network[f"{x}_synapses"].source.N for x in ("excitatory", "inhibitory", "input")]
        ours.append(len(network["input_synapses"]))
    return apart(ours, [800, 200, 784, 117_600])


@lru_cache(maxsize=2)
def _by_type(kind: Any) -> np.ndarray:
    """(2, 2) synapses of ten networks, [type of the source][type of the target]."""
    total = np.zeros((2, 2))
    for k in range(10):
        wires = wiring({**kind().values(), "network": k})
        pre, post = (a >= wires.n_exc for a in (wires.liquid_pre, wires.liquid_post))
        np.add.at(total, (pre.astype(int), post.astype(int)), 1)
    return total


def _types(model: Model) -> float:
    """Largest relative difference of the synapses of each kind, in ten networks, from expected."""
    n = np.array([800, 200])
    C = np.array([[0.2, 0.1], [0.3, 0.05]])
    reach = _reach() / 999  # mean over pairs
    expected = 10 * C * reach * (n[:, None] * n - np.diag(n))
    return float(np.abs(_by_type(type(model)) / expected - 1).max())


def _reach() -> float:
    """Sum over the others of exp(-(D/3)^2), mean over the sites of a cube of 10 x 10 x 10."""
    # The square of a distance is a sum over axes, so the sum over pairs is a product over axes.
    row = sum(math.exp(-((a - b) ** 2) / 9.0) for a in range(10) for b in range(10))
    return (row**3 - 1000) / 1000  # no synapse onto itself


def _input_events(model: Model) -> float:
    """Mean number of input events in 1 ms of the first sample."""
    with built(model) as network:
        return float(network.record("input", "event", steps=SAMPLE_MS)[0].sum() / SAMPLE_MS)


def _pictures(model: Model) -> float:
    """Largest difference of the pictures' numbers from 0, 1, 2 in the first three samples."""
    with built(type(model)(**{**model.values(), **SMALL})) as network:
        seen = network.record("input", "picture", steps=2 * SAMPLE_MS + 1)[0]
    return apart(seen[[0, 249, 250, 499, 500], 0], [0, 0, 1, 1, 2])


def _held(model: Model) -> float:
    """Largest number of a picture in the first three samples while the first one is held."""
    with built(type(model)(**{**model.values(), **SMALL, "hold": 1})) as network:
        return float(network.record("input", "picture", steps=2 * SAMPLE_MS + 1)[0].max())


def _in_degree(model: Model) -> float:
    """Mean number of synapses from the liquid onto a neuron of it, over ten networks."""
    found = [len(wiring({**model.values(), "network": k}).liquid_pre) for k in range(10)]
    return float(np.mean(found)) / model.values()["n_neurons"]


def _expected_in_degree() -> float:
    """The same in closed form: the sum of all connection probabilities."""
    # Types are spread at random, so a pair is of each kind as often as its shares say.
    C = 0.8 * 0.8 * 0.2 + 0.8 * 0.2 * 0.1 + 0.2 * 0.8 * 0.3 + 0.2 * 0.2 * 0.05
    return C * _reach()


def _lone(model: Model, **changed: float) -> Model:
    """Eight neurons without synapses among them, each joined to the one input, which is silent."""
    still = {
        "n_neurons": 8, "n_inputs": 1, "p_input": 1, "rule": 0, "input_events": 0,
        "C_exc_exc": 0, "C_exc_inh": 0, "C_inh_exc": 0, "C_inh_inh": 0, "sample_ms": 1000,
    }  # fmt: skip
    return type(model)(**{**model.values(), **still, **changed})


def _depolarisation(model: Model) -> float:
    """Largest v, in the direction of its weight, after one input spike, with hardly any leak."""
    run = _lone(model, tau_v=10_000).run(
        60, input_spikes={"input": ([5.0], [0])}, engine="numpy",
        record={"excitatory.v": "all"},
    )  # fmt: skip
    ends = ("input", "excitatory")
    (name,) = (p.name for p in run.info.projections if (p.source, p.target) == ends)
    synapses = run.weights[name]
    sign = np.sign(synapses["w"][-1])[np.argsort(synapses["j"])]
    return float((sign * run.state("excitatory.v")).max())


def _shortest_interval_ms(model: Model) -> float:
    """Interval between the spikes of an input that gets an event every ms."""
    every = np.arange(100.0)
    run = _lone(model).run(
        100, input_spikes={"input": (every, np.zeros(100, dtype=int))}, engine="numpy"
    )
    return float(np.diff(run.spikes("input")[0]).mean())


def _astrocyte_rest(model: Model) -> float:
    """A when the input alone fires, at its shortest interval: b_astro - w_astro/3 on average."""
    every = np.arange(1000.0)
    run = _lone(model, w_0=0).run(
        1000, input_spikes={"input": (every, np.zeros(1000, dtype=int))}, engine="numpy"
    )
    return float(run.state("astrocyte.A")[-300:, 0].mean())


_SAME = (
    "the program starts as if spikes had been 20 ms before, which leaves 1e-7; an event in another "
    "step, or a weight with another sign, is off by far more"
)

FACTS = (
    Fact(
        "v, A and weights less the authors' program, over 300 ms",
        0.0,
        1e-5,
        _SAME,
        "another computation: the program's step order and numbers in NumPy (reference.py)",
        _program(300),
    ),
    Fact(
        "the same with AP-STDP and plasticity that fades",
        0.0,
        1e-5,
        _SAME,
        "another computation: as before, with rates of plasticity x 0.99 each ms, and calcium on "
        "all sides of the threshold: C_theta 6, dC 4",
        _program(300, rule=2, rate_decay=0.99, C_theta=6.0, dC=4.0),
    ),
    Fact(
        "the same with STDP",
        0.0,
        1e-5,
        _SAME,
        "another computation: as before, with calcium on all sides of the threshold, which this "
        "rule does not look at",
        _program(300, rule=1, C_theta=6.0, dC=4.0),
    ),
    Fact(
        "v without the code that learns less v with rule 0, over 100 ms",
        0.0,
        1e-9,
        "rounding",
        "closed form: weights that stay as they are need no code that changes them",
        _fixed,
    ),
    Fact(
        "numbers of units and of input synapses less the program's",
        0.0,
        0.0,
        "counts",
        "authors' program: 800 + 200 neurons, 784 inputs, 15 % of all pairs",
        _sizes,
    ),
    Fact(
        "synapses of each kind in ten networks over the expected number, less 1",
        0.0,
        0.075,
        "three standard deviations of the rarest: 1,880 from inhibitory to inhibitory",
        "closed form: C exp(-(D/3)^2) with C 0.2, 0.1, 0.3, 0.05",
        _types,
    ),
    Fact(
        "input events in 1 ms",
        19.95,
        1.0,
        "four standard errors: 250 ms, and less than Poisson's deviation",
        "authors' encoding: this many for MNIST's training images",
        _input_events,
    ),
    Fact(
        "numbers of the pictures shown less 0, 1, 2",
        0.0,
        0.0,
        "counts",
        "declaration: the next picture every 250 ms",
        _pictures,
    ),
    Fact(
        "largest number of a picture shown while the first one, 0, is held",
        0.0,
        0.0,
        "counts",
        "declaration: the same picture again",
        _held,
    ),
    Fact(
        "length of a sample less 250 ms",
        0.0,
        0.0,
        "no arithmetic: exact or wrong",
        "authors' program: 250 ms to classify",
        lambda model: stated(model, sample_ms="250 ms"),
        unit="ms",
    ),
    Fact(
        name="synapses from the liquid per neuron",
        value=_expected_in_degree(),
        tol=0.35,
        why_tol="three standard deviations of a mean over ten networks: which neurons, 1 in 5, are "
        "inhibitory and sit at the border varies, 0.36 between single networks",
        source="closed form of the connection rule; 16.7 was sampled from the authors' rule",
        measure=_in_degree,
    ),
    Fact(
        name="depolarisation by one spike",
        value=3.0 / (1 - math.exp(-1)),
        tol=0.005,
        why_tol="the leak: 0.0001 a ms for some ms of current, 0.001 of 4.75",
        source="closed form: w (1 + 1/e + 1/e² + ...), a quarter of the threshold",
        measure=_depolarisation,
    ),
    Fact(
        name="shortest interval between spikes",
        value=3.0,
        tol=0.0,
        why_tol="whole steps: exact or wrong",
        source="authors' program: a spike at t, refractory for 2 ms, the next at t + 3",
        measure=_shortest_interval_ms,
        unit="ms",
    ),
    Fact(
        name="fixed point of the astrocyte",
        value=0.15 - 0.015 / 3,
        tol=2e-5,
        why_tol="exp(-7) of the way is left after 700 ms, 5e-6, and the ripple of single spikes "
        "averages out over whole periods",
        source="closed form: b_astro + w_astro (liquid - input spikes a ms)",
        measure=_astrocyte_rest,
    ),
)
