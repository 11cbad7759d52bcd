"""What is known about the spiking reservoir, each with the way to measure it."""

from __future__ import annotations

from typing import Any

import numpy as np

from workbench.model.model import Fact

from .._shared.built import apart, built
from .._shared.variants import varied
from .measures import seen
from .wiring import wiring

ALONE = {"w_e": 0.0, "inhibition": 0.0, "sigma_in": 0.0}
LONG_MS, SKIP_MS = 22_000.0, 2_000.0
SIEGERT = "closed form: Siegert's rate of a neuron in white noise"
LINEAR = "theory: Siegert's rate, the Fokker-Planck response, the synapses' decay and delay"
# With the declaration's numbers; a test works them out again. The first with the threshold higher
# by 0.5826 sigma sqrt(2 dt/tau_m), as it is only looked at once a step, and a refractory time of
# 4.9 ms: v moves again in the 50th step after the spike. LOOP: target
# (Hz) -> factor of a deviation once round the loop, and frequency (Hz).
FREE_HZ = 42.7162
LOOP = {22.0: (0.8007, 30.870), 25.0: (0.6606, 31.660), 35.0: (0.2631, 34.643)}
FIRST_MV = 0.8508  # inhibitory weight at which the rule rests at 30 Hz
GROWN = (1 - LOOP[35.0][0]) / (1 - LOOP[25.0][0])


def _equations(model: Any) -> float:
    """Largest difference of v, h (mV), x and weights (mV) from another computation, 45 ms.

    Without noise, from random potentials; the published rule and the declaration's numbers, none of
    which is read from the model; only what is drawn is.
    """
    drawn, tried = wiring(model), varied(model, begin=1, sigma=0.0, sample=1000.0)
    with built(tried) as network:
        dt, steps = network.dt_ms, network.steps(45.0)
        v = 1e3 * network.get("neurons", "v")
        network.run(steps)
        u = network.get("signal", "u")[0]
        found = [1e3 * network.get("neurons", "v"), 1e3 * network.get("neurons", "h"),
                 network.get("neurons", "x"),
                 1e3 * network.get("from_inhibitory", "w")]  # fmt: skip
    n, n_exc, late = len(v), 800, round(10.0 / dt)
    h, x = np.zeros(n), np.full(n, 30.0 * 0.020)
    w = np.full(len(drawn.inh), 80 * 0.7 / 100)
    pre, post = drawn.inh[:, 0] + n_exc, drawn.inh[:, 1]
    fired_at, history = np.full(n, -(10**6)), []
    for step in range(steps):
        awake = (step - fired_at) >= round(5.0 / dt)
        slope = (-44.0 + 4.0 * drawn.w_in * u + h - v) / 20.0
        v, h, x = np.where(awake, v + dt * slope, v), h - dt * h / 5.0, x - dt * x / 20.0
        fired = (v > -50.0) & awake
        history.append(fired)
        if step >= late:
            sent = history[step - late]
            h += 0.7 * np.bincount(drawn.exc[sent[drawn.exc[:, 0]], 1], minlength=n)
            h -= np.bincount(post, weights=np.where(sent[pre], w, 0.0), minlength=n)
        w = np.where(fired[pre], np.clip(w + 0.02 * (x[post] - 2 * 30.0 * 0.020), 0, 100), w)
        w = np.where(fired[post], np.clip(w + 0.02 * x[pre], 0, 100), w)
        fired_at[fired], v[fired] = step, -60.0
        x[fired] += 1
    return max(apart(a, b) for a, b in zip(found, (v, h, x, w), strict=True))


def _wiring(model: Any) -> float:
    """Largest of: inputs a neuron less 80 and 100, autapses, neurons that hear less 300."""
    drawn = wiring(model)
    found = []
    for pairs, count, first, size in (
        (drawn.exc, 80, 0, 800), (drawn.inh, 100, 800, 200),
    ):  # fmt: skip
        found.append(np.abs(np.bincount(pairs[:, 1], minlength=1000) - count).max())
        found.append(np.sum(pairs[:, 0] + first == pairs[:, 1]))
        found.append(abs(int(pairs[:, 0].max()) + 1 - size))
        found.append(len(pairs) - len(np.unique(pairs, axis=0)))
    heard = drawn.w_in[drawn.w_in != 0]
    found.append(abs(len(heard) - 300))
    found.append(float(np.abs(heard).max() > 0.5))
    return float(max(found))


def _heard(model: Any) -> float:
    """Standard deviation of the input weights times the root of 12: 1 if uniform on +-1/2."""
    w_in = wiring(model).w_in
    return float(np.sqrt(12 * np.mean(w_in[w_in != 0] ** 2)))


def _drawn(model: Any) -> float:
    """Mean number of time steps of 0.1 ms for which one number of the input lasts, in ms."""
    with built(model) as network:
        u = network.record("signal", "u", steps=network.steps(400))[0][:, 0]
        if np.abs(u).max() > 1:
            return float("inf")
        return float(400 / len(np.unique(u)))


def _square(model: Any) -> float:
    """Three times the mean square of the input: 1 for a uniform number on [-1, 1]."""
    with built(varied(model, sample=1.0)) as network:
        u = network.record("signal", "u", steps=network.steps(1500))[0][:, 0]
    return float(3 * np.mean(u**2))


def _first(model: Any) -> float:
    """Mean inhibitory weight (mV) of the network at the start."""
    with built(model) as network:
        return float(1e3 * network.get("from_inhibitory", "w").mean())


def _started(model: Any) -> float:
    """Mean potential (mV) at the start; infinite if one is not between -60 and -50 mV."""
    with built(model) as network:
        v = 1e3 * network.get("neurons", "v")
    return float(v.mean()) if v.min() >= -60 and v.max() <= -50 else float("inf")


def _noise(model: Any) -> float:
    """Standard deviation of the potential (mV), far from the threshold, over all neurons."""
    with built(varied(model, E_0=-95.0, **ALONE)) as network:
        network.run(network.steps(160))
        found = []
        for _ in range(3):
            network.run(network.steps(50))
            found.append(1e3 * network.get("neurons", "v"))
    return float(np.std(found))


def _free(model: Any) -> float:
    """Rate (Hz) of neurons that nothing reaches, after they have forgotten how they began."""
    run = varied(model, **ALONE).run(600.0, seed=1, engine="numpy")
    t_ms = np.concatenate([run.spikes(p)[0] for p in ("excitatory", "inhibitory")])
    return float(np.sum(t_ms >= 200) / 0.4 / model.n_units)


def _off(model: Any) -> float:
    """Mean rate less the target of 30 Hz."""
    return seen(varied(model, rho=30.0), LONG_MS, SKIP_MS).rate - 30.0


def _unequal(model: Any) -> float:
    """Standard deviation over neurons of their rates, Hz."""
    return float(seen(varied(model, rho=30.0), LONG_MS, SKIP_MS).rates.std())


def _found(model: Any) -> float:
    """Mean rate less the target of 35 Hz, from balanced weights."""
    return seen(varied(model, rho=35.0, begin=1), LONG_MS, SKIP_MS).rate - 35.0


def _grown(model: Any) -> float:
    """By what the population's fluctuations grow when the target falls from 35 to 25 Hz."""
    power = [seen(varied(model, rho=rho), LONG_MS, SKIP_MS).power for rho in (25.0, 35.0)]
    return float(np.sqrt(power[0] / power[1]))


def _frequency(model: Any) -> float:
    """Frequency (Hz) of the highest peak of the population rate at 22 Hz, above the flip."""
    return seen(varied(model, rho=22.0), LONG_MS, SKIP_MS).frequency


def _stripes(model: Any) -> float:
    """1 if the population fluctuates over ten times as much at 14 Hz as at 30 Hz."""
    power = [seen(varied(model, rho=rho), LONG_MS, SKIP_MS).power for rho in (14.0, 30.0)]
    return float(power[0] > 10 * power[1])


RULE = "closed form: the rule rests where x_post is 2 rho tau_x at presynaptic spikes"
# What one inhibitory spike takes from its target, at most all of it within the window of the rule:
# w tau_s dr/dE = 0.85 mV 5 ms 3.4 Hz/mV = 0.0145 spikes; over 2 tau_x = 40 ms that is 0.36 Hz.
PAIRS = "an inhibitory spike takes 0.0145 spikes from its target: at most 0.36 Hz in a window of "
PAIRS += "40 ms"
FACTS = (
    Fact("v, h, x and weights less the published equations, 45 ms", 0.0, 1e-9, "rounding",
         "another computation, without noise: the equations step by step, E_0 -44, V_t -50, V_r "
         "-60, w_e 0.7, eta 0.02, sigma_in 4 mV, tau_m 20, tau_s 5, tau_x 20, t_ref 5, delay 10 "
         "ms, rho 30 Hz", _equations, "mV"),
    Fact("connections less what is declared", 0.0, 0.0, "counts are exact",
         "declaration: 80 and 100 inputs of other neurons; 300 neurons hear the input", _wiring),
    Fact("standard deviation of the input weights, times the root of 12", 1.0, 0.08,
         "three standard errors: sqrt((9/5 - 1)/300)/2 = 0.026", "closed form: uniform on +-1/2",
         _heard),
    Fact("time for which a number of the input lasts", 20.0, 1e-9, "counted exactly",
         "declaration", _drawn, "ms"),
    Fact("inhibitory weight at the start", FIRST_MV, 0.001, "theory is solved to 1e-6 mV",
         "theory: excitation and inhibition leave the mean input at which Siegert's rate is 30 Hz",
         _first, "mV"),
    Fact("mean potential at the start", -55.0, 0.4,
         "four standard errors: 10/sqrt(12) mV over the root of 1,000 neurons",
         "closed form: uniform between V_r and V_t", _started, "mV"),
    Fact("mean square of the input, times 3", 1.0, 0.1,
         "four standard errors: 0.894 over the root of 1,500 samples",
         "closed form: uniform on [-1, 1]", _square),
    Fact("standard deviation of the potential without threshold", 3.0, 0.13,
         "three standard errors: 3/sqrt(2*3000) = 0.04; Euler's steps add 0.004",
         "closed form: an Ornstein-Uhlenbeck process", _noise, "mV"),
    Fact("rate of neurons that nothing reaches", FREE_HZ, 0.4,
         "four standard errors: 1,000 neurons, 400 ms, a coefficient of variation of about 0.3 "
         "give 0.1 Hz",
         f"{SIEGERT}, threshold raised by 0.5826 sigma sqrt(2 dt/tau_m) = 0.175 mV, t_ref less dt",
         _free, "Hz",
         of_step="the threshold is looked at once a step"),
    Fact("mean rate less the target of 30 Hz", 0.0, 0.4, PAIRS, RULE, _off, "Hz", slow=True),
    Fact("mean rate less the target of 35 Hz, from balanced weights", 0.0, 0.4, PAIRS, RULE,
         _found, "Hz", slow=True),
    Fact("standard deviation over neurons of their rates", 0.0, 0.4,
         "as for the mean; independent Poisson neurons would have sqrt(30 Hz/20 s) = 1.2 Hz",
         RULE, _unequal, "Hz", slow=True),
    Fact("growth of the population's fluctuations from a target of 35 to 25 Hz", GROWN, 0.4,
         "three standard errors: spectra of 20 segments and 7 frequencies are known to 8.5 %, the "
         "root of their ratio to 6 %", f"{LINEAR}: 1/(1 - factor round the loop)", _grown,
         slow=True),
    Fact("frequency at which the population fluctuates, target 22 Hz", LOOP[22.0][1], 3.0,
         "spectra are smoothed over 5 Hz; theory takes the spikes of other neurons for white "
         "noise", LINEAR, _frequency, "Hz", slow=True),
    Fact("ten times the fluctuations below the flip", 1.0, 0.0,
         "a sign: at 14 Hz against 30 Hz; some thirty times", f"{LINEAR}: the flip is at 18.1 Hz",
         _stripes, slow=True),
)  # fmt: skip
