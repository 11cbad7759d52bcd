"""The network's equations written a second time, in plain NumPy: what the facts compare it with.

Spikes of the input and of the teacher are given. Numbers are those of the published program.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .pictures import CLASSES

# mV and ms; the digits' own values are the last line's.
PUBLISHED = {
    "tau_e": 100.0, "tau_i": 10.0, "V_rest_e": -65.0, "V_reset_e": -65.0, "V_t_e": -52.0,
    "V_rest_i": -60.0, "V_reset_i": -45.0, "V_t_i": -40.0, "V_floor": -100.0, "E_i": -100.0,
    "t_ref": 2.0, "tau_ge": 1.0, "tau_gi": 2.0, "theta_plus": 0.07, "tau_theta": 6e6,
    "nu_input": 0.005, "nu_class": 0.04, "tau_x": 20.0, "w_mean_class": 0.8, "w_max_input": 1.0,
    "w_max_class": 8.0, "g_EI": 10.4, "g_IE": 17.0, "w_mean_input": 0.15,
}  # fmt: skip


class Plain:
    """The network as arrays, one step at a time.

    values : parameters by name, as `PUBLISHED`;  dt : ms
    w_in   : (inputs, N) and w_out (N, 10): the weights at the start, before the first scaling
    """

    def __init__(
        self, values: Mapping[str, float], w_in: np.ndarray, w_out: np.ndarray, dt: float
    ) -> None:
        self.p, self.dt, self.steps = dict(values), dt, 0
        self.w_in, self.w_out = w_in.copy(), w_out.copy()
        n_in, n = w_in.shape
        self.x_in, self.x_e, self.x_c = np.zeros(n_in), np.zeros(n), np.zeros(CLASSES)
        self.v, self.v_i = np.full(n, values["V_rest_e"]), np.full(n, values["V_rest_i"])
        self.v_c = np.full(CLASSES, values["V_rest_i"])
        self.g_e, self.g_i, self.g_ei = np.zeros(n), np.zeros(n), np.zeros(n)
        self.g_c = np.zeros(CLASSES)
        self.theta, self.count = np.full(n, 20.0), np.zeros(n)
        self.since, self.since_i = np.full(n, 10**9), np.full(n, 10**9)  # steps since the spike

    def scale(self) -> None:
        """What happens to weights and counts when a presentation begins."""
        p, (n_in, n) = self.p, self.w_in.shape
        self.w_in *= p["w_mean_input"] * n_in / self.w_in.sum(axis=0)
        self.w_out *= p["w_mean_class"] * n / self.w_out.sum(axis=0)
        self.count[:] = 0

    def step(self, given: np.ndarray, told: np.ndarray, learns: float, reads: float) -> None:
        """One time step.

        given, told   : (inputs,) and (10,) bool: spikes of the input, and those of the teacher
        learns, reads : 1 while the layer, or the readout, learns; else 0
        """
        p, dt = self.p, self.dt
        free, free_i = (s >= round(p["t_ref"] / dt) for s in (self.since + 1, self.since_i + 1))
        self.since, self.since_i = self.since + 1, self.since_i + 1
        drive = p["V_rest_e"] - self.v - self.g_e * self.v + self.g_i * (p["E_i"] - self.v)
        self.v = self.v + free * dt / p["tau_e"] * drive
        self.v_i = self.v_i + free_i * dt / p["tau_i"] * (
            p["V_rest_i"] - self.v_i - self.g_ei * self.v_i
        )
        self.v_c = self.v_c + dt / p["tau_i"] * (p["V_rest_i"] - self.v_c - self.g_c * self.v_c)
        for g in (self.g_e, self.g_ei, self.g_c):
            g -= dt / p["tau_ge"] * g
        self.g_i -= dt / p["tau_gi"] * self.g_i
        self.theta -= learns * dt / p["tau_theta"] * self.theta
        for x in (self.x_in, self.x_e, self.x_c):
            x -= dt / p["tau_x"] * x
        self.v = np.maximum(self.v, p["V_floor"])

        fired = (self.v > p["V_t_e"] + self.theta - 20.0) & free
        fired_i = (self.v_i > p["V_t_i"]) & free_i
        fired_c = np.asarray(told, bool) if reads else self.v_c > p["V_t_i"]
        self.spikes = fired, fired_i, fired_c

        self.g_e += np.asarray(given, float) @ self.w_in
        self.g_c += fired.astype(float) @ self.w_out
        self.g_ei += p["g_EI"] * fired
        self.g_i += p["g_IE"] * (fired_i.sum() - fired_i)
        self._grow(self.w_in, given, fired, self.x_in, self.x_e, learns * p["nu_input"],
                   p["w_max_input"])  # fmt: skip
        self._grow(self.w_out, fired, fired_c, self.x_e, self.x_c, reads * p["nu_class"],
                   p["w_max_class"])  # fmt: skip

        self.v[fired] = p["V_reset_e"]
        self.theta[fired] += learns * p["theta_plus"] * 10 / np.abs(self.theta[fired] - 10)
        self.v_i[fired_i], self.v_c[fired_c] = p["V_reset_i"], p["V_reset_i"]
        self.since[fired], self.since_i[fired_i] = 0, 0
        self.count += fired
        for x, spikes in ((self.x_in, given), (self.x_e, fired), (self.x_c, fired_c)):
            x += 0.1 * np.asarray(spikes, float)
        self.steps += 1

    @staticmethod
    def _grow(
        w: np.ndarray, pre: np.ndarray, post: np.ndarray, x_pre: np.ndarray, x_post: np.ndarray,
        nu: float, most: float,
    ) -> None:  # fmt: skip
        # A limit holds where there is a spike: scaling may have put a weight above it.
        pre, post = np.asarray(pre, bool), np.asarray(post, bool)
        w[pre] = np.minimum(w[pre] + nu * x_post, most)
        w[:, post] = np.minimum(w[:, post] + nu * x_pre[:, None], most)
