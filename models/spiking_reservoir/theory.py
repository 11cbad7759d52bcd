"""Integrate-and-fire neurons in noise: their rate, how they follow, when a network alternates.

White noise that drives a membrane of time constant tau to a standard deviation sigma, threshold
V_t, reset V_r, refractory time t_ref. The rate is Siegert's closed form; the response to a
modulation is found by threshold integration of the Fokker-Planck equation (Richardson 2007, Phys.
Rev. E 76:021919), which needs no simulation. Units: mV, ms and Hz, as the model's parameters.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import integrate, optimize, special

LEAST_MV = 0.2  # noise without which no neuron is taken to be: the closed form has none at 0
STRONG_MV = 50.0  # noise that only ever stronger weights would make up for
GRID_MV = 0.05
DEPTH = 8.0  # standard deviations below reset, or below the mean, where nobody is
SEARCHED_HZ = np.geomspace(2.0, 250.0, 80)


def rate(E: float, sigma: float, model: Any) -> float:
    """Rate (Hz) of a neuron whose mean input is E (mV) and whose free potential has sd sigma.

    raises : ValueError if the reset is not below the threshold
    """
    if model.V_r >= model.V_t:
        raise ValueError(f"V_r = {model.V_r:g} mV is not below V_t = {model.V_t:g} mV")
    low, high = ((v - E) / (np.sqrt(2) * sigma) for v in (model.V_r, model.V_t))
    wait = integrate.quad(lambda u: special.erfcx(-u), low, min(high, 25.0), limit=200)[0]
    return float(1e3 / (model.t_ref + model.tau_m * np.sqrt(np.pi) * wait))


def mean_for(wanted: float, sigma: float, model: Any) -> float:
    """Mean input (mV) at which a neuron fires at the wanted rate (Hz).

    raises : ValueError if no input makes it fire as often
    """
    low, high = model.V_t - 15 * sigma, model.V_t + 5.0
    while rate(high, sigma, model) < wanted:
        high += 2 * (high - model.V_t)
        if high > 1e5:
            raise ValueError(f"a refractory time of {model.t_ref:g} ms forbids {wanted:g} Hz")
    return float(optimize.brentq(lambda E: rate(E, sigma, model) - wanted, low, high, xtol=1e-6))


def rest(model: Any) -> tuple[float, float, float]:
    """Where the rule comes to rest at the model's target.

    returns : mean input (mV), mean inhibitory weight (mV), standard deviation of the free
              potential (mV), of which other neurons' spikes are a part (diffusion approximation)
    raises  : ValueError where the spikes are so few and strong that there is no such state
    """
    charge = model.tau_s * model.rho / 1e3
    filtered = model.tau_s * charge / (2 * (model.tau_m + model.tau_s))
    sigma, E, w = max(model.sigma, LEAST_MV), 0.0, 0.0
    for _ in range(100):
        E = mean_for(model.rho, sigma, model)
        spare = model.k_exc * model.w_e + (model.E_0 - E) / charge
        factor = model.k_inh * model.inhibition
        w = max(spare / factor, 0.0) if factor > 0 else 0.0
        spikes = model.k_exc * model.w_e**2 + model.k_inh * (model.inhibition * w) ** 2
        before, sigma = sigma, max(np.sqrt(model.sigma**2 + filtered * spikes), LEAST_MV)
        if abs(sigma - before) < 1e-6:
            return E, float(w), float(sigma)
        if sigma > STRONG_MV:
            break
    raise ValueError(f"at {model.rho:g} Hz the spikes of {model.k_inh} inputs are no white noise")


def response(E: float, sigma: float, model: Any, f_Hz: np.ndarray) -> np.ndarray:
    """Modulation of the rate by that of the mean input, (f,) complex, Hz/mV.

    Integrates flux and density from the threshold down to where nobody is, for all frequencies at
    once; the density there has no flux.
    """
    above = int(np.ceil((model.V_t - model.V_r) / GRID_MV))
    step = (model.V_t - model.V_r) / above
    below = int(np.ceil((model.V_r - min(model.V_r, E) + DEPTH * sigma) / step))
    n, reset = above + below, below
    middle = model.V_t - step * (n - np.arange(n + 1) + 0.5)  # between a point and the one below
    pull, tau = (middle - E) / sigma**2, model.tau_m
    keep = np.exp(step * pull)
    flat = np.abs(pull) < 1e-9
    spread = np.where(flat, step, (keep - 1) / np.where(flat, 1.0, pull)) * tau / sigma**2
    p, j, density = 0.0, 1.0, np.zeros(n + 1)
    for k in range(n, 0, -1):
        j -= k == reset
        p = p * keep[k] + spread[k] * j
        density[k - 1] = p
    density /= step * density.sum() + model.t_ref
    turn = 2j * np.pi * np.asarray(f_Hz, float) / 1e3  # 1/ms
    back, half = np.exp(-turn * model.t_ref), step * turn / 2
    # Of flux and density: a modulated rate, and a modulated input.
    j_r, j_E = np.ones_like(turn), np.zeros_like(turn)
    p_r, p_E = np.zeros_like(turn), np.zeros_like(turn)
    for k in range(n, 0, -1):
        if k == reset:
            j_r = j_r - back
        pushed = (density[k] + density[k - 1]) / (2 * tau)
        next_r = p_r * keep[k] + spread[k] * (j_r + half * p_r)
        next_E = p_E * keep[k] + spread[k] * (j_E + half * p_E - pushed)
        j_r, j_E = j_r + half * (p_r + next_r), j_E + half * (p_E + next_E)
        p_r, p_E = next_r, next_E
    return np.asarray(-1e3 * j_E / j_r)


def alternation(model: Any) -> tuple[float, float]:
    """How a deviation that all neurons share comes back to them, once round the loop.

    returns : factor by which it is multiplied at the frequency at which it comes back with its own
              sign, and that frequency (Hz); above 1 it grows, and the population alternates.
              (0, nan) where inhibition does not exceed excitation.
    """
    E, w, sigma = rest(model)
    coupling = model.tau_s / 1e3 * (
        model.k_exc * model.w_e - model.k_inh * model.inhibition * w
    )  # fmt: skip
    if coupling >= 0:
        return 0.0, float("nan")
    turn = 2e-3 * np.pi * SEARCHED_HZ
    loop = response(E, sigma, model, SEARCHED_HZ) * np.exp(-1j * turn * model.delay)
    loop /= 1 + 1j * turn * model.tau_s
    late = -np.unwrap(np.angle(loop))  # grows; inhibition itself is the other half turn
    late -= 2 * np.pi * np.round(late[0] / (2 * np.pi))
    if late[-1] < np.pi:
        return 0.0, float("nan")
    first = int(np.argmax(late >= np.pi))
    pair = slice(max(first - 1, 0), first + 1)
    f = float(np.interp(np.pi, late[pair], SEARCHED_HZ[pair]))
    return float(-coupling * np.interp(f, SEARCHED_HZ, np.abs(loop))), f


def flip(model: Any, between: tuple[float, float] = (6.0, 40.0)) -> float:
    """Target (Hz) below which the population alternates; nan where there is none in between."""

    def above(rho: float) -> float:
        try:
            return alternation(type(model)(**{**model.values(), "rho": rho}))[0] - 1
        except ValueError:
            return float("nan")

    low = next((rho for rho in np.linspace(*between, 8) if np.isfinite(above(rho))), between[1])
    if not (above(low) > 0 > above(between[1])):
        return float("nan")
    return float(optimize.brentq(above, low, between[1], xtol=0.02))
