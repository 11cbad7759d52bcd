"""What is known about the spiking ring: a closed form, and signs that such a network must show."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from workbench.model.model import Fact, Model

from .._shared.variants import key_of
from . import equations

NETWORKS = 5  # that a sign is measured over, of the seeds 1 to this
SIGN = (
    f"a sign of the mean over the networks of seeds 1 to {NETWORKS}, 0 where it is not clear of "
    f"twice its standard error; {{}} of these {NETWORKS} have it each by itself, and so had the "
    "seeds 6 to 10, which were used for nothing else: their mean, and each of them"
)
OZEKI = "sign as in Tsodyks et al. 1997 and Ozeki et al. 2009; this network has no published oracle"
RUBIN = "sign as in Rubin, Van Hooser & Miller 2015; this network has no published oracle"

# One neuron alone: no background, no synapses, a grating that it nearly prefers.
ALONE = {
    "X": 0.0, "w_e_e": 0.0, "w_i_e": 0.0, "w_e_i": 0.0, "w_i_i": 0.0, "g_max": 8.0,
    "contrast": 100.0, "n_neurons": 50,
}  # fmt: skip
_NEURON, _OFF_DEG = 20, 2.25  # of 40 excitatory ones: it prefers 92.25 degrees


def _interval_ms(model: Model) -> float:
    """Mean interval between the spikes of the neuron alone."""
    run = type(model)(**{**model.values(), **ALONE}).run(300.0, seed=1, engine="numpy")
    t_ms, i = run.spikes("excitatory")
    mine = t_ms[i == _NEURON]
    return float((mine[-1] - mine[0]) / (len(mine) - 1))


def _expected_interval_ms() -> float:
    input_nS = 8.0 * 100**3.5 / (11**3.5 + 100**3.5) * math.exp(-0.5 * (_OFF_DEG / 30) ** 2)
    total = 10.0 + input_nS
    v_inf = -700.0 / total
    return 3.0 + 150.0 / total * math.log((v_inf + 56) / (v_inf + 50))


def _background_nS(model: Model) -> float:
    """Mean inhibitory background of all neurons over a tenth of a second."""
    run = model.run(100.0, seed=1, engine="numpy", record={"excitatory.B_i": range(0, 1600, 4)})
    return float(1e9 * run.state("B_i").mean())


def _experiment(kind: Any, name: str) -> Any:
    return next(e for e in kind.experiments if e.name == name)


@lru_cache(maxsize=4)  # several facts look at one experiment
def _data(kind: Any, values: tuple[tuple[str, float], ...], name: str) -> Any:
    """The results of a small form of an experiment, a network a seed."""
    contrasts = {"stabilised": (0.0, 50.0), "suppression": (9.0, 50.0)}[name]
    return _experiment(kind, name).run(
        kind(**dict(values)), contrasts=contrasts, seeds=NETWORKS, hold_ms=500
    )


def _signs(experiment: str, line: int) -> Callable[[Model], float]:
    """The sign that a small form of an experiment finds, in one of its lines."""

    def measure(model: Model) -> float:
        kind, values = key_of(model)
        lines = _experiment(kind, experiment).compare(_data(kind, values, experiment))
        return float(lines[line].ours)

    return measure


def alone(model: Model, experiment: str, line: int) -> int:
    """How many of the networks have the sign of a line each by itself."""
    kind, values = key_of(model)
    data, compare = _data(kind, values, experiment), _experiment(kind, experiment).compare
    return sum(compare(data.isel(seed=[k]))[line].agrees for k in range(NETWORKS))


# name, sign, source, experiment and line of it, and how many networks were found to have it alone
SIGNS = (
    ("inhibitory rate when inhibition is driven, no stimulus", 1, OZEKI, "stabilised", 0, 5),
    ("inhibitory rate when inhibition is driven, contrast 50 %", -1, OZEKI, "stabilised", 2, 5),
    ("inhibition received when inhibition is driven, contrast 50 %", -1, OZEKI, "stabilised", 4, 5),
    ("plaid weight minus 1, contrast 50 %", -1, RUBIN, "suppression", 0, 5),
    ("response in a surround minus alone, contrast 50 %", -1, OZEKI, "suppression", 1, 5),
    ("surround suppression at 50 % against 9 %", -1, RUBIN, "suppression", 2, 5),
    ("excitation received, in a surround minus alone, contrast 50 %", -1, OZEKI, "suppression", 3,
     5),
    ("inhibition received, in a surround minus alone, contrast 50 %", -1, OZEKI, "suppression", 4,
     5),
)  # fmt: skip

FACTS = (
    Fact("2,000 neurons less the equations, after 5 ms without noise", 0.0, 1e-9,
         "rounding, relative to the largest value; a spike too many would be far more",
         "another computation: exponential Euler steps with the declaration's numbers",
         equations.network),
    Fact("input by two gratings at 70 and 120 degrees less the closed form", 0.0, 1e-9, "rounding",
         "closed form: 4 nS c^3.5/(11^3.5 + c^3.5), times a Gaussian of 30 degrees on the circle",
         equations.oblique_nS, unit="nS"),
    Fact("background spikes in a step, distance from whole numbers", 0.0, 1e-9, "rounding",
         "closed form: a spike adds 1.2 or 3.6 nS, the noise has no mean, and all of it is there",
         equations.whole),
    Fact("synapses of each projection over the expected number, less 1", 0.0, 0.03,
         "five standard deviations of the smallest, 32,000, of which the profile makes less",
         "closed form: p N N with p 0.1 and 0.2, less those onto oneself", equations.synapses),
    Fact("mean distance of preferences across synapses", equations.mean_distance_deg(), 0.3,
         "five standard errors of 250,000 distances, and the grid of preferences",
         "closed form: a Gaussian of 32 degrees on the circle", equations.distance_deg,
         unit="degree"),
    Fact("conductances at the start less their means, potentials outside of E_L to V_t", 0.0, 1e-9,
         "rounding", "closed form: 7 and 18 nS; v between -70 and -50 mV", equations.start),
    Fact("share of the adapter among the frames of a usual sequence", 0.05, 0.016,
         "five standard errors of 5,000 frames",
         "closed form: one of 20 orientations, no bias", equations.usual_share),
    Fact("shares of the adapter and its neighbours in a biased sequence less 1/2, 1/4, 1/4", 0.0,
         0.035, "five standard errors of 5,000 frames",
         "declaration: half of the time exactly the adapter, a quarter 9 degrees beside it",
         equations.biased_shares),
    Fact("changes of a sequence of frames of 5 ms over their number", 0.95, 0.06,
         "five standard errors of 400 frames", "closed form: one of 20 orientations comes again",
         equations.changes),
    Fact("interval of a neuron alone", _expected_interval_ms(), 0.1,
         "one step: the threshold is only looked at between steps of 0.1 ms",
         "closed form: t_ref + tau ln((V_inf - V_r)/(V_inf - V_t)), V_inf and tau of the sum of "
         "conductances", _interval_ms, unit="ms"),
    Fact("mean inhibitory background", 18.0, 0.5,
         "four standard errors: 400 neurons, deviation 5.7 nS, correlated over 10 of 100 ms",
         "closed form: X r_i u_i tau_bi", _background_nS, unit="nS"),
    *(Fact(name, value, 0.0, SIGN.format(n), source, _signs(experiment, line), slow=True)
      for name, value, source, experiment, line, n in SIGNS),
)  # fmt: skip
