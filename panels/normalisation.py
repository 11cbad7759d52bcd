"""What is special to the normalisation model: tuning, contrast response, half contrast."""

from __future__ import annotations

import numpy as np
import panel as pn

from models.normalisation.facts import closed, half_contrast, orientations
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.gain import Curve, Lines, Watcher, controls_of

DEGREES = "preferred orientation (deg)"
CONTRASTS = np.geomspace(0.01, 1, 40)


class Normalised(Watcher):
    """Watches responses and pool; the curves beside them are the closed form."""

    def __init__(self, explorer: ModelPage):
        self.plots = {
            "Response profile": Lines(
                "profile", DEGREES, "response (Hz)",
                [Curve("r", "simulated", 0), Curve("formula", "steady state", 1, dashed=True)],
                empty="Responses of all neurons; dashed: the formula.", every=45,
            ),
            "Contrast response": Lines(
                "contrast", "contrast c (1 is full)", "peak response (Hz)",
                [Curve("own", "simulated", 0, points=True), Curve("formula", "formula", 0),
                 Curve("bare", "without mask", 4, dashed=True),
                 Curve("half", "c50", 1, dashed=True)],
                empty="Steady responses at each contrast; press Sweep the contrast.", logx=True,
            ),
            "Drive and pool": Lines(
                "drive", DEGREES, "drive E (dimensionless)",
                [Curve("drive", "drive", 2), Curve("pool", "pool + σⁿ", 1, dashed=True)],
                empty="What each neuron is driven with, and what it is divided by.", every=45,
            ),
        }  # fmt: skip
        self.clear()
        super().__init__(explorer)

    def clear(self) -> None:
        self._now: dict[str, np.ndarray] = {}
        self._seen: dict[float, float] = {}
        self._others: tuple = ()

    def _preferred(self) -> int:
        values = self.explorer.values
        places = orientations(values["n_neurons"])
        return int(np.abs((places - values["orientation"] + 90) % 180 - 90).argmin())

    def take(self, states: dict[str, np.ndarray], t_ms: np.ndarray) -> None:
        self._now = {k: v[-1] for k, v in states.items()}
        values = self.explorer.values
        others = tuple(v for k, v in values.items() if k != "contrast")
        if others != self._others:  # another mask is another curve
            self._seen, self._others = {}, others
        r, drive = states["neurons.r"], states["neurons.drive"]
        at = self._preferred()
        if values["mask"] == 0:
            still = np.flatnonzero(
                (np.abs(np.diff(r[:, at])) < 0.002 * np.maximum(r[1:, at], 1e-9))
                & (np.abs(np.diff(drive[:, at])) < 1e-12)
            )
            for k in still[-1:] + 1:
                c = float(drive[k, at]) ** (1 / values["n_power"])
                self._seen[round(c, 4)] = float(r[k, at])
        elif len(r) > 1 and abs(r[-1, at] - r[-2, at]) < 0.002 * max(r[-1, at], 1e-9):
            self._seen[round(values["contrast"], 4)] = float(r[-1, at])

    def draw(self) -> None:
        if not self._now:
            return
        model = self.explorer.model_class(**self.explorer.values)
        now, places, at = self._now, orientations(model.n_neurons), self._preferred()
        angle = model.mask_angle
        steady = closed(model, model.contrast, model.mask, angle)
        self.plots["Response profile"].show(r=(places, now["neurons.r"]), formula=(places, steady))
        pool = float(now["pool.level"][0]) + model.sigma**model.n_power
        self.plots["Drive and pool"].show(
            drive=(places, now["neurons.drive"]), pool=(places[[0, -1]], [pool, pool])
        )
        half = half_contrast(model, model.mask)
        self.plots["Contrast response"].label("half", f"c50 {half:.3f}")
        c = np.array(sorted(self._seen))
        self.plots["Contrast response"].show(
            own=(c, [self._seen[x] for x in c]),
            formula=(CONTRASTS, [closed(model, x, model.mask, angle)[at] for x in CONTRASTS]),
            half=([half, half], [0.0, model.R_max / 2]),
            bare=(CONTRASTS, [closed(model, x, 0.0)[at] for x in CONTRASTS]),
        )


def extend(explorer: ModelPage) -> Extension:
    """Profile, contrast response, drive and pool."""
    return Added(
        cards=Normalised(explorer).cards,
        controls=controls_of(explorer),
        leading=("own", "circuit", "map"),
    )


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
