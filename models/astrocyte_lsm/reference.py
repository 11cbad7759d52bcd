"""The step order of the source as plain NumPy: dense, slow, and as written. Tests compare with it.

Nothing here is clever: each line is one line of section "one step" of the authors' program. Weights
are a matrix; currents are computed anew from the times since the last spikes at every step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .wiring import Wiring

START_S = 20.0  # ms since a spike that never was
MOST_S = 100.0


@dataclass
class Plain:
    """One network and its state. Units 0 to N - 1 are the liquid, the rest is the input.

    values : parameter -> value, as of the model
    step() : one ms; returns the units that fire
    """

    values: Mapping[str, float]
    wires: Wiring
    w: np.ndarray = field(init=False)  # (N, N + N_in)

    def __post_init__(self) -> None:
        v, wires = self.values, self.wires
        self.n, self.n_in = int(v["n_neurons"]), int(v["n_inputs"])
        total = self.n + self.n_in
        self.mask = np.zeros((self.n, total), dtype=bool)
        self.mask[wires.liquid_post, wires.liquid_pre] = True
        self.mask[wires.input_post, self.n + wires.input_pre] = True
        self.w = np.zeros((self.n, total))
        self.w[wires.liquid_post, wires.liquid_pre] = v["w_0"]
        self.w[:, wires.n_exc : self.n] *= -1
        self.w[wires.input_post, self.n + wires.input_pre] = v["w_0"] * wires.input_sign
        self.inhibits = np.zeros(total, dtype=bool)
        self.inhibits[wires.n_exc : self.n] = True
        low, high = np.zeros(total), np.full(total, v["w_max"])
        low[self.n :] = -v["w_max"]
        low[self.inhibits], high[self.inhibits] = -v["w_max"], 0.0
        self.low, self.high = np.where(self.mask, low, 0.0), np.where(self.mask, high, 0.0)
        self.heard = np.zeros(total)
        self.heard[wires.liquid_seen], self.heard[self.n + wires.input_seen] = 1.0, -1.0
        self.trace = np.zeros(total)
        self.calcium = np.zeros(self.n)
        self.anew()

    def anew(self) -> None:
        """A new sample: everything but weights, traces and calcium."""
        total = self.n + self.n_in
        self.v = np.zeros(total)
        self.s = np.full(total, START_S)
        self.refractory = np.zeros(total)
        self.A: float = self.values["b_astro"]
        self.A_bias: float = self.A
        self.A_plus, self.w_astro = self.values["A_plus"], self.values["w_astro"]

    def step(self, events: np.ndarray) -> np.ndarray:
        """One ms; events: (N_in,) bool, inputs that get a current; returns spikes, bool."""
        q = self.values
        S = (self.v >= q["V_t"]) & (self.refractory <= 0)
        self.v[S] = 0.0
        self.s[S] = 0.0
        current = self.w @ (np.exp(-self.s / q["tau_u"]) / q["tau_u"])
        self.v += -self.v / q["tau_v"]
        self.v[: self.n] += current
        self.v[self.n :] += q["I_in"] * events
        self.s = np.minimum(self.s + 1.0, MOST_S)
        self.refractory = np.where(S, q["t_ref"], self.refractory - 1.0)
        if q["rule"] > 0:
            self._learn(S)
        self.trace = np.exp(-1.0 / q["tau_trace"]) * (self.trace + q["a_trace"] * S)
        self.calcium += S[: self.n] - self.calcium / q["tau_C"]
        drive = self.w_astro * (self.heard @ S) + self.A_bias
        self.A += float(drive - self.A) / q["tau_astro"]
        for name in ("A", "A_plus", "A_bias", "w_astro"):
            setattr(self, name, getattr(self, name) * q["rate_decay"])
        return S

    def _learn(self, S: np.ndarray) -> None:
        q, n = self.values, self.n
        A_minus: float = self.A if q["rule"] == 3 else self.A_plus
        target = np.where(self.inhibits, -A_minus, self.A_plus)  # at a spike of the target
        source = np.where(self.inhibits, self.A_plus, -A_minus)  # at a spike of the source
        at_target = S[:n, None] * (target * self.trace)
        at_source = self.trace[:n, None] * (source * S)
        if q["rule"] == 2:
            C, theta, dC = self.calcium, q["C_theta"], q["dC"]
            rises = ((theta < C) & (theta + dC > C))[:, None]
            falls = ((theta > C) & (theta - dC < C))[:, None]
            at_target = at_target * np.where(at_target > 0, rises, falls)
            at_source = at_source * np.where(at_source > 0, rises, falls)
        self.w = np.clip(self.w + at_target + at_source, self.low, self.high)
