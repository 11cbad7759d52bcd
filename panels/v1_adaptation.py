"""What is special to V1 adaptation: tuning before and after, gains, shifts, equal responses."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn

from models import _gain_v1_theory as theory
from models._gain_v1_network import population_of
from panels.gain_pictures import Line, Lines, Watcher, controls_of

LEADING = ("own", "circuit", "map")
SHOWN = 5  # tuning curves
DEGREES = "preferred orientation (deg)"


class Adaptation(Watcher):
    """Turns the gains of the running network into tuning curves, by the closed form."""

    def __init__(self, explorer: Any):
        self.pictures = {
            "Tuning, before and after": Lines(
                "tuning", "stimulus (deg)", "response",
                [Line(f"a{k}", "adapted" if k == 0 else "", k) for k in range(SHOWN)]
                + [Line(f"b{k}", "unadapted" if k == 0 else "", k, dashed=True)
                   for k in range(SHOWN)],
                empty="Tuning curves at the present gains; dashed: before adaptation.",
            ),
            "Gains": Lines(
                "gains", DEGREES, "gain",
                [Line("g", "now", 0), Line("fixed", "fixed point", 1, dashed=True)],
                empty="Gain of every neuron; dashed: where the local rule will rest.", level=1.0,
            ),
            "Shift of preferences": Lines(
                "shift", DEGREES, "away from the adapter (deg)", [Line("shift", "", 0)],
                empty="By how much each preferred orientation moved away from the adapter.",
                level=0.0,
            ),
            "Time-averaged responses": Lines(
                "averages", DEGREES, "mean response",
                [Line("before", "unadapted", 4, dashed=True), Line("after", "adapted", 0),
                 Line("uniform", "uniform ensemble", 2, dashed=True)],
                empty="Mean response under the present ensemble: adaptation makes it more equal.",
            ),
            "Correlation with the neuron at the adapter": Lines(
                "covariance", DEGREES, "covariance",
                [Line("before", "unadapted", 4, dashed=True), Line("after", "adapted", 0),
                 Line("uniform", "uniform ensemble", 2, dashed=True)],
                empty="A row of the covariance matrix: adaptation brings it back.", level=0.0,
            ),
        }  # fmt: skip
        self.clear()
        super().__init__(explorer)

    def clear(self) -> None:
        self._g: np.ndarray | None = None
        self._who: theory.Population | None = None
        self._made: tuple = ()

    def take(self, states: dict[str, np.ndarray], t_ms: np.ndarray) -> None:
        self._g = states["v1.g"][-1]

    def draw(self) -> None:
        if self._g is None:
            return
        values, cls = self.explorer.values, self.explorer.model_class
        made = tuple(v for k, v in values.items() if k not in ("p_a", "adapter", "width"))
        if self._who is None or made != self._made:
            self._who, self._made = population_of(cls(**values)), made
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
        before, after = who.responses(np.ones(len(g))), who.responses(g)
        wanted = theory.on_circle(values["adapter"] + np.array([0, -20, 20, -60, 60]))
        curves = {}
        for k, at in enumerate(wanted):
            i = int(np.abs(theory.on_circle(places - at)).argmin())
            curves[f"a{k}"], curves[f"b{k}"] = (stimuli, after[i]), (stimuli, before[i])
        self.pictures["Tuning, before and after"].show(**curves)
        fixed = who.local_gains(p)
        self.pictures["Gains"].show(g=(places, g), fixed=(places, fixed))
        moved = theory.shifts(before, after, values["adapter"])
        self.pictures["Shift of preferences"].show(shift=(places, moved))
        self.pictures["Time-averaged responses"].show(
            before=(places, before @ p), after=(places, after @ p),
            uniform=(places, before @ uniform),
        )  # fmt: skip
        row = int(np.abs(theory.on_circle(places - values["adapter"])).argmin())
        self.pictures["Correlation with the neuron at the adapter"].show(
            before=(places, theory.covariance(before, p)[row]),
            after=(places, theory.covariance(after, p)[row]),
            uniform=(places, theory.covariance(before, uniform)[row]),
        )


def extra(explorer: Any) -> dict[str, Any]:
    """Tuning curves, gains, shifts, time-averaged responses and covariance."""
    return Adaptation(explorer).cards


def controls(explorer: Any) -> Any:
    """Reset the gains; the classic figure."""
    return controls_of(explorer)


if pn.state.served:
    from panels.explorer import app

    app("v1-adaptation").servable()
