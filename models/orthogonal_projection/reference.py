"""The circuit's equations written a second time, in plain NumPy: what the facts compare it with."""

from __future__ import annotations

import numpy as np

from .tasks import CLASSES, Tasks, rows_of

PUBLISHED = {"eta_h": 0.01, "eta_w": 0.01, "projection": 1.0, "levels": 0, "y_max": 20.0}


class Plain:
    """Lateral weights H (M, n), the protected readout W and the control V (10, n)."""

    def __init__(
        self, given: Tasks, H: np.ndarray, n_first: int, n_more: int, samples: int,
        **changed: float,
    ) -> None:  # fmt: skip
        self.given, self.samples = given, samples
        self.p = {**PUBLISHED, **changed}
        self.H, self.mine = H.copy(), rows_of(n_first, n_more, len(given.train))
        self.W, self.V = np.zeros((CLASSES, H.shape[1])), np.zeros((CLASSES, H.shape[1]))
        self.shown = 0

    def step(self) -> None:
        """One picture."""
        p, given = self.p, self.given
        if self.shown >= self.samples * len(given.train):
            return
        task = self.shown // self.samples
        k = self.shown % given.train.shape[1]
        x, target = given.train[task, k], np.eye(CLASSES)[given.train_labels[task, k]]
        y = self.H @ x
        if p["levels"]:
            unit = 2 * p["y_max"] / p["levels"]
            y = np.floor(np.clip(y, -p["y_max"], p["y_max"]) / unit + 0.5) * unit
        y = np.where(self.mine <= task, y, 0.0)
        left = x - self.H.T @ y
        free = x - p["projection"] * self.H.T @ np.where(self.mine < task, y, 0.0)
        W = self.W + p["eta_w"] * np.outer(target - self.W @ x, free)
        V = self.V + p["eta_w"] * np.outer(target - self.V @ x, x)
        self.H = self.H + p["eta_h"] * np.outer(np.where(self.mine == task, y, 0.0), left)
        self.W, self.V, self.shown = W, V, self.shown + 1
