"""What is special to V1 adaptation, a reconstruction: tuning, gains, shifts, covariance, costs."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

import numpy as np
import panel as pn

from models.v1_adaptation import theory
from models.v1_adaptation.network import population_of
from panels.extension import Added, Extension, ModelPage
from panels.model_plots.covariance import Matrices
from panels.model_plots.gain import SHARE, Curve, Lines, Watcher, controls_of
from panels.widgets.pace import Pace

SHOWN = 5  # tuning curves
KEPT = 2000  # moments of the objective that are drawn
MATRICES_EVERY_S = 1.0
COVARIANCE = "Covariance of the responses"
DEGREES = "preferred orientation (deg)"


class Adaptation(Watcher):
    """Turns the gains of the running network into tuning curves, by the closed form."""

    slower = (COVARIANCE,)

    def __init__(self, explorer: ModelPage):
        self.plots = {
            "Tuning, before and after": Lines(
                "tuning", "orientation shown (deg)", "response y (dimensionless)",
                [Curve(f"a{k}", "adapted" if k == 0 else "", k) for k in range(SHOWN)]
                + [Curve(f"b{k}", "unadapted" if k == 0 else "", k, dashed=True)
                   for k in range(SHOWN)],
                empty="Tuning curves at the present gains; dashed: before adaptation.", every=45,
            ),
            "Gains": Lines(
                "gains", DEGREES, "gain g (dimensionless)",
                [Curve("g", "now", 0), Curve("fixed", "fixed point", 1, dashed=True)],
                empty="Gain of every neuron; dashed: where the local rule will rest.", level=1.0,
                every=45,
            ),
            "Shift of preferences": Lines(
                "shift", DEGREES, "away from the adapter (deg)", [Curve("shift", "", 0)],
                empty="By how much each preferred orientation moved away from the adapter.",
                level=0.0, every=45,
            ),
            "Time-averaged responses": Lines(
                "averages", DEGREES, "mean response y",
                [Curve("before", "unadapted", 4, dashed=True), Curve("after", "adapted", 0),
                 Curve("uniform", "uniform ensemble", 2, dashed=True)],
                empty="Mean response under the present ensemble: adaptation makes it more equal.",
                every=45,
            ),
            COVARIANCE: Matrices(
                "covariance", ("uniform ensemble", "unadapted", "adapted"), "covariance",
                empty="Covariance matrices, neurons by preferred orientation:\nadaptation brings "
                "that of the biased ensemble back.",
            ),
            "Terms of the objective": Lines(
                "loss", "time (s)", "cost L (dimensionless)",
                [Curve("total", "L", 4), Curve("fidelity", "infidelity", 0),
                 Curve("activity", "activity", 1), Curve("gain", "gains", 2)],
                empty="What the gains are paid for: E|f − (I − W) y|², α E|y|², γ |g − g0|².",
            ),
        }  # fmt: skip
        self.clear()
        super().__init__(explorer)
        matrices = Pace(lambda _t_ms: self._draw_matrices(), MATRICES_EVERY_S, SHARE, self.slower)
        explorer.draw_with(matrices)

    def clear(self) -> None:
        self._g: np.ndarray | None = None
        self._who: theory.RatePopulation | None = None
        self._made: tuple = ()
        self._known_for: tuple = ()
        self._known: tuple[np.ndarray, ...] = ()
        self._g0: np.ndarray | None = None
        self._t_ms = 0.0
        self._history: deque[tuple[float, ...]] = deque(maxlen=KEPT)
        self._responses: tuple[np.ndarray, ...] = ()

    def take(self, states: dict[str, np.ndarray], t_ms: np.ndarray) -> None:
        self._g, self._t_ms = states["v1.g"][-1], float(t_ms[-1])

    def draw(self) -> None:
        if self._g is None:
            return
        values, cls = self.explorer.values, self.explorer.model_class
        made = tuple(v for k, v in values.items() if k not in ("p_a", "adapter", "width"))
        if self._who is None or made != self._made:
            full = population_of(cls(**values))
            # Contrast scales the drive; mu and gamma stay those of full contrast, as they do in
            # the network.
            self._who, self._made = replace(full, f=values["contrast"] * full.f), made
            self._g0 = None
        who, g = self._who, self._g
        n = who.f.shape[1]
        uniform = np.full(n, 1 / n)
        biased = values["ensemble"] == 0
        p = (
            theory.ensemble(values["p_a"], values["adapter"], min(values["width"], 59.0))
            if biased
            else uniform
        )
        places, stimuli = theory.orientations(len(g)), theory.orientations(n)
        asked = (self._made, p.tobytes())
        if asked != self._known_for:  # only a slider moves these, and many steps lead to them
            self._known_for = asked
            self._known = who.responses(np.ones(len(g))), who.local_gains(p)
        (before, fixed), after = self._known, who.responses(g)
        wanted = theory.on_circle(values["adapter"] + np.array([0, -20, 20, -60, 60]))
        curves = {}
        for k, at in enumerate(wanted):
            i = int(np.abs(theory.on_circle(places - at)).argmin())
            curves[f"a{k}"], curves[f"b{k}"] = (stimuli, after[i]), (stimuli, before[i])
        self.plots["Tuning, before and after"].show(**curves)
        self.plots["Gains"].show(g=(places, g), fixed=(places, fixed))
        moved = theory.shifts(before, after, values["adapter"])
        self.plots["Shift of preferences"].show(shift=(places, moved))
        self.plots["Time-averaged responses"].show(
            before=(places, before @ p), after=(places, after @ p),
            uniform=(places, before @ uniform),
        )  # fmt: skip
        self._costs(who, g, p, after)
        self._responses = (before, after, uniform, p)

    def _draw_matrices(self) -> None:
        if self._responses:
            before, after, uniform, p = self._responses
            self.plots[COVARIANCE].show(
                theory.covariance(before, uniform), theory.covariance(before, p),
                theory.covariance(after, p),
            )  # fmt: skip

    def _costs(
        self, who: theory.RatePopulation, g: np.ndarray, p: np.ndarray, y: np.ndarray
    ) -> None:
        """The terms of L at the present gains and responses, against time."""
        if self._g0 is None:
            full = self.explorer.values["rule"] == 1
            self._g0 = who.recentred() if full else who.preferred()
        fidelity = float(((who.f - y + who.W @ y) ** 2).sum(axis=0) @ p)
        activity = float(who.alpha * (y**2).sum(axis=0) @ p)
        gain = float(who.gamma * np.sum((g - self._g0) ** 2))
        if self._history and self._history[-1][0] == self._t_ms / 1e3:
            self._history.pop()  # of the same moment, with other values
        self._history.append(
            (self._t_ms / 1e3, fidelity + activity + gain, fidelity, activity, gain)
        )
        t, *terms = np.array(self._history).T
        names = ("total", "fidelity", "activity", "gain")
        self.plots["Terms of the objective"].show(
            **{n: (t, v) for n, v in zip(names, terms, strict=True)}
        )


def extend(explorer: ModelPage) -> Extension:
    """Tuning, gains, shifts, time-averaged responses, covariance, terms of the objective."""
    return Added(
        cards=Adaptation(explorer).cards,
        controls=controls_of(explorer),
        leading=("own", "circuit", "map"),
    )


if pn.state.served or __name__ == "__main__":
    from panels.alone import show

    show(__file__)
