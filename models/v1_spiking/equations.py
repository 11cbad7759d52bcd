"""The equations of the spiking ring a second time, against which the network is held.

Everything here is written with the declaration's numbers, none is read from the model: in mV, nS,
pF and ms.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from workbench.model.model import Model

from .._shared.background_counts import EXCITATION, INHIBITION, counts
from .._shared.built import apart, built

N_EXC, N_INH = 1600, 400
N = N_EXC + N_INH
PROJECTIONS = {  # name -> first source, first target, conductance, size in nS
    "e_to_e": (0, 0, "e", 1.0), "e_to_i": (0, N_EXC, "e", 1.0),
    "i_to_e": (N_EXC, 0, "i", 2.8), "i_to_i": (N_EXC, N_EXC, "i", 2.2),
}  # fmt: skip
SHOWN = {"mask": 20.0, "surround": 30.0, "g_extra": 0.5}  # in the second part of the comparison
PARTS_MS = (1.4, 4.6)


def preferred(sizes: tuple[int, int]) -> np.ndarray:
    return np.concatenate([180 * (np.arange(n) + 0.5) / n for n in sizes])


def sight_nS(
    mask: float,
    surround: float,
    g_extra: float,
    theta: float = 90.0,
    angle: float = 90.0,
    sizes: tuple[int, int] = (N_EXC, N_INH),
) -> np.ndarray:
    """Conductance of the input by a grating of 50 % and what is added to it, (neurons,).

    theta, angle : orientation of the grating, and from there to the mask, degrees
    sizes        : numbers of excitatory and of inhibitory neurons
    """
    own = preferred(sizes)

    def tuned(degrees: float) -> np.ndarray:
        d = np.abs(own - degrees) % 180
        return np.exp(-((np.minimum(d, 180 - d) / 30.0) ** 2) / 2)

    def share(contrast: float) -> float:
        return contrast**3.5 / (11.0**3.5 + contrast**3.5)

    inhibits = np.arange(len(own)) >= sizes[0]
    centre = share(50.0) * tuned(theta) + share(mask) * tuned(theta + angle)
    return 4.0 * (centre + inhibits * 0.5 * share(surround) * tuned(theta)) + inhibits * g_extra


@lru_cache(maxsize=2)
def _looked_at(cls: type[Model], dt_ms: float) -> dict[str, Any]:
    """A default network: its start, its synapses, and the state before and after some steps."""
    rng = np.random.default_rng(1)
    with built(cls(dt_ms=dt_ms)) as network:
        neurons = network["neurons"]
        found: dict[str, Any] = {
            "start": {x: network.get("neurons", x) for x in ("v", "B_e", "B_i", "gain", "r")},
            "wires": {p: (np.array(network[p].i), np.array(network[p].j)) for p in PROJECTIONS},
            "excitatory": len(network["e_to_e"].source),
        }
        if neurons.N != N:
            return found
        before = {
            "v": rng.uniform(-70, -48, N), "g_e": rng.uniform(0, 10, N),
            "g_i": rng.uniform(0, 20, N), "B_e": rng.uniform(0, 14, N),
            "B_i": rng.uniform(0, 36, N), "gain": rng.uniform(0.7, 1.3, N),
            "r": rng.uniform(0, 30, N),
        }  # fmt: skip
        units = {"v": 1e-3, "gain": 1.0, "r": 1.0}
        network.put("neurons", **{k: x * units.get(k, 1e-9) for k, x in before.items()})
        network.set(noise=0.0)
        network.run(network.steps(PARTS_MS[0]))
        network.set(adapt=1.0, **SHOWN)
        network.run(network.steps(PARTS_MS[1]))
        seen = (*before, "g_exc", "g_inh")  # and what is only recorded
        after = {k: network.get("neurons", k) / units.get(k, 1e-9) for k in seen}
    return {**found, "before": before, "after": after}


def network(model: Model) -> float:
    """Largest difference from the equations, each variable relative to its largest value."""
    dt = model.dt_ms
    found = _looked_at(type(model), dt)
    if "after" not in found or found["excitatory"] != N_EXC:
        return float("inf")
    v, g_e, g_i, b_e, b_i, gain, r = (x.copy() for x in found["before"].values())
    g_ff, still, excites = np.zeros(N), np.zeros(N, int), np.arange(N) < N_EXC
    first, rest = (round(t_ms / dt) for t_ms in PARTS_MS)
    per_ms, clamped = round(1 / dt), round(3 / dt) - 1
    for step in range(first + rest):
        second = step >= first
        into = gain * (g_ff + g_e) + b_e
        total = 10.0 + into + g_i + b_i
        v_inf = (10.0 * -70.0 + into * 0.0 + (g_i + b_i) * -80.0) / total
        v = np.where(still > 0, v, v_inf + (v - v_inf) * np.exp(-dt * total / 150.0))
        g_e, g_i = g_e * np.exp(-dt / 3.0), g_i * np.exp(-dt / 3.0)
        b_e, b_i = 7.0 + (b_e - 7.0) * np.exp(-dt / 5.0), 18.0 + (b_i - 18.0) * np.exp(-dt / 10.0)
        fired = (v > -50) & (still == 0)
        still = np.maximum(still - 1, 0)
        if step % per_ms == 0:
            g_ff = sight_nS(**(SHOWN if second else dict.fromkeys(SHOWN, 0.0)))  # type: ignore[arg-type]
        for name, (pre_0, post_0, kind, size) in PROJECTIONS.items():
            pre, post = found["wires"][name]
            sent = size * np.bincount(post[fired[pre + pre_0]] + post_0, minlength=N)
            g_e, g_i = (g_e + sent, g_i) if kind == "e" else (g_e, g_i + sent)
        v[fired], still[fired] = -56.0, clamped  # until 3 ms after the spike
        r = r + fired * 10.0  # 1/tau_r, Hz
        if step % per_ms == 0:
            r = r * (1 - 1.0 / 100.0)
            s = (r / gain / 9.3) ** 2
            pull = ((1 - gain) * (s + 1.0) - gain * s + 1.0) / 3.0
            gain = gain + second * excites * pull / 3000.0
            g_exc, g_inh = gain * (g_ff + g_e), g_i
    theirs = (v, g_e, g_i, b_e, b_i, gain, r, g_exc, g_inh)
    return max(apart(a, b) / np.abs(b).max()
               for a, b in zip(found["after"].values(), theirs, strict=True))  # fmt: skip


def oblique_nS(model: Model) -> float:
    """Largest difference of the input of few neurons by gratings at 70 and at 120 degrees."""
    with built(small(model)) as network:
        network.set(orientation=70.0, mask=20.0, mask_angle=50.0)
        network.run(1)
        ours = 1e9 * network.get("neurons", "g_ff")
    return apart(ours, sight_nS(20.0, 0.0, 0.0, theta=70.0, angle=50.0, sizes=(40, 10)))


def whole(model: Model) -> float:
    """Largest distance from whole numbers of the background spikes in a step of each neuron."""
    with built(small(model)) as network:
        network.put("neurons", B_e=0.0, B_i=0.0)
        network.run(1)
        jumps = [1e9 * network.get("neurons", b) for b in ("B_e", "B_i")]
    kinds = (EXCITATION, INHIBITION)
    found = [counts(j, kind, model.dt_ms) for j, kind in zip(jumps, kinds, strict=True)]
    return apart(found, np.round(found))


def synapses(model: Model) -> float:
    """Largest relative difference of the number of synapses of a projection."""
    top = 1 / _mean(lambda d: np.exp(-((d / 32.0) ** 2) / 2))  # onto the own preference, over p
    expected = {
        "e_to_e": 0.1 * (N_EXC**2 - top * N_EXC),
        "e_to_i": 0.1 * N_EXC * N_INH,
        "i_to_e": 0.2 * N_EXC * N_INH,
        "i_to_i": 0.2 * (N_INH**2 - top * N_INH),
    }
    wires = _looked_at(type(model), model.dt_ms)["wires"]
    return max(abs(len(wires[name][0]) / n - 1) for name, n in expected.items())


def _mean(of: Any) -> float:
    """Mean over all differences of orientation, degrees."""
    return float(np.mean(of((np.arange(9000) + 0.5) / 100)))


def mean_distance_deg() -> float:
    weight = np.exp(-((((np.arange(9000) + 0.5) / 100) / 32.0) ** 2) / 2)
    return float(np.average((np.arange(9000) + 0.5) / 100, weights=weight))


def distance_deg(model: Model) -> float:
    """Mean distance of the preferences of two excitatory neurons that a synapse joins."""
    pre, post = _looked_at(type(model), model.dt_ms)["wires"]["e_to_e"]
    d = np.abs(pre - post) * 180 / N_EXC
    return float(np.minimum(d, 180 - d).mean())


def start(model: Model) -> float:
    """Largest difference at the start: nS from the means, gains from 1, v from its range in mV."""
    first = _looked_at(type(model), model.dt_ms)["start"]
    outside = np.maximum(np.abs(1e3 * first["v"] + 60) - 10, 0).max()
    means = {"B_e": (7.0, 1e9), "B_i": (18.0, 1e9), "gain": (1.0, 1.0), "r": (9.3, 1.0)}
    found = [apart(first[k] * unit, np.full(N, x)) for k, (x, unit) in means.items()]
    return float(max(outside, *found))


def _sequence(model: Any, frames: int, **values: float) -> np.ndarray:
    """(frames,) orientation that is shown at the end of each ms."""
    with built(model) as network:
        network.set(**values)
        return network.record("stimulus", "shown", steps=network.steps(frames))[0][:, 0]


def usual_share(model: Model) -> float:
    shown = _sequence(small(model), 5000, frame=1.0)
    whole = np.allclose(shown % 9, 0) and shown.min() == 0 and shown.max() == 171
    return float(np.isclose(shown, 90).mean()) if whole else float("inf")


def biased_shares(model: Model) -> float:
    shown = _sequence(small(model), 5000, frame=1.0, bias=1.0)
    return apart([np.isclose(shown, x).mean() for x in (90, 81, 99)], [0.5, 0.25, 0.25])


def changes(model: Model) -> float:
    shown = _sequence(small(model), 2000, frame=5.0)
    at = np.flatnonzero(np.diff(shown))
    return len(at) / (2000 / 5) if len(set(at % 5)) == 1 else float("inf")


def small(model: Model) -> Any:
    """The same stimulus in front of few neurons."""
    return type(model)(**{**model.values(), "n_neurons": 50})
