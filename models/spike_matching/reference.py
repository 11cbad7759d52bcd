"""Reference and learner written a second time, in plain NumPy: what the facts compare them with.

Spikes of a pass are simulated first; pairs and changes are found afterwards, from lists of spikes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

# mV, ms, nA, Mohm, steps; what is chosen for 200 neurons stands last.
PUBLISHED = {
    "tau": 100 / 3, "R": 100.0, "V_t": 30.0, "I_mean": 0.25, "I_sd": 0.1, "z": 15, "d_first": 14,
    "d_last": 5, "d_every": 30, "q": 7.2e-3, "h": 2e-7,
}  # fmt: skip
DT = 3.0


def simulate(w: np.ndarray, noise: np.ndarray, p: Mapping[str, float]) -> np.ndarray:
    """(steps, N) bool: the spikes of a pass.

    w : (source, target) mV;  noise : (steps, N)
    """
    v, spiked = np.zeros(len(w)), np.zeros(len(w), bool)
    fired = np.zeros(noise.shape, bool)
    for k, xi in enumerate(noise):
        drive = w[spiked].sum(axis=0) + p["R"] * (p["I_mean"] + p["I_sd"] * xi)
        v = v + DT / p["tau"] * (drive - v)
        spiked = v > p["V_t"]
        v = np.where(spiked, 0.0, v)
        fired[k] = spiked
    return fired


def without_pair(ours: np.ndarray, theirs: np.ndarray, D: int) -> list[tuple[int, int]]:
    """(step, 1 for one of theirs and -1 for one of ours) of spikes without a pair, one neuron.

    As they come: of two of a kind that wait, the first is given up. Those that are still waiting
    in the last step count for nothing.

    ours, theirs : (steps,) bool
    """
    found: list[tuple[int, int]] = []
    waits = (0, 0)  # which kind, since when
    for k in range(len(ours) - 1):
        if waits[0] and k - waits[1] > D:
            found.append((waits[1], waits[0]))
            waits = (0, 0)
        only = int(theirs[k]) - int(ours[k])
        if only and waits[0] == -only:
            waits = (0, 0)
        elif only:
            if waits[0]:
                found.append((waits[1], waits[0]))
            waits = (only, k)
    return found


def learnt(
    w: np.ndarray, ours: np.ndarray, theirs: np.ndarray, number: int, effect: np.ndarray,
    p: Mapping[str, float],
) -> tuple[np.ndarray, int, int]:  # fmt: skip
    """(weights after a pass, changes up, changes down).

    ours, theirs : (steps, N) bool;  number : of the pass, from 0
    """
    D = max(p["d_first"] - number // p["d_every"], p["d_last"])
    change, ups, downs = np.zeros_like(w), 0, 0
    z = int(p["z"])
    for i in range(len(w)):
        for step, kind in without_pair(ours[:, i], theirs[:, i], int(D)):
            before = ours[max(0, step - z) : step].any(axis=0)
            change[before, i] += kind * p["q"]
            ups, downs = ups + before.sum() * (kind > 0), downs + before.sum() * (kind < 0)
    new = w + change + p["h"] * (int(theirs.sum()) - int(ours.sum()))
    return effect[:, None] * np.maximum(effect[:, None] * new, 0), int(ups), int(downs)
